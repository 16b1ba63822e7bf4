import type { Technology } from '@neuroprint/circuit';
import type { Layer, Layered, Negatives } from '../../layered.ts';
import { LayeredVector, type StageEntries } from '../../vector.ts';

/** Crossbar parameters are counted in units of ten times the smallest printable conductance, so that one rate serves all. */
const CROSSBAR_UNIT = 10;

/** Of a column with op-amps Σg stays at this share of Σ|g| or more, or at what it was trained with. */
const LEAST_SHARE = 0.3;

const HIGHEST_TEMPERATURE = 60;

const [CROSSBAR, STAGE, FIXED] = [0, 1, 2] as const;

/**
 * The values of a layered circuit as calibration moves them: signed conductances in units, logarithms of stage values, and last the
 * logarithm of the temperature that the loss reads the outputs with. The resistors of op-amps stay as they are: a column's negative entries
 * can make up for them.
 */
export class CalibrationParameters {
  readonly values: Float64Array;
  /** The same values as they are, in the same order but for the temperature. */
  readonly vector: LayeredVector;
  readonly #stages: readonly StageEntries[];
  /** What each entry is: CROSSBAR, STAGE or FIXED. */
  readonly #kinds: Uint8Array;
  readonly #isSigned: Uint8Array;
  readonly #unit: number;
  readonly #smallest: number;
  readonly #largest: number;
  readonly #biasVolts: number;

