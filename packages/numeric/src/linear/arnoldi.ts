import { eigenvalues } from './eigenvalues.ts';
import { eigenvectorOf } from './eigenvector.ts';

const MOST_PRODUCTS = 300;
/** The eigenvalue is looked at after so many products, and is good when its residual is this share of it. */
const LOOK_EVERY = 10;
const RESIDUAL = 1e-10;
/** An imaginary part below this share is rounding. */
const REAL = 1e-9;

/** An eigenvalue and its eigenvector, of length 1. */
export interface Mode {
  readonly eigenvalue: number;
  readonly vector: Float64Array;
}

/**
 * The eigenvalue of largest magnitude of a real linear map of which only products are known, where it is real: Arnoldi's method with
 * every vector made orthogonal twice (Saad, Numerical Methods for Large Eigenvalue Problems, ch. 6). `apply` writes the product with
 * its first argument [size] to its second. Undefined where that eigenvalue is complex, or not found in 300 products.
 */
export function dominantMode(apply: (x: Float64Array, out: Float64Array) => void, size: number): Mode | undefined {
  const most = Math.min(MOST_PRODUCTS, size);
  // no eigenvector is orthogonal to a start without pattern
  const basis = [scaled(Float64Array.from({ length: size }, (_, i) => 1 + 0.5 * Math.sin(1 + i)))];
  const h: number[][] = [];
  for (let k = 0; k < most; k += 1) {
    const next = new Float64Array(size);
    apply(basis[k]!, next);
    const before = norm(next);
    const column = basis.map(() => 0);
    for (let round = 0; round < 2; round += 1)
      basis.forEach((vector, j) => {
        const along = dot(vector, next);
        column[j]! += along;
        for (let i = 0; i < size; i += 1) next[i]! -= along * vector[i]!;
      });
    const rest = norm(next);
    h.push([...column, rest]);
    const isWhole = k + 1 === size || rest <= Number.EPSILON * before;
    if (isWhole || (k + 1) % LOOK_EVERY === 0 || k + 1 === most) {
      const found = modeOf(h, basis, isWhole ? 0 : rest);
      if (found !== undefined || isWhole) return found;
    }
    basis.push(scaled(next));
  }
  return undefined;
}

/** The dominant mode by what is known, where its residual is small; `h` has the columns of the Hessenberg matrix. */
function modeOf(h: readonly number[][], basis: readonly Float64Array[], rest: number): Mode | undefined {
  const size = h.length;
  const matrix = new Float64Array(size * size);
  h.forEach((column, k) => {
    for (let i = 0; i < Math.min(column.length, size); i += 1) matrix[i * size + k] = column[i]!;
  });
  const { real, imaginary } = eigenvalues(matrix, size);
  const magnitude = (i: number): number => Math.hypot(real[i]!, imaginary[i]!);
  let at = 0;
  for (let i = 1; i < size; i += 1) if (magnitude(i) > magnitude(at)) at = i;
  if (Math.abs(imaginary[at]!) > REAL * magnitude(at)) return undefined;
  const y = eigenvectorOf(matrix, size, real[at]!);
  if (rest * Math.abs(y[size - 1]!) > RESIDUAL * magnitude(at) * norm(y)) return undefined;
  const vector = new Float64Array(basis[0]!.length);
  for (let k = 0; k < size; k += 1) for (let i = 0; i < vector.length; i += 1) vector[i]! += y[k]! * basis[k]![i]!;
  return { eigenvalue: real[at]!, vector: scaled(vector) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}

function norm(x: Float64Array): number {
  return Math.sqrt(dot(x, x));
}

/** The vector itself, made of length 1. */
function scaled(x: Float64Array): Float64Array {
  const length = norm(x);
  for (let i = 0; i < x.length; i += 1) x[i]! /= length;
  return x;
}
