import { Draws, UsageError } from '@neuroprint/core';
import { LaplacianSolver } from './laplacian.ts';
import { checkNetwork, checkScale, type ResistorNetwork, type ResistorScale } from './resistors.ts';
import { newStates, nudgeOf, type RuleOptions, siemensOf, solveStates, updateLevels } from './rules.ts';
import {
  type ClassTask,
  type LabelledDrive,
  meansByClass,
  type RegressionTask,
  readoutAccuracy,
  type TaskRows,
} from './tasks.ts';

export interface LearningOptions extends RuleOptions {
  readonly seed: number;
}

/** Resistors that learn: after every row of the training set, in an order shuffled anew each epoch, every resistor moves. */
export class LearningNetwork {
  readonly network: ResistorNetwork;
  readonly scale: ResistorScale;
  readonly solver: LaplacianSolver;
  /** The level of every edge; changed by learning. */
  readonly level: Int32Array;
  readonly #siemens: Float64Array;
  readonly #contrast: Float64Array;
  readonly #states;

  /** Throws TerminalError, DisconnectedGraphError, ResolutionError or UsageError where it cannot be built. */
  constructor(network: ResistorNetwork, scale: ResistorScale, level: Int32Array) {
    checkNetwork(network);
    checkScale(scale);
    if (level.length !== network.graph.edges.length || level.some((k) => k < 0 || k >= scale.levels))
      throw new UsageError(`The levels are not one of 0 to ${scale.levels - 1} for each of the edges.`);
    this.network = network;
    this.scale = scale;
    this.solver = new LaplacianSolver(network);
    this.level = level.slice();
    this.#siemens = new Float64Array(level.length);
    this.#contrast = new Float64Array(level.length);
    this.#states = newStates(network.graph.nodes);
    this.refresh();
  }

  /** Tells the solver of changed levels. */
  refresh(): void {
    siemensOf(this.level, this.scale, this.#siemens);
    this.solver.setSiemens(this.#siemens);
  }

  get siemens(): Float64Array {
    return this.#siemens.slice();
  }

  /** Resistances between the levels, until the next refresh: what the gradient moves. */
  useOhms(ohms: Float64Array): void {
    for (let e = 0; e < ohms.length; e += 1) this.#siemens[e] = 1 / ohms[e]!;
    this.solver.setSiemens(this.#siemens);
  }

  /** One epoch over `rows` in random order. */
  learn(rows: TaskRows, options: LearningOptions, epoch: number): void {
    const nudge = nudgeOf(options);
    const { edges } = this.network.graph;
    for (const row of new Draws(options.seed, 'order of rows').permutation(epoch, rows.rows)) {
      solveStates(this.solver, rows.drive, rows.targets, row, nudge, this.#states);
      updateLevels(this.level, this.scale, edges, this.#states, options, this.#contrast);
      this.refresh();
    }
  }

  /** Voltages of the outputs in the free state, [rows × outputs]. */
  outputs(rows: number, drive: Float64Array): Float64Array {
    const { driven, outputs } = this.network;
    const { free } = this.#states;
    const out = new Float64Array(rows * outputs.length);
    for (let row = 0; row < rows; row += 1) {
      driven.forEach((node, k) => {
        free[node] = drive[row * driven.length + k]!;
      });
      this.solver.solveFree(free);
      outputs.forEach((node, k) => {
        out[row * outputs.length + k] = free[node]!;
      });
    }
    return out;
  }

  /** Mean over rows and outputs of (o − target)², in volts². */
  squaredError({ rows, drive, targets }: TaskRows): number {
    return this.outputs(rows, drive).reduce((sum, o, at) => sum + (o - targets[at]!) ** 2, 0) / targets.length;
  }
}

export interface RegressionEpoch {
  readonly epoch: number;
  /** Mean squared errors in volts². */
  readonly trainError: number;
  readonly testError: number;
}

/** One epoch of learning on rows. */
export type Learner = (rows: TaskRows, epoch: number) => void;

/** Learns a regression; the history begins before the first epoch. `onEpoch` sees the network after each, and before the first. */
export function learnRegression(
  network: LearningNetwork,
  task: RegressionTask,
  epochs: number,
  learn: Learner,
  onEpoch?: (epoch: number, rows: TaskRows) => void,
): RegressionEpoch[] {
  const history: RegressionEpoch[] = [];
  for (let epoch = 0; epoch <= epochs; epoch += 1) {
    if (epoch > 0) learn(task.train, epoch);
    history.push({ epoch, trainError: network.squaredError(task.train), testError: network.squaredError(task.test) });
    onEpoch?.(epoch, task.train);
  }
  return history;
}

/**
 * The targets of classes. `fixed`: the mean output of every class before learning, moved away from the mean of all by the factor
 * `separation`, and kept; `updated`: the same of the network as it is, anew in every epoch.
 */
export const TARGETS = ['fixed', 'updated'] as const;
export type Targets = (typeof TARGETS)[number];

export interface ClassOptions {
  readonly epochs: number;
  readonly targets: Targets;
  readonly separation: number;
}

export interface ClassEpoch {
  readonly epoch: number;
  /** By the nearest mean of the training outputs. */
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
  /** Mean of (o − target)² over the training rows, in volts². */
  readonly trainError: number;
}

/** Learns to tell classes apart; the history begins before the first epoch, which is the untrained network. */
export function learnClasses(
  network: LearningNetwork,
  task: ClassTask,
  options: ClassOptions,
  learn: Learner,
  onEpoch?: (epoch: number, rows: TaskRows) => void,
): ClassEpoch[] {
  const { train, test, classes } = task;
  const history: ClassEpoch[] = [];
  let targets = classTargets(network, train, classes, options.separation);
  for (let epoch = 0; epoch <= options.epochs; epoch += 1) {
    if (epoch > 0) learn({ rows: train.rows, drive: train.drive, targets }, epoch);
    const outputs = network.outputs(train.rows, train.drive);
    const means = meansByClass(outputs, train.labels, classes);
    history.push({
      epoch,
      trainAccuracy: readoutAccuracy(outputs, train.labels, means),
      testAccuracy: readoutAccuracy(network.outputs(test.rows, test.drive), test.labels, means),
      trainError: outputs.reduce((sum, o, at) => sum + (o - targets[at]!) ** 2, 0) / outputs.length,
    });
    if (options.targets === 'updated') targets = classTargets(network, train, classes, options.separation);
    onEpoch?.(epoch, { rows: train.rows, drive: train.drive, targets });
  }
  return history;
}

/** m + separation·(m_c − m) for every row, held within the rails. */
function classTargets(
  network: LearningNetwork,
  { rows, drive, labels }: LabelledDrive,
  classes: number,
  separation: number,
): Float64Array {
  const width = network.network.outputs.length;
  const means = meansByClass(network.outputs(rows, drive), labels, classes);
  const centre = Array.from({ length: width }, (_, k) => {
    let sum = 0;
    for (let c = 0; c < classes; c += 1) sum += means[c * width + k]! / classes;
    return sum;
  });
  return Float64Array.from({ length: rows * width }, (_, at) => {
    const k = at % width;
    const own = means[labels[Math.floor(at / width)]! * width + k]!;
    return Math.min(1, Math.max(0, centre[k]! + separation * (own - centre[k]!)));
  });
}
