import type { InstrumentText } from './instrument-text.ts';
import { cellsOf, isRow, separatorOfRow } from './lines.ts';

/** Rows of numbers below each other from which on lines are a table and not settings. */
const LEAST_ROWS = 3;
const UNIT = /^[([]?([pnuµμmkM]?(V|A|S|W|s|Hz|Ohm|Ω)|°?C|K|%|-)?[)\]]?$/;

/**
 * Blanks the settings that stand before the header, and joins a line of units with the names above it. `from`: the line, from 0, before
 * which nothing is a table.
 */
export function withoutSettings(lines: readonly string[], from: number): InstrumentText {
  const written = [...lines.keys()].filter((i) => i >= from && lines[i]!.trim() !== '');
  const start = written.findIndex((_, k) => {
    const some = written.slice(k, k + LEAST_ROWS).map((i) => lines[i]!);
    const separator = separatorOfRow(some[0]!);
    if (separator === undefined) return false;
    const rows = some.map((line) => cellsOf(line, separator));
    return rows.every((row) => row.length === rows[0]!.length && isRow(row));
  });
  // no table of numbers: whoever reads tables says what is wrong
  if (start < 0) return { text: lines.join('\n'), notes: [], blocks: [] };
  const separator = separatorOfRow(lines[written[start]!]!)!;
  const width = cellsOf(lines[written[start]!]!, separator).length;
  const above = (k: number): string[] => (k < 0 ? [] : cellsOf(lines[written[k]!]!, separator));
  const units = above(start - 1);
  const hasUnits = units.length === width && units.every((cell) => UNIT.test(cell)) && above(start - 2).length >= width;
  const headerAt = start - (hasUnits ? 2 : 1);
  const header = above(headerAt);
  // two words and a number are settings, and no header of three columns
  const isHeader = header.length >= Math.min(width, 3) && header.every((cell) => !/^[-+]?[\d.]/.test(cell));
  const kept = lines.slice();
  const first = isHeader ? headerAt : start;
  for (let i = 0; i < written[first]!; i += 1) kept[i] = '';
  if (isHeader) {
    // LabVIEW names a column of comments that rows leave out
    const names = header.length === width + 1 && /^comment$/i.test(header[width]!) ? header.slice(0, width) : header;
    const joined = names.map((name, k) =>
      hasUnits && units[k] !== '' ? `${name} (${units[k]!.replace(/[()[\]]/g, '')})` : name,
    );
    if (hasUnits || names !== header) kept[written[headerAt]!] = joined.join(separator === ' ' ? '\t' : separator);
    if (hasUnits) kept[written[start - 1]!] = '';
  }
  const skipped = lines.slice(0, written[first]!).filter((line) => line.trim() !== '').length;
  return {
    text: kept.join('\n'),
    notes:
      skipped === 0
        ? []
        : [`${skipped} line${skipped > 1 ? 's' : ''} before the table ${skipped > 1 ? 'were' : 'was'} skipped`],
    blocks: [],
  };
}
