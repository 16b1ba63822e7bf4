import { numberOf, type OnnxConstant, type OnnxNode, OnnxUnsupported } from '@neuroprint/surrogate';

/** Row-major strides are left to indices: where every entry of a result comes from. */
export interface Moved {
  readonly shape: readonly number[];
  readonly from: readonly number[];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The shape that two broadcast to, and for each of its entries the places in both. */
export function broadcast(a: readonly number[], b: readonly number[]) {
  const rank = Math.max(a.length, b.length);
  const padded = (shape: readonly number[]) => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [left, right] = [padded(a), padded(b)];
  const shape = left.map((n, i) => {
    const m = right[i]!;
    if (n !== m && n !== 1 && m !== 1) throw new OnnxUnsupported(`[${a.join(', ')}] and [${b.join(', ')}] do not fit`);
    return n === 1 ? m : n;
  });
  const places = (own: readonly number[]) =>
    indicesOf(shape).map((index) => own.reduce((at, n, i) => at * n + (n === 1 ? 0 : index[i]!), 0));
  return { shape, a: places(left), b: places(right) };
}

/** More entries than any matrix of a printed network has. */
const MOST_ENTRIES = 1 << 22;

/** All indices of a shape in row-major order. Throws OnnxUnsupported where there are too many. */
export function indicesOf(shape: readonly number[]): number[][] {
  checkSize(shape);
  return Array.from({ length: sizeOf(shape) }, (_, flat) => {
    const index = new Array<number>(shape.length);
    let rest = flat;
    for (let i = shape.length - 1; i >= 0; i -= 1) {
      index[i] = rest % shape[i]!;
      rest = Math.floor(rest / shape[i]!);
    }
    return index;
  });
}

export function checkSize(shape: readonly number[]): void {
  if (sizeOf(shape) <= MOST_ENTRIES) return;
  throw new OnnxUnsupported(`a value of [${shape.join(', ')}] has more entries than can be mapped`);
}

/** An axis from 0, of one that may count from the end. */
export function axisOf(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  if (found < 0 || found >= Math.max(1, rank)) throw new OnnxUnsupported(`axis ${axis} of ${rank} dimensions`);
  return found;
}

type Constants = readonly (OnnxConstant | undefined)[];

const numbersOf = (node: OnnxNode, name: string, constant: OnnxConstant | undefined): number[] | undefined =>
  constant === undefined ? node.attributes.get(name)?.numbers.slice() : [...constant.data];

const places = (shape: readonly number[]): number[] => [...new Array(sizeOf(shape)).keys()];

/** Results of a reshape: the same entries in the same order. */
function reshaped(shape: readonly number[], to: readonly number[]): Moved {
  if (sizeOf(shape) !== sizeOf(to)) throw new OnnxUnsupported(`[${shape.join(', ')}] becomes [${to.join(', ')}]`);
  return { shape: to, from: places(shape) };
}

/** Entries of `shape` at places along an axis. */
function taken(shape: readonly number[], axis: number, at: readonly number[], inner: readonly number[]): Moved {
  const size = shape[axis]!;
  const [before, after] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const from: number[] = [];
  for (let b = 0; b < before; b += 1)
    for (const one of at) {
      const k = one < 0 ? one + size : one;
      if (!(k >= 0 && k < size)) throw new OnnxUnsupported(`column ${one} of ${size} is taken`);
      for (let a = 0; a < after; a += 1) from.push((b * size + k) * after + a);
    }
  return { shape: [...shape.slice(0, axis), ...inner, ...shape.slice(axis + 1)], from };
}

/**
 * Operators that only move entries: the shape of the first input (rows count as one), the constants among the inputs. They are the
 * same for constants and for data.
 */
export const MOVES: Readonly<
  Record<string, (node: OnnxNode, shape: readonly number[], constants: Constants) => Moved>
> = {
  Flatten: (node, shape) => {
    const axis = numberOf(node, 'axis') ?? 1;
    const at = axis < 0 ? axis + shape.length : axis;
    return reshaped(shape, [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))]);
  },
  Reshape: (node, shape, constants) => {
    const wanted = numbersOf(node, 'shape', constants[1]);
    if (wanted === undefined) throw new OnnxUnsupported('Reshape to a shape that is no constant');
    const kept = wanted.map((n, i) => (n === 0 && numberOf(node, 'allowzero') !== 1 ? (shape[i] ?? 1) : n));
    const known = sizeOf(kept.filter((n) => n !== -1));
    return reshaped(
      shape,
      kept.map((n) => (n === -1 ? sizeOf(shape) / known : n)),
    );
  },
  Squeeze: (node, shape, constants) => {
    const axes = numbersOf(node, 'axes', constants[1])?.map((axis) => axisOf(axis, shape.length));
    return reshaped(
      shape,
      shape.filter((n, i) => (axes === undefined ? n !== 1 || i === 0 : !axes.includes(i))),
    );
  },
  Unsqueeze: (node, shape, constants) => {
    const given = numbersOf(node, 'axes', constants[1]) ?? [];
    const rank = shape.length + given.length;
    const axes = given.map((axis) => axisOf(axis, rank));
    const rest = [...shape];
    return reshaped(
      shape,
      Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!)),
    );
  },
  Transpose: (node, shape) => {
    const order = node.attributes.get('perm')?.numbers ?? shape.map((_, i) => shape.length - 1 - i);
    const to = order.map((axis) => shape[axis]!);
    const from = indicesOf(to).map((index) => {
      const own = new Array<number>(shape.length);
      order.forEach((axis, i) => {
        own[axis] = index[i]!;
      });
      return own.reduce((at, k, i) => at * shape[i]! + k, 0);
    });
    return { shape: to, from };
  },
  Gather: (node, shape, constants) => {
    const at = constants[1];
    if (at === undefined) throw new OnnxUnsupported('Gather by what is no constant');
    return taken(shape, axisOf(numberOf(node, 'axis') ?? 0, shape.length), [...at.data], at.shape);
  },
  ArrayFeatureExtractor: (_, shape, constants) => {
    const at = constants[1];
    if (at === undefined) throw new OnnxUnsupported('ArrayFeatureExtractor by what is no constant');
    return taken(shape, shape.length - 1, [...at.data], [at.data.length]);
  },
  Slice: (node, shape, constants) => {
    const [starts, ends] = [numbersOf(node, 'starts', constants[1]), numbersOf(node, 'ends', constants[2])];
    if (starts === undefined || ends === undefined) throw new OnnxUnsupported('Slice by what is no constant');
    const axes = numbersOf(node, 'axes', constants[3]) ?? starts.map((_, i) => i);
    const steps = constants[4] === undefined ? starts.map(() => 1) : [...constants[4].data];
    return starts.reduce<Moved>(
      (moved, start, i) => {
        const axis = axisOf(axes[i]!, shape.length);
        const size = moved.shape[axis]!;
        const bound = (k: number) => Math.min(size, Math.max(0, k < 0 ? k + size : k));
        if (steps[i]! < 1) throw new OnnxUnsupported('Slice goes backwards');
        const at: number[] = [];
        for (let k = bound(start); k < bound(ends[i]!); k += steps[i]!) at.push(k);
        const next = taken(moved.shape, axis, at, [at.length]);
        return { shape: next.shape, from: next.from.map((place) => moved.from[place]!) };
      },
      { shape, from: places(shape) },
    );
  },
};
