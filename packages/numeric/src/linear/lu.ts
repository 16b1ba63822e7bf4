/**
 * Solves A·x = b by Gaussian elimination with row exchanges; `matrix` [size × size], row-major, is used up, `b` becomes x. Returns false where
 * a pivot is no usable number.
 */
export function luSolve(matrix: Float64Array, size: number, b: Float64Array): boolean {
  const rows = Array.from({ length: size }, (_, i) => matrix.subarray(i * size, (i + 1) * size));
  for (let k = 0; k < size; k += 1) {
    let best = k;
    for (let i = k + 1; i < size; i += 1) if (Math.abs(rows[i]![k]!) > Math.abs(rows[best]![k]!)) best = i;
    [rows[k], rows[best]] = [rows[best]!, rows[k]!];
    [b[k], b[best]] = [b[best]!, b[k]!];
    const pivot = rows[k]!;
    const inverse = 1 / pivot[k]!;
    if (!Number.isFinite(inverse)) return false;
    for (let i = k + 1; i < size; i += 1) {
      const row = rows[i]!;
      const factor = row[k]! * inverse;
      if (factor === 0) continue;
      for (let j = k + 1; j < size; j += 1) row[j]! -= factor * pivot[j]!;
      b[i]! -= factor * b[k]!;
    }
  }
  for (let k = size - 1; k >= 0; k -= 1) {
    const row = rows[k]!;
    let sum = b[k]!;
    for (let j = k + 1; j < size; j += 1) sum -= row[j]! * b[j]!;
    b[k] = sum / row[k]!;
  }
  return true;
}
