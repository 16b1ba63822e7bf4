import { numberOf, type OnnxNode } from './onnx-node.ts';
import { type OnnxConstant, OnnxUnsupported } from './onnx-tensor.ts';

/** One operation on values [rows × columns], with its gradient. */
export interface Step {
  /** Places of its inputs among the values. */
  readonly inputs: readonly number[];
  /** Columns of the result. */
  readonly width: number;
  forward(inputs: readonly Float64Array[], rows: number): Float64Array;
  /** Adds to `byInputs`, given the inputs, the result and d/d result. */
  backward(
    inputs: readonly Float64Array[],
    result: Float64Array,
    byResult: Float64Array,
    byInputs: readonly Float64Array[],
    rows: number,
  ): void;
}

/** An input of a node: a value of known place and width, or a constant. */
export interface Operand {
  readonly index?: number;
  readonly width?: number;
  readonly constant: OnnxConstant | undefined;
}

type Slope = (x: number, y: number) => number;

/** A function of each entry; `slope` gets x and y = f(x). */
const each =
  (make: (node: OnnxNode) => readonly [f: (x: number) => number, slope: Slope]) =>
  (input: number, width: number, node: OnnxNode): Step => {
    const [f, slope] = make(node);
    return {
      inputs: [input],
      width,
      forward: ([x]) => x!.map(f),
      backward: ([x], y, byY, [byX]) => {
        for (let i = 0; i < y.length; i += 1) byX![i]! += byY[i]! * slope(x![i]!, y[i]!);
      },
    };
  };

const same = each(() => [(x) => x, () => 1]);
const leaky = (alpha: number) =>
  [(x: number) => (x >= 0 ? x : alpha * x), (x: number) => (x >= 0 ? 1 : alpha)] as const;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Operators of one input. */
export const UNARY: Readonly<Record<string, (input: number, width: number, node: OnnxNode) => Step>> = {
  Cast: same,
  Identity: same,
  Log: each(() => [Math.log, (x) => 1 / x]),
  Exp: each(() => [Math.exp, (_, y) => y]),
  Neg: each(() => [(x) => -x, () => -1]),
  Sqrt: each(() => [Math.sqrt, (_, y) => 0.5 / y]),
  Reciprocal: each(() => [(x) => 1 / x, (_, y) => -y * y]),
  Sigmoid: each(() => [sigmoid, (_, y) => y * (1 - y)]),
  Tanh: each(() => [Math.tanh, (_, y) => 1 - y * y]),
  Softplus: each(() => [(x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), (x) => sigmoid(x)]),
  Relu: each(() => leaky(0)),
  LeakyRelu: each((node) => leaky(numberOf(node, 'alpha') ?? 0.01)),
};

/** f(a, b) and its slopes to a and b. */
type Pair = readonly [
  f: (a: number, b: number) => number,
  byA: (a: number, b: number) => number,
  byB: (a: number, b: number) => number,
];

/** Entry by entry on two operands, of which one may be a constant row or number. */
const pairwise = (f: Pair) => (operands: readonly Operand[]) => combine(operands, 'an operation', f);

function combine(operands: readonly Operand[], name: string, [f, byA, byB]: Pair): Step {
  const [a, b] = operands;
  const width = Math.max(columns(a), columns(b));
  for (const operand of [a, b])
    if (columns(operand) !== width && columns(operand) !== 1)
      throw new OnnxUnsupported(`${name} joins values of different widths`);
  const inputs = [a, b].flatMap((operand) => (operand?.index === undefined ? [] : [operand.index]));
  if (inputs.length === 0) throw new OnnxUnsupported(`${name} has constants alone`);
  const isConstant = [a, b].map((operand) => operand?.index === undefined);
  const read = (operand: Operand | undefined, values: readonly Float64Array[], k: number) => {
    const data =
      operand?.constant && isConstant[k] ? operand.constant.data : values[k === 1 && !isConstant[0] ? 1 : 0]!;
    const n = columns(operand);
    const fixed = isConstant[k];
    return { data, at: (row: number, column: number) => (fixed ? 0 : row * n) + (n === 1 ? 0 : column) };
  };
  return {
    inputs,
    width,
    forward: (values, rows) => {
      const [x, y] = [read(a, values, 0), read(b, values, 1)];
      const out = new Float64Array(rows * width);
      for (let row = 0, i = 0; row < rows; row += 1)
        for (let c = 0; c < width; c += 1, i += 1) out[i] = f(x.data[x.at(row, c)]!, y.data[y.at(row, c)]!);
      return out;
    },
    backward: (values, _, byResult, byInputs, rows) => {
      const [x, y] = [read(a, values, 0), read(b, values, 1)];
      const byX = isConstant[0] ? undefined : byInputs[0];
      const byY = isConstant[1] ? undefined : byInputs.at(-1);
      for (let row = 0, i = 0; row < rows; row += 1) {
        for (let c = 0; c < width; c += 1, i += 1) {
          const [u, v] = [x.data[x.at(row, c)]!, y.data[y.at(row, c)]!];
          if (byX) byX[x.at(row, c)]! += byResult[i]! * byA(u, v);
          if (byY) byY[y.at(row, c)]! += byResult[i]! * byB(u, v);
        }
      }
    },
  };
}

