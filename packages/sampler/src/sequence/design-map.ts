import { type DesignBox, DesignPolytope } from '@neuroprint/circuit';

/**
 * Maps the unit cube onto a design space, parameter by parameter: u_k is the place of ω_k in the range that the
 * constraints and the earlier parameters leave to it, in ln ω for a `log` scale and in ω for a `linear` one.
 * Every point of the cube gives a valid design, so none is rejected and the points stay low-discrepancy.
 */
export class DesignMap {
  readonly polytope: DesignPolytope;
  readonly #logs: Float64Array;

  /** Throws ConstraintError or ImpossibleConstraintsError. */
  constructor(space: DesignBox) {
    this.polytope = new DesignPolytope(space);
    this.#logs = new Float64Array(this.polytope.dimensions);
  }

  get dimensions(): number {
    return this.polytope.dimensions;
  }

  /** Writes the component values (ohms, metres) of the cube point `unit` into `out`. */
  map(unit: ArrayLike<number>, out: Float64Array): void {
    for (let k = 0; k < this.dimensions; k += 1) {
      const [low, high] = this.polytope.conditionalRange(k, this.#logs);
      const u = unit[k]!;
      const isLog = this.polytope.parameters[k]!.scale === 'log';
      this.#logs[k] = isLog ? low + (high - low) * u : Math.log(Math.exp(low) * (1 - u) + Math.exp(high) * u);
      out[k] = this.polytope.valueOfLog(k, this.#logs[k]!);
    }
  }
}
