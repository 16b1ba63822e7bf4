/** Volts by node and row, from whichever solver. */
export interface NodeTable {
  readonly nodes: readonly string[];
  readonly rows: number;
  /** Row-major [rows × nodes]. */
  readonly volts: Float64Array;
}

/** Volts of some nodes, row-major [rows × names]. Throws RangeError for a node that is not in the table. */
export function selectVolts(
  { nodes, volts }: { readonly nodes: readonly string[]; readonly volts: ArrayLike<number> },
  names: readonly string[],
): Float64Array {
  const columns = names.map((name) => nodes.indexOf(name));
  const missing = columns.indexOf(-1);
  if (missing >= 0) throw new RangeError(`There are no volts of ${names[missing]!}.`);
  return selectColumns(volts, nodes.length, columns);
}

/** Columns of a row-major matrix of `width` columns, in the order of `columns`, row-major again. */
export function selectColumns(values: ArrayLike<number>, width: number, columns: readonly number[]): Float64Array {
  const rows = Math.floor(values.length / width);
  const out = new Float64Array(rows * columns.length);
  for (let row = 0, to = 0; row < rows; row += 1)
    for (let c = 0; c < columns.length; c += 1, to += 1) out[to] = values[row * width + columns[c]!]!;
  return out;
}

/** Columns of so many rows as one row-major matrix. */
export function interleaved(columns: readonly Float64Array[], rows: number): Float64Array {
  const width = columns.length;
  const out = new Float64Array(rows * width);
  columns.forEach((column, k) => {
    for (let row = 0; row < rows; row += 1) out[row * width + k] = column[row]!;
  });
  return out;
}

/** One row of a table; its volts are a view. */
export function rowOf({ nodes, volts }: NodeTable, row: number): NodeTable {
  return { nodes, rows: 1, volts: volts.subarray(row * nodes.length, (row + 1) * nodes.length) };
}
