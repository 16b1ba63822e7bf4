import { Draws, type Eta } from '@neuroprint/core';
import { Adam, argmax, softmax } from '@neuroprint/numeric';
import type { LabelledRows } from '../baselines/linear.ts';
import { cosine } from './gradient.ts';

/**
 * Two layers of our cells whose conductances are all positive, so that a local rule never has to move a wire. A hidden column sees
 * the inputs, 1 V and 0 V; an output column sees every hidden activation a_j, its falling stage n_j, 1 V and 0 V:
 * z = Σ g·v / Σ g, a = η₁ + η₂·tanh((z − η₃)·η₄), n = −(η₁ + η₂·tanh((a − η₃)·η₄)) of the falling stage. The class is the largest z of the outputs;
 * a shared activation behind them would change nothing.
 */
export interface StageCurves {
  readonly activation: Eta;
  readonly falling: Eta;
}

/**
 * Where a hidden column's nudge comes from. Stages pass nothing back, so that outputs which are clamped move no hidden node:
 * `none` only the last crossbar learns; `random` a fixed random crossbar leads the outputs' errors back, through the stages' slopes;
 * `random-flat` the same without slopes; `mirrored` a second copy of the last crossbar leads the change of its columns back through
 * the slopes of both stages; `gradient` is the adjoint gradient itself, not local.
 */
export type Feedback = 'none' | 'random-flat' | 'random' | 'mirrored' | 'gradient';

export interface StageShape {
  readonly inputs: number;
  readonly hidden: number;
  readonly classes: number;
}

/** What the voltages of a network of stages are, where they are not those of ideal crossbars and unloaded curves. */
export interface StagePhysics {
  /** Takes changed conductances. */
  refresh(siemens: Float64Array): void;
  /** Volts of the hidden columns, of activations and falling stages, and of the output columns, for the inputs `volts`. */
  solve(volts: Float64Array, columns: Float64Array, seen: Float64Array, outputs: Float64Array): void;
  /** Adds Σ_k errors_k·∂z_k/∂ln g of the row that was solved last. */
  addDescent(errors: Float64Array, siemens: Float64Array, out: Float64Array): void;
}

export interface StageOptions {
  readonly hidden: number;
  readonly feedback: Feedback;
  /** η: the largest current that moves an output in the nudged state, in units of 0.1 V times the column's conductance. */
  readonly nudge: number;
  /** Compare two states, nudged towards the targets and away from them, instead of a nudged and the free one. */
  readonly twoSided: boolean;
  readonly epochs: number;
  readonly seed: number;
  /** Smallest and largest conductance of a crossbar, in siemens. */
  readonly siemens: readonly [number, number];
  /** Where learning starts, ln g; random unless given. */
  readonly start?: Float64Array;
}

export interface StageEpoch {
  readonly epoch: number;
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
  /** Cosine with the descent of the gradient by ln g: hidden crossbar, output crossbar, both. */
  readonly cosine: { readonly hidden: number; readonly output: number; readonly both: number };
}

/** The outputs are read as softmax(z / this); volts. */
const SOFTMAX_VOLTS = 0.03;
/** An output that is wholly wrong is moved by η times this, at a column of the mean conductance. */
const NUDGE_VOLTS = 0.1;
const PROBE_VOLTS = 1e-3;
const BATCH_ROWS = 25;
const RATE = 0.05;
/** Rows that the directions are compared on. */
const COMPARED_ROWS = 200;

