import { InputFileError, readTextFile } from '@neuroprint/core';

/** Two columns of numbers as they stand in a file, and what was passed over to get at them. */
export interface TwoColumns {
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** Line of every row in the file, from 1. */
  readonly lines: readonly number[];
  /** What a person should know of how the file was read; empty where it was plain. */
  readonly remarks: readonly string[];
}

/** Which columns of a file hold volts and current, from 1. */
export type ColumnPair = readonly [volts: number, current: number];

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const COMMENT = /^(?:#|%|\/\/)/;

/**
 * Reads the two columns of a curve: no header or one, separated by commas, semicolons, tabs or blanks, decimals with a point, or with
 * a comma where commas do not separate. Throws InputFileError with the line for text, for another number of columns than two where
 * `columns` does not choose, and for fewer than two rows.
 */
export function readTwoColumns(file: string, columns?: ColumnPair): TwoColumns {
  const remarks: string[] = [];
  const rows: number[][] = [];
  const lines: number[] = [];
  const texts = readTextFile(file)
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/);
  let separator: RegExp | undefined;
  let commas = 0;
  texts.forEach((whole, i) => {
    const text = whole.trim();
    if (text === '' || COMMENT.test(text)) return;
    separator ??= separatorOf(text);
    const cells = text.split(separator).map((cell) => cell.trim());
    if (cells.at(-1) === '' && cells.length > 2) cells.pop();
    const values = cells.map((cell) => {
      const [number, hadComma] = numberOf(cell);
      if (hadComma) commas += 1;
      return number;
    });
    const row = i + 1;
    if (rows.length === 0 && values.every(Number.isNaN)) {
      remarks.push(`line ${row} holds no number and was taken for a header`);
      separator = undefined;
      return;
    }
    if (columns === undefined && cells.length !== 2)
      throw new InputFileError(
        { file, row },
        `has ${cells.length} column${cells.length === 1 ? '' : 's'}, and a curve has two: volts and current`,
        cells.length === 1
          ? 'Separate volts and current by a comma, a semicolon or a tab.'
          : `Say which two in the manifest, as columns: [1, ${cells.length}].`,
      );
    const picked = (columns ?? [1, 2]).map((column) => {
      const cell = cells[column - 1];
      if (cell === undefined)
        throw new InputFileError(
          { file, row },
          `has ${cells.length} columns, and the manifest asks for column ${column}`,
        );
      const value = values[column - 1]!;
      if (!Number.isFinite(value))
        throw new InputFileError(
          { file, row, column: String(column) },
          cell === '' ? 'the cell is empty' : `"${cell}" is not a finite number`,
          'Remove the line, or fill it in.',
        );
      return value;
    });
    rows.push(picked);
    lines.push(row);
  });
  if (rows.length < 2)
    throw new InputFileError(
      { file },
      rows.length === 0 ? 'holds no numbers' : 'holds one point, and a curve has two or more',
    );
  if (commas > 0) remarks.push('decimal commas were read as points');
  return {
    first: Float64Array.from(rows, (row) => row[0]!),
    second: Float64Array.from(rows, (row) => row[1]!),
    lines,
    remarks,
  };
}

/** The first of semicolon, tab and comma that a line has; blanks where it has none. */
function separatorOf(line: string): RegExp {
  for (const mark of [';', '\t', ',']) if (line.includes(mark)) return new RegExp(mark);
  return /\s+/;
}

function numberOf(cell: string): [value: number, hadComma: boolean] {
  const hadComma = /^[^,]*,[^,]*$/.test(cell);
  const text = (hadComma ? cell.replace(',', '.') : cell).replace('\u2212', '-').replace(/^"(.*)"$/, '$1');
  return [NUMBER.test(text) ? Number(text) : Number.NaN, hadComma && NUMBER.test(text)];
}
