import { addByLog, componentValues, ExactSolver, solvedRows, type Technology } from '@neuroprint/circuit';
import { selectColumns } from '@neuroprint/core';
import { softmax } from '@neuroprint/numeric';
import { flatLayered, outputNodes } from '../../devices.ts';
import type { Layered } from '../../layered.ts';
import type { PrintedValues } from './printed-values.ts';

/** Two outputs are told apart under printing variation at a twentieth of the bias; softmax(20·v/bias) is how sure a decision is. */
const TEMPERATURE = 20;
/** Weight of the plain differences of the outputs, so that where a decision is sure its voltages do not run away. */
const EVEN_WEIGHT = 0.1;
/** Rows that the metric is taken on at most; of longer tables an even sample. */
const METRIC_ROWS = 128;

/** Output volts on some rows, and what they depend on. */
export interface Sensitivities {
  /** Row-major [rows × outputs]; NaN where a row has no operating point. */
  readonly outputs: Float64Array;
  /** See `sensitivitiesOf`. */
  readonly metric: Metric;
}

/**
 * M = F·Fᵀ of printed values, kept as F, row-major [printed values × lines]: M itself would grow with the square of their number, and
 * the time to make it with that of the lines besides.
 */
export class Metric {
  readonly lines: number;
  readonly #factors: Float32Array;
  #filled = 0;

  constructor(size: number, lines: number) {
    this.lines = lines;
    this.#factors = new Float32Array(size * lines);
  }

