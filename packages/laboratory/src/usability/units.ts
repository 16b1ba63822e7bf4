import { InputFileError } from '@neuroprint/core';
import type { InstrumentColumn, InstrumentTable } from '../curves/instrument-table.ts';

/** What numbers are in, of columns whose header names no unit: V, mV, …; A, mA, …. */
export interface Units {
  readonly voltsIn?: VoltUnit;
  readonly amperesIn?: AmpereUnit;
}

export const VOLT_UNITS = ['V', 'mV', 'uV', 'kV'] as const;
export const AMPERE_UNITS = ['A', 'mA', 'uA', 'nA', 'pA'] as const;
export type VoltUnit = (typeof VOLT_UNITS)[number];
export type AmpereUnit = (typeof AMPERE_UNITS)[number];

const FACTORS: Readonly<Record<VoltUnit | AmpereUnit, number>> = {
  V: 1,
  mV: 1e-3,
  uV: 1e-6,
  kV: 1e3,
  A: 1,
  mA: 1e-3,
  uA: 1e-6,
  nA: 1e-9,
  pA: 1e-12,
};
/** What source meters of a device laboratory give at most; more is asked about. */
const MOST = { voltage: 220, current: 10 };

/**
 * The values of a column in volts or amperes, in the unit that was said where the header names none. Throws InputFileError where they
 * are more than a source meter gives and nobody said that they are that many.
 */
export function checkedUnits(
  table: InstrumentTable,
  column: InstrumentColumn,
  quantity: 'voltage' | 'current',
  said: VoltUnit | AmpereUnit | undefined,
): Float64Array {
  const { name, unit } = column;
  const values =
    unit === undefined && said !== undefined ? column.values.map((value) => value * FACTORS[said]) : column.values;
  if (said !== undefined) return values;
  const most = values.reduce(
    (largest, value) => (Number.isNaN(value) ? largest : Math.max(largest, Math.abs(value))),
    0,
  );
  if (!(most > MOST[quantity])) return values;
  const row = values.findIndex((value) => Math.abs(value) === most);
  const [symbol, option, units] =
    quantity === 'voltage' ? ['V', '--volts-in', VOLT_UNITS] : ['A', '--amperes-in', AMPERE_UNITS];
  throw new InputFileError(
    { file: table.file, row: table.lines[row]!, column: name },
    `is that ${Number(values[row]!.toPrecision(4))} ${symbol}? Source meters give up to ${MOST[quantity]} ${symbol}`,
    unit === undefined
      ? `Say the unit with ${option} (${units.join(', ')}), or in the header, as in "${name} (m${symbol})".`
      : `The header says ${unit}. Say ${option} ${symbol} where it is true.`,
  );
}
