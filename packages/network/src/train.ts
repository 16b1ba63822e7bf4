import { Draws, type UnderVariation } from '@neuroprint/core';
import { Adam } from '@neuroprint/numeric';
import { CostModel, type CostPrices, type NetworkCost } from './cost/cost.ts';
import { createVariation, evaluateMargins, evaluateNominal, evaluateUnderVariation } from './evaluate.ts';
import { exportLayers } from './export.ts';
import { startParameters } from './initialise.ts';
import type { KernelName } from './kernel/loop.ts';
import { type Architecture, Parameters } from './layer/parameters.ts';
import { project } from './layer/weights.ts';
import { createLoop, PrintedModel } from './model.ts';
import { type ResolvedOptions, resolveOptions, type TrainingOptions } from './options.ts';
import { addFallingStagePenalty, countFallingStages } from './penalty.ts';
import { architectureOf, type NetworkContent, type TrainingProblem } from './problem.ts';
import { type Block, balancedWeights, batchesOf, blocksOf, shuffled } from './rows.ts';
import type { PrintedVariation } from './variation.ts';
import { isNominal } from './variationModel.ts';

/** Prints by which a start is judged, the same ones throughout. */
const VALIDATION_DRAWS = 20;
/** Prints of the figures under variation that go into the network file. */
const REPORT_DRAWS = 100;
/** What a nat of validation loss counts against accuracy: it decides among the few steps that accuracy can take. */
const LOSS_WEIGHT = 0.05;
/** Of its epochs a start runs this share before the better ones are chosen to continue. */
const SCOUTING_SHARE = 1 / 6;
const SURVIVING_SHARE = 1 / 3;
/** A table that makes fewer batches is not divided: the steps would be noisy, and a whole epoch is cheap. */
const LEAST_BATCHES = 8;
/** The gradient of the cost asks the device equations: once in so many epochs is enough, it changes slowly. */
const COST_EPOCHS = 10;
const PROGRESS_MILLISECONDS = 250;

/** One look at the validation rows. */
export interface HistoryEntry {
  readonly restart: number;
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validLoss: number;
  /** Mean over the validation draws. */
  readonly validAccuracy: number;
}

export interface TrainingProgress extends HistoryEntry {
  readonly restarts: number;
  readonly epochs: number;
  readonly seconds: number;
}

export interface TrainingResult {
  readonly network: NetworkContent;
  /** Epochs of all starts together. */
  readonly epochs: number;
  /** Processor time that this process used meanwhile, other threads included. */
  readonly cpuSeconds: number;
  /** What chose the network among its starts, on the validation rows; larger is better. */
  readonly validScore: number;
  readonly history: readonly HistoryEntry[];
  /** What the network costs; unknown with op-amps. */
  readonly cost: NetworkCost | undefined;
  /** Test rows under each of the `testVariations`. */
  readonly underVariation: readonly UnderVariation[];
}

interface Candidate {
  readonly restart: number;
  readonly parameters: Parameters;
  readonly adam: Adam;
  readonly best: Parameters;
  bestScore: number;
  bestEpoch: number;
  epoch: number;
}

/**
 * Trains a printed network for its task under variation, and measures it.
 *
 * Every step sees `draws` fresh prints, and all rows unless the table is divided (`batchRows`): minimise the mean over prints and rows of the cross-entropy of
 * softmax(τ·y). Several random starts run a few epochs; the better ones continue, the rate falls over the second half,
 * and what is kept is the best on the validation rows under fixed draws. Test rows are only measured, at the end.
 * The same problem, options and seed give the same bits. `onProgress` is called a few times a second.
 *
 * Throws UsageError where options, data, cells and surrogates do not fit.
 */
export function trainNetwork(
  problem: TrainingProblem,
  options: TrainingOptions = {},
  onProgress?: (progress: TrainingProgress) => void,
): TrainingResult {
  const startedAt = process.cpuUsage();
  const resolved = resolveOptions(options);
  const trainer = new Trainer(problem, resolved, onProgress);
  const best = trainer.run();
  const network = describe(problem, resolved, trainer, best);
  const test = blocksOf(problem.test, problem.inputs.length, problem.classes.length);
  const underVariation = resolved.testVariations.map((variation) =>
    evaluateUnderVariation(trainer.architecture, best.best, test, {
      variation,
      draws: REPORT_DRAWS,
      seed: resolved.seed,
    }),
  );
  const used = process.cpuUsage(startedAt);
  return {
    network,
    epochs: trainer.epochs,
    cpuSeconds: (used.user + used.system) / 1e6,
    validScore: best.bestScore,
    history: trainer.history,
    cost: resolved.nodeRule === 'kirchhoff' ? undefined : trainer.cost.measure(best.best),
    underVariation,
  };
}