  /** Adds weight·line·lineᵀ. */
  add(line: Float64Array, weight: number): void {
    const root = Math.sqrt(weight);
    for (let v = 0, at = this.#filled; v < line.length; v += 1, at += this.lines) this.#factors[at] = root * line[v]!;
    this.#filled += 1;
  }

  /** M of two values. */
  of(v: number, w: number): number {
    const [f, { lines }] = [this.#factors, this];
    let sum = 0;
    for (let k = 0, a = v * lines, b = w * lines; k < lines; k += 1, a += 1, b += 1) sum += f[a]! * f[b]!;
    return sum;
  }

  /** M of some values, row-major. */
  block(values: readonly number[]): Float64Array {
    const n = values.length;
    const out = new Float64Array(n * n);
    for (let i = 0; i < n; i += 1)
      for (let j = 0; j <= i; j += 1) {
        out[i * n + j] = this.of(values[i]!, values[j]!);
        out[j * n + i] = out[i * n + j]!;
      }
    return out;
  }

  /** Adds by·F[v] to Fᵀδ [lines], where value v of δ changes by so much. */
  move(product: Float64Array, v: number, by: number): void {
    for (let k = 0, at = v * this.lines; k < this.lines; k += 1, at += 1) product[k]! += by * this.#factors[at]!;
  }

  /** (M·δ)[v], given Fᵀδ. */
  slope(product: Float64Array, v: number): number {
    let sum = 0;
    for (let k = 0, at = v * this.lines; k < this.lines; k += 1, at += 1) sum += product[k]! * this.#factors[at]!;
    return sum;
  }
}

/** At most METRIC_ROWS rows, evenly spread. */
export function metricRows(volts: Float64Array, inputs: number): Float64Array {
  const rows = volts.length / inputs;
  const count = Math.min(rows, METRIC_ROWS);
  const out = new Float64Array(count * inputs);
  for (let k = 0; k < count; k += 1) {
    const row = Math.floor((k * rows) / count);
    out.set(volts.subarray(row * inputs, (row + 1) * inputs), k * inputs);
  }
  return out;
}

/**
 * How much a small change δ of the logarithms of all printed values changes what the circuit decides: ½·δᵀ·M·δ is `divergence` to second
 * order, so M = T²·⟨Jᵀ((1 − ε)·(diag p − p·pᵀ) + ε·(diag u − u·uᵀ))J⟩ with J = ∂v/∂ln value from the adjoint of the exact circuit,
 * p = softmax(T·v) and u the even shares (the first part is the Fisher information: Amari, "Natural gradient works efficiently in
 * learning", 1998). A single output is read as it stands: M = T²·⟨JᵀJ⟩. `inputVolts` is row-major [rows × inputs].
 */
export function sensitivitiesOf(
  printed: PrintedValues,
  technology: Technology,
  inputVolts: Float64Array,
): Sensitivities {
  const { flat, outputs: at, inputs } = circuitOf(printed.vector.layered, technology);
  const solver = new ExactSolver(flat);
  const nominal = componentValues(flat);
  solver.setValues(nominal);
  const owners = printed.ownersOf(flat);
  const size = printed.list.length;
  const rows = inputVolts.length / inputs;
  const state = solvedRows(flat, inputVolts, rows);
  const outputs = new Float64Array(rows * at.length).fill(Number.NaN);
  const jacobian = at.map(() => new Float64Array(size));
  const temperature = TEMPERATURE / technology.bias.volts;
  const byNode = new Float64Array(solver.size);
  const byValue = new Float64Array(nominal.length);
  const metric = new Metric(size, 2 * at.length * rows);
  for (let row = 0; row < rows; row += 1) {
    if (!solver.solveRow(inputVolts, row, state)) continue;
    at.forEach((node, c) => {
      outputs[row * at.length + c] = state[row * solver.size + node]!;
      byNode.fill(0);
      byNode[node] = 1;
      byValue.fill(0);
      solver.addGradient(byNode, byValue);
      jacobian[c]!.fill(0);
      addByLog(owners, byValue, nominal, jacobian[c]!);
    });
    const p = shares(outputs.subarray(row * at.length, (row + 1) * at.length), temperature);
    addRow(metric, jacobian, p, (1 - EVEN_WEIGHT) / rows, temperature);
    addRow(
      metric,
      jacobian,
      p.map(() => 1 / at.length),
      EVEN_WEIGHT / rows,
      temperature,
    );
  }
  return { outputs, metric };
}

/** The outputs of a circuit of other values and the same topology: what these really do. */
export function outputsOf(layered: Layered, technology: Technology, inputVolts: Float64Array): Float64Array {
  const { flat, outputs, inputs } = circuitOf(layered, technology);
  const state = solvedRows(flat, inputVolts, inputVolts.length / inputs);
  return selectColumns(state, flat.unknowns.length, outputs);
}

/**
 * How differently two sets of output volts decide, mean over the rows: (1 − ε)·Kullback–Leibler divergence of softmax(T·v) before and after
 * + ε·½·T²·variance of the outputs' differences. Of a single output ½·T²·mean square difference. 0 where nothing changed.
 */
export function divergence(before: Float64Array, after: Float64Array, classes: number, biasVolts: number): number {
  const temperature = TEMPERATURE / biasVolts;
  let sum = 0;
  if (classes === 1) sum = before.reduce((total, v, row) => total + 0.5 * temperature ** 2 * (after[row]! - v) ** 2, 0);
  else
    for (let row = 0; row < before.length; row += classes) {
      const [a, b] = [before.subarray(row, row + classes), after.subarray(row, row + classes)];
      const [p, q] = [shares(a, temperature), shares(b, temperature)];
      const moves = b.map((v, c) => v - a[c]!);
      const mean = moves.reduce((total, move) => total + move, 0) / classes;
      for (let c = 0; c < classes; c += 1) {
        if (p[c]! > 0) sum += (1 - EVEN_WEIGHT) * p[c]! * Math.log(p[c]! / q[c]!);
        sum += (EVEN_WEIGHT * 0.5 * temperature ** 2 * (moves[c]! - mean) ** 2) / classes;
      }
    }
  // a row without an operating point is worse than any that has one
  return Number.isNaN(sum) ? Number.POSITIVE_INFINITY : (sum * classes) / before.length;
}

function circuitOf(layered: Layered, technology: Technology) {
  const flat = flatLayered(layered, technology);
  const outputs = outputNodes(layered).map((node) => flat.unknowns.indexOf(node));
  return { flat, outputs, inputs: flat.inputs.length };
}

/** softmax(T·v). */
function shares(volts: Float64Array, temperature: number): Float64Array {
  const out = volts.slice();
  softmax(out, temperature);
  return out;
}

/** Adds weight·T²·Jᵀ(diag p − p·pᵀ)J, of a single output weight·T²·JᵀJ. */
function addRow(
  metric: Metric,
  jacobian: readonly Float64Array[],
  p: Float64Array,
  weight: number,
  temperature: number,
): void {
  const size = jacobian[0]!.length;
  const mean = new Float64Array(size);
  if (jacobian.length > 1)
    jacobian.forEach((line, c) => {
      for (let k = 0; k < size; k += 1) mean[k]! += p[c]! * line[k]!;
    });
  jacobian.forEach((line, c) => {
    metric.add(
      line.map((slope, k) => slope - mean[k]!),
      weight * temperature * temperature * p[c]!,
    );
  });
}
