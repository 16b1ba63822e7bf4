/** What may separate columns; a comma may be a decimal one and a blank stands in words too, so that they come last. */
const SEPARATORS = ['\t', ';', ',', ' '] as const;
const NUMBER = /^[-+]?(\d+[.,]?\d*|[.,]\d+)(e[-+]?\d+)?$/i;

/** The cells of a line, without what encloses them. */
export function cellsOf(line: string, separator: string): string[] {
  const parts = separator === ' ' ? line.trim().split(/\s+/) : line.split(separator);
  return parts.map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

/** The first separator with which a line is one of measured values: two numbers or more, and no more text than numbers. */
export function separatorOfRow(line: string): string | undefined {
  return SEPARATORS.find((separator) => isRow(cellsOf(line, separator)));
}

export function isRow(cells: readonly string[]): boolean {
  const numbers = cells.filter((cell) => NUMBER.test(cell)).length;
  return numbers >= 2 && 2 * numbers >= cells.filter((cell) => cell !== '').length;
}
