import { NeuroprintError } from '@neuroprint/core';
import { cellCurve } from '../technology/cell.ts';
import type { Cell, Technology } from '../technology/technology.ts';

/** A cell has no operating point at some input volts, so that it has no curve. */
class NoCurveError extends NeuroprintError {
  override readonly exitCode = 1;
}

/** Distance of the points as a share of the bias: the interpolation is then off by less than 1e-8 of it (tested). */
const STEP = 2e-3;
/** How far beyond supplies the table reaches, as a share of the bias. */
const BEYOND = 0.5;

/**
 * The unloaded curve of one design of a cell as a table, v_out = f(v_in): solved exactly on even points, by cubic Hermite polynomials
 * between them (slopes by differences of fourth order), straight on beyond supplies and op-amp rails.
 */
export class CellTable {
  readonly #low: number;
  readonly #step: number;
  readonly #values: Float64Array;
  /** Per point the slope times the step. */
  readonly #slopes: Float64Array;

  /** `values` in ohms and metres in the order of the cell's parameters. Throws NoCurveError where a point has no operating point. */
  constructor(technology: Technology, cell: Cell, values: Float64Array) {
    const rails = [
      0,
      ...Object.values(technology.supplies),
      technology.opamp?.lowVolts ?? 0,
      technology.opamp?.highVolts ?? 0,
    ];
    const { volts } = technology.bias;
    const beyond = BEYOND * volts;
    this.#step = STEP * volts;
    this.#low = Math.min(...rails) - beyond;
    const count = Math.ceil((Math.max(...rails) + beyond - this.#low) / this.#step) + 1;
    const inputs = Float64Array.from({ length: count }, (_, k) => this.#low + k * this.#step);
    const y = cellCurve(technology, cell, values, inputs);
    const missing = y.findIndex((v) => !Number.isFinite(v));
    if (missing >= 0)
      throw new NoCurveError(`The cell ${cell.name} has no operating point at ${inputs[missing]!.toFixed(3)} V.`);
    this.#values = y;
    this.#slopes = y.map((_, k) => {
      if (k < 2 || k > count - 3) return k === count - 1 ? y[k]! - y[k - 1]! : y[k + 1]! - y[k]!;
      return (8 * (y[k + 1]! - y[k - 1]!) - (y[k + 2]! - y[k - 2]!)) / 12;
    });
  }

  /** Writes f(v) into `out` and f′(v) into `slope` for the first `count` volts. */
  apply(volts: Float64Array, count: number, out: Float64Array, slope: Float64Array): void {
    const y = this.#values;
    const d = this.#slopes;
    const last = y.length - 1;
    for (let i = 0; i < count; i += 1) {
      const place = (volts[i]! - this.#low) / this.#step;
      if (!(place > 0 && place < last)) {
        const end = place >= last ? last : 0;
        out[i] = y[end]! + d[end]! * (place - end);
        slope[i] = d[end]! / this.#step;
        continue;
      }
      const k = Math.floor(place);
      const t = place - k;
      const rise = y[k + 1]! - y[k]!;
      const c2 = 3 * rise - 2 * d[k]! - d[k + 1]!;
      const c3 = d[k]! + d[k + 1]! - 2 * rise;
      out[i] = y[k]! + t * (d[k]! + t * (c2 + t * c3));
      slope[i] = (d[k]! + t * (2 * c2 + 3 * t * c3)) / this.#step;
    }
  }
}

const tables = new WeakMap<Technology, Map<string, CellTable>>();

/** The table of a design, made once. */
export function cellTable(technology: Technology, cell: Cell, values: Readonly<Record<string, number>>): CellTable {
  const vector = Float64Array.from(cell.parameters, ({ name }) => values[name]!);
  const key = `${cell.name} ${vector.join()}`;
  const known = tables.get(technology) ?? new Map<string, CellTable>();
  tables.set(technology, known);
  const table = known.get(key) ?? new CellTable(technology, cell, vector);
  known.set(key, table);
  return table;
}
