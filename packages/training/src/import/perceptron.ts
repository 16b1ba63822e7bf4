import { readFileSync } from 'node:fs';
import { InputFileError } from '@neuroprint/core';
import { Mlp } from '@neuroprint/numeric';
import { type OnnxConstant, type OnnxNode, OnnxUnsupported, ProtobufError, readOnnxGraph } from '@neuroprint/surrogate';

/** activation(x·weights + biases); `weights` is [inputs × outputs]. The last layer of a classifier has none. */
export interface DenseLayer {
  readonly weights: readonly (readonly number[])[];
  readonly biases: readonly number[];
  readonly activation: 'tanh' | 'sigmoid' | 'none';
}

/** What a node that changes nothing but shape, type or the scale of probabilities may be called. */
const PASSES = new Set(['Identity', 'Dropout', 'Flatten', 'Cast']);
/** Monotone in every output: the largest one stays the largest. */
const ENDINGS = new Set(['Softmax', 'LogSoftmax']);
const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Div']);
const ACTIVATIONS: Readonly<Record<string, DenseLayer['activation']>> = { Tanh: 'tanh', Sigmoid: 'sigmoid' };

/** What import can read, in words for messages and documents. */
const READABLE =
  'One chain of Gemm or MatMul and Add with constant weights, Tanh or Sigmoid between them, Add, Sub, Mul and Div by constants, and a Softmax at the end can be printed.';

/**
 * The layers of a perceptron in an ONNX file; scaling by constants is folded into the weights. A single output (of a
 * binary classifier) becomes two, −a/2 and a/2. Throws InputFileError that says which node cannot be printed and why.
 */
export function readPerceptron(file: string): readonly DenseLayer[] {
  try {
    return layersOf(readFileSync(file));
  } catch (error) {
    if (error instanceof OnnxUnsupported) throw new InputFileError({ file }, error.message, READABLE);
    if (error instanceof ProtobufError)
      throw new InputFileError({ file }, `is no ONNX file: ${error.message}`, 'Export the model again.');
    throw error;
  }
}

function layersOf(bytes: Uint8Array): DenseLayer[] {
  const { nodes, constants, inputs, outputs } = readOnnxGraph(bytes);
  if (inputs.length !== 1) throw new OnnxUnsupported(`it has ${inputs.length} inputs, and a table is one`);
  const size = inputSize(nodes, constants);
  const layers: DenseLayer[] = [];
  let [affine, name] = [identity(size), inputs[0]!.name];
  let ended = false;
  for (const node of nodes) {
    const at = node.inputs.indexOf(name);
    if (at < 0) throw new OnnxUnsupported(`${node.operator} does not follow the node before it: the graph branches`);
    if (ended) throw new OnnxUnsupported(`${node.operator} follows a Softmax`);
    const activation = ACTIVATIONS[node.operator];
    if (activation !== undefined) {
      layers.push({ ...affine, activation });
      affine = identity(affine.biases.length);
    } else if (ENDINGS.has(node.operator)) ended = true;
    else if (!PASSES.has(node.operator)) affine = apply(affine, node, at, constants);
    name = node.outputs[0]!;
  }
  if (outputs[0]?.name !== name) throw new OnnxUnsupported('its output is not that of the last node');
  // a sigmoid or tanh at the very end keeps the order of the outputs, and every printed layer ends in one anyway
  const last = layers.at(-1);
  if (last !== undefined && isIdentity(affine)) layers[layers.length - 1] = { ...last, activation: 'none' };
  else layers.push({ ...affine, activation: 'none' });
  const end = layers.at(-1)!;
  if (end.biases.length > 1) return layers;
  return [
    ...layers.slice(0, -1),
    {
      ...end,
      weights: end.weights.map(([w]) => [-w! / 2, w! / 2]),
      biases: [-end.biases[0]! / 2, end.biases[0]! / 2],
    },
  ];
}

type Affine = Pick<DenseLayer, 'weights' | 'biases'>;

function identity(size: number): Affine {
  return {
    weights: Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, k) => (i === k ? 1 : 0))),
    biases: new Array<number>(size).fill(0),
  };
}

function isIdentity({ weights, biases }: Affine): boolean {
  return biases.every((b) => b === 0) && weights.every((row, i) => row.every((w, k) => w === (i === k ? 1 : 0)));
}

/** Features of the table: the rows of the first matrix. */
function inputSize(nodes: readonly OnnxNode[], constants: ReadonlyMap<string, OnnxConstant>): number {
  for (const node of nodes) {
    if (node.operator !== 'MatMul' && node.operator !== 'Gemm') continue;
    const shape = constants.get(node.inputs[1]!)?.shape;
    const size = shape?.[node.integers.get('transB') === 1 ? 1 : 0];
    if (size !== undefined) return size;
  }
  throw new OnnxUnsupported('it multiplies by no constant matrix, so it is no perceptron');
}

