// biome-ignore lint/style/useImportType: AssemblyScript has no imports of types only
import { Plan } from './plan';

/** Subtracts factor times the pivot's row from entries that stand one after the other as those of the pivot's row do. */
function subtractRow(target: usize, source: usize, columns: i32, factor: v128): void {
  const end = source + ((<usize>(columns & ~1)) << 4);
  while (source < end) {
    const first = f64x2.sub(v128.load(target), f64x2.mul(factor, v128.load(source)));
    const second = f64x2.sub(v128.load(target, 16), f64x2.mul(factor, v128.load(source, 16)));
    v128.store(target, first);
    v128.store(target, second, 16);
    source += 32;
    target += 32;
  }
  if (columns & 1) v128.store(target, f64x2.sub(v128.load(target), f64x2.mul(factor, v128.load(source))));
}

/**
 * LU without pivoting of both lanes' matrices, with the right side, and the solution into `step`. The matrix becomes its factors,
 * with the inverse of each pivot in its place; a pivot of zero gives infinities, which Newton sees.
 */
export function eliminate(plan: Plan): void {
  let at = <usize>plan.factor;
  let right = <usize>plan.right;
  const size = plan.size;
  const one = f64x2.splat(1);
  for (let k = 0; k < size; k += 1) {
    const diagonal = <usize>load<i32>(at);
    const below = load<i32>(at, 4);
    const columns = load<i32>(at, 8);
    at += 12;
    const inverse = f64x2.div(one, v128.load(diagonal));
    v128.store(diagonal, inverse);
    const known = v128.load(right);
    right += 16;
    const first = diagonal + 16;
    for (let i = 0; i < below; i += 1) {
      const left = <usize>load<i32>(at);
      const target = <usize>load<i32>(at, 4);
      const side = <usize>load<i32>(at, 8);
      at += 12;
      const factor = f64x2.mul(v128.load(left), inverse);
      v128.store(left, factor);
      v128.store(target, f64x2.sub(v128.load(target), f64x2.mul(factor, known)));
      if (side !== 0) subtractRow(side, first, columns, factor);
      else {
        let source = first;
        for (const end = at + ((<usize>columns) << 2); at < end; at += 4) {
          const entry = <usize>load<i32>(at);
          v128.store(entry, f64x2.sub(v128.load(entry), f64x2.mul(factor, v128.load(source))));
          source += 16;
        }
      }
    }
  }
  at = <usize>plan.back;
  let step = <usize>plan.step + ((<usize>size) << 4);
  for (let k = 0; k < size; k += 1) {
    right -= 16;
    step -= 16;
    let sum = v128.load(right);
    const end = at + 8 + ((<usize>load<i32>(at, 4)) << 2);
    const diagonal = <usize>load<i32>(at);
    let entry = diagonal + 16;
    for (at += 8; at < end; at += 4) {
      sum = f64x2.sub(sum, f64x2.mul(v128.load(entry), v128.load(<usize>load<i32>(at))));
      entry += 16;
    }
    v128.store(step, f64x2.mul(sum, v128.load(diagonal)));
  }
}

/** Solves Aᵀ·λ = seed in place with the factors at `factors`; the programs' matrix addresses are those of the working matrix. */
export function solveTransposed(plan: Plan, factors: usize): void {
  const size = plan.size;
  const shift = factors - <usize>plan.matrix;
  const toSeed = <usize>plan.seed - <usize>plan.step;
  let at = <usize>plan.transposed;
  let seed = <usize>plan.seed;
  for (let k = 0; k < size; k += 1) {
    const end = at + 8 + ((<usize>load<i32>(at, 4)) << 2);
    let entry = <usize>load<i32>(at) + shift;
    const known = f64x2.mul(v128.load(seed), v128.load(entry));
    v128.store(seed, known);
    seed += 16;
    for (at += 8; at < end; at += 4) {
      const target = <usize>load<i32>(at) + toSeed;
      entry += 16;
      v128.store(target, f64x2.sub(v128.load(target), f64x2.mul(v128.load(entry), known)));
    }
  }
  // backwards: the rows below each pivot, last pivot first
  for (let k = 0; k < size; k += 1) {
    seed -= 16;
    let sum = v128.load(seed);
    const end = at + 4 + ((<usize>load<i32>(at)) << 3);
    for (at += 4; at < end; at += 8)
      sum = f64x2.sub(
        sum,
        f64x2.mul(v128.load(<usize>load<i32>(at, 4) + shift), v128.load(<usize>load<i32>(at) + toSeed)),
      );
    v128.store(seed, sum);
  }
}
