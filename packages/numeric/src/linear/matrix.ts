/**
 * Products of row-major float64 matrices, in blocks that stay in registers. Sums run in a fixed order, so results are
 * the same bits on every machine.
 */

/** out[m × n] = a[m × k] · bᵀ, with b stored as [n × k], plus `bias[n]` in every row where it is given. */
export function multiplyByTransposed(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  m: number,
  n: number,
  k: number,
  bias?: Float64Array,
): void {
  const evenRows = m - (m % 2);
  const fullColumns = n - (n % 4);
  for (let r = 0; r < evenRows; r += 2) {
    const p = r * k;
    const q = p + k;
    for (let c = 0; c < fullColumns; c += 4) {
      const b0 = c * k;
      const b1 = b0 + k;
      const b2 = b1 + k;
      const b3 = b2 + k;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      if (bias !== undefined) [s0, s1, s2, s3] = [bias[c]!, bias[c + 1]!, bias[c + 2]!, bias[c + 3]!];
      let [t0, t1, t2, t3] = [s0, s1, s2, s3];
      for (let i = 0; i < k; i += 1) {
        const u = a[p + i]!;
        const v = a[q + i]!;
        const w0 = b[b0 + i]!;
        const w1 = b[b1 + i]!;
        const w2 = b[b2 + i]!;
        const w3 = b[b3 + i]!;
        s0 += u * w0;
        s1 += u * w1;
        s2 += u * w2;
        s3 += u * w3;
        t0 += v * w0;
        t1 += v * w1;
        t2 += v * w2;
        t3 += v * w3;
      }
      const to = r * n + c;
      out[to] = s0;
      out[to + 1] = s1;
      out[to + 2] = s2;
      out[to + 3] = s3;
      out[to + n] = t0;
      out[to + n + 1] = t1;
      out[to + n + 2] = t2;
      out[to + n + 3] = t3;
    }
    dots(a, b, out, r, r + 2, fullColumns, n, k, bias);
  }
  dots(a, b, out, evenRows, m, 0, n, k, bias);
}

/** What the blocks leave over: rows from..to of the columns first..n, one dot product each. */
function dots(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
  first: number,
  n: number,
  k: number,
  bias: Float64Array | undefined,
): void {
  for (let r = from; r < to; r += 1) {
    for (let c = first; c < n; c += 1) {
      let sum = bias === undefined ? 0 : bias[c]!;
      for (let i = 0; i < k; i += 1) sum += a[r * k + i]! * b[c * k + i]!;
      out[r * n + c] = sum;
    }
  }
}

/** Rows per block of addTransposedProduct: two blocks of 64 columns fit a first-level cache. */
const BLOCK_ROWS = 32;

/**
 * out[m × n] += aᵀ · b, with a [rows × m] and b [rows × n]: the gradient of a layer's weights. The sum of every `blockRows` rows is
 * added at once.
 */
export function addTransposedProduct(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  rows: number,
  m: number,
  n: number,
  blockRows = BLOCK_ROWS,
): void {
  const evenM = m - (m % 2);
  const fullN = n - (n % 4);
  for (let start = 0; start < rows; start += blockRows) {
    const end = Math.min(rows, start + blockRows);
    for (let j = 0; j < evenM; j += 2) {
      for (let c = 0; c < fullN; c += 4) {
        let [s0, s1, s2, s3, t0, t1, t2, t3] = [0, 0, 0, 0, 0, 0, 0, 0];
        for (let r = start, p = start * m + j, q = start * n + c; r < end; r += 1, p += m, q += n) {
          const u = a[p]!;
          const v = a[p + 1]!;
          const w0 = b[q]!;
          const w1 = b[q + 1]!;
          const w2 = b[q + 2]!;
          const w3 = b[q + 3]!;
          s0 += u * w0;
          s1 += u * w1;
          s2 += u * w2;
          s3 += u * w3;
          t0 += v * w0;
          t1 += v * w1;
          t2 += v * w2;
          t3 += v * w3;
        }
        const to = j * n + c;
        out[to] = out[to]! + s0;
        out[to + 1] = out[to + 1]! + s1;
        out[to + 2] = out[to + 2]! + s2;
        out[to + 3] = out[to + 3]! + s3;
        out[to + n] = out[to + n]! + t0;
        out[to + n + 1] = out[to + n + 1]! + t1;
        out[to + n + 2] = out[to + n + 2]! + t2;
        out[to + n + 3] = out[to + n + 3]! + t3;
      }
    }
    for (let j = 0; j < m; j += 1) {
      for (let c = j < evenM ? fullN : 0; c < n; c += 1) {
        let sum = 0;
        for (let r = start; r < end; r += 1) sum += a[r * m + j]! * b[r * n + c]!;
        out[j * n + c] = out[j * n + c]! + sum;
      }
    }
  }
}

/** Sum of products of two vectors. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
