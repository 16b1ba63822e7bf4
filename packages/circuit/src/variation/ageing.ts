import type { Ageing } from '@neuroprint/core';
import { compileAgeing } from '../law/ageing.ts';
import { atLeastOpen, cutNormal, NORMAL_REACH } from './law.ts';

/** Random numbers of a print: its day, and what all its resistors have in common of a and of the shape. */
export const AGEING_SHEET_NUMBERS = 3;
/** Random numbers of a resistor: its own part of a and of the shape. */
export const AGEING_OWN_NUMBERS = 2;

/**
 * How a printed resistor grows with age: R(t)/R(0) = 1 + change(t; a, shape), (a or ln a, ln shape) normal with the measured
 * covariance, each number cut off at ±3 and in part common to a sheet. Training, calibration and Monte Carlo have it from here.
 */
export class ResistorAgeing {
  readonly #model: Ageing;
  readonly #change: ReturnType<typeof compileAgeing>;
  /** L of covariance = L·Lᵀ: of a; of the shape by a's number and by its own. */
  readonly #root: readonly [number, number, number];
  readonly #own: number;
  readonly #common: number;
  readonly #out = new Float64Array(3);

  constructor(model: Ageing) {
    const { law, spread } = model;
    this.#model = model;
    this.#change = compileAgeing(law);
    const [first = [0], second = [0, 0]] = spread?.covariance ?? [];
    const a = Math.sqrt(Math.max(0, first[0]!));
    const both = a === 0 ? 0 : (second[0] ?? 0) / a;
    this.#root = [a, both, Math.sqrt(Math.max(0, (second[1] ?? 0) - both * both))];
    this.#own = Math.sqrt(1 - (spread?.sheetShare ?? 0));
    this.#common = Math.sqrt(spread?.sheetShare ?? 0);
  }

  /** The day of a print, from a uniform number: early days, when most of the growth happens, more often than late ones. */
  day(u: number): number {
    const [from, to] = this.#model.days;
    return from + (to - from) * u * u;
  }

  /** R(t)/R(0) of a resistor whose own uniform numbers begin at `at`, on a print whose common ones begin at `sheetAt`. */
  ratio(days: number, numbers: ArrayLike<number>, at: number, sheetAt: number): number {
    const z = (k: number): number =>
      this.#own * cutNormal(numbers[at + k]!) +
      (this.#common === 0 ? 0 : this.#common * cutNormal(numbers[sheetAt + k]!));
    return this.#ratioAt(days, z(0), z(1));
  }

  /** The smallest and the largest ratio that a resistor can have over the days. */
  ends(): readonly [least: number, most: number] {
    const reach = NORMAL_REACH * (this.#own + this.#common);
    const ratios = this.#model.days.flatMap((days) =>
      [-reach, 0, reach].flatMap((za) => [-reach, 0, reach].map((zs) => this.#ratioAt(days, za, zs))),
    );
    return [Math.min(1, ...ratios), Math.max(1, ...ratios)];
  }

  #ratioAt(days: number, za: number, zs: number): number {
    const { a, shape, spread } = this.#model;
    const [aa, sa, ss] = this.#root;
    const size = spread?.scale === 'log' ? a * Math.exp(aa * za) : a + aa * za;
    this.#change(days, size, shape * Math.exp(sa * za + ss * zs), this.#out);
    return atLeastOpen(1 + this.#out[0]!);
  }
}
