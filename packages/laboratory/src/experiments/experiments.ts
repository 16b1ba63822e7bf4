import { existsSync } from 'node:fs';
import { InputFileError, parseTextTable, readTextFile, type TextTable, writeFileAtomic } from '@neuroprint/core';
import { type Experiment, keyOf } from './optimiser.ts';
import { type Space, settingOf } from './space.ts';

/** Squares of larger results are no numbers, and the model needs them. */
const MOST = 1e100;

/**
 * Past experiments from a CSV: a column for every factor, and one with the result, which is empty while the experiment is
 * out. Throws InputFileError for a missing column, a setting that the space does not have, a setting that stands there
 * twice, and a result that is no number. A file that is not there yet holds no experiments.
 */
export function readExperiments(file: string, space: Space, result: string): Experiment[] {
  if (!existsSync(file)) return [];
  const text = readTextFile(file);
  if (text.trim() === '') return [];
  // a header alone is a table that nobody has filled in yet
  const alone = text.trim().split('\n').length === 1;
  const { header, columns, rowCount, lines } = alone
    ? { header: headerOf(file, text), columns: [], rowCount: 0, lines: [] }
    : byCommas(parseTextTable(file, text));
  const at = (column: string): number => {
    const place = header.indexOf(column);
    if (place < 0)
      throw new InputFileError({ file, column }, 'there is no such column', `The columns are: ${header.join(', ')}.`);
    return place;
  };
  const factorsAt = space.factors.map(({ name }) => at(name));
  const resultAt = at(result);
  const seen = new Map<string, number>();
  return Array.from({ length: rowCount }, (_, i) => {
    const row = lines[i]!;
    const cell = (column: number): string => columns[column]!.textAt(i);
    const setting = space.factors.map((factor, k) => settingOf(factor, cell(factorsAt[k]!), { file, row }));
    const before = seen.get(keyOf(setting));
    if (before !== undefined)
      throw new InputFileError(
        { file, row },
        `is the experiment of row ${before} again`,
        'Keep one of them, with the mean of their results.',
      );
    seen.set(keyOf(setting), row);
    const text = cell(resultAt);
    if (text === '') return { setting };
    const value = Number(text);
    if (!(Math.abs(value) <= MOST))
      throw new InputFileError(
        { file, row, column: result },
        `"${text}" is not a number up to ${MOST}`,
        'Give a number, or leave the cell empty while the experiment is out.',
      );
    return { setting, value };
  });
}

/** Adds experiments to the table, results empty where they are still out; makes the table where there is none. Atomic. */
export function appendExperiments(
  file: string,
  space: Space,
  result: string,
  experiments: readonly Experiment[],
): void {
  const names = space.factors.map(({ name }) => name);
  const before = existsSync(file) ? readTextFile(file).trimEnd() : '';
  const header = before === '' ? [...names, result] : headerOf(file, before);
  const lines = experiments.map(({ setting, value }) =>
    header
      .map((column) => quoted(String((column === result ? value : setting[names.indexOf(column)]) ?? '')))
      .join(','),
  );
  writeFileAtomic(file, `${[before === '' ? header.map(quoted).join(',') : before, ...lines].join('\n')}\n`);
}

/** The names in the first line; a row of empty cells makes a table of a header that stands alone. */
function headerOf(file: string, text: string): readonly string[] {
  const first = text.trim().split('\n')[0]!.trim();
  return byCommas(parseTextTable(file, `${first}\n${first.replace(/[^,;\t]/g, '')}`)).header;
}

/** Rows are added to the file, with commas. */
function byCommas(table: TextTable): TextTable {
  if (table.separator === ',') return table;
  throw new InputFileError(
    { file: table.file, row: 1 },
    `the columns are separated by ${table.separator === ';' ? 'semicolons' : table.separator === '\t' ? 'tabs' : 'something else'}`,
    'Experiments are added to this file: separate its columns by commas, and write decimals with a point.',
  );
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