  /** `temperature` in 1 over the bias volts. */
  constructor(layered: Layered, technology: Technology, temperature: number) {
    this.#biasVolts = technology.bias.volts;
    const { minOhms, maxOhms } = technology.crossbar;
    this.vector = new LayeredVector(layered);
    this.#stages = this.vector.stages(technology);
    this.#kinds = Uint8Array.from(this.vector.slots, ({ where }) =>
      where === 'crossbar' ? CROSSBAR : where === 'falling' || where === 'activation' ? STAGE : FIXED,
    );
    this.#isSigned = Uint8Array.from(this.vector.slots, ({ where, layer, at }) =>
      where === 'crossbar' && at < signedEntries(layered.layers[layer]!) ? 1 : 0,
    );
    this.#unit = CROSSBAR_UNIT / maxOhms;
    this.#smallest = 1 / CROSSBAR_UNIT;
    this.#largest = 1 / minOhms / this.#unit;
    this.values = new Float64Array(this.vector.slots.length + 1);
    this.set(layered);
    this.values[this.values.length - 1] = Math.log(temperature);
  }

  /** Takes the values of a layered circuit of the same shape; the temperature stays. */
  set(layered: Layered): void {
    const values = new LayeredVector(layered).values();
    this.values.set(this.#each(values, (siemens) => siemens / this.#unit, Math.log));
  }

  /** In 1/volts. */
  get temperature(): number {
    return Math.exp(this.values.at(-1)!) / this.#biasVolts;
  }

  /** The layered circuit that the parameters stand for. */
  layered(): Layered {
    return this.vector.with(this.printed());
  }

  /** The values that the parameters stand for, in the order of the vector. */
  printed(): Float64Array {
    return this.#each(this.values, (theta) => this.#printed(theta) * this.#unit, Math.exp);
  }

  /** 1: an entry takes its input negated; one that is not printed is on the side where it was `before`, or else where its parameter is. */
  inverted(before?: Uint8Array): Uint8Array {
    return Uint8Array.from(this.#kinds, (kind, k) => {
      if (kind !== CROSSBAR) return 0;
      const value = this.values[k]!;
      return this.#printed(value) === 0 && before !== undefined ? before[k]! : value < 0 ? 1 : 0;
    });
  }

  /** Whether an entry may have either sign. */
  isSigned(k: number): boolean {
    return this.#isSigned[k] === 1;
  }

  /** Every entry of the vector, by what it is; the resistors of op-amps as they are. */
  #each(values: Float64Array, crossbar: (value: number) => number, stage: (value: number) => number): Float64Array {
    return Float64Array.from(this.vector.slots, ({ where }, k) => {
      const value = values[k]!;
      if (where === 'crossbar') return crossbar(value);
      return where === 'falling' || where === 'activation' ? stage(value) : value;
    });
  }

  /** The conductance in units that is printed for a crossbar parameter: none below half the smallest. */
  #printed(theta: number): number {
    const magnitude = Math.abs(theta);
    if (magnitude < this.#smallest / 2) return 0;
    return Math.sign(theta) * Math.min(this.#largest, Math.max(this.#smallest, magnitude));
  }

  /**
   * Adds ∂L/∂parameter, given ∂L/∂value of the components, and the draw's values (ohms or metres). Of the circuit: the entry that each
   * component takes its value from, whether an entry takes its input negated, and the components' nominal values.
   */
  addGradient(
    circuit: { readonly owners: Int32Array; readonly negative: Uint8Array; readonly nominal: Float64Array },
    byValue: Float64Array,
    drawn: Float64Array,
    gradient: Float64Array,
  ): void {
    const { owners, negative, nominal } = circuit;
    const kinds = this.#kinds;
    for (let component = 0; component < owners.length; component += 1) {
      const entry = owners[component]!;
      if (entry < 0 || kinds[entry] === FIXED) continue;
      const by = byValue[component]!;
      const value = drawn[component]!;
      if (kinds[entry] === STAGE) gradient[entry]! += by * value;
      else if (Number.isFinite(value)) {
        // G = factor/R, and the draw's factor is nominal/drawn
        const byConductance = -by * value * nominal[component]!;
        gradient[entry]! += (negative[entry] === 1 ? -byConductance : byConductance) * this.#unit;
      } else gradient[entry]! += (negative[entry] === 1 ? -by : by) * this.#unit;
    }
  }

  /** Brings every parameter back to what can be printed. */
  project(): void {
    const v = this.values;
    this.vector.layered.layers.forEach((layer, l) => {
      const first = this.vector.startOf(l, 'crossbar');
      layer.siemens.forEach((_, at) => {
        const low = this.isSigned(first + at) ? -this.#largest : 0;
        v[first + at] = Math.min(this.#largest, Math.max(low, v[first + at]!));
      });
      if (layer.negatives !== undefined) this.#keepStable(layer, layer.negatives, first);
    });
    for (const { first, space } of this.#stages) {
      const logs = v.subarray(first, first + space.dimensions);
      const shares = new Float64Array(space.dimensions);
      space.sharesAt(logs.slice(), shares);
      space.logsAt(shares, logs);
    }
    v[v.length - 1] = Math.min(Math.log(HIGHEST_TEMPERATURE), Math.max(0, v.at(-1)!));
  }

  /** Scales a column's negative entries down until Σg is the share of Σ|g| that it must not fall below. */
  #keepStable(layer: Layer, negatives: Negatives, first: number): void {
    const v = this.values;
    for (let c = 0; c < layer.columns; c += 1) {
      const ratio = negatives.feedbackOhms[c]! / negatives.driveOhms[c]!;
      const sums = (read: (at: number) => number): readonly [positive: number, negative: number] => {
        let [positive, negative] = [0, 0];
        for (let at = c; at < layer.siemens.length; at += layer.columns) {
          positive += Math.max(0, read(at));
          negative -= Math.min(0, read(at));
        }
        return [positive, Number.isFinite(ratio) ? negative * ratio : 0];
      };
      const [startPositive, startNegative] = sums((at) => layer.siemens[at]!);
      const least = Math.min(LEAST_SHARE, (startPositive - startNegative) / (startPositive + startNegative));
      const [positive, negative] = sums((at) => this.#printed(v[first + at]!));
      const allowed = (positive * (1 - least)) / (1 + least);
      if (negative <= allowed) continue;
      for (let at = first + c; at < first + layer.siemens.length; at += layer.columns)
        if (v[at]! < 0) v[at]! *= allowed / negative;
    }
  }
}

/** How many of a layer's entries, the first ones, may have either sign: an op-amp serves bias and pull-down too. */
function signedEntries({ negatives, inputs, columns, siemens }: Layer): number {
  return negatives === undefined ? inputs * columns : siemens.length;
}
