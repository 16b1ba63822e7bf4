/**
 * The number of the row as a voltage of node `_row`, which all inputs look up in their tables. A current into 1 Ω, and not a voltage
 * source: KLU first looks for a diagonal without zeros, that source's column has none of its own, and what the search then takes from the inputs' rows
 * moves the diagonal of the whole circuit and ruins the order of elimination (51,742 nodes: 4 s, and no end in minutes).
 */
export const ROW_SOURCE = ['i_row 0 _row 0', 'r_row _row 0 1'] as const;

/** The analysis over rows `first` to `last`. */
export function rowSweep(first: number, last: number): string {
  return `dc i_row ${first} ${last} 1`;
}
