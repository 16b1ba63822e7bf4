import { InputFileError, numericColumn, parseTextTable, readTextFile } from '@neuroprint/core';

/** Devices measured again and again. */
export interface AgeingTable {
  readonly file: string;
  /** The day of the last measurement, where the table has dates. */
  readonly date?: string;
  /** Days since the first measurement. */
  readonly days: Float64Array;
  readonly devices: readonly { readonly name: string; readonly values: Float64Array }[];
}

const MILLISECONDS_A_DAY = 86_400_000;
const DAYS: Readonly<Record<string, number>> = { days: 1, day: 1, hours: 1 / 24, hour: 1 / 24, weeks: 7 };
const FEWEST = 4;

/**
 * Reads a table of ageing: a column `date` (ISO) or `days` or `hours`, and one for each device; an empty cell was not measured. Throws
 * InputFileError for another first column, days that do not rise, fewer than four measurements, and values that are not above 0
 * where `positive`.
 */
export function readAgeing(file: string, positive: boolean): AgeingTable {
  const table = parseTextTable(file, readTextFile(file));
  const [clock, ...names] = table.header;
  const unit = clock!.trim().toLowerCase();
  if (unit !== 'date' && !Object.hasOwn(DAYS, unit))
    throw new InputFileError(
      { file, row: 1, column: clock! },
      'the first column must say when: date, days, hours or weeks',
    );
  if (names.length === 0) throw new InputFileError({ file, row: 1 }, 'has no column for a device');
  if (table.rowCount < FEWEST)
    throw new InputFileError(
      { file },
      `holds ${table.rowCount} measurements, and a law of ageing needs ${FEWEST} or more`,
    );
  const dates = unit === 'date' ? table.columns[0]!.texts() : undefined;
  const times =
    dates !== undefined
      ? dates.map((date, i) => dayOf(file, table.lines[i]!, date))
      : [...numericColumn(table, clock!)].map((value) => value * DAYS[unit]!);
  const days = Float64Array.from(times, (time) => time - times[0]!);
  const back = days.findIndex((day, i) => i > 0 && day <= days[i - 1]!);
  if (back >= 0)
    throw new InputFileError({ file, row: table.lines[back]!, column: clock! }, 'is not later than the row before');
  const devices = names.map((name) => {
    const values = numericColumn(table, name, { allowMissing: true });
    const bad = positive ? values.findIndex((value) => value <= 0) : -1;
    if (bad >= 0)
      throw new InputFileError({ file, row: table.lines[bad]!, column: name }, `${values[bad]} is not above 0`);
    const measured = values.filter(Number.isFinite).length;
    if (measured < FEWEST)
      throw new InputFileError(
        { file, column: name },
        `holds ${measured} measurements, and a law of ageing needs ${FEWEST} or more`,
      );
    return { name, values };
  });
  return { file, ...(dates === undefined ? {} : { date: dates.at(-1)! }), days, devices };
}

function dayOf(file: string, row: number, text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?$/.test(text)
    ? Date.parse(`${text.replace(' ', 'T')}${text.length > 10 ? 'Z' : ''}`)
    : Number.NaN;
  if (!Number.isFinite(time))
    throw new InputFileError({ file, row, column: 'date' }, `"${text}" is no date`, 'Write dates as 2019-10-22.');
  return time / MILLISECONDS_A_DAY;
}
