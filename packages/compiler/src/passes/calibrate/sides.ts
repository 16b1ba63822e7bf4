import type { CalibrationParameters } from './parameters.ts';

/** On which side of its input an entry may stand: plain, inverted, or either. */
export const [PLAIN, INVERTED, EITHER] = [0, 1, 2] as const;

/** Parameters so near to zero may change their sign soon, in units of ten times the smallest printable conductance. */
const NEAR = 0.3;

/**
 * The sides that an elimination is planned for. An entry far from zero has one, so that little is filled in; entries near zero have both, so that few
 * changes of sign need a new plan. It follows from the parameters as they were: whoever is told it plans the same.
 */
export class Sides {
  #planned: Uint8Array | undefined;
  #standing: Uint8Array | undefined;

  /** Those that hold the parameters as they are, the same as before wherever they do; and where entries stand (1: inverted). */
  of(parameters: CalibrationParameters): { readonly sides: Uint8Array; readonly inverted: Uint8Array } {
    const inverted = parameters.inverted(this.#standing);
    this.#standing = inverted;
    if (this.#planned?.every((side, k) => side === EITHER || side === inverted[k]) !== true)
      this.#planned = inverted.map((side, k) =>
        parameters.isSigned(k) && Math.abs(parameters.values[k]!) < NEAR ? EITHER : side,
      );
    return { sides: this.#planned!, inverted };
  }
}
