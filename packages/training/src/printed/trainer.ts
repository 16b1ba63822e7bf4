import { hasFaults, hasSeries, isNominal, withoutFaults } from '@neuroprint/circuit';
import { Draws, type NetworkLayer, quantile } from '@neuroprint/core';
import { fallingRate, LOSS_WEIGHT } from '@neuroprint/numeric';
import { byMerit, type Candidate, newCandidate, restored, stateOf } from './candidate.ts';
import { excessOf, type Taken } from './cost/budget.ts';
import { CostModel, type CostPrices, natsOf } from './cost/cost.ts';
import { checkReachable } from './cost/least.ts';
import type { FinishPiece, HistoryEntry, Look, Trained, TrainPiece } from './course.ts';
import { createVariation, evaluateNominal } from './evaluate.ts';
import type { KernelName } from './kernel/loop.ts';
import { type Architecture, Parameters } from './layer/parameters.ts';
import { project } from './layer/weights.ts';
import { createLoop, PrintedModel } from './model.ts';
import type { ResolvedOptions } from './options.ts';
import { addFallingStagePenalty, countFallingStages, keepFallingStages } from './penalty.ts';
import { architectureOf, problemBlocks, type TrainingProblem, targetVariance } from './problem.ts';
import { type Block, balancedWeights, batchesOf } from './rows.ts';
import { startOf } from './starts.ts';
import type { PrintedVariation } from './variation.ts';

/** Prints by which a start is judged, the same ones throughout. */
const VALIDATION_DRAWS = 20;
/** With broken parts prints differ far more. */
const VALIDATION_DRAWS_UNDER_FAULTS = 100;
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
/** Copies from which the power of the 95th percentile is read, and the looks at the cost between two times. */
const POWER_COPIES = 100;
const COPY_LOOKS = 5;
/** Epochs before a budget of inverters is enforced: until then starts find out which ones they need. */
const FREE_INVERTER_EPOCHS = 30;
const PROGRESS_MILLISECONDS = 250;

/** What a piece tells while it runs. */
export interface Ears {
  /** Called a few times a second, and at the end, with the looks at the validation rows since the last time. */
  readonly onLooks?: ((looks: readonly Look[]) => void) | undefined;
  /** Called every few epochs of a start. */
  readonly onState?: ((restart: number, trained: () => Trained) => void) | undefined;
}

/** Does the steps of one training, and has everything that they need. */
export class Trainer {
  readonly architecture: Architecture;
  readonly cost: CostModel;
  kernel: KernelName = 'float64';
  readonly #options: ResolvedOptions;
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
  /** What the parameters cost at the last look, in nats at the prices that always count. */
  #nats = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  readonly #looks: Look[] = [];

  /** @param options those of `withBatches` */
  constructor(problem: TrainingProblem, options: ResolvedOptions) {
    const { variation, seed } = options;
    const [draws, validDraws] = isNominal(variation)
      ? [1, 1]
      : [options.draws, hasFaults(variation) ? VALIDATION_DRAWS_UNDER_FAULTS : VALIDATION_DRAWS];
    this.#options = options;
    this.architecture = architectureOf(problem, options);
    const { train, valid } = problem.teacher ?? problem;
    const weights = options.classWeights === 'balanced' ? balancedWeights(train.labels, problem.classes) : undefined;
    const divided = isDivided(problem, options);
    const order = divided ? new Draws(seed, 'batches').permutation(0, train.labels.length) : undefined;
    this.#train = problemBlocks(problem, train, weights, order);
    this.#batches = divided ? batchesOf(this.#train, options.batchRows) : [[0, this.#train.length]];
    this.#model = this.#modelOf(draws, this.#train);
    this.#variation = createVariation(this.architecture, draws, variation);
    this.#validModel = this.#modelOf(validDraws, problemBlocks(problem, valid));
    this.#validVariation = createVariation(this.architecture, validDraws, variation);
    this.#validVariation.fill(new Draws(seed, 'validation-variation'), 0);
    this.#gradient = new Parameters(this.architecture);
    this.cost = new CostModel(this.architecture, problem.technology, problem.train, this.kernel);
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
  }

