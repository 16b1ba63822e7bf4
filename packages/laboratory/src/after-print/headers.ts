import { InputFileError } from '@neuroprint/core';
import type { InstrumentColumn, InstrumentTable } from '../curves/instrument-table.ts';

/** No stage gives more than so many times the supply; a thousandth of that may be meant. */
const BEYOND_SUPPLY = 5;

/** A header without its unit, in lower case. */
export function bareName(name: string): string {
  return name
    .replace(/\s*([([].*|\/.*)$/, '')
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
}

/** The volts of a column; millivolts are recognised where no header names a unit and no process has so many volts. */
export function voltsOf(
  table: InstrumentTable,
  column: InstrumentColumn,
  mostVolts: number,
): { readonly values: Float64Array; readonly note?: string } {
  const { name, unit, values } = column;
  const beyond = values.findIndex((v) => Math.abs(v) > BEYOND_SUPPLY * mostVolts);
  if (beyond < 0) return { values };
  const most = values.reduce((largest, v) => (Number.isNaN(v) ? largest : Math.max(largest, Math.abs(v))), 0);
  if (unit === undefined && most <= 1000 * BEYOND_SUPPLY * mostVolts)
    return {
      values: values.map((v) => v / 1000),
      note: `${name} is read as millivolts: it goes to ${most}, and no voltage of the process is above ${mostVolts} V`,
    };
  throw new InputFileError(
    { file: table.file, row: table.lines[beyond]!, column: name },
    `${values[beyond]} V is beyond any stage of this process, whose voltages go to ${mostVolts} V`,
    'Give volts, or name the unit in the header, as in "v_out (mV)".',
  );
}