class Trainer {
  readonly architecture: Architecture;
  readonly history: HistoryEntry[] = [];
  epochs = 0;
  kernel: KernelName = 'float64';
  readonly #options: ResolvedOptions;
  readonly #onProgress: ((progress: TrainingProgress) => void) | undefined;
  readonly #train: readonly Block[];
  readonly #batches: ReturnType<typeof batchesOf>;
  readonly #valid: readonly Block[];
  readonly #model: PrintedModel;
  readonly #variation: PrintedVariation;
  readonly #validModel: PrintedModel;
  readonly #validVariation: PrintedVariation;
  readonly #gradient: Parameters;
  readonly cost: CostModel;
  readonly #prices: CostPrices;
  /** Gradient of the cost and what a falling stage adds to it, kept between looks at them. */
  readonly #costGradient: Parameters;
  #stageNats: (layer: number, input: number) => number = () => 0;
  readonly #startedAt = performance.now();
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(
    problem: TrainingProblem,
    options: ResolvedOptions,
    onProgress: ((progress: TrainingProgress) => void) | undefined,
  ) {
    const { variation, seed } = options;
    const [inputs, classes] = [problem.inputs.length, problem.classes.length];
    const [draws, validDraws] = isNominal(variation) ? [1, 1] : [options.draws, VALIDATION_DRAWS];
    this.#options = options;
    this.#onProgress = onProgress;
    this.architecture = architectureOf(problem, options);
    const weights =
      options.classWeights === 'balanced' ? balancedWeights(problem.train.labels, problem.classes) : undefined;
    const divided = problem.train.labels.length >= LEAST_BATCHES * options.batchRows;
    const rows = divided ? shuffled(problem.train, inputs, new Draws(seed, 'batches')) : problem.train;
    this.#train = blocksOf(rows, inputs, classes, weights);
    this.#batches = divided ? batchesOf(this.#train, options.batchRows) : [[0, this.#train.length]];
    this.#valid = blocksOf(problem.valid, inputs, classes);
    this.#model = this.#modelOf(draws, this.#train);
    this.#variation = createVariation(this.architecture, draws, variation);
    this.#validModel = this.#modelOf(validDraws, this.#valid);
    this.#validVariation = createVariation(this.architecture, validDraws, variation);
    this.#validVariation.fill(new Draws(seed, 'validation-variation'), 0);
    this.#gradient = new Parameters(this.architecture);
    this.cost = new CostModel(this.architecture, problem.technology, problem.train);
    this.#costGradient = new Parameters(this.architecture);
    this.#prices = { power: options.powerPenalty, area: options.areaPenalty };
  }

