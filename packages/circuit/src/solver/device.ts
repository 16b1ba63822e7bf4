import { derive } from '../law/derive.ts';
import { type CompiledLaw, compileNodes } from '../law/evaluate.ts';
import type { Node } from '../law/graph.ts';
import { livingLaw } from '../law/law.ts';
import { currentPerSquare } from '../law/ratio.ts';
import type { TransistorKind } from '../technology/transistor.ts';

/** Drain current of one transistor in amperes, from drain to source, and its derivatives in siemens. */
export interface DrainCurrent {
  amperes: number;
  byGate: number;
  byDrain: number;
  bySource: number;
}

const VOLTS = ['vg', 'vd', 'vs'] as const;

/** At 1 V and at many: below the threshold there is little to see. */
const SCALES = [1, 8, 60];
/** Voltages at which a law shows whether it counts differences only. */
const PROBES = [
  [0.3, 0.2, 0],
  [0.9, 0.1, 0.4],
  [1.1, 0.8, -0.3],
  [-0.2, 0.7, 0.6],
  [0.5, -0.4, 0.1],
] as const;

/** The law of a kind of transistor as functions, for either polarity. */
export class DeviceLaw {
  readonly kind: TransistorKind;
  /** Whether the current is W/L times one of the voltages alone. */
  readonly isByRatio: boolean;
  /** The current in the law's own terms: that for W/L = 1 where it is by the ratio. */
  readonly current: Node;
  /** Whether only differences of voltages count. */
  readonly isFloating: boolean;
  /** Parameters that each device has for itself, as places in the kind's parameters. */
  readonly own: readonly number[];
  readonly #sign: 1 | -1;
  readonly #parameters: Float64Array;
  readonly #stamp: CompiledLaw;
  readonly #sizes: CompiledLaw;
  readonly #out: Float64Array;

  constructor(kind: TransistorKind) {
    const { spread } = kind;
    const law = livingLaw(kind.law);
    const { graph, parameterNames } = law;
    const perSquare = currentPerSquare(law);
    this.kind = kind;
    this.isByRatio = perSquare !== undefined;
    this.current = perSquare ?? law.current;
    this.own = (spread?.parameters ?? []).map((name) => parameterNames.indexOf(name));
    this.#sign = kind.polarity === 'n' ? 1 : -1;
    this.#parameters = Float64Array.from(kind.parameters);
    const by = (name: string): Node => derive(graph, this.current, name);
    this.#stamp = compileNodes([this.current, ...VOLTS.map(by)], parameterNames);
    const sizes = this.isByRatio ? [] : ['W', 'L'];
    const names = [...sizes, ...this.own.map((at) => parameterNames[at]!)];
    this.#sizes = compileNodes([this.current, ...names.map(by)], parameterNames);
    this.#out = new Float64Array(4 + names.length);
    this.isFloating = this.#countsDifferences();
  }

  /**
   * Writes the current and its derivatives by the voltages for a device of `width` and `length` metres into `out`. `own` are the
   * device's own parameters in the order of `own`; absent: the kind's.
   */
  evaluate(
    gate: number,
    drain: number,
    source: number,
    width: number,
    length: number,
    celsius: number,
    out: DrainCurrent,
    own?: Float64Array,
  ): void {
    const s = this.#sign;
    if (own !== undefined) this.#take(own);
    const raw = this.#out;
    this.#stamp(s * gate, s * drain, s * source, width, length, celsius, this.#parameters, raw);
    const ratio = this.isByRatio ? width / length : 1;
    out.amperes = ratio * s * raw[0]!;
    out.byGate = ratio * raw[1]!;
    out.byDrain = ratio * raw[2]!;
    out.bySource = this.isFloating ? -(out.byDrain + out.byGate) : ratio * raw[3]!;
    if (own !== undefined) this.#parameters.set(this.kind.parameters);
  }

  /** Writes the current's derivatives by width, length and the device's own parameters into `out`, in that order. */
  byValues(
    gate: number,
    drain: number,
    source: number,
    width: number,
    length: number,
    celsius: number,
    out: Float64Array,
    own?: Float64Array,
  ): void {
    const s = this.#sign;
    if (own !== undefined) this.#take(own);
    const raw = this.#out;
    this.#sizes(s * gate, s * drain, s * source, width, length, celsius, this.#parameters, raw);
    if (this.isByRatio) {
      const amperes = s * raw[0]!;
      out[0] = amperes / length;
      out[1] = -(amperes * (width / length)) / length;
      for (let i = 0; i < this.own.length; i += 1) out[2 + i] = (s * width * raw[1 + i]!) / length;
    } else for (let i = 0; i < 2 + this.own.length; i += 1) out[i] = s * raw[1 + i]!;
    if (own !== undefined) this.#parameters.set(this.kind.parameters);
  }

  /** Puts a device's own parameters among the kind's. */
  #take(own: Float64Array): void {
    for (let i = 0; i < own.length; i += 1) this.#parameters[this.own[i]!] = own[i]!;
  }

  #countsDifferences(): boolean {
    const raw = this.#out;
    return SCALES.flatMap((scale) => PROBES.map((volts) => volts.map((v) => scale * v))).every((volts) => {
      const [vg, vd, vs] = volts as [number, number, number];
      this.#stamp(vg, vd, vs, 1, 1, 27, this.#parameters, raw);
      const [byGate, byDrain, bySource] = [raw[1]!, raw[2]!, raw[3]!];
      const most = Math.max(Math.abs(byGate), Math.abs(byDrain), Math.abs(bySource));
      return Math.abs(byGate + byDrain + bySource) <= 1e-9 * most;
    });
  }
}

const laws = new WeakMap<TransistorKind, DeviceLaw>();

/** The law of a kind of transistor, compiled once. */
export function deviceLaw(kind: TransistorKind): DeviceLaw {
  let law = laws.get(kind);
  if (law === undefined) {
    law = new DeviceLaw(kind);
    laws.set(kind, law);
  }
  return law;
}
