import { InputFileError } from '../files/errors.ts';
import { isMissing, isNumber } from './cells.ts';

const COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;
/** With a comma these are thousands as well as decimals. */
const EITHER = /^[+-]?[1-9]\d{0,2},\d{3}$/;
const POINTED_THOUSANDS = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;

type Cells = readonly (readonly string[])[];

/**
 * Rows whose decimal commas are points, and the columns that had them. A column has decimal commas where every number with a comma
 * reads so and none has a point. Throws InputFileError where commas may be decimals or thousands and nothing in the table tells,
 * and where points are thousands because commas are decimals.
 */
export function withDecimalPoints(
  file: string,
  header: readonly string[],
  rows: Cells,
  lines: readonly number[],
): { readonly rows: Cells; readonly columns: readonly string[] } {
  if (!rows.some((row) => row.some((cell) => COMMA.test(cell)))) return { rows, columns: [] };
  const kinds = header.map((_, k) => kindOf(rows.map((row) => row[k]!)));
  const decimal = kinds.flatMap((kind, k) => (kind === 'comma' ? [k] : []));
  const place = (k: number, pattern: RegExp) => {
    const row = rows.findIndex((cells) => pattern.test(cells[k]!));
    return { at: { file, row: lines[row]!, column: header[k]! }, cell: rows[row]![k]! };
  };
  const unsure = kinds.indexOf('either');
  if (unsure >= 0 && decimal.length === 0) {
    const { at, cell } = place(unsure, EITHER);
    throw new InputFileError(
      at,
      `"${cell}" may have a thousands separator or a decimal comma`,
      `Write ${cell.replace(',', '')} or ${cell.replace(',', '.')}.`,
    );
  }
  const pointed = kinds.indexOf('pointed thousands');
  if (pointed >= 0 && decimal.length > 0) {
    const { at, cell } = place(pointed, POINTED_THOUSANDS);
    throw new InputFileError(
      at,
      `"${cell}" may have a thousands separator: ${header[decimal[0]!]} has decimal commas`,
      `Write ${cell.replace('.', '')}, or ${cell.replace('.', ',')} where it is a decimal.`,
    );
  }
  const changed = new Set([...decimal, ...kinds.flatMap((kind, k) => (kind === 'either' ? [k] : []))]);
  return {
    rows: rows.map((row) => row.map((cell, k) => (changed.has(k) && COMMA.test(cell) ? cell.replace(',', '.') : cell))),
    columns: [...changed].sort((a, b) => a - b).map((k) => header[k]!),
  };
}

/** How the numbers of a column are written, as far as it can be told from the column alone. */
function kindOf(cells: readonly string[]): 'comma' | 'either' | 'pointed thousands' | 'other' {
  const known = cells.filter((cell) => !isMissing(cell));
  if (known.length === 0 || !known.every((cell) => COMMA.test(cell) || isNumber(cell))) return 'other';
  const commas = known.filter((cell) => COMMA.test(cell));
  const points = known.filter((cell) => cell.includes('.'));
  if (commas.length === 0)
    return points.length > 0 && points.every((cell) => POINTED_THOUSANDS.test(cell)) ? 'pointed thousands' : 'other';
  if (points.length > 0) return 'other';
  return commas.every((cell) => EITHER.test(cell)) ? 'either' : 'comma';
}
