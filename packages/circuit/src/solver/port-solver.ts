import { luSolve } from '@neuroprint/numeric';
import { conductances, conductorCount } from '../ir/conductors.ts';
import { componentValues, type FlatCircuit } from '../ir/flatten.ts';
import type { DrainCurrent } from './device.ts';
import { equationsOf, slotsOf } from './equations.ts';
import { ExactSolver } from './exact-solver.ts';
import { Transistors } from './transistors.ts';

/** More transistors make the dense system slower than the sparse one. */
const MOST_TRANSISTORS = 1000;
const MOST_STEPS = 40;
/** Volts of a transistor's terminals move by this share of the bias in one step at most; at rest is what moves by less than the second. */
const LARGEST_STEP = 0.2;
const CONVERGED = 1e-8;
/** Where the circuit is made linear: all inputs at this share of the bias. */
const MIDDLE = 0.5;

/** Whether the transistors of a circuit are so few beside its nodes that PortSolver is faster than an elimination a step. */
export function isForPorts(flat: FlatCircuit): boolean {
  const count = flat.transistors.length;
  if (count === 0 || count > MOST_TRANSISTORS || flat.opamps.length > 0 || flat.sources.length > 0) return false;
  return count ** 3 < equationsOf(flat).plan.multiplications;
}

/**
 * The exact operating points of a circuit that is linear in all but a few transistors, such as one with the metal of its layout. The linear part,
 * with every transistor's slopes at one operating point, is eliminated once; v = v₀ − Z·e then, with v₀ what the linear circuit does at a row's
 * inputs, e the currents by which the transistors [T] are off their slopes, and Z = J⁻¹·B what an ampere through each does. Newton's method is for e
 * alone, a dense system of T equations, and the found volts are checked on the circuit itself. ExactSolver is the oracle, and solves what this one does not.
 */
export class PortSolver {
  readonly #flat: FlatCircuit;
  readonly #size: number;
  readonly #count: number;
  readonly #conductances: Float64Array;
  readonly #devices: Transistors;
  readonly #ends: Int32Array;
  readonly #resistors: Int32Array;
  /** The factors of the linear circuit. */
  #matrix: Float64Array = new Float64Array(0);
  /** What an ampere through transistor t does to the volts of the k-th terminal (drain, gate, source) of transistor j: [3][T × T]. */
  readonly #response: readonly [Float64Array, Float64Array, Float64Array];
  /** Volts of all nodes where the circuit was made linear, and there the currents and slopes of the transistors: 4 each. */
  readonly #reference: Float64Array;
  readonly #linear: Float64Array;
  readonly #volts: Float64Array;
  readonly #residual: Float64Array;
  readonly #work: Float64Array;
  readonly #step: Float64Array;
  readonly #dense: Float64Array;
  readonly #excess: Float64Array;
  readonly #change: Float64Array;
  readonly #out: DrainCurrent = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
  #values: Float64Array;
  #isReady: boolean | undefined;