  get #hasPrice(): boolean {
    return this.#prices.power + this.#prices.area > 0;
  }

  /** Adds the gradient of what the network costs, in nats, to that of the loss. */
  #addCostGradient(parameters: Parameters): void {
    const { fallingStagePenalty } = this.#options;
    if (this.#hasPrice) add(this.#gradient.flat, this.#costGradient.flat);
    if (!this.#hasPrice && fallingStagePenalty === 0) return;
    const price = (layer: number, input: number) => fallingStagePenalty + this.#stageNats(layer, input);
    addFallingStagePenalty(this.architecture, parameters, price, this.#gradient);
  }

  #costNats(parameters: Parameters): number {
    const stages = countFallingStages(this.architecture, parameters);
    const cost = this.#hasPrice ? this.cost.nats(parameters, this.#prices) : 0;
    return cost + this.#options.fallingStagePenalty * stages;
  }

  #modelOf(draws: number, blocks: readonly Block[]): PrintedModel {
    const loop = createLoop(this.architecture, draws, blocks, this.#options.kernel);
    this.kernel = loop.kernel;
    return new PrintedModel(this.architecture, draws, blocks, loop);
  }

  /** All starts; the candidate with the best validation score. */
  run(): Candidate {
    const { restarts, epochs } = this.#options;
    const scouting = Math.ceil(epochs * SCOUTING_SHARE);
    const candidates = Array.from({ length: restarts }, (_, restart) => this.#start(restart));
    if (restarts > 1) for (const candidate of candidates) this.#continue(candidate, scouting);
    const byScore = (a: Candidate, b: Candidate) => b.bestScore - a.bestScore;
    candidates.sort(byScore);
    const survivors = candidates.slice(0, Math.ceil(restarts * SURVIVING_SHARE));
    for (const candidate of survivors) this.#continue(candidate, epochs);
    return survivors.sort(byScore)[0]!;
  }

  #start(restart: number): Candidate {
    const random = new Draws(this.#options.seed, 'start');
    const parameters = startParameters(this.architecture, this.#train, random, restart);
    const adam = new Adam(parameters.flat.length);
    const best = new Parameters(this.architecture);
    return { restart, parameters, adam, best, bestScore: Number.NEGATIVE_INFINITY, bestEpoch: 0, epoch: 0 };
  }

  /** Trains up to `lastEpoch`, or until patience ends. */
  #continue(candidate: Candidate, lastEpoch: number): void {
    const { epochs, patience, seed, rate, validateEvery } = this.#options;
    const { parameters, adam } = candidate;
    const random = new Draws(seed, `training-variation/${candidate.restart}`);
    while (candidate.epoch < lastEpoch && candidate.epoch - candidate.bestEpoch < patience) {
      const rest = 1 - candidate.epoch / epochs;
      let loss = 0;
      if (this.#hasPrice && candidate.epoch % COST_EPOCHS === 0) {
        this.#costGradient.flat.fill(0);
        this.#stageNats = this.cost.addGradient(parameters, this.#prices, this.#costGradient);
      }
      this.#batches.forEach(([first, last], b) => {
        this.#variation.fill(random, candidate.epoch * this.#batches.length + b);
        const step = this.#model.evaluateWithGradient(parameters, this.#variation, this.#gradient, first, last);
        loss += step.loss / this.#batches.length;
        this.#addCostGradient(parameters);
        adam.step(parameters.flat, this.#gradient.flat, rate * Math.min(1, 2 * rest + 0.05));
        this.#project(parameters);
      });
      candidate.epoch += 1;
      this.epochs += 1;
      if (candidate.epoch % validateEvery === 0 || candidate.epoch === lastEpoch) this.#validate(candidate, loss);
    }
  }

  #project(parameters: Parameters): void {
    const { shapes, conductances, nodeRule } = this.architecture;
    parameters.logTemperature = Math.max(0, parameters.logTemperature);
    parameters.layers.forEach(({ theta }, l) => {
      project(theta, shapes[l]!.inputs, shapes[l]!.neurons, conductances, nodeRule);
    });
  }

  #validate(candidate: Candidate, trainLoss: number): void {
    const { parameters, restart, epoch } = candidate;
    const valid = this.#validModel.evaluate(parameters, this.#validVariation);
    const score = valid.accuracy - LOSS_WEIGHT * valid.loss - this.#costNats(parameters);
    if (score > candidate.bestScore) {
      candidate.bestScore = score;
      candidate.bestEpoch = epoch;
      candidate.best.flat.set(parameters.flat);
    }
    const entry = { restart, epoch, trainLoss, validLoss: valid.loss, validAccuracy: valid.accuracy };
    this.history.push(entry);
    const now = performance.now();
    if (this.#onProgress === undefined || now - this.#reportedAt < PROGRESS_MILLISECONDS) return;
    this.#reportedAt = now;
    const { restarts, epochs } = this.#options;
    this.#onProgress({ ...entry, restarts, epochs, seconds: (now - this.#startedAt) / 1000 });
  }
}

function add(to: Float64Array, what: Float64Array): void {
  for (let i = 0; i < to.length; i += 1) to[i]! += what[i]!;
}

function describe(
  problem: TrainingProblem,
  options: ResolvedOptions,
  trainer: Trainer,
  best: Candidate,
): NetworkContent {
  const { architecture } = trainer;
  const { seed, variation, draws, activation, share } = options;
  const blocks = (rows: TrainingProblem['train']) => blocksOf(rows, problem.inputs.length, problem.classes.length);
  const nominal = (rows: TrainingProblem['train']) => evaluateNominal(architecture, best.best, blocks(rows)).accuracy;
  return {
    inputHashes: problem.inputHashes,
    name: problem.name,
    technology: problem.technology.name,
    inputs: problem.inputs,
    classes: problem.classes,
    layers: exportLayers(architecture, best.best),
    variation,
    training: {
      seed,
      epochs: trainer.epochs,
      bestEpoch: best.bestEpoch,
      draws,
      activation,
      share,
      kernel: trainer.kernel,
      ...problem.source,
    },
    metrics: {
      accuracy: { train: nominal(problem.train), valid: nominal(problem.valid), test: nominal(problem.test) },
      underVariation: evaluateUnderVariation(architecture, best.best, blocks(problem.test), {
        variation,
        draws: REPORT_DRAWS,
        seed,
      }),
      sensingMarginVolts: evaluateMargins(architecture, best.best, blocks(problem.test)),
    },
  };
}
