import { apart, NeuroprintError, type Parameter, ROUNDING } from '@neuroprint/core';
import { type LogMonomial, logSlack } from './monomial.ts';

/** What bounds the designs a surrogate was trained on: a DesignSpace or a Surrogate. */
export interface DesignBounds {
  readonly cell: string;
  readonly parameters: readonly Parameter[];
  readonly constraints: readonly string[];
}

/** Component values lie where the surrogate has seen no samples; its numbers there mean nothing. */
export class OutsideTrustRegionError extends NeuroprintError {
  override readonly exitCode = 2;
  /** The component, or the constraint, that is outside. */
  readonly component: string;
  readonly row: number;

  constructor(cell: string, component: string, row: number, message: string) {
    super(
      `${cell}, row ${row}: ${message}`,
      'Stay within the range the surrogate was trained on, or sample a wider design space and train again.',
    );
    this.component = component;
    this.row = row;
  }
}

/** The set { ω : min_k ≤ ω_k ≤ max_k, every constraint holds } that was sampled; ω in ohms and metres. */
export class TrustRegion {
  readonly #bounds: DesignBounds;
  readonly #slacks: readonly LogMonomial[];
  /** Σ|exponent| of every constraint: each factor may be rounded. */
  readonly #degrees: readonly number[];

  constructor(bounds: DesignBounds) {
    this.#bounds = bounds;
    const names = bounds.parameters.map((parameter) => parameter.name);
    this.#slacks = bounds.constraints.map((constraint) => logSlack(constraint, names));
    this.#degrees = this.#slacks.map(({ exponents }) => exponents.reduce((sum, power) => sum + Math.abs(power), 0));
  }

  /**
   * Whether every row of `values` [rows × parameters] is inside, and stays inside when every component is multiplied by
   * any factor from 1 − relativeSpread to 1 + relativeSpread.
   */
  isInside(values: Float64Array, relativeSpread = 0): boolean {
    return this.#firstOutside(values, relativeSpread) === undefined;
  }

  /** Throws OutsideTrustRegionError that names the row, the component and the bound where isInside is false. */
  assertInside(values: Float64Array, relativeSpread = 0): void {
    const error = this.#firstOutside(values, relativeSpread);
    if (error !== undefined) throw error;
  }

  #firstOutside(values: Float64Array, spread: number): OutsideTrustRegionError | undefined {
    const { cell, parameters, constraints } = this.#bounds;
    const under = spread === 0 ? '' : ` under a variation of ${spread * 100} %`;
    const fail = (component: string, row: number, message: string) =>
      new OutsideTrustRegionError(cell, component, row, `${message}${under}`);
    for (let row = 0, at = 0; at < values.length; row += 1, at += parameters.length) {
      for (let k = 0; k < parameters.length; k += 1) {
        const { name, unit, min, max } = parameters[k]!;
        const value = values[at + k]!;
        const outside = (word: string, bound: number) => {
          const [shown, limit] = apart(value, bound);
          return fail(name, row, `${name} = ${shown} ${unit} is ${word} ${limit} ${unit}`);
        };
        if (!(value * (1 - spread) >= min * (1 - ROUNDING))) return outside('below', min);
        if (!(value * (1 + spread) <= max * (1 + ROUNDING))) return outside('above', max);
      }
      for (let c = 0; c < constraints.length; c += 1) {
        if (this.#slack(c, values, at, spread) < -ROUNDING * this.#degrees[c]!)
          return fail(constraints[c]!, row, `the values do not satisfy ${constraints[c]}`);
      }
    }
    return undefined;
  }

  /** Smallest log-slack of a constraint when every component varies by ±spread. */
  #slack(constraint: number, values: Float64Array, at: number, spread: number): number {
    const { exponents, logConstant } = this.#slacks[constraint]!;
    return exponents.reduce(
      (sum, power, k) =>
        power === 0 ? sum : sum + power * Math.log(values[at + k]! * (1 - Math.sign(power) * spread)),
      logConstant,
    );
  }
}