/** What a local rule learns of rows in volts; Adam at every resistor, on ln g, with the direction that the rule gives it. */
export function learnStages(
  curves: StageCurves,
  train: LabelledRows,
  test: LabelledRows,
  classes: number,
  options: StageOptions,
  measureAt: readonly number[],
  physics?: StagePhysics,
): { readonly history: StageEpoch[]; readonly logSiemens: Float64Array } {
  const network = new StageNetwork(curves, train.volts.length / train.labels.length, classes, options, physics);
  const { logSiemens } = network;
  const adam = new Adam(logSiemens.length);
  const random = new Draws(options.seed, 'order of rows');
  const direction = new Float64Array(logSiemens.length);
  const history: StageEpoch[] = [];
  const [low, high] = options.siemens.map(Math.log) as [number, number];
  for (let epoch = 0; epoch <= options.epochs; epoch += 1) {
    if (measureAt.includes(epoch))
      history.push({
        epoch,
        trainAccuracy: network.accuracy(train),
        testAccuracy: network.accuracy(test),
        cosine: network.compare(train, options.feedback),
      });
    if (epoch === options.epochs) break;
    const order = random.permutation(epoch, train.labels.length);
    for (let start = 0; start < order.length; start += BATCH_ROWS) {
      direction.fill(0);
      for (const row of order.subarray(start, start + BATCH_ROWS))
        network.addDirection(train, row, options.feedback, direction);
      adam.step(
        logSiemens,
        direction.map((value) => -value),
        RATE * (1 - epoch / options.epochs),
      );
      logSiemens.forEach((value, i) => {
        logSiemens[i] = Math.min(high, Math.max(low, value));
      });
      network.refresh();
    }
  }
  return { history, logSiemens };
}

function rising([offset, swing, middle, gain]: Eta, volts: number): number {
  return offset + swing * Math.tanh((volts - middle) * gain);
}

function slopeOf([, swing, middle, gain]: Eta, volts: number): number {
  return swing * gain * (1 - Math.tanh((volts - middle) * gain) ** 2);
}

/** The two crossbars and their states. */
export class StageNetwork {
  /** ln g: the hidden crossbar [inputs + 2 × hidden], then the output crossbar [2·hidden + 2 × classes]. */
  readonly logSiemens: Float64Array;
  readonly #curves: StageCurves;
  readonly #inputs: number;
  readonly #hidden: number;
  readonly #classes: number;
  readonly #nudge: number;
  readonly #twoSided: boolean;
  readonly #siemens: Float64Array;
  readonly #hiddenSums: Float64Array;
  readonly #outputSums: Float64Array;
  readonly #feedback: Float64Array;
  /** What the hidden columns see, what the output columns see, and both layers' columns. */
  readonly #seen: Float64Array;
  readonly #seenByOutputs: Float64Array;
  readonly #columns: Float64Array;
  readonly #outputs: Float64Array;
  readonly #moved: Float64Array;
  readonly #error: Float64Array;
  readonly #physics: StagePhysics | undefined;

  constructor(curves: StageCurves, inputs: number, classes: number, options: StageOptions, physics?: StagePhysics) {
    this.#physics = physics;
    const { hidden, seed, nudge, twoSided, siemens } = options;
    this.#curves = curves;
    this.#inputs = inputs;
    this.#hidden = hidden;
    this.#classes = classes;
    this.#nudge = nudge;
    this.#twoSided = twoSided;
    const random = new Draws(seed, 'stages');
    const [low, high] = siemens.map(Math.log) as [number, number];
    const count = (inputs + 2) * hidden + (2 * hidden + 2) * classes;
    this.logSiemens =
      options.start?.slice() ??
      Float64Array.from({ length: count }, (_, i) => low + (high - low) * random.uniform(0, i));
    this.#siemens = new Float64Array(count);
    this.#hiddenSums = new Float64Array(hidden);
    this.#outputSums = new Float64Array(classes);
    this.#feedback = Float64Array.from({ length: hidden * classes }, (_, i) => 2 * random.uniform(1, i) - 1);
    this.#seen = new Float64Array(inputs + 2);
    this.#seenByOutputs = new Float64Array(2 * hidden + 2);
    this.#columns = new Float64Array(hidden);
    this.#outputs = new Float64Array(classes);
    this.#moved = new Float64Array(classes);
    this.#error = new Float64Array(classes);
    this.refresh();
  }

