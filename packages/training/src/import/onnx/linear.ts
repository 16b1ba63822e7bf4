import { numberOf, type OnnxNode, OnnxUnsupported } from '@neuroprint/surrogate';
import { add, beside, combine, type Terms } from './affine.ts';
import { convolution } from './convolution.ts';
import { axisOf, broadcast, indicesOf, MOVES, type Moved, sizeOf } from './shapes.ts';
import { type Constant, constantAt, type Data, plain, type Value } from './values.ts';

type Inputs = readonly (Value | undefined)[];
type Linear = (node: OnnxNode, inputs: Inputs) => Data;

/** Columns of data moved; the first dimension stays that of the rows. */
function moved(data: Data, { shape, from }: Moved, operator: string): Data {
  if (shape.length === 0 || (shape[0] !== 1 && data.shape.length > 1))
    throw new OnnxUnsupported(`${operator} mixes rows with columns`);
  const stays = from.length === data.affine.biases.length && from.every((place, i) => place === i);
  if (stays) return { ...data, shape };
  return {
    ...data,
    shape,
    affine: combine(
      data.affine,
      from.map((place) => [[place, 1]]),
    ),
  };
}

/** Data scaled and shifted by constants of its shape, or of a shape that it broadcasts to. */
function scaled(
  data: Data,
  values: Constant,
  how: (c: number) => readonly [scale: number, shift: number],
  operator: string,
): Data {
  const joined = broadcast(data.shape, values.shape);
  if (joined.shape.length > 1 && joined.shape[0] !== 1)
    throw new OnnxUnsupported(`${operator} by a constant of ${joined.shape[0]} rows`);
  const lines = joined.b.map((place) => how(values.data[place]!));
  const terms = joined.a.map((place, i): Terms => [[place, lines[i]![0]]]);
  return {
    ...data,
    shape: joined.shape,
    affine: combine(
      data.affine,
      terms,
      lines.map(([, shift]) => shift),
    ),
  };
}

/** Data with data over the same layers. */
function sum(a: Data, b: Data, factor: number, operator: string): Data {
  if (a.base !== b.base)
    throw new OnnxUnsupported(`${operator} joins values of different depths: the graph branches around a layer`);
  const joined = broadcast(a.shape, b.shape);
  const select = (data: Data, places: readonly number[]) =>
    combine(
      data.affine,
      places.map((place) => [[place, 1]]),
    );
  return { ...a, shape: joined.shape, affine: add(select(a, joined.a), select(b, joined.b), factor) };
}

const pairwise =
  (
    onFirst: (c: number) => readonly [number, number],
    onSecond: ((c: number) => readonly [number, number]) | undefined,
    factor: number | undefined,
  ): Linear =>
  ({ operator }, [a, b]) => {
    if (b?.kind === 'constant') return scaled(plain(a, operator), b, onFirst, operator);
    if (a?.kind === 'constant') {
      if (onSecond === undefined) throw new OnnxUnsupported(`${operator} divides a constant by the data`);
      return scaled(plain(b, operator), a, onSecond, operator);
    }
    if (factor === undefined) throw new OnnxUnsupported(`${operator} joins data with data`);
    return sum(plain(a, operator), plain(b, operator), factor, operator);
  };

/** data·W, W constant: [inner × outputs] on the last dimension. */
function product(data: Data, values: Constant, transposed: boolean, alpha: number, operator: string): Data {
  if (values.shape.length !== 2)
    throw new OnnxUnsupported(`${operator} multiplies by a constant of ${values.shape.length} dimensions`);
  const [first = 0, second = 0] = values.shape;
  const [inner, outputs] = transposed ? [second, first] : [first, second];
  if (data.shape.at(-1) !== inner)
    throw new OnnxUnsupported(`a matrix has ${inner} rows for ${data.shape.at(-1)} columns`);
  const shape = [...data.shape.slice(0, -1), outputs];
  const weight = (i: number, o: number) => alpha * values.data[transposed ? o * inner + i : i * outputs + o]!;
  const columns = Array.from({ length: sizeOf(shape) }, (_, at): Terms => {
    const [start, o] = [Math.floor(at / outputs) * inner, at % outputs];
    return Array.from({ length: inner }, (__, i) => [start + i, weight(i, o)] as const);
  });
  return { ...data, shape, affine: combine(data.affine, columns) };
}

/** ai.onnx.ml: rows of coefficients, one for each output. */
export function scores(node: OnnxNode, input: Value | undefined): Data {
  const data = plain(input, node.operator);
  const coefficients = node.attributes.get('coefficients')?.numbers ?? [];
  const inner = data.shape.at(-1)!;
  const outputs = coefficients.length / inner;
  if (!Number.isInteger(outputs) || outputs === 0)
    throw new OnnxUnsupported(`${node.operator} has ${coefficients.length} coefficients for ${inner} columns`);
  const matrix = { kind: 'constant', shape: [outputs, inner], data: Float64Array.from(coefficients) } as const;
  const made = product(data, matrix, true, 1, node.operator);
  const intercepts = node.attributes.get('intercepts')?.numbers ?? [];
  if (intercepts.length === 0) return made;
  const offsets = { kind: 'constant', shape: [intercepts.length], data: Float64Array.from(intercepts) } as const;
  return scaled(made, offsets, (c) => [1, c], node.operator);
}