function apply(affine: Affine, node: OnnxNode, at: number, constants: ReadonlyMap<string, OnnxConstant>): Affine {
  const { operator } = node;
  const constant = (i: number): OnnxConstant => {
    const found = constants.get(node.inputs[i] ?? '');
    if (found === undefined) throw new OnnxUnsupported(`${operator} takes ${node.inputs[i]}, which is no constant`);
    return found;
  };
  if (operator === 'MatMul' || operator === 'Gemm') {
    if (at !== 0 || node.integers.get('transA') === 1)
      throw new OnnxUnsupported(`${operator} multiplies from the left or transposes the rows`);
    const transposed = operator === 'Gemm' && node.integers.get('transB') === 1;
    const [alpha, beta] = [node.floats.get('alpha') ?? 1, node.floats.get('beta') ?? 1];
    const product = multiply(affine, matrixOf(constant(1), transposed, alpha, operator));
    if (operator === 'MatMul' || node.inputs[2] === undefined || node.inputs[2] === '') return product;
    const offset = vectorOf(constant(2), product.biases.length, operator);
    return { ...product, biases: product.biases.map((b, k) => b + beta * offset[k]!) };
  }
  if (!ELEMENTWISE.has(operator)) throw new OnnxUnsupported(refusal(operator));
  const values = vectorOf(constant(1 - at), affine.biases.length, operator);
  const [scale, shift] = linear(operator, at, values);
  return {
    weights: affine.weights.map((row) => row.map((w, k) => w * scale[k]!)),
    biases: affine.biases.map((b, k) => b * scale[k]! + shift[k]!),
  };
}

/** Scale and shift of x + c, x − c, c − x, x·c and x/c. */
function linear(operator: string, at: number, c: readonly number[]): readonly [readonly number[], readonly number[]] {
  const all = (value: number) => c.map(() => value);
  if (operator === 'Add') return [all(1), c];
  if (operator === 'Sub') return at === 0 ? [all(1), c.map((value) => -value)] : [all(-1), c];
  if (operator === 'Mul') return [c, all(0)];
  if (at !== 0) throw new OnnxUnsupported('Div divides a constant by the data');
  return [c.map((value) => 1 / value), all(0)];
}

function refusal(operator: string): string {
  return /relu|elu|silu|swish|softplus|hardswish/i.test(operator)
    ? `${operator} has no printed counterpart: a stage saturates at both ends. Train the model with tanh or sigmoid`
    : `${operator} has no printed counterpart`;
}

function matrixOf({ shape, data }: OnnxConstant, transposed: boolean, factor: number, operator: string): number[][] {
  if (shape.length !== 2)
    throw new OnnxUnsupported(`${operator} multiplies by a constant of ${shape.length} dimensions`);
  const [rows, columns] = transposed ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!];
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, k) => factor * data[transposed ? k * rows + i : i * columns + k]!),
  );
}

function vectorOf({ data }: OnnxConstant, size: number, operator: string): number[] {
  if (data.length === 1) return new Array<number>(size).fill(data[0]!);
  if (data.length !== size) throw new OnnxUnsupported(`${operator} has ${data.length} numbers for ${size} columns`);
  return [...data];
}

function multiply({ weights, biases }: Affine, matrix: readonly (readonly number[])[]): Affine {
  if (matrix.length !== biases.length)
    throw new OnnxUnsupported(`a matrix has ${matrix.length} rows for ${biases.length} columns`);
  const times = (row: readonly number[]) =>
    matrix[0]!.map((_, k) => row.reduce((sum, value, i) => sum + value * matrix[i]![k]!, 0));
  return { weights: weights.map(times), biases: times(biases) };
}

/** Outputs of the layers for row-major features, row-major. */
export function evaluatePerceptron(layers: readonly DenseLayer[], features: Float64Array): Float64Array {
  const sizes = [layers[0]!.weights.length, ...layers.map(({ biases }) => biases.length)];
  const mlp = new Mlp(sizes, { activation: layers.map(({ activation }) => activation) });
  mlp.layers.forEach((layer, l) => {
    const { weights, biases } = layers[l]!;
    weights.forEach((row, i) => {
      row.forEach((weight, k) => {
        layer.weights[k * layer.inputs + i] = weight;
      });
    });
    layer.biases.set(biases);
  });
  return mlp.forward(features, features.length / sizes[0]!);
}