  /** Takes changed conductances. */
  refresh(): void {
    this.logSiemens.forEach((value, i) => {
      this.#siemens[i] = Math.exp(value);
    });
    this.#hiddenSums.fill(0);
    this.#outputSums.fill(0);
    const split = (this.#inputs + 2) * this.#hidden;
    this.#siemens.forEach((g, i) => {
      if (i < split) this.#hiddenSums[i % this.#hidden]! += g;
      else this.#outputSums[(i - split) % this.#classes]! += g;
    });
    this.#physics?.refresh(this.#siemens);
  }

  /** Voltages of the output columns in the free state; read them before the next call. */
  forward(rows: LabelledRows, row: number): Float64Array {
    const [inputs, hidden, classes] = [this.#inputs, this.#hidden, this.#classes];
    const { activation, falling } = this.#curves;
    const seen = this.#seen;
    for (let i = 0; i < inputs; i += 1) seen[i] = rows.volts[row * inputs + i]!;
    seen[inputs] = 1;
    const g = this.#siemens;
    const above = this.#seenByOutputs;
    above[2 * hidden] = 1;
    if (this.#physics !== undefined) {
      this.#physics.solve(seen, this.#columns, above, this.#outputs);
      return this.#outputs;
    }
    for (let j = 0; j < hidden; j += 1) {
      let sum = 0;
      for (let i = 0; i < inputs + 2; i += 1) sum += g[i * hidden + j]! * seen[i]!;
      const z = sum / this.#hiddenSums[j]!;
      this.#columns[j] = z;
      above[j] = rising(activation, z);
      above[hidden + j] = -rising(falling, above[j]!);
    }
    const from = (inputs + 2) * hidden;
    for (let k = 0; k < classes; k += 1) {
      let sum = 0;
      for (let i = 0; i < above.length; i += 1) sum += g[from + i * classes + k]! * above[i]!;
      this.#outputs[k] = sum / this.#outputSums[k]!;
    }
    return this.#outputs;
  }

  /** Cross-entropy of softmax(z / SOFTMAX_VOLTS) of a row, times SOFTMAX_VOLTS: its derivative by z_k is −#error. */
  cost(rows: LabelledRows, row: number): number {
    const z = this.forward(rows, row);
    const top = Math.max(...z);
    return SOFTMAX_VOLTS * softmax(z.map((volts) => (volts - top) / SOFTMAX_VOLTS)) + top - z[rows.labels[row]!]!;
  }

  /** How far every output is from what it should be: 1 for the class and 0 for the others, less the softmax. */
  #errors(rows: LabelledRows, row: number): Float64Array {
    const z = this.forward(rows, row);
    const top = Math.max(...z);
    const error = this.#error;
    for (let k = 0; k < z.length; k += 1) error[k] = (z[k]! - top) / SOFTMAX_VOLTS;
    softmax(error);
    for (let k = 0; k < z.length; k += 1) error[k] = (rows.labels[row] === k ? 1 : 0) - error[k]!;
    return error;
  }

  /**
   * Adds what a rule would do to every ln g after one row. A current in proportion to its error moves each output column; a resistor
   * compares the squares of its voltage in two states, g·((v − z_F)² − (v − z_N)²)/2η; the same at the hidden columns, whose current the
   * feedback gives.
   */
  addDirection(rows: LabelledRows, row: number, feedback: Feedback, out: Float64Array): void {
    const [inputs, hidden, classes] = [this.#inputs, this.#hidden, this.#classes];
    const errors = this.#errors(rows, row);
    if (feedback === 'gradient' && this.#physics !== undefined) {
      this.#physics.addDescent(errors, this.#siemens, out);
      return;
    }
    const z = this.#outputs;
    const exact = feedback === 'gradient';
    // the gradient is the limit of a small nudge: the difference quotient becomes a derivative
    const eta = exact ? 1 : this.#nudge;
    const g = this.#siemens;
    const scale = this.#outputSums.reduce((sum, total) => sum + total, 0) / classes;
    const moved = this.#moved;
    const from = (inputs + 2) * hidden;
    const above = this.#seenByOutputs;
    const contrast = (siemens: number, volts: number, free: number, by: number): number => {
      const drop = volts - free;
      if (exact) return siemens * drop * by;
      const away = this.#twoSided ? (drop + by) ** 2 : drop ** 2;
      return (siemens * (away - (drop - by) ** 2)) / ((this.#twoSided ? 4 : 2) * eta);
    };
    for (let k = 0; k < classes; k += 1) {
      moved[k] = (eta * scale * NUDGE_VOLTS * errors[k]!) / this.#outputSums[k]!;
      for (let i = 0; i < above.length; i += 1) {
        const at = from + i * classes + k;
        out[at]! += contrast(g[at]!, above[i]!, z[k]!, moved[k]!);
      }
    }
    if (feedback === 'none') return;
    for (let j = 0; j < hidden; j += 1) {
      const by = this.#feedbackAmperes(j, feedback, eta, scale) / this.#hiddenSums[j]!;
      for (let i = 0; i < inputs + 2; i += 1)
        out[i * hidden + j]! += contrast(g[i * hidden + j]!, this.#seen[i]!, this.#columns[j]!, by);
    }
  }

  /** The current into hidden column j in the nudged state, in amperes. */
  #feedbackAmperes(j: number, feedback: Exclude<Feedback, 'none'>, eta: number, scale: number): number {
    const [hidden, classes] = [this.#hidden, this.#classes];
    const { activation, falling } = this.#curves;
    const from = (this.#inputs + 2) * hidden;
    const a = this.#seenByOutputs[j]!;
    // a stage's slope is read by moving the input of a copy a little
    const probed = (curve: Eta, volts: number): number =>
      feedback === 'gradient'
        ? slopeOf(curve, volts)
        : (rising(curve, volts + PROBE_VOLTS) - rising(curve, volts)) / PROBE_VOLTS;
    const slope = feedback === 'random-flat' ? 1 : probed(activation, this.#columns[j]!);
    let sum = 0;
    if (feedback === 'random' || feedback === 'random-flat') {
      for (let k = 0; k < classes; k += 1)
        sum += this.#feedback[j * classes + k]! * eta * scale * NUDGE_VOLTS * this.#error[k]!;
      return slope * sum;
    }
    const through = -probed(falling, a);
    for (let k = 0; k < classes; k += 1) {
      const direct = this.#siemens[from + j * classes + k]!;
      const inverted = this.#siemens[from + (hidden + j) * classes + k]!;
      sum += (direct + through * inverted) * this.#moved[k]!;
    }
    return slope * sum;
  }

  accuracy(rows: LabelledRows): number {
    let correct = 0;
    for (let row = 0; row < rows.labels.length; row += 1) {
      if (argmax(this.forward(rows, row)) === rows.labels[row]) correct += 1;
    }
    return correct / rows.labels.length;
  }

  /** Cosines of a rule's direction with that of the gradient. */
  compare(rows: LabelledRows, feedback: Feedback): StageEpoch['cosine'] {
    const split = (this.#inputs + 2) * this.#hidden;
    const [rule, descent] = [this.direction(rows, feedback), this.direction(rows, 'gradient')];
    const over = (from: number, to: number) => cosine(rule.subarray(from, to), descent.subarray(from, to));
    return { hidden: over(0, split), output: over(split, rule.length), both: over(0, rule.length) };
  }

  /** Direction of a rule over the first rows, by ln g. */
  direction(rows: LabelledRows, feedback: Feedback): Float64Array {
    const out = new Float64Array(this.logSiemens.length);
    const count = Math.min(COMPARED_ROWS, rows.labels.length);
    for (let row = 0; row < count; row += 1) this.addDirection(rows, row, feedback, out);
    return out;
  }
}
