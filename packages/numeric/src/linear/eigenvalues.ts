/** Eigenvalues of a real matrix: complex ones come in conjugate pairs, the positive imaginary part first. */
export interface Eigenvalues {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

const ITERATIONS_PER_EIGENVALUE = 60;
/** Shifts off the usual course after so many iterations without an eigenvalue: the plain ones can run in a circle. */
const EXCEPTIONAL_SHIFT_EVERY = 10;
const RADIX = 2;

/**
 * All eigenvalues of a square matrix, row-major [size × size], which is left as it is: balancing by powers of two (Parlett and
 * Reinsch 1969), reduction to Hessenberg form by elimination, the double-shift QR algorithm of Francis (Wilkinson and Reinsch,
 * Handbook for Automatic Computation II, 1971: `balance`, `elmhes`, `hqr`). About 10·size³ operations.
 * Throws RangeError where the matrix holds what is not finite, or where the iteration does not end.
 */
export function eigenvalues(matrix: Float64Array, size: number): Eigenvalues {
  if (!matrix.every(Number.isFinite)) throw new RangeError('the matrix holds a value that is not finite');
  const a = matrix.slice();
  balance(a, size);
  toHessenberg(a, size);
  return hessenbergEigenvalues(a, size);
}

/** Makes the norms of each row and its column alike, by a similarity that is exact in floating point. */
function balance(a: Float64Array, n: number): void {
  for (let done = false; !done; ) {
    done = true;
    for (let i = 0; i < n; i += 1) {
      let row = 0;
      let column = 0;
      for (let j = 0; j < n; j += 1) {
        if (j === i) continue;
        row += Math.abs(a[i * n + j]!);
        column += Math.abs(a[j * n + i]!);
      }
      if (row === 0 || column === 0) continue;
      const sum = row + column;
      let factor = 1;
      while (column < row / RADIX) {
        factor *= RADIX;
        column *= RADIX * RADIX;
      }
      while (column > row * RADIX) {
        factor /= RADIX;
        column /= RADIX * RADIX;
      }
      if ((column + row) / factor >= 0.95 * sum) continue;
      done = false;
      for (let j = 0; j < n; j += 1) a[i * n + j]! /= factor;
      for (let j = 0; j < n; j += 1) a[j * n + i]! *= factor;
    }
  }
}

function toHessenberg(a: Float64Array, n: number): void {
  for (let m = 1; m < n - 1; m += 1) {
    let pivot = m;
    for (let i = m + 1; i < n; i += 1) if (Math.abs(a[i * n + m - 1]!) > Math.abs(a[pivot * n + m - 1]!)) pivot = i;
    const x = a[pivot * n + m - 1]!;
    if (x === 0) continue;
    if (pivot !== m) {
      for (let j = m - 1; j < n; j += 1) swap(a, pivot * n + j, m * n + j);
      for (let j = 0; j < n; j += 1) swap(a, j * n + pivot, j * n + m);
    }
    for (let i = m + 1; i < n; i += 1) {
      const y = a[i * n + m - 1]! / x;
      if (y === 0) continue;
      a[i * n + m - 1] = 0;
      for (let j = m; j < n; j += 1) a[i * n + j]! -= y * a[m * n + j]!;
      for (let j = 0; j < n; j += 1) a[j * n + m]! += y * a[j * n + i]!;
    }
  }
}

function swap(a: Float64Array, i: number, j: number): void {
  const held = a[i]!;
  a[i] = a[j]!;
  a[j] = held;
}

/** Finds the eigenvalues from the last one up; the matrix shrinks by one or two with each that is found. */
function hessenbergEigenvalues(a: Float64Array, n: number): Eigenvalues {
  const real = new Float64Array(n);
  const imaginary = new Float64Array(n);
  let norm = 0;
  for (let i = 0; i < n; i += 1) for (let j = Math.max(i - 1, 0); j < n; j += 1) norm += Math.abs(a[i * n + j]!);
  let shifted = 0;
  let last = n - 1;
  for (let iteration = 0; last >= 0; iteration += 1) {
    const first = smallSubdiagonal(a, n, last, norm);
    const x = a[last * n + last]!;
    if (first === last) {
      real[last] = x + shifted;
      last -= 1;
      iteration = -1;
      continue;
    }
    const y = a[(last - 1) * n + last - 1]!;
    const w = a[last * n + last - 1]! * a[(last - 1) * n + last]!;
    if (first === last - 1) {
      const half = 0.5 * (y - x);
      const square = half * half + w;
      const root = Math.sqrt(Math.abs(square));
      if (square >= 0) {
        const z = half + (half >= 0 ? root : -root);
        real[last - 1] = x + shifted + z;
        real[last] = z === 0 ? x + shifted : x + shifted - w / z;
      } else {
        real[last - 1] = x + shifted + half;
        real[last] = x + shifted + half;
        imaginary[last - 1] = root;
        imaginary[last] = -root;
      }
      last -= 2;
      iteration = -1;
      continue;
    }
    if (iteration >= ITERATIONS_PER_EIGENVALUE) throw new RangeError('the QR algorithm does not converge');
    let shift = { x, y, w };
    if (iteration > 0 && iteration % EXCEPTIONAL_SHIFT_EVERY === 0) {
      shifted += x;
      for (let i = 0; i <= last; i += 1) a[i * n + i]! -= x;
      const s = Math.abs(a[last * n + last - 1]!) + Math.abs(a[(last - 1) * n + last - 2]!);
      shift = { x: 0.75 * s, y: 0.75 * s, w: -0.4375 * s * s };
    }
    francisStep(a, n, first, last, shift);
  }
  return { real, imaginary };
}

/** The row in which the last block that cannot be split begins. */
function smallSubdiagonal(a: Float64Array, n: number, last: number, norm: number): number {
  for (let l = last; l > 0; l -= 1) {
    const around = Math.abs(a[(l - 1) * n + l - 1]!) + Math.abs(a[l * n + l]!) || norm;
    if (Math.abs(a[l * n + l - 1]!) <= Number.EPSILON * around) {
      a[l * n + l - 1] = 0;
      return l;
    }
  }
  return 0;
}

/** One double QR step on rows and columns first..last, with the shifts that are the eigenvalues of the trailing 2 × 2. */
function francisStep(
  a: Float64Array,
  n: number,
  first: number,
  last: number,
  { x, y, w }: { readonly x: number; readonly y: number; readonly w: number },
): void {
  let [p, q, r] = [0, 0, 0];
  let start = last - 2;
  for (; start >= first; start -= 1) {
    const z = a[start * n + start]!;
    const dx = x - z;
    const dy = y - z;
    p = (dx * dy - w) / a[(start + 1) * n + start]! + a[start * n + start + 1]!;
    q = a[(start + 1) * n + start + 1]! - z - dx - dy;
    r = a[(start + 2) * n + start + 1]!;
    const s = Math.abs(p) + Math.abs(q) + Math.abs(r);
    p /= s;
    q /= s;
    r /= s;
    if (start === first) break;
    const u = Math.abs(a[start * n + start - 1]!) * (Math.abs(q) + Math.abs(r));
    const v =
      Math.abs(p) *
      (Math.abs(a[(start - 1) * n + start - 1]!) + Math.abs(z) + Math.abs(a[(start + 1) * n + start + 1]!));
    if (u <= Number.EPSILON * v) break;
  }
  for (let i = start + 2; i <= last; i += 1) {
    a[i * n + i - 2] = 0;
    if (i > start + 2) a[i * n + i - 3] = 0;
  }
  for (let k = start; k < last; k += 1) {
    const hasThird = k < last - 1;
    let scale = 1;
    if (k > start) {
      p = a[k * n + k - 1]!;
      q = a[(k + 1) * n + k - 1]!;
      r = hasThird ? a[(k + 2) * n + k - 1]! : 0;
      scale = Math.abs(p) + Math.abs(q) + Math.abs(r);
      if (scale === 0) continue;
      p /= scale;
      q /= scale;
      r /= scale;
    }
    const length = Math.sqrt(p * p + q * q + r * r);
    const s = p >= 0 ? length : -length;
    if (s === 0) continue;
    if (k > start) a[k * n + k - 1] = -s * scale;
    else if (first !== start) a[k * n + k - 1] = -a[k * n + k - 1]!;
    p += s;
    const tx = p / s;
    const ty = q / s;
    const tz = r / s;
    q /= p;
    r /= p;
    for (let j = k; j <= last; j += 1) {
      let sum = a[k * n + j]! + q * a[(k + 1) * n + j]!;
      if (hasThird) {
        sum += r * a[(k + 2) * n + j]!;
        a[(k + 2) * n + j]! -= sum * tz;
      }
      a[(k + 1) * n + j]! -= sum * ty;
      a[k * n + j]! -= sum * tx;
    }
    const bottom = Math.min(last, k + 3);
    for (let i = first; i <= bottom; i += 1) {
      let sum = tx * a[i * n + k]! + ty * a[i * n + k + 1]!;
      if (hasThird) {
        sum += tz * a[i * n + k + 2]!;
        a[i * n + k + 2]! -= sum * r;
      }
      a[i * n + k + 1]! -= sum * q;
      a[i * n + k]! -= sum;
    }
  }
}
