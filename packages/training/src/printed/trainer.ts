import { hasFaults, hasSeries, isNominal, withoutFaults } from '@neuroprint/circuit';
import { Draws, quantile, type TrainingState } from '@neuroprint/core';
import { Adam, fallingRate, LOSS_WEIGHT } from '@neuroprint/numeric';
import { excessOf, Multipliers, type Taken } from './cost/budget.ts';
import { CostModel, type CostPrices, natsOf } from './cost/cost.ts';
import { checkReachable } from './cost/least.ts';
import { createVariation, evaluateNominal } from './evaluate.ts';
import type { KernelName } from './kernel/loop.ts';
import { type Architecture, Parameters } from './layer/parameters.ts';
import { project } from './layer/weights.ts';
import { createLoop, PrintedModel } from './model.ts';
import type { ResolvedOptions } from './options.ts';
import { addFallingStagePenalty, countFallingStages, keepFallingStages } from './penalty.ts';
import { architectureOf, problemBlocks, type TrainingProblem, targetVariance } from './problem.ts';
import { type Block, balancedWeights, batchesOf, shuffled } from './rows.ts';
import { startsOf } from './starts.ts';
import type { PrintedVariation } from './variation.ts';

/** Prints by which a start is judged, the same ones throughout. */
const VALIDATION_DRAWS = 20;
/** With broken parts prints differ far more. */
const VALIDATION_DRAWS_UNDER_FAULTS = 100;
/** Of its epochs a start runs this share before the better ones are chosen to continue. */
const SCOUTING_SHARE = 1 / 6;
const SURVIVING_SHARE = 1 / 2;
/** What is judged and kept is the mean over the last epochs, each of which counts this much less than the next. */
const AVERAGE_DECAY = 0.95;
/** A table that makes fewer batches is not divided: the steps would be noisy, and a whole epoch is cheap. */
const LEAST_BATCHES = 8;
/** An epoch of a divided table is many steps, so that this share of the epochs is enough. */
const DIVIDED_EPOCHS = 1 / 3;
/**
 * The gradient of the cost asks the device equations: once in so many epochs is enough, it changes slowly. The state is
 * offered as often, so that a run that goes on asks at the same epochs.
 */
const COST_EPOCHS = 10;
/** What an e-fold beyond the budget counts, in nats, where starts are chosen to continue. */
const SCOUTING_EXCESS = 0.3;
/** Copies from which the power of the 95th percentile is read, and the looks at the cost between two times. */
const POWER_COPIES = 100;
const COPY_LOOKS = 5;
/** Epochs before a budget of inverters is enforced: until then starts find out which ones they need. */
const FREE_INVERTER_EPOCHS = 30;
const PROGRESS_MILLISECONDS = 250;

/** One look at the validation rows. */
export interface HistoryEntry {
  readonly restart: number;
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validLoss: number;
  /** Mean over the validation draws; absent in regression. */
  readonly validAccuracy?: number | undefined;
  /** Root of the mean squared error over draws and rows, in units of the target. */
  readonly validRmse?: number | undefined;
}

/** A look with how far its prints are apart. */
interface Look extends HistoryEntry {
  /** Least and greatest accuracy of a validation print; absent in regression. */
  readonly printedBand?: readonly [least: number, greatest: number] | undefined;
}

export interface TrainingProgress extends Look {
  /** Every look since the last time, this one the last. */
  readonly looks: readonly Look[];
  readonly restarts: number;
  readonly epochs: number;
  /** Epochs of all starts, so far and at most. */
  readonly done: number;
  readonly total: number;
  readonly seconds: number;
}

/** What a training tells while it runs, and where it goes on. */
export interface TrainingHooks {
  /** Called a few times a second. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Called every few epochs; `state()` is what `resume` takes. */
  readonly onState?: (state: () => TrainingState) => void;
  /** The state of the same problem and options: the result is that of a run without a break, bit for bit. */
  readonly resume?: TrainingState | undefined;
}

