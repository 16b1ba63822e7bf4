/** What a cell without a value may hold, in lower case. */
const MISSING_CELLS: ReadonlySet<string> = new Set(['', 'na', 'n/a', 'nan', 'null', '?']);

/** Whether a cell has no value: it is empty, one of the usual words, or one of the marks that somebody named, such as -999. */
export function isMissing(cell: string, marks: readonly string[] = []): boolean {
  if (MISSING_CELLS.has(cell.toLowerCase())) return true;
  return marks.some((mark) => mark === cell || (cell !== '' && numberOf(mark) === numberOf(cell)));
}

/** The number that a cell holds, with a minus of typesetters too; NaN where it is none. */
export function numberOf(cell: string): number {
  if (cell === '') return Number.NaN;
  const value = Number(cell.charCodeAt(0) === 0x2212 ? `-${cell.slice(1)}` : cell);
  return Number.isFinite(value) ? value : Number.NaN;
}

export function isNumber(cell: string): boolean {
  return !Number.isNaN(numberOf(cell));
}

/** Whether a cell is a number with a decimal point or, as in `-1,5e-9`, with a decimal comma. */
export function looksNumeric(cell: string): boolean {
  return isNumber(cell) || /^[+-]?\d*,\d+(e[+-]?\d+)?$/i.test(cell);
}

/** `1,234.5`, `1.234,5`, `1'234` or `1 234 567`: digits in groups of three. */
export function hasThousandsSeparators(cell: string): boolean {
  return /^[+-]?\d{1,3}([,.'’ \u00a0\u202f])\d{3}(\1\d{3})*([.,]\d*)?$/.test(cell) && !isNumber(cell);
}
