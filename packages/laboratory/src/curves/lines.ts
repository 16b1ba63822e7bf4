/** What may separate columns; a comma may be a decimal one, so that it comes last. */
const SEPARATORS = ['\t', ';', ','] as const;
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** The cells of a line, without what encloses them. */
export function cellsOf(line: string, separator: string): string[] {
  return line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

/** The first of the separators with which a line makes what is asked for. */
export function separatorFor(line: string, fits: (cells: readonly string[], separator: string) => boolean) {
  return SEPARATORS.find((separator) => fits(cellsOf(line, separator), separator));
}

/** A cell as numbers are written here; commas are decimal where they separate nothing. Undefined for text. */
function numberIn(cell: string, separator: string): string | undefined {
  const plain = separator === ',' ? cell : cell.replace(/^([-+]?\d*),(\d+(?:e[-+]?\d+)?)$/i, '$1.$2');
  return NUMBER.test(plain) ? plain : undefined;
}

/** A line of measured values: two numbers or more, and no more text than numbers. */
export function isRow(cells: readonly string[], separator: string): boolean {
  const numbers = cells.filter((cell) => numberIn(cell, separator) !== undefined).length;
  return numbers >= 2 && 2 * numbers >= cells.filter((cell) => cell !== '').length;
}

/** Cells as a line with commas between. */
export function joinedByCommas(cells: readonly string[], separator: string): string {
  return cells
    .map((cell) => numberIn(cell, separator) ?? cell)
    .map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',');
}