/** A random start on its way. */
export interface Candidate {
  readonly restart: number;
  readonly parameters: Parameters;
  readonly adam: Adam;
  /** Mean of the last epochs' parameters, and the best one so far. */
  readonly mean: Parameters;
  readonly best: Parameters;
  bestScore: number;
  /** e-folds by which it is beyond the budget; 0 where it is kept, or there is none. */
  bestExcess: number;
  readonly multipliers: Multipliers;
  bestEpoch: number;
  epoch: number;
}

/** The starts of one training, and everything that their steps need. */
export class Trainer {
  readonly architecture: Architecture;
  readonly history: HistoryEntry[] = [];
  readonly cost: CostModel;
  epochs = 0;
  kernel: KernelName = 'float64';
  readonly #options: ResolvedOptions;
  readonly #hooks: TrainingHooks;
  readonly #candidates: readonly Candidate[];
  /** Places of the candidates that continue; unset while all are scouting. */
  #survivors: readonly number[] | undefined;
  readonly #train: readonly Block[];
  readonly #batches: ReturnType<typeof batchesOf>;
  readonly #model: PrintedModel;
  readonly #variation: PrintedVariation;
  readonly #validModel: PrintedModel;
  readonly #validVariation: PrintedVariation;
  readonly #gradient: Parameters;
  readonly #prices: CostPrices;
  /** Prints whose power is asked for, where there is a budget of power: what is broken counts for accuracy alone. */
  readonly #powerPrints: PrintedVariation | undefined;
  /** Gradient of the cost and what a falling stage adds to it, kept between looks at them. */
  readonly #costGradient: Parameters;
  /** Standard deviation of the training targets, in their units; undefined where they are classes. */
  readonly #unitsOfLoss: number | undefined;
  #stageNats: (layer: number, input: number) => number = () => 0;
  readonly #startedAt = performance.now();
  #reportedAt = Number.NEGATIVE_INFINITY;
  readonly #looks: Look[] = [];