  constructor(flat: FlatCircuit) {
    const equations = equationsOf(flat);
    this.#flat = flat;
    this.#size = equations.size;
    this.#count = flat.transistors.length;
    const nodes = this.#size + flat.driven.length;
    this.#conductances = new Float64Array(conductorCount(flat));
    this.#devices = new Transistors(flat);
    this.#ends = Int32Array.from(flat.transistors.flatMap(({ drain, gate, source }) => [drain, gate, source]));
    this.#resistors = slotsOf(flat, equations).resistors;
    const square = (): Float64Array => new Float64Array(this.#count ** 2);
    this.#response = [square(), square(), square()];
    this.#dense = square();
    this.#reference = new Float64Array(nodes);
    this.#linear = new Float64Array(4 * this.#count);
    this.#volts = new Float64Array(nodes);
    this.#residual = new Float64Array(nodes);
    this.#work = new Float64Array(this.#size);
    this.#step = new Float64Array(this.#size);
    this.#excess = new Float64Array(this.#count);
    this.#change = new Float64Array(this.#count);
    this.#values = componentValues(flat);
  }

  /** Takes the component values (ohms, metres). */
  setValues(values: Float64Array): void {
    this.#values = values;
    this.#isReady = undefined;
  }

  /**
   * Solves one row from `state` (NaN: cold), which becomes the solution, as ExactSolver does. Returns false, and leaves the state as it
   * was, where it finds none.
   */
  solveRow(inputVolts: Float64Array, row: number, state: Float64Array): boolean {
    this.#isReady ??= this.#makeLinear();
    if (!this.#isReady) return false;
    const size = this.#size;
    const [flat, v, e] = [this.#flat, this.#volts, this.#excess];
    const at = row * size;
    const own = state.subarray(at, at + size);
    v.set(flat.supplyVolts, size);
    const inputs = flat.inputs.length;
    v.set(inputVolts.subarray(row * inputs, (row + 1) * inputs), size + flat.supplyVolts.length);
    const isWarm = !Number.isNaN(own[0]!);
    if (isWarm) v.set(own);
    e.fill(0);
    if (isWarm) this.#setExcess();
    // v₀: the linear circuit at these inputs
    v.set(this.#reference.subarray(0, size));
    this.#linearStep((t) => this.#linearCurrent(t));
    for (let i = 0; i < size; i += 1) v[i]! -= this.#step[i]!;
    const base = Float64Array.from(this.#ends, (node) => v[node]!);
    const linear = v.slice(0, size);
    if (!this.#newton(base)) return false;
    this.#residual.fill(0);
    for (let t = 0; t < this.#count; t += 1) this.#addCurrent(t, e[t]!);
    this.#solve();
    for (let i = 0; i < size; i += 1) v[i] = linear[i]! - this.#step[i]!;
    this.#linearStep((t) => {
      this.#devices.evaluate(t, v, this.#out);
      return this.#out.amperes;
    });
    const most = CONVERGED * flat.technology.bias.volts;
    if (!this.#step.every((volts) => Math.abs(volts) <= most)) return false;
    own.set(v.subarray(0, size));
    return true;
  }

  /** Newton's method for the currents, given the volts of the linear circuit at all terminals. */
  #newton(base: Float64Array): boolean {
    const { volts } = this.#flat.technology.bias;
    const [count, v, e, change] = [this.#count, this.#volts, this.#excess, this.#change];
    const [byDrain, byGate, bySource] = this.#response;
    const ends = this.#ends;
    const driven = this.#size;
    for (let step = 0; step < MOST_STEPS; step += 1) {
      for (let at = 0; at < ends.length; at += 1) if (ends[at]! < driven) v[ends[at]!] = base[at]! - this.#moved(at, e);
      for (let j = 0; j < count; j += 1) {
        this.#devices.evaluate(j, v, this.#out);
        const [drain, gate, source] = [
          this.#out.byDrain - this.#linear[4 * j + 1]!,
          this.#out.byGate - this.#linear[4 * j + 2]!,
          this.#out.bySource - this.#linear[4 * j + 3]!,
        ];
        change[j] = e[j]! - (this.#out.amperes - this.#linearCurrent(j));
        const from = j * count;
        for (let t = 0; t < count; t += 1)
          this.#dense[from + t] =
            drain * byDrain[from + t]! + gate * byGate[from + t]! + source * bySource[from + t]! + (t === j ? 1 : 0);
      }
      if (!luSolve(this.#dense, count, change)) return false;
      let largest = 0;
      for (let at = 0; at < ends.length; at += 1) largest = Math.max(largest, Math.abs(this.#moved(at, change)));
      if (Number.isNaN(largest)) return false;
      const share = Math.min(1, (LARGEST_STEP * volts) / largest);
      for (let t = 0; t < count; t += 1) e[t]! -= share * change[t]!;
      if (largest < CONVERGED * volts) return true;
    }
    return false;
  }

  /** Volts by which currents lower the `at`-th terminal. */
  #moved(at: number, currents: Float64Array): number {
    const count = this.#count;
    const response = this.#response[at % 3]!;
    const from = ((at - (at % 3)) / 3) * count;
    let sum = 0;
    for (let t = 0; t < count; t += 1) sum += response[from + t]! * currents[t]!;
    return sum;
  }

  /** The current of transistor t at the present volts, by its slopes. */
  #linearCurrent(t: number): number {
    const [v, reference, linear, ends] = [this.#volts, this.#reference, this.#linear, this.#ends];
    let sum = linear[4 * t]!;
    for (let k = 0; k < 3; k += 1)
      sum += linear[4 * t + 1 + k]! * (v[ends[3 * t + k]!]! - reference[ends[3 * t + k]!]!);
    return sum;
  }

  #setExcess(): void {
    for (let t = 0; t < this.#count; t += 1) {
      this.#devices.evaluate(t, this.#volts, this.#out);
      this.#excess[t] = this.#out.amperes - this.#linearCurrent(t);
    }
  }

  /** J⁻¹ of the currents out of every node at the present volts, with these through the transistors, in #step. */
  #linearStep(current: (t: number) => number): void {
    const v = this.#volts;
    const residual = this.#residual.fill(0);
    const r = this.#resistors;
    for (let i = 0, at = 0; at < r.length; i += 1, at += 6) {
      const [a, b] = [r[at]!, r[at + 1]!];
      const amperes = this.#conductances[i]! * (v[a]! - v[b]!);
      residual[a]! += amperes;
      residual[b]! -= amperes;
    }
    for (let t = 0; t < this.#count; t += 1) this.#addCurrent(t, current(t));
    this.#solve();
  }

  #addCurrent(t: number, amperes: number): void {
    this.#residual[this.#ends[3 * t]!]! += amperes;
    this.#residual[this.#ends[3 * t + 2]!]! -= amperes;
  }

  #solve(): void {
    equationsOf(this.#flat).plan.solve(this.#matrix, this.#residual, this.#step, this.#work);
  }

  /** The operating point in the middle, the matrix there as its factors, and what an ampere through each transistor does. */
  #makeLinear(): boolean {
    const flat = this.#flat;
    const size = this.#size;
    conductances(flat, this.#values, this.#conductances);
    this.#devices.setValues(this.#values);
    const exact = new ExactSolver(flat);
    exact.setValues(this.#values);
    const inputs = new Float64Array(flat.inputs.length).fill(MIDDLE * flat.technology.bias.volts);
    const state = exact.newState(1);
    if (!exact.solveRow(inputs, 0, state)) return false;
    this.#reference.set(state);
    this.#reference.set(flat.supplyVolts, size);
    this.#reference.set(inputs, size + flat.supplyVolts.length);
    for (let t = 0; t < this.#count; t += 1) {
      this.#devices.evaluate(t, this.#reference, this.#out);
      const { amperes, byDrain, byGate, bySource } = this.#out;
      this.#linear.set([amperes, byDrain, byGate, bySource], 4 * t);
    }
    const { plan, values } = exact.linearised();
    this.#matrix = values;
    if (!plan.factor(values)) return false;
    for (let t = 0; t < this.#count; t += 1) {
      this.#residual.fill(0);
      this.#addCurrent(t, 1);
      this.#solve();
      this.#ends.forEach((node, at) => {
        this.#response[at % 3]![((at - (at % 3)) / 3) * this.#count + t] = node < size ? this.#step[node]! : 0;
      });
    }
    return true;
  }
}
