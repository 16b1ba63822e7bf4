import type { NodeTable } from '@neuroprint/core';
import { NodesDifferError } from '../compare.ts';
import type { ForeignCases, Reading } from './cases.ts';
import type { ForeignCircuit } from './circuit.ts';
import type { Tolerance } from './map.ts';

/** Without a tolerance of its own a voltage may be off by what solvers may, but by no more than a thousandth of the largest of its column. */
const DEFAULT_RELATIVE = 1e-3;

/** A difference at one case, in V or A. */
interface Difference {
  readonly case: number;
  readonly node: string;
  readonly unit: 'V' | 'A';
  readonly expected: number;
  readonly simulated: number;
  readonly difference: number;
  readonly allowed: number;
}

/** How a table's values were met. `worst` is the difference that is largest beside what it may be. */
export interface Judgement {
  readonly maxErrorVolts: number;
  readonly p99ErrorVolts: number;
  readonly maxErrorAmperes: number;
  readonly largestRelative: number;
  readonly exceeding: number;
  readonly worst: Difference;
  readonly toleranceInWords: string;
}

/** Values of readings, row-major [rows × readings], from the volts of the unknown nodes. */
export function valuesOf(
  circuit: Pick<ForeignCircuit, 'flat'>,
  table: NodeTable,
  cases: Pick<ForeignCases, 'inputVolts' | 'rows'>,
  readings: readonly Reading[],
): Float64Array {
  const { flat } = circuit;
  const size = flat.unknowns.length;
  const volts = new Float64Array(size + flat.driven.length);
  volts.set(flat.supplyVolts, size);
  const width = flat.inputs.length;
  const out = new Float64Array(cases.rows * readings.length);
  for (let row = 0; row < cases.rows; row += 1) {
    volts.set(table.volts.subarray(row * size, (row + 1) * size));
    volts.set(cases.inputVolts.subarray(row * width, (row + 1) * width), size + flat.supplyVolts.length);
    readings.forEach((reading, k) => {
      out[row * readings.length + k] = reading.read(volts);
    });
  }
  return out;
}

/** Compares simulated values, row-major [rows × expected], with a table's. Throws NodesDifferError for what is no number. */
export function judge(
  simulated: Float64Array,
  { expected, rows }: ForeignCases,
  tolerance: Tolerance | undefined,
  defaultVolts: number,
): Judgement {
  const { absolute, relative } = tolerance ?? {};
  const isDefault = absolute === undefined && relative === undefined;
  const largest = expected.map(({ values }) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  const allowedAt = (k: number, value: number): number => {
    if (!isDefault) return (absolute ?? 0) + (relative ?? 0) * Math.abs(value);
    const share = DEFAULT_RELATIVE * largest[k]!;
    // a column of zeros has no scale of its own
    return expected[k]!.unit === 'A' || (share > 0 && share < defaultVolts) ? share : defaultVolts;
  };
  let worst: Difference | undefined;
  let [exceeding, largestRelative, maxErrorVolts, maxErrorAmperes] = [0, 0, 0, 0];
  const voltErrors: number[] = [];
  for (let row = 0; row < rows; row += 1)
    expected.forEach(({ name, unit, values }, k) => {
      const [is, wanted] = [simulated[row * expected.length + k]!, values[row]!];
      const difference = Math.abs(is - wanted);
      if (Number.isNaN(difference))
        throw new NodesDifferError(`Case ${row} has no value of ${name}: it has no operating point.`);
      const allowed = allowedAt(k, wanted);
      const excess = difference === 0 ? 0 : difference / allowed;
      if (excess > 1) exceeding += 1;
      if (wanted !== 0) largestRelative = Math.max(largestRelative, difference / Math.abs(wanted));
      if (unit === 'V') voltErrors.push(difference);
      if (unit === 'V') maxErrorVolts = Math.max(maxErrorVolts, difference);
      else maxErrorAmperes = Math.max(maxErrorAmperes, difference);
      const before = worst === undefined || worst.difference === 0 ? -1 : worst.difference / worst.allowed;
      if (excess > before)
        worst = { case: row, node: name, unit, expected: wanted, simulated: is, difference, allowed };
    });
  voltErrors.sort((a, b) => a - b);
  return {
    maxErrorVolts,
    p99ErrorVolts: voltErrors[Math.floor(0.99 * (voltErrors.length - 1))] ?? 0,
    maxErrorAmperes,
    largestRelative,
    exceeding,
    worst: worst!,
    toleranceInWords: isDefault
      ? `${defaultVolts} V and ${100 * DEFAULT_RELATIVE} % of the largest of a column`
      : [
          ...(absolute === undefined ? [] : [`${absolute} (V or A)`]),
          ...(relative === undefined ? [] : [`${100 * relative} % of the expected value`]),
        ].join(' + '),
  };
}
