import type { Technology } from '@neuroprint/circuit';
import { NeuroprintError, type Parameter } from '@neuroprint/core';

/** Preferred values of IEC 60063, per decade. */
const SERIES = {
  E12: [1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2],
  E24: [
    1, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2, 2.2, 2.4, 2.7, 3, 3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 8.2, 9.1,
  ],
  E96: Array.from({ length: 96 }, (_, k) => Number((10 ** (k / 96)).toFixed(2))),
} as const;

export type ESeries = keyof typeof SERIES;
export const E_SERIES = Object.keys(SERIES) as readonly ESeries[];

/** A range that holds no printable value. */
class NothingPrintableError extends NeuroprintError {
  override readonly exitCode = 2;
}

/** The range of a value that is printed. */
export type PrintRange = Pick<Parameter, 'unit' | 'min' | 'max'>;

/**
 * The values that a technology can print. Resistances: min·(1 + step)^k up to max, or the preferred numbers of an E series between min
 * and max. Widths and lengths: whole multiples of the layout grid.
 */
export class PrintGrid {
  readonly #technology: Technology;
  readonly #series: ESeries | undefined;
  readonly #lists = new Map<string, Float64Array>();

  constructor(technology: Technology, series?: ESeries) {
    this.#technology = technology;
    this.#series = series;
  }

  /** All printable values of a range, ascending. Throws NothingPrintableError where there is none. */
  values({ unit, min, max }: PrintRange): Float64Array {
    const key = `${unit} ${min} ${max}`;
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const list = Float64Array.from(unit === 'metres' ? this.#lengths(min, max) : this.#resistances(min, max));
    if (list.length === 0) {
      const how = unit === 'metres' ? 'the layout grid' : (this.#series ?? 'the resistance step');
      throw new NothingPrintableError(
        `Between ${min} and ${max} ${unit} there is no value of ${how}.`,
        'Widen the range in technology.json, or take a finer series.',
      );
    }
    this.#lists.set(key, list);
    return list;
  }

  /** The index of the printable value that is nearest on a logarithmic scale; the smaller one of two. */
  nearest(range: PrintRange, value: number): number {
    const list = this.values(range);
    let low = 0;
    let high = list.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (list[middle]! <= value) low = middle;
      else high = middle;
    }
    return value / list[low]! > list[high]! / value ? high : low;
  }

  #resistances(min: number, max: number): number[] {
    if (this.#series === undefined) {
      const step = this.#technology.printing.resistanceStep;
      const last = Math.floor(Math.log(max / min) / Math.log1p(step) + 1e-9);
      return Array.from({ length: last + 1 }, (_, k) => roundDigits(min * (1 + step) ** k));
    }
    const out: number[] = [];
    for (let decade = Math.floor(Math.log10(min)); 10 ** decade <= max; decade += 1) {
      for (const mantissa of SERIES[this.#series]) {
        const ohms = roundDigits(mantissa * 10 ** decade);
        if (ohms >= min && ohms <= max) out.push(ohms);
      }
    }
    return out;
  }

  #lengths(min: number, max: number): number[] {
    const grid = this.#technology.printing.gridMetres;
    const first = Math.ceil(min / grid - 1e-9);
    const last = Math.floor(max / grid + 1e-9);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => roundDigits((first + k) * grid));
  }
}

/** A printable value is written with six digits, far finer than it can be printed. */
function roundDigits(value: number): number {
  return Number(value.toPrecision(6));
}
