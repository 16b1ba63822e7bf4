import {
  addConductanceGradient,
  conductances,
  conductorCount,
  conductorNodes,
  resistorComponents,
} from '../ir/conductors.ts';
import type { FlatCircuit } from '../ir/flatten.ts';
import { type SeriesVolts, seriesVoltsAt } from '../variation/series.ts';
import type { DrainCurrent } from './device.ts';
import type { EliminationPlan } from './elimination.ts';
import { equationsOf, type SlotTables, slotsOf } from './equations.ts';
import { addInputGradient } from './input-gradient.ts';
import { staticWatts } from './power.ts';
import { keepWithinRails } from './rails.ts';
import { Transistors } from './transistors.ts';

const WARM_ITERATIONS = 25;
const COLD_ITERATIONS = 100;
const SMALLEST_RAMP = 1e-6;

/**
 * The exact operating point of a circuit: Σ currents into every unknown node = 0, every device equation, every node,
 * in float64. At the output of an op-amp its own equation stands instead, (v₊ − v₋) − s(v_out) = 0 with s the inverse of its
 * law; at the output of a series source v_out − v_open − e(v_in) = 0. Newton's method with a limit on each voltage's step and a planned sparse elimination; from a cold start that
 * fails, all sources are ramped up from zero, where zero volts everywhere is the solution.
 *
 * Rows are independent; `state` [rows × unknowns] holds the solution and is the warm start of the next call.
 */
export class ExactSolver {
  readonly flat: FlatCircuit;
  readonly size: number;
  readonly #plan: EliminationPlan;
  readonly #conductances: Float64Array;
  readonly #devices: Transistors;
  #conductors: (readonly [number, number])[] | undefined;
  #components: Int32Array | undefined;
  /** Where the elements stand in the matrix: see SlotTables. */
  readonly #slots: SlotTables;
  readonly #resistors: Int32Array;
  readonly #transistors: Int32Array;
  readonly #opamps: Int32Array;
  readonly #sources: Int32Array;
  /** What is in series at the present row, beside the curves. */
  readonly #rowVolts: Float64Array;
  readonly #curve = { volts: 0, slope: 0 };
  #series: SeriesVolts | undefined;
  /** Share of all sources while they are ramped up. */
  #share = 1;
  /**
   * The row of the matrix that holds a node's currents. An op-amp's equation has next to nothing on its diagonal, so it changes
   * places with that of its minus node, which its feedback ties to the output.
   */
  readonly #rowOf: Int32Array;
  /** Largest step of each unknown: nodes of transistors are held back, all others are linear. */
  readonly #stepLimit: Float64Array;
  readonly #convergedVolts: number;
  readonly #beyondRailsVolts: number;
  readonly #lowestVolts: number;
  readonly #highestVolts: number;
  readonly #matrix: Float64Array;
  /** Of a linear circuit, whose factors serve all rows: takes the stamps once #matrix is factored. */
  readonly #unused: Float64Array | undefined;
  #isFactored = false;
  /** Currents out of every node. */
  readonly #residual: Float64Array;
  /** The equations' residuals, by row. */
  readonly #right: Float64Array;
  readonly #step: Float64Array;
  readonly #work: Float64Array;
  readonly #before: Float64Array;
  readonly #lambda: Float64Array;
  /** Voltages of all nodes: unknown, then ground, supplies, inputs. */
  readonly #volts: Float64Array;
  readonly #drive: Float64Array;
  readonly #currents: Float64Array;
  readonly #device: DrainCurrent = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
  #values: Float64Array = new Float64Array(0);
  #low = 0;
  #high = 0;
  /** Newton steps so far. */
  iterations = 0;
  /** Rows that needed the ramp. */
  ramps = 0;

  constructor(flat: FlatCircuit) {
    this.flat = flat;
    this.size = flat.unknowns.length;
    const equations = equationsOf(flat);
    const { plan } = equations;
    const n = this.size;
    this.#plan = plan;
    this.#rowOf = equations.rowOf;
    this.#stepLimit = equations.stepLimits;
    this.#convergedVolts = equations.convergedVolts;
    this.#beyondRailsVolts = equations.beyondRailsVolts;
    this.#lowestVolts = equations.lowestVolts;
    this.#highestVolts = equations.highestVolts;
    const slots = slotsOf(flat, equations);
    this.#slots = slots;
    this.#opamps = slots.opamps;
    this.#sources = slots.sources;
    this.#resistors = slots.resistors;
    this.#transistors = slots.transistors;
    this.#rowVolts = new Float64Array(flat.sources.length);
    this.#conductances = new Float64Array(conductorCount(flat));
    this.#devices = new Transistors(flat);
    this.#currents = new Float64Array(flat.transistors.length);
    this.#matrix = new Float64Array(plan.slots + 1);
    this.#unused = equations.isLinear ? new Float64Array(plan.slots + 1) : undefined;
    const nodes = n + flat.driven.length;
    this.#residual = new Float64Array(nodes);
    this.#right = new Float64Array(n);
    this.#step = new Float64Array(n);
    this.#work = new Float64Array(n);
    this.#before = new Float64Array(n);
    this.#lambda = new Float64Array(nodes);
    this.#volts = new Float64Array(nodes);
    this.#drive = new Float64Array(flat.driven.length);
    flat.supplyVolts.forEach((volts, i) => {
      this.#drive[i] = volts;
    });
  }