const same: Linear = ({ operator }, [x]) => plain(x, operator);
/** Numbers of an attribute or of a constant as a row. */
const row = (numbers: readonly number[]): Constant => ({
  kind: 'constant',
  shape: [numbers.length],
  data: Float64Array.from(numbers),
});

/** Operators that give sums of columns. */
export const LINEAR: Readonly<Record<string, Linear>> = {
  ...Object.fromEntries(
    Object.entries(MOVES).map(([operator, move]): [string, Linear] => [
      operator,
      (node, inputs) => {
        const data = plain(inputs[0], operator);
        const constants = inputs.map((input) => (input?.kind === 'constant' ? input : undefined));
        return moved(data, move(node, data.shape, constants), operator);
      },
    ]),
  ),
  // what keeps numbers as they are; a quantiser rounds them
  Identity: same,
  Dropout: same,
  CastLike: same,
  Imputer: same,
  QuantizeLinear: same,
  DequantizeLinear: same,
  Quant: same,
  Neg: ({ operator }, [x]) => scaled(plain(x, operator), row([1]), () => [-1, 0], operator),
  Add: pairwise(
    (c) => [1, c],
    (c) => [1, c],
    1,
  ),
  Sub: pairwise(
    (c) => [1, -c],
    (c) => [-1, c],
    -1,
  ),
  Mul: pairwise(
    (c) => [c, 0],
    (c) => [c, 0],
    undefined,
  ),
  Div: pairwise((c) => [1 / c, 0], undefined, undefined),
  MatMul: ({ operator }, [x, w]) => {
    if (w?.kind !== 'constant') throw new OnnxUnsupported('MatMul multiplies from the left or transposes the rows');
    return product(plain(x, operator), w, false, 1, operator);
  },
  Gemm: (node, [x, w, c]) => {
    const { operator } = node;
    if (numberOf(node, 'transA') === 1 || x?.kind === 'constant')
      throw new OnnxUnsupported('Gemm multiplies from the left or transposes the rows');
    const values = constantAt(w, operator);
    const made = product(
      plain(x, operator),
      values,
      numberOf(node, 'transB') === 1,
      numberOf(node, 'alpha') ?? 1,
      operator,
    );
    if (c === undefined) return made;
    const beta = numberOf(node, 'beta') ?? 1;
    return scaled(made, constantAt(c, operator), (value) => [1, beta * value], operator);
  },
  Conv: (node, [x, w, b]) => convolution(node, plain(x, 'Conv'), constantAt(w, 'Conv'), b && constantAt(b, 'Conv')),
  BatchNormalization: (node, inputs) => {
    const { operator } = node;
    const data = plain(inputs[0], operator);
    const [gain, offset, mean, variance] = [1, 2, 3, 4].map((i) => constantAt(inputs[i], operator).data);
    const epsilon = numberOf(node, 'epsilon') ?? 1e-5;
    const lines = indicesOf(data.shape).map((index) => {
      const k = index[1] ?? 0;
      const scale = gain![k]! / Math.sqrt(variance![k]! + epsilon);
      return [scale, offset![k]! - mean![k]! * scale] as const;
    });
    if (data.shape[1] !== gain!.length)
      throw new OnnxUnsupported(`${operator} has ${gain!.length} scales for ${data.shape[1]} columns`);
    const terms = lines.map(([scale], i): Terms => [[i, scale]]);
    return {
      ...data,
      affine: combine(
        data.affine,
        terms,
        lines.map(([, shift]) => shift),
      ),
    };
  },
  Scaler: (node, [x]) => {
    const [offsets, scales] = ['offset', 'scale'].map((name) => node.attributes.get(name)?.numbers ?? []);
    const shifted =
      offsets!.length === 0 ? plain(x, 'Scaler') : scaled(plain(x, 'Scaler'), row(offsets!), (c) => [1, -c], 'Scaler');
    return scales!.length === 0 ? shifted : scaled(shifted, row(scales!), (c) => [c, 0], 'Scaler');
  },
  LinearRegressor: (node, [x]) => {
    const post = node.attributes.get('post_transform')?.texts[0] ?? 'NONE';
    if (post !== 'NONE') throw new OnnxUnsupported(`LinearRegressor ends in ${post}`);
    return scores(node, x);
  },
  Concat: (node, inputs) => concatenated(inputs, numberOf(node, 'axis') ?? 1),
  FeatureVectorizer: (_, inputs) => concatenated(inputs, 1),
};

function concatenated(inputs: Inputs, given: number): Data {
  const parts = inputs.map((input) => plain(input, 'Concat'));
  const [first] = parts;
  const axis = axisOf(given, first!.shape.length);
  if (axis === 0 || sizeOf(first!.shape.slice(1, axis)) !== 1)
    throw new OnnxUnsupported('Concat mixes rows with columns');
  if (parts.some(({ base }) => base !== first!.base))
    throw new OnnxUnsupported('Concat joins values of different depths: the graph branches around a layer');
  const shape = [...first!.shape];
  shape[axis] = parts.reduce((total, part) => total + part.shape[axis]!, 0);
  return { ...first!, shape, affine: beside(parts.map(({ affine }) => affine)) };
}
