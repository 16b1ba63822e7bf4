import { numberOf, type OnnxNode, OnnxUnsupported } from '@neuroprint/surrogate';
import { axisOf, broadcast, checkSize, MOVES, sizeOf } from './shapes.ts';
import { type Constant, constant, type Value } from './values.ts';

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Max: Math.max,
  Min: Math.min,
};
const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Sqrt: Math.sqrt,
  Reciprocal: (x) => 1 / x,
  Exp: Math.exp,
  Log: Math.log,
  Tanh: Math.tanh,
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Floor: Math.floor,
  Ceil: Math.ceil,
};
/** TensorProto.DataType of whole numbers. */
const WHOLE = new Set([2, 3, 4, 5, 6, 7, 12, 13]);

/** What an operator makes of constants alone; undefined where it is not known. */
export function fold(node: OnnxNode, inputs: readonly (Constant | undefined)[]): Constant | undefined {
  const { operator } = node;
  const [a, b] = inputs;
  if (operator === 'ConstantOfShape' && a !== undefined) {
    const value = node.attributes.get('value')?.tensor?.data[0] ?? 0;
    checkSize([...a.data]);
    return constant([...a.data], new Array<number>(sizeOf([...a.data])).fill(value));
  }
  if (a === undefined) return undefined;
  const move = MOVES[operator];
  if (move !== undefined) {
    const { shape, from } = move(node, a.shape, inputs);
    const { texts } = a;
    if (texts !== undefined) return { ...a, shape, texts: from.map((place) => texts[place]!) };
    return constant(
      shape,
      from.map((place) => a.data[place]!),
    );
  }
  const binary = BINARY[operator];
  if (binary !== undefined && b !== undefined && inputs.length === 2) {
    const joined = broadcast(a.shape, b.shape);
    return constant(
      joined.shape,
      joined.a.map((place, i) => binary(a.data[place]!, b.data[joined.b[i]!]!)),
    );
  }
  const unary = UNARY[operator];
  if (unary !== undefined) return constant(a.shape, a.data.map(unary));
  switch (operator) {
    case 'Identity':
    case 'CastLike':
      return a;
    case 'Cast':
      return WHOLE.has(numberOf(node, 'to') ?? 1) ? constant(a.shape, a.data.map(Math.trunc)) : a;
    case 'Concat':
      return joined(
        inputs.map((input) => input!),
        numberOf(node, 'axis') ?? 0,
      );
    case 'MatMul':
      return b === undefined ? undefined : product(a, b);
    case 'DequantizeLinear':
      return dequantized(node, a, b, inputs[2]);
    case 'Quant':
    case 'BipolarQuant':
      return quantized(node, inputs);
    default:
      return undefined;
  }
}

/** The shape of anything, and the number of its entries. */
export function shapeOf(operator: string, value: Value): Constant | undefined {
  if (value.kind === 'label') return undefined;
  if (operator === 'Shape') return constant([value.shape.length], value.shape);
  return operator === 'Size' ? constant([], [sizeOf(value.shape)]) : undefined;
}

function joined(parts: readonly Constant[], axis: number): Constant {
  const at = axisOf(axis, parts[0]!.shape.length);
  const outer = sizeOf(parts[0]!.shape.slice(0, at));
  const data = Array.from({ length: outer }, (_, o) =>
    parts.flatMap((part) => {
      const inner = part.data.length / outer;
      return [...part.data.subarray(o * inner, (o + 1) * inner)];
    }),
  );
  const shape = [...parts[0]!.shape];
  shape[at] = parts.reduce((sum, part) => sum + part.shape[at]!, 0);
  return constant(shape, data.flat());
}

function product(a: Constant, b: Constant): Constant | undefined {
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.shape[1] !== b.shape[0]) return undefined;
  const [rows = 0, inner = 0] = a.shape;
  const columns = b.shape[1]!;
  const entry = (i: number, k: number) =>
    Array.from({ length: inner }, (_, j) => a.data[i * inner + j]! * b.data[j * columns + k]!).reduce(
      (s, v) => s + v,
      0,
    );
  return constant(
    [rows, columns],
    Array.from({ length: rows * columns }, (_, at) => entry(Math.floor(at / columns), at % columns)),
  );
}

/** (x − zero point)·scale, of the whole or along an axis. */
function dequantized(node: OnnxNode, x: Constant, scale: Constant | undefined, zero: Constant | undefined): Constant {
  if (scale === undefined) throw new OnnxUnsupported('DequantizeLinear by a scale that is no constant');
  if (scale.data.length === 1) {
    const [factor, shift] = [scale.data[0]!, zero?.data[0] ?? 0];
    return constant(
      x.shape,
      x.data.map((value) => (value - shift) * factor),
    );
  }
  const axis = axisOf(numberOf(node, 'axis') ?? 1, x.shape.length);
  const after = sizeOf(x.shape.slice(axis + 1));
  if (scale.data.length !== x.shape[axis]) throw new OnnxUnsupported('DequantizeLinear has scales of another length');
  return constant(
    x.shape,
    x.data.map((value, i) => {
      const k = Math.floor(i / after) % scale.data.length;
      return (value - (zero?.data[k] ?? 0)) * scale.data[k]!;
    }),
  );
}

/** QONNX's Quant and BipolarQuant: weights on a grid. */
function quantized(node: OnnxNode, inputs: readonly (Constant | undefined)[]): Constant {
  const [x, scale, zero, bits] = inputs;
  if (x === undefined || scale === undefined) throw new OnnxUnsupported(`${node.operator} by what is no constant`);
  const scaled = broadcast(x.shape, scale.shape);
  const values = (entry: (value: number, factor: number, at: number) => number) =>
    constant(
      scaled.shape,
      scaled.a.map((place, i) => entry(x.data[place]!, scale.data[scaled.b[i]!]!, i)),
    );
  if (node.operator === 'BipolarQuant') return values((value, factor) => (value >= 0 ? factor : -factor));
  if (zero === undefined || bits === undefined) throw new OnnxUnsupported('Quant by what is no constant');
  const shift = broadcast(scaled.shape, zero.shape);
  const isSigned = (numberOf(node, 'signed') ?? 1) === 1;
  const narrow = numberOf(node, 'narrow') ?? 0;
  const range = 2 ** bits.data[0]!;
  const low = isSigned ? -range / 2 + narrow : 0;
  const high = isSigned ? range / 2 - 1 : range - 1 - narrow;
  const mode = node.attributes.get('rounding_mode')?.texts[0] ?? 'ROUND';
  const round = ROUNDINGS[mode];
  if (round === undefined) throw new OnnxUnsupported(`Quant rounds by ${mode}; ROUND, FLOOR and CEIL are known`);
  return values((value, factor, i) => {
    const offset = zero.data[shift.b[i]!]!;
    return (Math.min(high, Math.max(low, round(value / factor + offset))) - offset) * factor;
  });
}

const ROUNDINGS: Readonly<Record<string, (x: number) => number>> = {
  ROUND: halfToEven,
  FLOOR: Math.floor,
  CEIL: Math.ceil,
};

function halfToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}