  /** Takes the component values (ohms, metres; an infinite resistance is an open circuit). The vector is copied. */
  setValues(values: Float64Array): void {
    this.#values = values.slice();
    conductances(this.flat, values, this.#conductances);
    this.#devices.setValues(this.#values);
    this.#isFactored = false;
  }

  /** Takes what is in series with the stages' outputs from now on; undefined: nothing. */
  setSeries(series: SeriesVolts | undefined): void {
    this.#series = series;
    this.#rowVolts.fill(0);
  }

  /** A state for so many rows that says nothing yet: the first solve of each row is a cold start. */
  newState(rows: number): Float64Array {
    return new Float64Array(rows * this.size).fill(Number.NaN);
  }

  /**
   * Solves one row. `inputVolts` [rows × inputs] and `state` [rows × unknowns] are read at `row`; the state's row is the
   * start (NaN: cold) and becomes the solution. Returns false where no operating point was found; the state is then NaN.
   */
  solveRow(inputVolts: Float64Array, row: number, state: Float64Array): boolean {
    const { size } = this;
    const supplies = this.flat.supplyVolts.length;
    const inputs = this.flat.inputs.length;
    for (let k = 0; k < inputs; k += 1) this.#drive[supplies + k] = inputVolts[row * inputs + k]!;
    this.#series?.atRow(row, this.#rowVolts);
    this.#setDrive(1);
    const at = row * size;
    const warm = !Number.isNaN(state[at]!);
    for (let i = 0; i < size; i += 1) this.#volts[i] = warm ? state[at + i]! : 0.5 * (this.#low + this.#high);
    const found = this.#newton(warm ? WARM_ITERATIONS : COLD_ITERATIONS) || this.#ramp();
    for (let i = 0; i < size; i += 1) state[at + i] = found ? this.#volts[i]! : Number.NaN;
    return found;
  }

  /**
   * Solves all rows, each from its state, or, where that is NaN, from the row before it. Returns the rows without an
   * operating point.
   */
  solve(inputVolts: Float64Array, rows: number, state: Float64Array): number[] {
    const failed: number[] = [];
    for (let row = 0; row < rows; row += 1) {
      const at = row * this.size;
      if (row > 0 && Number.isNaN(state[at]!)) state.copyWithin(at, at - this.size, at);
      if (!this.solveRow(inputVolts, row, state)) failed.push(row);
    }
    return failed;
  }

  /**
   * Adds ∂L/∂value of every component to `gradient`, given ∂L/∂v of every unknown node at the row solved last. With F(v, p) = 0
   * the currents and J = ∂F/∂v: Jᵀλ = ∂L/∂v, ∂L/∂p = −λᵀ·∂F/∂p. For a resistance that is infinite the derivative by the
   * conductance is given instead, so that an absent resistor can be asked whether it should be there.
   */
  addGradient(nodeGradient: Float64Array, gradient: Float64Array): void {
    const [v, lambda, r] = [this.#volts, this.#lambda, this.#resistors];
    this.#solveAdjoint(nodeGradient);
    this.#components ??= resistorComponents(this.flat);
    const by = new Float64Array(this.#conductances.length);
    for (let i = 0; i < by.length; i += 1) {
      const [a, b] = [r[6 * i]!, r[6 * i + 1]!];
      by[i] = -(lambda[a]! - lambda[b]!) * (v[a]! - v[b]!);
    }
    addConductanceGradient(this.flat, this.#components, this.#values, by, gradient);
    const t = this.#transistors;
    this.#devices.addGradient(v, (i) => -(lambda[t[9 * i]!]! - lambda[t[9 * i + 2]!]!), gradient);
  }

  /**
   * Adds ∂L/∂v of every input to `gradient` [inputs], given ∂L/∂v of every unknown node at the row solved last: −λᵀ·∂F/∂v_input.
   * What is in series with stages is taken as it stands.
   */
  addInputGradient(nodeGradient: Float64Array, gradient: Float64Array): void {
    this.#solveAdjoint(nodeGradient);
    const equations = { ...this.#slots, conductances: this.#conductances, devices: this.#devices };
    addInputGradient(this.flat, equations, this.#volts, { nodes: this.#lambda, rows: this.#step }, gradient);
  }

  /** λ of every node, and of every equation in #step. */
  #solveAdjoint(nodeGradient: Float64Array): void {
    this.#plan.solveTransposed(this.#matrix, nodeGradient, this.#step, this.#work);
    this.#lambda.fill(0);
    for (const [node, row] of this.#rowOf.entries()) if (row >= 0) this.#lambda[node] = this.#step[row]!;
  }

  /**
   * Static power in watts at the row solved last, all supplies and inputs counted: Σ I·V over the devices. An op-amp takes the
   * current that it gives from the rail on that side, and its quiescent current besides.
   */
  power(): number {
    this.#conductors ??= conductorNodes(this.flat);
    return staticWatts(this.flat, this.#volts, this.#conductors, this.#conductances, this.#currents, this.#residual);
  }

  #setDrive(share: number): void {
    this.#share = share;
    const reach = this.#series?.reachVolts ?? 0;
    let low = -reach;
    let high = reach;
    for (let i = 0; i < this.#drive.length; i += 1) {
      const volts = share * this.#drive[i]!;
      this.#volts[this.size + i] = volts;
      low = Math.min(low, volts - reach);
      high = Math.max(high, volts + reach);
    }
    this.#low = low;
    this.#high = high;
  }

  #newton(most: number): boolean {
    const v = this.#volts;
    const low = Math.min(this.#low, this.#lowestVolts) - this.#beyondRailsVolts;
    const high = Math.max(this.#high, this.#highestVolts) + this.#beyondRailsVolts;
    for (let iteration = 0; iteration < most; iteration += 1) {
      this.iterations += 1;
      if (!this.#stampAndFactor()) return false;
      this.#plan.solve(this.#matrix, this.#right, this.#step, this.#work);
      let largest = 0;
      for (let i = 0; i < this.size; i += 1) {
        const step = this.#step[i]!;
        largest = Math.max(largest, Math.abs(step));
        const most = this.#stepLimit[i]!;
        const limited = Math.min(most, Math.max(-most, step));
        this.#before[i] = v[i]!;
        v[i] = Math.min(high, Math.max(low, v[i]! - limited));
      }
      keepWithinRails(this.flat, this.#before, v);
      if (Number.isNaN(largest)) return false;
      if (largest < this.#convergedVolts) return true;
    }
    return false;
  }

  /** Residuals, and the matrix as its factors: made anew where it may be another. */
  #stampAndFactor(): boolean {
    if (this.#isFactored && this.#unused !== undefined) {
      this.#stamp(this.#unused);
      return true;
    }
    this.#stamp(this.#matrix);
    this.#isFactored = this.#plan.factor(this.#matrix);
    return this.#isFactored;
  }

  /** Source stepping: all sources grow together from zero, by steps that shrink where Newton fails. */
  #ramp(): boolean {
    this.ramps += 1;
    const { size } = this;
    const good = new Float64Array(size);
    let [share, step] = [0, 0.05];
    this.#volts.fill(0);
    while (share < 1) {
      const next = Math.min(1, share + step);
      this.#setDrive(next);
      if (this.#newton(WARM_ITERATIONS)) {
        share = next;
        good.set(this.#volts.subarray(0, size));
        step *= 1.5;
      } else {
        step *= 0.25;
        if (step < SMALLEST_RAMP) return false;
        this.#volts.set(good);
      }
    }
    return true;
  }

  /** Residual currents out of every node, and their derivatives. */
  #stamp(matrix: Float64Array): void {
    const v = this.#volts;
    const residual = this.#residual.fill(0);
    matrix.fill(0);
    const r = this.#resistors;
    for (let i = 0, at = 0; at < r.length; i += 1, at += 6) {
      const a = r[at]!;
      const b = r[at + 1]!;
      const g = this.#conductances[i]!;
      const current = g * (v[a]! - v[b]!);
      residual[a]! += current;
      residual[b]! -= current;
      matrix[r[at + 2]!]! += g;
      matrix[r[at + 3]!]! -= g;
      matrix[r[at + 4]!]! -= g;
      matrix[r[at + 5]!]! += g;
    }
    const t = this.#transistors;
    const out = this.#device;
    for (let i = 0, at = 0; at < t.length; i += 1, at += 9) {
      const d = t[at]!;
      const s = t[at + 2]!;
      this.#devices.evaluate(i, v, out);
      const { amperes: current, byDrain, byGate, bySource } = out;
      this.#currents[i] = current;
      residual[d]! += current;
      residual[s]! -= current;
      matrix[t[at + 3]!]! += byDrain;
      matrix[t[at + 4]!]! += byGate;
      matrix[t[at + 5]!]! += bySource;
      matrix[t[at + 6]!]! -= byDrain;
      matrix[t[at + 7]!]! -= byGate;
      matrix[t[at + 8]!]! -= bySource;
    }
    const right = this.#right.fill(0);
    for (let node = 0; node < this.size; node += 1)
      if (this.#rowOf[node]! >= 0) right[this.#rowOf[node]!]! += residual[node]!;
    this.#stampSources(matrix);
    const o = this.#opamps;
    for (let i = 0, at = 0; at < o.length; i += 1, at += 7) {
      const { gain, lowVolts, highVolts } = this.flat.opamps[i]!;
      const output = v[o[at + 2]!]!;
      const difference = v[o[at]!]! - v[o[at + 1]!]!;
      let input = output / gain;
      let slope = 1 / gain;
      if (Number.isFinite(lowVolts)) {
        const half = 0.5 * (highVolts - lowVolts);
        const y = (output - 0.5 * (highVolts + lowVolts)) / half;
        const rest = (1 - y) * (1 + y);
        input = (half * y) / (gain * Math.sqrt(rest));
        slope = 1 / (gain * rest * Math.sqrt(rest));
      }
      right[o[at + 3]!] = difference - input;
      matrix[o[at + 4]!]! += 1;
      matrix[o[at + 5]!]! -= 1;
      matrix[o[at + 6]!]! -= slope;
    }
  }

  /** Row of every series source's output: v_out − v_open − e(v_in) = 0. */
  #stampSources(matrix: Float64Array): void {
    const v = this.#volts;
    const s = this.#sources;
    for (let i = 0, at = 0; at < s.length; i += 1, at += 6) {
      seriesVoltsAt(this.#series, i, v[s[at]!]!, this.#curve);
      const volts = this.#share * (this.#curve.volts + this.#rowVolts[i]!);
      this.#right[s[at + 2]!] = v[s[at + 2]!]! - v[s[at + 1]!]! - volts;
      matrix[s[at + 3]!]! -= this.#share * this.#curve.slope;
      matrix[s[at + 4]!]! -= 1;
      matrix[s[at + 5]!]! += 1;
    }
  }

  /**
   * The circuit linearised at the row solved last, row-major [unknowns × unknowns]: row i is ∂(current out of node i)/∂v in
   * siemens, or, where node i is the output of an op-amp or of a series source, the derivative of its own equation, without unit.
   */
  jacobian(): Float64Array {
    this.#stamp(this.#matrix);
    const { size } = this;
    const out = new Float64Array(size * size);
    const rows = this.#rowsOfEquations();
    for (let node = 0; node < size; node += 1)
      for (let column = 0; column < size; column += 1)
        if (this.#plan.has(rows[node]!, column))
          out[node * size + column] = this.#matrix[this.#plan.slot(rows[node]!, column)]!;
    this.#plan.factor(this.#matrix);
    return out;
  }

  /** `jacobian`, sparse: its entries as `plan` stores them, and the row of the plan that holds what `jacobian` has in row i. */
  linearised(): { readonly plan: EliminationPlan; readonly values: Float64Array; readonly rows: Int32Array } {
    const values = new Float64Array(this.#plan.slots + 1);
    this.#stamp(values);
    return { plan: this.#plan, values, rows: this.#rowsOfEquations() };
  }

  #rowsOfEquations(): Int32Array {
    const rows = this.#rowOf.slice();
    for (let at = 0; at < this.#opamps.length; at += 7) rows[this.#opamps[at + 2]!] = this.#opamps[at + 3]!;
    for (const { output } of this.flat.sources) rows[output] = output;
    return rows;
  }

  /** Writes J⁻¹·right, or J⁻ᵀ·right, at the row solved last [unknowns]; for circuits without op-amps and series sources. */
  solveLinearised(right: Float64Array, out: Float64Array, transposed: boolean): void {
    if (transposed) this.#plan.solveTransposed(this.#matrix, right, out, this.#work);
    else this.#plan.solve(this.#matrix, right, out, this.#work);
  }

  /**
   * Whether the circuit linearised at the row solved last is an H-matrix with a positive diagonal: elimination without exchanges
   * of its comparison matrix (all but the diagonal made negative) has positive pivots in any order. For circuits without op-amps.
   */
  isHMatrix(): boolean {
    const plan = this.#plan;
    const matrix = this.#unused ?? this.#matrix.slice();
    this.#stamp(matrix);
    const diagonal = Float64Array.from(plan.diagonal, (at) => matrix[at]!);
    for (let i = 0; i < plan.slots; i += 1) matrix[i] = -Math.abs(matrix[i]!);
    for (let k = 0; k < this.size; k += 1) matrix[plan.diagonal[k]!] = diagonal[k]!;
    return plan.factor(matrix) && plan.diagonal.every((at) => matrix[at]! > 0);
  }
}
