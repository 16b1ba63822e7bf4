import type { InstrumentText } from './instrument-text.ts';
import { cellsOf, isRow, joinedByCommas, separatorFor } from './lines.ts';

/** Rows of numbers below each other from which on lines are a table and not settings. */
const LEAST_ROWS = 3;
const UNIT = /^[([]?([pnuµμmkM]?(V|A|S|W|s|Hz|Ohm|Ω)|°?C|K|%|-)?[)\]]?$/;

/**
 * Blanks the settings that stand before the header (`from`: the line of the file, from 0, before which nothing is looked at), joins
 * a line of units with the names above it, and counts columns from 1 where none is named.
 */
export function withoutSettings(lines: readonly string[], from: number): InstrumentText {
  const written = [...lines.keys()].filter((i) => i >= from && lines[i]!.trim() !== '');
  const start = written.findIndex((_, k) => {
    const some = written.slice(k, k + LEAST_ROWS).map((i) => lines[i]!);
    const separator = separatorFor(some[0]!, isRow);
    if (separator === undefined) return false;
    const cells = some.map((line) => cellsOf(line, separator));
    return cells.every((row) => row.length === cells[0]!.length && isRow(row, separator));
  });
  // no table of numbers: whoever reads it says what is wrong
  if (start < 0) return { text: lines.join('\n'), notes: [], blocks: [], shift: 0 };
  const at = written[start]!;
  const separator = separatorFor(lines[at]!, isRow)!;
  const width = cellsOf(lines[at]!, separator).length;
  const above = (k: number): string[] => (k < 0 ? [] : cellsOf(lines[written[k]!]!, separator));
  const units = above(start - 1);
  const hasUnits = units.length === width && units.every((cell) => UNIT.test(cell)) && above(start - 2).length >= width;
  const header = above(start - (hasUnits ? 2 : 1));
  // LabVIEW names a column of comments that rows leave out
  const names = header.length === width + 1 && /^comment$/i.test(header[width]!) ? header.slice(0, width) : header;
  const isText = names.every((cell) => !/^[-+]?[\d.]/.test(cell));
  const named = names.length === width && isText;
  // names that do not fit their rows are for the reader of tables to refuse
  if (!named && names.length > 2 && isText)
    return {
      text: lines.map((line, i) => (i < written[start - 1]! ? '' : line)).join('\n'),
      notes: [],
      blocks: [],
      shift: 0,
    };
  const body = lines
    .slice(at)
    .map((line) => (line.trim() === '' ? '' : joinedByCommas(cellsOf(line, separator), separator)));
  const blank = lines.slice(0, at).map(() => '');
  if (named) {
    const bare = names.map((name, k) =>
      hasUnits && units[k] !== '' ? `${name} (${units[k]!.replace(/[()[\]]/g, '')})` : name,
    );
    blank[written[start - (hasUnits ? 2 : 1)]!] = joinedByCommas(bare, '');
  }
  const counted = Array.from({ length: width }, (_, k) => `${k + 1}`).join(',');
  const skipped = lines.slice(0, at).filter((line) => line.trim() !== '').length - (named ? (hasUnits ? 2 : 1) : 0);
  return {
    text: [...(named ? [] : [counted]), ...blank, ...body].join('\n'),
    notes: [
      ...(skipped > 0
        ? [`${skipped} line${skipped > 1 ? 's' : ''} before the table ${skipped > 1 ? 'were' : 'was'} skipped`]
        : []),
      ...(named ? [] : ['no column has a name: they are counted from 1']),
    ],
    blocks: [],
    shift: named ? 0 : 1,
  };
}
