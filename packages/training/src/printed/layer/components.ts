import {
  type Cell,
  type DesignBox,
  DesignPolytope,
  ImpossibleConstraintsError,
  NORMAL_REACH,
  type WidthSpread,
} from '@neuroprint/circuit';
import { parseConstraint, UsageError } from '@neuroprint/core';
import type { CurveModel } from '../curve.ts';

/** Shares of a range nearer to its ends than this give no gradient to start from. */
const START_MARGIN = 0.05;

/**
 * The component values of one cell as free numbers: share = 1/(1 + e^−free) of the range that ranges, constraints and
 * earlier parameters leave. The region is shrunk so that no draw of the variation leaves the design space, which is
 * where the surrogate was trained.
 */
export class StageSpace {
  readonly cell: Cell;
  readonly curve: CurveModel;
  readonly #polytope: DesignPolytope;
  readonly #shares: Float64Array;

  /** Throws UsageError where the curve is of another cell, and where the variation leaves no design. */
  constructor(cell: Cell, curve: CurveModel, relativeSpread: number, aged: Ends = NEVER_AGED, widths: Widths = []) {
    const names = cell.parameters.map(({ name }) => name);
    if (names.join() !== curve.parameterNames.join()) {
      throw new UsageError(
        `The surrogate takes ${curve.parameterNames.join(', ')}, and the cell ${cell.name} has ${names.join(', ')}.`,
        'Train the surrogate on samples of this technology and cell.',
      );
    }
    this.cell = cell;
    this.curve = curve;
    this.#polytope = polytopeOf(cell, relativeSpread, aged, widths);
    this.#shares = new Float64Array(names.length);
  }

  get size(): number {
    return this.cell.parameters.length;
  }

  /** The free numbers of the cell's typical values, brought inside the region. */
  start(): Float64Array {
    return this.freeOf(this.cell.typical);
  }

  /** The free numbers of component values (ohms, metres, by name), brought inside the region. */
  freeOf(values: Readonly<Record<string, number>>): Float64Array {
    const logs = Float64Array.from(this.cell.parameters, ({ name }) => Math.log(values[name]!));
    this.#polytope.sharesAt(logs, this.#shares);
    return this.#shares.map((share) => {
      const inner = Math.min(1 - START_MARGIN, Math.max(START_MARGIN, share));
      return Math.log(inner / (1 - inner));
    });
  }

  /** The start for every set of free numbers in `free` [sets × size]. */
  startAll(free: Float64Array): void {
    const start = this.start();
    for (let at = 0; at < free.length; at += this.size) free.set(start, at);
  }

  /** ln ω of free numbers, written into `logs`. */
  logsAt(free: Float64Array, logs: Float64Array): void {
    for (let k = 0; k < this.size; k += 1) this.#shares[k] = 1 / (1 + Math.exp(-free[k]!));
    this.#polytope.logsAt(this.#shares, logs);
  }

  /** From ∂f/∂ln ω to ∂f/∂free, written into `freeGradient`. */
  backward(free: Float64Array, logs: Float64Array, logGradient: Float64Array, freeGradient: Float64Array): void {
    for (let k = 0; k < this.size; k += 1) this.#shares[k] = 1 / (1 + Math.exp(-free[k]!));
    this.#polytope.backward(this.#shares, logs, logGradient, freeGradient);
    for (let k = 0; k < this.size; k += 1) freeGradient[k]! *= this.#shares[k]! * (1 - this.#shares[k]!);
  }

  /** Component values in ohms and metres by name. */
  valuesOf(logs: Float64Array): Record<string, number> {
    return Object.fromEntries(
      this.cell.parameters.map(({ name }, k) => [name, this.#polytope.valueOfLog(k, logs[k]!)]),
    );
  }
}

/** The smallest and the largest factor of something. */
type Ends = readonly [least: number, most: number];
const NEVER_AGED: Ends = [1, 1];
/** By parameter of a cell: whether a width stands for a measured strength. */
type Widths = readonly (WidthSpread | undefined)[];

export interface CellWidths {
  readonly falling: Widths;
  readonly activation: Widths;
}

function polytopeOf(cell: Cell, reach: number, aged: Ends, widths: Widths): DesignPolytope {
  try {
    return new DesignPolytope(shrink(cell, reach, aged, widths));
  } catch (error) {
    if (!(error instanceof ImpossibleConstraintsError)) throw error;
    throw new UsageError(
      `Under a variation by up to ${(100 * reach).toFixed(0)} %${aged[1] > 1 ? ` and resistors that become up to ${aged[1].toPrecision(3)} times as large with age` : ''} no component values of the cell ${cell.name} keep to ${cell.constraints.join(' and ')}.`,
      'Train with a smaller variation, or widen the constraints in the technology.',
    );
  }
}

/** The ends of a width that stands for a measured strength: own and sheet's number at ±3. */
function strengthEnds({ deviation, sheetShare }: WidthSpread): Ends {
  const reach = NORMAL_REACH * deviation * (Math.sqrt(1 - sheetShare) + Math.sqrt(sheetShare));
  return [Math.exp(-reach), Math.exp(reach)];
}

/** The values of which every variation by 1 ± s, and of resistors by age too, keeps to the ranges and constraints of the cell. */
function shrink(cell: Cell, s: number, aged: Ends, widths: Widths): DesignBox {
  if (s >= 1)
    throw new UsageError(
      `Under this variation a component of the cell ${cell.name} can differ by ${(100 * s).toFixed(0)} % of its value, so that nothing of it may be left.`,
      'Train with a smaller spread: uniform factors reach s, normal ones 3·s, and drift, gradient and non-idealities add to it.',
    );
  const furtherOf = (name: string): Ends => {
    const at = cell.parameters.findIndex((p) => p.name === name);
    const width = widths[at];
    if (width !== undefined) return strengthEnds(width);
    return cell.parameters[at]?.unit === 'ohms' ? aged : NEVER_AGED;
  };
  const parameters = cell.parameters.map((p) => {
    const [least, most] = furtherOf(p.name);
    const [min, max] = [p.min / (1 - s) / least, p.max / (1 + s) / most];
    if (min < max) return { ...p, min, max };
    throw new UsageError(
      `A variation of ${s} is wider than the range of ${p.name} of the cell ${cell.name} (${p.min} to ${p.max}).`,
      'Train with a smaller variation, or widen the range in the technology.',
    );
  });
  const constraints = cell.constraints.map((text) => {
    let room = 1;
    for (const [name, exponent] of parseConstraint(text).exponents) {
      const [least, most] = furtherOf(name);
      room *= (exponent > 0 ? 1 / (1 - s) / least : (1 + s) * most) ** Math.abs(exponent);
    }
    return room === 1 ? text : `${text}*${room.toFixed(9)}`;
  });
  return { parameters, constraints };
}
