import { InputFileError } from '../files/errors.ts';
import type { CellStore } from './text-column.ts';

/**
 * Turns the decimal commas of columns into points, and returns the names of the columns that had them. A column has decimal commas where
 * every number with a comma reads so and none has a point. Throws InputFileError where commas may be decimals or thousands and nothing in
 * the table tells, and where points are thousands because commas are decimals. `lines` are those of the records.
 */
export function takeDecimalPoints(
  file: string,
  header: readonly string[],
  columns: readonly CellStore[],
  lines: Int32Array,
): readonly string[] {
  const marks = columns.map(({ decimalMarks }) => decimalMarks);
  const decimal = marks.indexOf('comma');
  const either = marks.indexOf('either');
  if (either >= 0 && decimal < 0) {
    const { record, text } = columns[either]!.firstComma!;
    throw new InputFileError(
      { file, row: lines[record]!, column: header[either]! },
      `"${text}" may have a thousands separator or a decimal comma`,
      `Write ${text.replace(',', '')} or ${text.replace(',', '.')}.`,
    );
  }
  const pointed = marks.indexOf('pointed thousands');
  if (pointed >= 0 && decimal >= 0) {
    const { record, text } = columns[pointed]!.firstPoint!;
    throw new InputFileError(
      { file, row: lines[record]!, column: header[pointed]! },
      `"${text}" may have a thousands separator: ${header[decimal]!} has decimal commas`,
      `Write ${text.replace('.', '')}, or ${text.replace('.', ',')} where it is a decimal.`,
    );
  }
  return columns.flatMap((column, k) => {
    if (marks[k] !== 'comma' && marks[k] !== 'either') return [];
    column.takePoints();
    return [header[k]!];
  });
}
