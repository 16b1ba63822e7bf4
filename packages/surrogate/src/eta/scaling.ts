/** How a column is standardised: (x − mean)/std, where x is the value or, with `log`, its logarithm. */
export interface Column {
  readonly mean: number;
  readonly std: number;
  readonly log: boolean;
}

/** Mean and standard deviation of column `at` of data [rows × width]; std 1 where the column is constant. */
export function columnScale(data: Float64Array, width: number, at: number, log: boolean): Column {
  const rows = data.length / width;
  const valueAt = (i: number) => (log ? Math.log(data[i]!) : data[i]!);
  let mean = 0;
  for (let i = at; i < data.length; i += width) mean += valueAt(i) / rows;
  let variance = 0;
  for (let i = at; i < data.length; i += width) variance += (valueAt(i) - mean) ** 2 / rows;
  const std = Math.sqrt(variance);
  return { mean, std: std > 1e-12 * Math.abs(mean) ? std : 1, log };
}

/** Standardises data [rows × columns]; a new array. */
export function scaleRows(data: Float64Array, columns: readonly Column[]): Float64Array {
  return data.map((value, i) => {
    const { mean, std, log } = columns[i % columns.length]!;
    return ((log ? Math.log(value) : value) - mean) / std;
  });
}
