// biome-ignore lint/style/useImportType: AssemblyScript has no imports of types only
import { Block, Plan } from './plan';

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

/** The same of two pivots at once: half as much goes to memory and comes from there. */
function subtractRows(target: usize, source: usize, source2: usize, columns: i32, factor: v128, factor2: v128): void {
  for (const end = source + ((<usize>columns) << 4); source < end; source += 16) {
    const less = f64x2.sub(v128.load(target), f64x2.mul(factor, v128.load(source)));
    v128.store(target, f64x2.sub(less, f64x2.mul(factor2, v128.load(source2))));
    source2 += 16;
    target += 16;
  }
}

/**
 * LU without pivoting of both lanes' blocks, with the right side, and the solution into `step`. The matrix becomes its factors,
 * with the inverse of each pivot in its place; a pivot of zero gives infinities, which Newton sees. Of a symmetric block there is the right half, and a
 * row's factors are its pivot's entries over the pivot. Two pivots with the same rows below and the same columns right of them are eliminated at once, with the same bits.
 */
export function eliminate(plan: Plan, block: Block): void {
  let at = <usize>block.factor;
  const begin = (<usize>block.first) << 4;
  let right = <usize>plan.right + begin;
  const size = block.count;
  const symmetric = block.isSymmetric !== 0;
  const one = f64x2.splat(1);
  for (let k = 0; k < size; k += 1) {
    const diagonal = <usize>load<i32>(at);
    const below = load<i32>(at, 4);
    let columns = load<i32>(at, 8);
    const second = <usize>load<i32>(at, 12);
    at += 16;
    const inverse = f64x2.div(one, v128.load(diagonal));
    v128.store(diagonal, inverse);
    const known = v128.load(right);
    right += 16;
    let first = diagonal + 16;
    if (second !== 0) {
      k += 1;
      const across = v128.load(first);
      first += 16;
      const own = f64x2.mul(symmetric ? across : v128.load(second - 16), inverse);
      if (!symmetric) v128.store(second - 16, own);
      v128.store(right, f64x2.sub(v128.load(right), f64x2.mul(own, known)));
      const pivot = f64x2.sub(v128.load(second), f64x2.mul(own, across));
      let next = second + 16;
      subtractRow(next, first, columns, own);
      const inverse2 = f64x2.div(one, pivot);
      v128.store(second, inverse2);
      const known2 = v128.load(right);
      right += 16;
      for (let i = 0; i < below; i += 1) {
        const left = <usize>load<i32>(at);
        const target = <usize>load<i32>(at, 4);
        const side = <usize>load<i32>(at, 8);
        at += 12;
        let factor: v128;
        let factor2: v128;
        if (symmetric) {
          factor = f64x2.mul(v128.load(first), inverse);
          factor2 = f64x2.mul(v128.load(next), inverse2);
        } else {
          factor = f64x2.mul(v128.load(left), inverse);
          factor2 = f64x2.mul(f64x2.sub(v128.load(left, 16), f64x2.mul(factor, across)), inverse2);
          v128.store(left, factor);
          v128.store(left, factor2, 16);
        }
        const less = f64x2.sub(v128.load(target), f64x2.mul(factor, known));
        v128.store(target, f64x2.sub(less, f64x2.mul(factor2, known2)));
        if (side !== 0) subtractRows(side, first, next, columns, factor, factor2);
        else {
          let source = first;
          let source2 = next;
          for (const end = at + ((<usize>columns) << 2); at < end; at += 4) {
            const entry = <usize>load<i32>(at);
            const less = f64x2.sub(v128.load(entry), f64x2.mul(factor, v128.load(source)));
            v128.store(entry, f64x2.sub(less, f64x2.mul(factor2, v128.load(source2))));
            source += 16;
            source2 += 16;
          }
        }
        if (symmetric) {
          first += 16;
          next += 16;
          columns -= 1;
        }
      }
      continue;
    }
    for (let i = 0; i < below; i += 1) {
      const left = <usize>load<i32>(at);
      const target = <usize>load<i32>(at, 4);
      const side = <usize>load<i32>(at, 8);
      at += 12;
      const factor = f64x2.mul(v128.load(left), inverse);
      if (!symmetric) v128.store(left, factor);
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
      if (symmetric) {
        first += 16;
        columns -= 1;
      }
    }
  }
  at = <usize>block.back;
  let step = <usize>plan.step + begin + ((<usize>size) << 4);
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

/** Solves Aᵀ·λ = seed in place with a block's factors at `shift` behind the working matrix, whose addresses the programs have. */
export function solveTransposed(plan: Plan, block: Block, shift: usize): void {
  const size = block.count;
  const toSeed = <usize>plan.seed - <usize>plan.step;
  let at = <usize>block.transposed;
  let seed = <usize>plan.seed + ((<usize>block.first) << 4);
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
  if (block.isSymmetric !== 0) {
    // backwards by the pivots' own rows
    at = <usize>block.back;
    for (let k = 0; k < size; k += 1) {
      seed -= 16;
      let sum = f64x2.splat(0);
      const end = at + 8 + ((<usize>load<i32>(at, 4)) << 2);
      const diagonal = <usize>load<i32>(at) + shift;
      let entry = diagonal + 16;
      for (at += 8; at < end; at += 4) {
        sum = f64x2.add(sum, f64x2.mul(v128.load(entry), v128.load(<usize>load<i32>(at) + toSeed)));
        entry += 16;
      }
      v128.store(seed, f64x2.sub(v128.load(seed), f64x2.mul(sum, v128.load(diagonal))));
    }
    return;
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

/** Takes what a block's λ makes of the seeds of blocks before. */
export function passOn(block: Block, shift: usize): void {
  let at = <usize>block.outer;
  for (let i = 0; i < block.outerCount; i += 1) {
    const target = <usize>load<i32>(at, 4);
    const part = f64x2.mul(v128.load(<usize>load<i32>(at, 8) + shift), v128.load(<usize>load<i32>(at)));
    v128.store(target, f64x2.sub(v128.load(target), part));
    at += 12;
  }
}