function columns(operand: Operand | undefined): number {
  if (operand?.width !== undefined) return operand.width;
  const shape = operand?.constant?.shape ?? [];
  const last = shape.at(-1) ?? 1;
  if (shape.reduce((product, n) => product * n, 1) !== last)
    throw new OnnxUnsupported('a constant that is added or multiplied is no row');
  return last;
}

/** result = alpha·x·W + beta·c, W [inputs × outputs] or its transposed. */
function affine([x, w, c]: readonly Operand[], transposed: boolean, alpha: number, beta: number): Step {
  const [first = 0, second = 0] = w?.constant?.shape ?? [];
  const [inputs, width] = transposed ? [second, first] : [first, second];
  if (x?.index === undefined || w?.constant === undefined || w.index !== undefined || x.width !== inputs)
    throw new OnnxUnsupported('a product is not of a value with a constant matrix of its width');
  const { data } = w.constant;
  const weight = (i: number, o: number) => alpha * data[transposed ? o * inputs + i : i * width + o]!;
  const matrix = Float64Array.from({ length: inputs * width }, (_, k) => weight(Math.floor(k / width), k % width));
  const offset = c?.constant?.data;
  return {
    inputs: [x.index],
    width,
    forward: ([values], rows) => {
      const out = new Float64Array(rows * width);
      for (let row = 0; row < rows; row += 1) {
        for (let o = 0; o < width; o += 1) {
          let sum = offset === undefined ? 0 : beta * offset[offset.length === 1 ? 0 : o]!;
          for (let i = 0; i < inputs; i += 1) sum += values![row * inputs + i]! * matrix[i * width + o]!;
          out[row * width + o] = sum;
        }
      }
      return out;
    },
    backward: (_, __, byResult, [byX], rows) => {
      for (let row = 0; row < rows; row += 1) {
        for (let i = 0; i < inputs; i += 1) {
          let sum = 0;
          for (let o = 0; o < width; o += 1) sum += byResult[row * width + o]! * matrix[i * width + o]!;
          byX![row * inputs + i]! += sum;
        }
      }
    },
  };
}

/** Operators of several inputs. */
export const BINARY: Readonly<Record<string, (operands: readonly Operand[], node: OnnxNode) => Step>> = {
  Add: pairwise([(a, b) => a + b, () => 1, () => 1]),
  Sub: pairwise([(a, b) => a - b, () => 1, () => -1]),
  Mul: pairwise([(a, b) => a * b, (_, b) => b, (a) => a]),
  Div: pairwise([(a, b) => a / b, (_, b) => 1 / b, (a, b) => -a / (b * b)]),
  PRelu: pairwise([(a, b) => (a >= 0 ? a : a * b), (a, b) => (a >= 0 ? 1 : b), (a) => Math.min(a, 0)]),
  MatMul: (operands) => affine(operands, false, 1, 1),
  Gemm: (operands, node) => {
    if (numberOf(node, 'transA') === 1) throw new OnnxUnsupported('Gemm transposes its rows');
    const [alpha, beta] = [numberOf(node, 'alpha') ?? 1, numberOf(node, 'beta') ?? 1];
    return affine(operands, numberOf(node, 'transB') === 1, alpha, beta);
  },
  Where: ([condition, a, b]) => {
    const chosen = condition?.constant?.data;
    if (chosen === undefined || a?.width !== chosen.length || b?.width !== chosen.length)
      throw new OnnxUnsupported('Where chooses by something else than a constant for each column');
    const width = chosen.length;
    return {
      inputs: [a.index!, b.index!],
      width,
      forward: ([x, y]) => x!.map((value, i) => (chosen[i % width] ? value : y![i]!)),
      backward: (_, __, byResult, [byX, byY]) => {
        for (let i = 0; i < byResult.length; i += 1) (chosen[i % width] ? byX! : byY!)[i]! += byResult[i]!;
      },
    };
  },
};