  #modelOf(draws: number, blocks: readonly Block[]): PrintedModel {
    const { kernel, variation } = this.#options;
    const loop = createLoop(this.architecture, draws, blocks, kernel, hasSeries(variation));
    this.kernel = loop.kernel;
    return new PrintedModel(this.architecture, draws, blocks, loop);
  }

  /** Runs a start, from where it is or from its beginning, up to an epoch, or until patience ends. */
  train({ restart, from, layers, lastEpoch }: TrainPiece, ears: Ears = {}): Trained {
    const candidate = from === undefined ? this.#begin(restart, layers) : restored(this.architecture, restart, from);
    const history: HistoryEntry[] = [];
    const trained = (): Trained => ({
      candidate: stateOf(candidate, this.#options.budget !== undefined),
      history: history.slice(),
    });
    this.#continue(candidate, lastEpoch, history, { ...ears, onState: () => ears.onState?.(restart, trained) });
    this.#tell(ears);
    return trained();
  }

  #begin(restart: number, layers: readonly NetworkLayer[] | undefined): Candidate {
    const parameters = startOf(this.architecture, this.#train, this.#options, restart, layers);
    if (this.architecture.isRead === true)
      parameters.line = evaluateNominal(this.architecture, parameters, this.#train).line!;
    return newCandidate(this.architecture, restart, parameters);
  }

  /** The start that is measured. In regression it reads all training rows of one more epoch's prints by the line that explains them best. */
  finished({ restart, best }: FinishPiece): Candidate {
    const found = restored(this.architecture, restart, best);
    if (this.architecture.isRead === true) this.#fitLine(found.best);
    return found;
  }

  #fitLine(parameters: Parameters): void {
    this.#variation.fill(new Draws(this.#options.seed, 'line'), 0);
    parameters.line = this.#model.evaluate(parameters, this.#variation).line!;
  }

  /** Trains up to `lastEpoch`, or until patience ends. A candidate that has done so already stays as it is. */
  #continue(
    candidate: Candidate,
    lastEpoch: number,
    history: HistoryEntry[],
    ears: Pick<Ears, 'onLooks'> & { readonly onState: () => void },
  ): void {
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
      average(candidate);
      if (candidate.epoch % validateEvery === 0 || candidate.epoch === lastEpoch) {
        const look = this.#validate(candidate, loss);
        const { printedBand: _, ...entry } = look;
        history.push(entry);
        this.#report(look, ears);
      }
      if (candidate.epoch % COST_EPOCHS === 0) ears.onState();
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
      (cost) => {
        this.#nats = natsOf(cost, this.#prices);
        return budget === undefined ? this.#prices : multipliers.update(budget, cost, this.#prices);
      },
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

  /**
   * What parameters cost in nats at the prices that always count, and how far they are beyond the budget. Prices alone move a network
   * so slowly that what the last look found is good enough; a budget is held by what the parameters themselves take.
   */
  #costOf(parameters: Parameters, copyShare: number): { readonly nats: number; readonly excess: number } {
    const { budget, fallingStagePenalty } = this.#options;
    const byStages = fallingStagePenalty * countFallingStages(this.architecture, parameters);
    if (!this.#hasPrice) return { nats: byStages, excess: 0 };
    if (budget === undefined) return { nats: byStages + this.#nats, excess: 0 };
    // from where the last look at the cost was, which is at an epoch at which a run may go on
    const cost = this.cost.measureNear(parameters);
    return { nats: byStages + natsOf(cost, this.#prices), excess: excessOf(budget, { ...cost, copyShare }) };
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
  #validate(candidate: Candidate, trainLoss: number): Look {
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
    const band = (of: Float64Array) => [Math.min(...of), Math.max(...of)] as const;
    return {
      ...{ restart, epoch, trainLoss, validLoss: valid.loss, ...judged },
      ...(units === undefined ? { printedBand: band(valid.accuracyByDraw) } : {}),
    };
  }

  #report(look: Look, ears: Pick<Ears, 'onLooks'>): void {
    if (ears.onLooks === undefined) return;
    this.#looks.push(look);
    if (performance.now() - this.#toldAt >= PROGRESS_MILLISECONDS) this.#tell(ears);
  }

  #tell({ onLooks }: Pick<Ears, 'onLooks'>): void {
    const looks = this.#looks.splice(0);
    if (looks.length === 0) return;
    this.#toldAt = performance.now();
    onLooks?.(looks);
  }
}

/** What is learnt. */
type Rows = Pick<TrainingProblem, 'train' | 'teacher'>;

function isDivided(problem: Rows, { batchRows }: ResolvedOptions): boolean {
  return (problem.teacher ?? problem).train.labels.length >= LEAST_BATCHES * batchRows;
}

/** The options as a training of this problem has them: with fewer epochs where its table is divided into batches. */
export function withBatches(problem: Rows, options: ResolvedOptions): ResolvedOptions {
  if (!isDivided(problem, options)) return options;
  return { ...options, epochs: Math.ceil(options.epochs * DIVIDED_EPOCHS) };
}

/** The mean takes the epoch in: of all epochs while they are few, of the last ones then. */
function average({ mean, parameters, epoch }: Candidate): void {
  const share = Math.max(1 - AVERAGE_DECAY, 1 / epoch);
  for (let i = 0; i < mean.flat.length; i += 1) mean.flat[i]! += share * (parameters.flat[i]! - mean.flat[i]!);
}

function add(to: Float64Array, what: Float64Array): void {
  for (let i = 0; i < to.length; i += 1) to[i]! += what[i]!;
}
