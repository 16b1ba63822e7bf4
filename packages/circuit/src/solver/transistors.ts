import type { FlatCircuit } from '../ir/flatten.ts';
import { type DeviceLaw, type DrainCurrent, deviceLaw } from './device.ts';

/** Width, length and own parameters of a transistor, at most. */
const MOST_VALUES = 64;

/** The transistors of a flat circuit at given component values. */
export class Transistors {
  readonly #flat: FlatCircuit;
  readonly #laws: readonly DeviceLaw[];
  /** What of the parameters of each is its own. */
  readonly #own: readonly (Float64Array | undefined)[];
  readonly #slopes = new Float64Array(MOST_VALUES);
  #values: Float64Array = new Float64Array(0);

  constructor(flat: FlatCircuit) {
    this.#flat = flat;
    this.#laws = flat.transistors.map(({ model }) => deviceLaw(flat.technology.transistors[model]!));
    this.#own = flat.transistors.map(({ parameters }) =>
      parameters.length === 0 ? undefined : new Float64Array(parameters.length),
    );
  }

  setValues(values: Float64Array): void {
    this.#values = values;
    this.#flat.transistors.forEach(({ parameters }, i) => {
      parameters.forEach((component, k) => {
        this.#own[i]![k] = values[component]!;
      });
    });
  }

  /** The current of transistor `i` and its derivatives, at the volts of all nodes. */
  evaluate(i: number, volts: Float64Array, out: DrainCurrent): void {
    const { drain, gate, source, width, length } = this.#flat.transistors[i]!;
    const [w, l] = [this.#values[width]!, this.#values[length]!];
    const { celsius } = this.#flat.technology;
    this.#laws[i]!.evaluate(volts[gate]!, volts[drain]!, volts[source]!, w, l, celsius, out, this.#own[i]);
  }

  /** Adds ∂L/∂value of the components to `gradient`, given ∂L/∂current of every transistor. */
  addGradient(volts: Float64Array, byCurrent: (i: number) => number, gradient: Float64Array): void {
    const { transistors, technology } = this.#flat;
    const slopes = this.#slopes;
    for (let i = 0; i < transistors.length; i += 1) {
      const by = byCurrent(i);
      if (by === 0) continue;
      const { drain, gate, source, width, length, parameters } = transistors[i]!;
      const [w, l] = [this.#values[width]!, this.#values[length]!];
      const [vg, vd, vs] = [volts[gate]!, volts[drain]!, volts[source]!];
      this.#laws[i]!.byValues(vg, vd, vs, w, l, technology.celsius, slopes, this.#own[i]);
      gradient[width]! += by * slopes[0]!;
      gradient[length]! += by * slopes[1]!;
      for (let k = 0; k < parameters.length; k += 1) gradient[parameters[k]!]! += by * slopes[2 + k]!;
    }
  }
}