  constructor(problem: TrainingProblem, options: ResolvedOptions, hooks: TrainingHooks) {
    const { variation, seed } = options;
    const inputs = problem.inputs.length;
    const [draws, validDraws] = isNominal(variation)
      ? [1, 1]
      : [options.draws, hasFaults(variation) ? VALIDATION_DRAWS_UNDER_FAULTS : VALIDATION_DRAWS];
    this.#hooks = hooks;
    this.architecture = architectureOf(problem, options);
    const { train, valid } = problem.teacher ?? problem;
    const weights = options.classWeights === 'balanced' ? balancedWeights(train.labels, problem.classes) : undefined;
    const divided = train.labels.length >= LEAST_BATCHES * options.batchRows;
    const rows = divided ? shuffled(train, inputs, new Draws(seed, 'batches')) : train;
    this.#options = divided ? { ...options, epochs: Math.ceil(options.epochs * DIVIDED_EPOCHS) } : options;
    this.#train = problemBlocks(problem, rows, weights);
    this.#batches = divided ? batchesOf(this.#train, options.batchRows) : [[0, this.#train.length]];
    this.#model = this.#modelOf(draws, this.#train);
    this.#variation = createVariation(this.architecture, draws, variation);
    this.#validModel = this.#modelOf(validDraws, problemBlocks(problem, valid));
    this.#validVariation = createVariation(this.architecture, validDraws, variation);
    this.#validVariation.fill(new Draws(seed, 'validation-variation'), 0);
    this.#gradient = new Parameters(this.architecture);
    this.cost = new CostModel(this.architecture, problem.technology, problem.train);
    this.#costGradient = new Parameters(this.architecture);
    const variance = targetVariance(problem);
    this.#unitsOfLoss = variance && Math.sqrt(variance) * problem.task!.unitsPerVolt;
    this.#prices = { power: options.powerPenalty, area: options.areaPenalty };
    if (options.budget !== undefined) checkReachable(this.architecture, problem.technology, options.budget);
    if (options.budget?.maximumPowerWatts !== undefined)
      this.#powerPrints = createVariation(this.architecture, POWER_COPIES, withoutFaults(variation)).fill(
        new Draws(seed, 'power-variation'),
        0,
      );
    // what goes on brings its parameters along
    const start =
      hooks.resume === undefined
        ? startsOf(this.architecture, problem, this.#train, options)
        : () => new Parameters(this.architecture);
    this.#candidates = Array.from({ length: options.restarts }, (_, restart) =>
      this.#candidate(restart, start(restart)),
    );
    if (hooks.resume !== undefined) this.#restore(hooks.resume);
  }

  #modelOf(draws: number, blocks: readonly Block[]): PrintedModel {
    const { kernel, variation } = this.#options;
    const loop = createLoop(this.architecture, draws, blocks, kernel, hasSeries(variation));
    this.kernel = loop.kernel;
    return new PrintedModel(this.architecture, draws, blocks, loop);
  }

  #candidate(restart: number, parameters: Parameters): Candidate {
    if (this.architecture.isRead === true)
      parameters.line = evaluateNominal(this.architecture, parameters, this.#train).line!;
    const adam = new Adam(parameters.flat.length);
    const [mean, best] = [new Parameters(this.architecture), new Parameters(this.architecture)];
    return {
      ...{ restart, parameters, adam, mean, best, multipliers: new Multipliers() },
      ...{ bestScore: Number.NEGATIVE_INFINITY, bestExcess: Number.POSITIVE_INFINITY, bestEpoch: 0, epoch: 0 },
    };
  }

  /** All starts; the candidate with the best validation score. */
  run(): Candidate {
    const { restarts, epochs } = this.#options;
    const candidates = this.#candidates;
    if (this.#survivors === undefined) {
      if (restarts > 1) for (const candidate of candidates) this.#continue(candidate, this.#scoutingEpochs);
      // a start that is not yet within its budget may still be the best one
      const hope = ({ bestScore, bestExcess }: Candidate) => bestScore - SCOUTING_EXCESS * bestExcess;
      const order = [...candidates.keys()].sort((a, b) => hope(candidates[b]!) - hope(candidates[a]!));
      this.#survivors = order.slice(0, this.#survivorCount);
    }
    const survivors = this.#survivors.map((at) => candidates[at]!);
    for (const candidate of survivors) this.#continue(candidate, epochs);
    this.#tell();
    const found = survivors.sort(byMerit)[0]!;
    if (this.architecture.isRead === true) this.#fitLine(found.best);
    return found;
  }

  /** Reads all training rows of one more epoch's prints by the line that explains them best. */
  #fitLine(parameters: Parameters): void {
    this.#variation.fill(new Draws(this.#options.seed, 'line'), 0);
    parameters.line = this.#model.evaluate(parameters, this.#variation).line!;
  }

  get #scoutingEpochs(): number {
    return Math.ceil(this.#options.epochs * SCOUTING_SHARE);
  }

  get #survivorCount(): number {
    return Math.ceil(this.#options.restarts * SURVIVING_SHARE);
  }

  /** Trains up to `lastEpoch`, or until patience ends. A candidate that has done so already stays as it is. */
  #continue(candidate: Candidate, lastEpoch: number): void {
    const { epochs, patience, seed, rate, validateEvery, lossExponents } = this.#options;
    const { parameters, adam } = candidate;
    const random = new Draws(seed, `training-variation/${candidate.restart}`);
    const exponent = lossExponents[candidate.restart % lossExponents.length]!;
    const first = candidate.epoch;
    while (candidate.epoch < lastEpoch && candidate.epoch - candidate.bestEpoch < patience) {
      let loss = 0;
      if (this.#hasPrice && (candidate.epoch % COST_EPOCHS === 0 || candidate.epoch === first))
        this.#lookAtCost(candidate);
      this.#batches.forEach(([first, last], b) => {
        this.#variation.fill(random, candidate.epoch * this.#batches.length + b);
        if (this.architecture.isRead === true)
          parameters.line = this.#model.evaluate(parameters, this.#variation, 0, first, last).line!;
        const step = this.#model.evaluateWithGradient(
          parameters,
          this.#variation,
          this.#gradient,
          first,
          last,
          exponent,
        );
        loss += step.loss / this.#batches.length;
        this.#addCostGradient(parameters);
        adam.step(parameters.flat, this.#gradient.flat, rate * fallingRate(candidate.epoch / epochs));
        this.#project(candidate);
        if (this.architecture.isRead === true) parameters.line = step.line!;
      });
      candidate.epoch += 1;
      this.epochs += 1;
      average(candidate);
      if (candidate.epoch % validateEvery === 0 || candidate.epoch === lastEpoch) this.#validate(candidate, loss);
      if (candidate.epoch % COST_EPOCHS === 0) this.#hooks.onState?.(() => this.#state());
    }
  }

  get #hasPrice(): boolean {
    return this.#prices.power + this.#prices.area > 0 || this.#options.budget !== undefined;
  }

  /** The gradient of the cost at the present parameters, by the prices and what the budget adds to them. */
  #lookAtCost({ parameters, multipliers, epoch }: Candidate): void {
    const { budget } = this.#options;
    if (budget !== undefined && (epoch / COST_EPOCHS) % COPY_LOOKS === 0)
      multipliers.copyShare = this.copyShare(parameters);
    this.#costGradient.flat.fill(0);
    this.#stageNats = this.cost.addGradient(
      parameters,
      (cost) => (budget === undefined ? this.#prices : multipliers.update(budget, cost, this.#prices)),
      this.#costGradient,
    );
  }

  /** 95th percentile of the power of printed copies over the network's own, which counts where aged copies take less; 1 without a budget of power. */
  copyShare(parameters: Parameters): number {
    if (this.#powerPrints === undefined) return 1;
    const copies = this.cost.copyWatts(parameters, this.#powerPrints);
    return Math.max(1, quantile(copies, 0.95) / this.cost.measure(parameters).watts);
  }

  /** What parameters take. */
  taken(parameters: Parameters): Taken {
    return { ...this.cost.measure(parameters), copyShare: this.copyShare(parameters) };
  }

  /** Adds the gradient of what the network costs, in nats, to that of the loss. */
  #addCostGradient(parameters: Parameters): void {
    const { fallingStagePenalty } = this.#options;
    if (this.#hasPrice) add(this.#gradient.flat, this.#costGradient.flat);
    if (!this.#hasPrice && fallingStagePenalty === 0) return;
    const price = (layer: number, input: number) => fallingStagePenalty + this.#stageNats(layer, input);
    addFallingStagePenalty(this.architecture, parameters, price, this.#gradient);
  }

  /** What parameters cost in nats at the prices that always count, and how far they are beyond the budget. */
  #costOf(parameters: Parameters, copyShare: number): { readonly nats: number; readonly excess: number } {
    const { budget, fallingStagePenalty } = this.#options;
    const byStages = fallingStagePenalty * countFallingStages(this.architecture, parameters);
    if (!this.#hasPrice) return { nats: byStages, excess: 0 };
    const cost = this.cost.measure(parameters);
    const excess = budget === undefined ? 0 : excessOf(budget, { ...cost, copyShare });
    return { nats: byStages + natsOf(cost, this.#prices), excess };
  }

  #project({ parameters, epoch }: Candidate): void {
    const { shapes, conductances } = this.architecture;
    const { maximumInverters } = this.#options.budget ?? {};
    if (maximumInverters !== undefined && epoch >= FREE_INVERTER_EPOCHS)
      keepFallingStages(this.architecture, parameters, maximumInverters);
    parameters.logTemperature = Math.max(0, parameters.logTemperature);
    parameters.layers.forEach(({ theta }, l) => {
      project(theta, shapes[l]!.inputs, shapes[l]!.neurons, conductances);
    });
  }

  /** Judges the mean of the last epochs on the validation rows, and keeps it where it is the best. */
  #validate(candidate: Candidate, trainLoss: number): void {
    const { mean, restart, epoch } = candidate;
    const valid = this.#validModel.evaluate(mean, this.#validVariation, this.#options.lossExponents.at(-1));
    const units = this.#unitsOfLoss;
    const merit = units === undefined ? valid.accuracy - LOSS_WEIGHT * valid.loss : -Math.sqrt(valid.loss);
    const { nats, excess } = this.#costOf(mean, candidate.multipliers.copyShare);
    const score = merit - nats;
    if (byMerit({ bestScore: score, bestExcess: excess }, candidate) < 0) {
      candidate.bestScore = score;
      candidate.bestExcess = excess;
      candidate.bestEpoch = epoch;
      candidate.best.flat.set(mean.flat);
    }
    const judged =
      units === undefined ? { validAccuracy: valid.accuracy } : { validRmse: units * Math.sqrt(valid.loss) };
    const entry = { restart, epoch, trainLoss, validLoss: valid.loss, ...judged };
    this.history.push(entry);
    this.#report(entry, units === undefined ? valid.accuracyByDraw : undefined);
  }

  #report(entry: HistoryEntry, accuracyByDraw: Float64Array | undefined): void {
    if (this.#hooks.onProgress === undefined) return;
    const band = accuracyByDraw && ([Math.min(...accuracyByDraw), Math.max(...accuracyByDraw)] as const);
    this.#looks.push(band === undefined ? entry : { ...entry, printedBand: band });
    if (performance.now() - this.#reportedAt >= PROGRESS_MILLISECONDS) this.#tell();
  }

  #tell(): void {
    const looks = this.#looks.splice(0);
    const last = looks.at(-1);
    if (last === undefined) return;
    const now = performance.now();
    this.#reportedAt = now;
    const { restarts, epochs } = this.#options;
    const scouting = restarts > 1 ? this.#scoutingEpochs : 0;
    const total = restarts * scouting + this.#survivorCount * (epochs - scouting);
    const seconds = (now - this.#startedAt) / 1000;
    this.#hooks.onProgress?.({ ...last, looks, restarts, epochs, done: this.epochs, total, seconds });
  }

  #state(): TrainingState {
    return {
      epochs: this.epochs,
      survivors: this.#survivors === undefined ? null : [...this.#survivors],
      candidates: this.#candidates.map(({ parameters, adam, mean, best, bestScore, bestEpoch, epoch, ...own }) => ({
        epoch,
        bestEpoch,
        bestScore: Number.isFinite(bestScore) ? bestScore : null,
        ...(this.#options.budget && {
          bestExcess: Number.isFinite(own.bestExcess) ? own.bestExcess : null,
          multipliers: own.multipliers.state(),
        }),
        parameters: [...parameters.flat],
        adam: [...adam.state()],
        mean: [...mean.flat],
        best: [...best.flat],
      })),
      history: this.history.slice(),
    };
  }

  #restore({ epochs, survivors, candidates, history }: TrainingState): void {
    this.epochs = epochs;
    this.#survivors = survivors ?? undefined;
    this.history.push(...history);
    this.#candidates.forEach((candidate, at) => {
      const saved = candidates[at]!;
      candidate.epoch = saved.epoch;
      candidate.bestEpoch = saved.bestEpoch;
      candidate.bestScore = saved.bestScore ?? Number.NEGATIVE_INFINITY;
      candidate.bestExcess = saved.bestExcess ?? (saved.bestScore === null ? Number.POSITIVE_INFINITY : 0);
      if (saved.multipliers !== undefined) candidate.multipliers.restore(saved.multipliers);
      candidate.parameters.flat.set(saved.parameters);
      candidate.adam.restore(Float64Array.from(saved.adam));
      candidate.mean.flat.set(saved.mean);
      candidate.best.flat.set(saved.best);
    });
  }
}

/** The better one first: one that keeps its budget, of others the nearer one, of equals the one with the better score. */
function byMerit(
  a: Pick<Candidate, 'bestScore' | 'bestExcess'>,
  b: Pick<Candidate, 'bestScore' | 'bestExcess'>,
): number {
  return a.bestExcess === b.bestExcess ? b.bestScore - a.bestScore : a.bestExcess - b.bestExcess;
}

/** The mean takes the epoch in: of all epochs while they are few, of the last ones then. */
function average({ mean, parameters, epoch }: Candidate): void {
  const share = Math.max(1 - AVERAGE_DECAY, 1 / epoch);
  for (let i = 0; i < mean.flat.length; i += 1) mean.flat[i]! += share * (parameters.flat[i]! - mean.flat[i]!);
}

function add(to: Float64Array, what: Float64Array): void {
  for (let i = 0; i < to.length; i += 1) to[i]! += what[i]!;
}
