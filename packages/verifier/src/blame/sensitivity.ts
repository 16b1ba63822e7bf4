import {
  type AdjointRequest,
  BatchSolver,
  componentValues,
  type FlatCircuit,
  type Technology,
} from '@neuroprint/circuit';
import { NoOperatingPointError } from '../exact-rows.ts';
import { flatOf, type Subject } from '../subject.ts';

/**
 * How every decision's margin answers to every component: m = v_decided − v_runner-up. `byComponent` is row-major
 * [rows × components], ∂m/∂u in volts, where u is the relative change that printing varies: of the conductance for a
 * resistor, of the width or length itself for a transistor; of a law's parameter whose scale is linear it is the change in its unit.
 */
export interface Sensitivity {
  readonly decided: Int32Array;
  readonly runnerUp: Int32Array;
  readonly marginVolts: Float64Array;
  readonly byComponent: Float64Array;
}

/** A circuit ready to be asked for its sensitivities at any component values. */
export class SensitivitySolver {
  readonly flat: FlatCircuit;
  readonly nominal: Float64Array;
  readonly rows: number;
  readonly #solver: BatchSolver;
  /** Which components are parameters that spread in their own unit. */
  readonly #linear: ReadonlySet<number>;
  readonly #inputVolts: Float64Array;
  readonly #outputs: readonly number[];
  readonly #state: Float64Array;
  readonly #all: Int32Array;

  constructor(circuit: Subject, technology: Technology, inputVolts: Float64Array, rows: number) {
    this.flat = flatOf(circuit, technology);
    this.nominal = componentValues(this.flat);
    this.rows = rows;
    this.#linear = linearParameters(this.flat);
    this.#solver = new BatchSolver(this.flat);
    this.#inputVolts = inputVolts;
    this.#outputs = circuit.outputs.map((node) => this.flat.unknowns.indexOf(node));
    this.#state = this.#solver.newState(rows);
    this.#all = Int32Array.from({ length: rows }, (_, row) => row);
  }

  /** Component values with the varied quantity of every component times its factor. */
  valuesAt(factors: ArrayLike<number>): Float64Array {
    return this.nominal.map((value, k) => {
      if (this.#linear.has(k)) return value + factors[k]! - 1;
      return this.flat.components[k]!.parameter === 'ohms' ? value / factors[k]! : value * factors[k]!;
    });
  }

  /** Output volts of one row. */
  outputsOf(values: Float64Array, row: number): Float64Array {
    this.#solver.setValues(values);
    this.#solve(Int32Array.of(row));
    return this.#volts(row);
  }

  /** The decision of every row. */
  decisions(values: Float64Array): Int32Array {
    this.#solver.setValues(values);
    this.#solve(this.#all);
    return this.#all.map((row) => largest(this.#volts(row), -1));
  }

  /** One adjoint solve a row. Decisions and runners-up are those of `reference` where it is given, so that a flip shows as a negative margin. */
  at(values: Float64Array, reference?: Pick<Sensitivity, 'decided'>): Sensitivity {
    const { rows, flat } = this;
    const width = flat.components.length;
    const result = {
      decided: new Int32Array(rows),
      runnerUp: new Int32Array(rows),
      marginVolts: new Float64Array(rows),
      byComponent: new Float64Array(rows * width),
    };
    this.#solver.setValues(values);
    const seed = (row: number, byNode: Float64Array): boolean => {
      const volts = this.#volts(row);
      const first = reference?.decided[row] ?? largest(volts, -1);
      const second = largest(volts, first);
      result.decided[row] = first;
      result.runnerUp[row] = second;
      result.marginVolts[row] = volts[first]! - volts[second]!;
      byNode[this.#outputs[first]!] = 1;
      byNode[this.#outputs[second]!] = -1;
      return true;
    };
    this.#solve(this.#all, { seed, gradient: result.byComponent, byRow: true });
    const relative = values.map((value, k) => {
      if (this.#linear.has(k)) return 1;
      return flat.components[k]!.parameter === 'ohms' ? -value : value;
    });
    for (let i = 0; i < result.byComponent.length; i += 1) result.byComponent[i]! *= relative[i % width]!;
    return result;
  }

  #solve(rows: Int32Array, adjoint?: AdjointRequest): void {
    const [failed] = this.#solver.solveRows(this.#inputVolts, rows, this.#state, adjoint);
    if (failed !== undefined)
      throw new NoOperatingPointError(`The exact solver found no operating point for row ${failed}.`);
  }

  #volts(row: number): Float64Array {
    return Float64Array.from(this.#outputs, (at) => this.#state[row * this.#solver.size + at]!);
  }
}

function linearParameters({ transistors, technology }: FlatCircuit): ReadonlySet<number> {
  return new Set(
    transistors.flatMap(({ model, parameters }) =>
      parameters.filter((_, i) => technology.transistors[model]!.spread!.scale[i] === 'linear'),
    ),
  );
}

/** The largest value's place, leaving out `except`. */
function largest(volts: Float64Array, except: number): number {
  let best = except === 0 ? 1 : 0;
  for (let c = 0; c < volts.length; c += 1) if (c !== except && volts[c]! > volts[best]!) best = c;
  return best;
}
