/** A Markdown table: the first column left, the others right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((cell, k) => Math.max(cell.length, ...rows.map((row) => row[k]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, k) => (k === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** Columns are no narrower than their heads, and most cells are no wider. */
const FIRST_COLUMN = 48;

/**
 * Prints a table whose rows take minutes to measure: a title and the head at once, and what comes back prints one row. An interrupted bench has
 * shown what it has found then.
 */
export function openTable(title: string, header: readonly string[]): (row: readonly string[]) => void {
  const widths = header.map((cell, k) => (k === 0 ? Math.max(cell.length, FIRST_COLUMN) : cell.length));
  const lines = (cells: readonly string[], rows: readonly (readonly string[])[]): string[] => {
    const padded = (row: readonly string[]): string[] =>
      row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!)));
    return table(padded(cells), rows.map(padded)).split('\n');
  };
  process.stdout.write(`${title}\n\n${lines(header, []).join('\n')}\n`);
  return (row) => void process.stdout.write(`${lines(header, [row]).at(-1)!}\n`);
}
