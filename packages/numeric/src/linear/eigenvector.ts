/** Inverse iteration converges by the ratio of this distance to the next eigenvalue's: three steps are enough. */
const STEPS = 3;
const OFFSET = 1e-10;

/**
 * Magnitudes, at most 1, of the right eigenvector of a real matrix [size × size] for an eigenvalue that is known, by inverse
 * iteration in complex numbers; the left one is that of the transposed matrix.
 */
export function eigenvectorMagnitudes(
  matrix: Float64Array,
  size: number,
  real: number,
  imaginary: number,
): Float64Array {
  const norm = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // (A − λ)·(u + iw): a real system of twice the size
  const wide = 2 * size;
  const system = new Float64Array(wide * wide);
  const shift = real + OFFSET * (Math.hypot(real, imaginary) || norm || 1);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      const value = matrix[i * size + j]! - (i === j ? shift : 0);
      system[i * wide + j] = value;
      system[(size + i) * wide + size + j] = value;
    }
    system[i * wide + size + i] = imaginary;
    system[(size + i) * wide + i] = -imaginary;
  }
  const order = factorWithPivots(system, wide, Number.EPSILON * norm);
  // no eigenvector is orthogonal to a start without pattern
  let vector = Float64Array.from({ length: wide }, (_, i) => 1 + 0.5 * Math.sin(1 + i));
  const magnitudes = new Float64Array(size);
  for (let step = 0; step < STEPS; step += 1) {
    vector = solveWithPivots(system, wide, order, vector);
    let most = 0;
    for (let i = 0; i < size; i += 1) {
      magnitudes[i] = Math.hypot(vector[i]!, vector[size + i]!);
      most = Math.max(most, magnitudes[i]!);
    }
    for (let i = 0; i < wide; i += 1) vector[i]! /= most;
    for (let i = 0; i < size; i += 1) magnitudes[i]! /= most;
  }
  return magnitudes;
}

/** The right eigenvector of a real matrix [size × size] for a real eigenvalue that is known, its largest entry of magnitude 1. */
export function eigenvectorOf(matrix: Float64Array, size: number, eigenvalue: number): Float64Array {
  const norm = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const system = matrix.slice();
  const shift = eigenvalue + OFFSET * (Math.abs(eigenvalue) || norm || 1);
  for (let i = 0; i < size; i += 1) system[i * size + i]! -= shift;
  const order = factorWithPivots(system, size, Number.EPSILON * norm);
  let vector = Float64Array.from({ length: size }, (_, i) => 1 + 0.5 * Math.sin(1 + i));
  for (let step = 0; step < STEPS; step += 1) {
    vector = solveWithPivots(system, size, order, vector);
    const most = vector.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    for (let i = 0; i < size; i += 1) vector[i]! /= most;
  }
  return vector;
}

/** LU in place with row exchanges; a pivot below `tiny` becomes `tiny`, which is what inverse iteration lives on. */
function factorWithPivots(a: Float64Array, n: number, tiny: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let k = 0; k < n; k += 1) {
    let pivot = k;
    for (let i = k + 1; i < n; i += 1) if (Math.abs(a[i * n + k]!) > Math.abs(a[pivot * n + k]!)) pivot = i;
    if (pivot !== k) {
      for (let j = 0; j < n; j += 1) {
        const held = a[k * n + j]!;
        a[k * n + j] = a[pivot * n + j]!;
        a[pivot * n + j] = held;
      }
      const held = order[k]!;
      order[k] = order[pivot]!;
      order[pivot] = held;
    }
    if (Math.abs(a[k * n + k]!) < tiny) a[k * n + k] = tiny;
    for (let i = k + 1; i < n; i += 1) {
      const factor = a[i * n + k]! / a[k * n + k]!;
      a[i * n + k] = factor;
      if (factor !== 0) for (let j = k + 1; j < n; j += 1) a[i * n + j]! -= factor * a[k * n + j]!;
    }
  }
  return order;
}

function solveWithPivots(lu: Float64Array, n: number, order: Int32Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const x = Float64Array.from(order, (i) => b[i]!);
  for (let i = 0; i < n; i += 1) for (let j = 0; j < i; j += 1) x[i]! -= lu[i * n + j]! * x[j]!;
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let j = i + 1; j < n; j += 1) x[i]! -= lu[i * n + j]! * x[j]!;
    x[i]! /= lu[i * n + i]!;
  }
  return x;
}
