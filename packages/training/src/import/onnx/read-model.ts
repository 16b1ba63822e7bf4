import { dirname, isAbsolute, join, normalize } from 'node:path';
import { InputFileError, platform } from '@neuroprint/core';
import {
  numberOf,
  type OnnxGraph,
  type OnnxNode,
  OnnxUnsupported,
  ProtobufError,
  readOnnxGraph,
} from '@neuroprint/surrogate';
import type { DenseLayer } from '../perceptron.ts';
import { combine, identity, isIdentity } from './affine.ts';
import { ending } from './endings.ts';
import { fold, shapeOf } from './fold.ts';
import { LINEAR } from './linear.ts';
import { collapsed, type Output } from './output.ts';
import { sizeOf } from './shapes.ts';
import type { Base, Constant, Data, Label, Value } from './values.ts';

/** A model that is a chain of layers with tanh or sigmoid between them. */
export interface MappedModel extends Output {
  /** What of the model is only nearly so: rounding by a quantiser. */
  readonly rounded: readonly string[];
  /** What the reader should know, that included. */
  readonly notes: readonly string[];
}

/** What could be read of a model: its graph, its layers where they map, or why they do not. */
export interface ExaminedModel {
  readonly graph?: OnnxGraph;
  readonly mapped?: MappedModel;
  readonly refusal?: string;
}

/**
 * Reads an ONNX file, weights in files beside it included, and maps its layers; `features` is how many columns the table has.
 * Throws InputFileError where it is damaged or no ONNX model; what is not understood is a refusal that names the node.
 */
export function examineModel(file: string, features?: number): ExaminedModel {
  let graph: OnnxGraph | undefined;
  if (platform.files.stat(file)?.kind !== 'file')
    throw new InputFileError({ file }, 'there is no such file', 'Name an ONNX file.');
  try {
    graph = readOnnxGraph(platform.files.read(file), externalReader(file));
    return { graph, mapped: layersOf(graph, features) };
  } catch (error) {
    if (error instanceof OnnxUnsupported) return { ...(graph && { graph }), refusal: error.message };
    if (error instanceof ProtobufError)
      throw new InputFileError({ file }, `is no ONNX file: ${error.message}`, 'Export the model again.');
    throw error;
  }
}

/** Weights may be in files beside the model, nowhere else. */
function externalReader(file: string) {
  return (location: string, offset: number, length: number | undefined): Uint8Array => {
    const path = normalize(location);
    if (location === '' || location.includes('\0') || isAbsolute(path) || path.startsWith('..'))
      throw new OnnxUnsupported(`its weights are in ${location || 'a file without a name'}, outside of its folder`);
    const whole = join(dirname(file), path);
    if (platform.files.stat(whole)?.kind !== 'file')
      throw new OnnxUnsupported(`its weights are in ${location}, and that file is not beside it`);
    const bytes = platform.files.read(whole);
    const end = length === undefined ? bytes.length : offset + length;
    if (!(offset >= 0 && end <= bytes.length)) throw new OnnxUnsupported(`${location} is shorter than its weights`);
    return bytes.subarray(offset, end);
  };
}

/** Whole numbers that data is cast to: everything behind the point is lost. */
const FLOATS = new Set([1, 10, 11, 16]);
/** Operators that round data to a grid. */
const ROUNDING = new Set(['QuantizeLinear', 'Quant']);
const LEAST_BITS = 4;

function layersOf(graph: OnnxGraph, features: number | undefined): MappedModel {
  const values = new Map<string, Value>(inputsOf(graph, features));
  for (const [name, constant] of graph.constants) values.set(name, { ...constant, kind: 'constant' });
  const notes = new Set<string>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => {
      const value = name === '' ? undefined : values.get(name);
      if (name !== '' && value === undefined)
        throw new OnnxUnsupported(`${node.operator} takes ${name}, which is not known`);
      return value;
    });
    const results = apply(node, inputs, notes);
    node.outputs.forEach((name, i) => {
      const result = Array.isArray(results) ? results[i] : i === 0 ? results : undefined;
      if (result !== undefined) values.set(name, result as Value);
    });
  }
  const { isSure, ...output } = answer(graph.outputs.map(({ name }) => values.get(name)));
  const count = output.layers.at(-1)!.biases.length;
  if (output.layers.some(({ weights, biases }) => ![...weights.flat(), ...biases].every(Number.isFinite)))
    throw new OnnxUnsupported('a weight of it is no finite number');
  const asScores = isSure || count === 1 ? [] : [`the largest of its ${count} outputs is taken for the class`];
  return { ...output, rounded: [...notes], notes: [...notes, ...asScores] };
}

/** One table, or its columns one by one. */
function inputsOf({ inputs, nodes, constants }: OnnxGraph, features: number | undefined): [string, Data][] {
  const base: Base = { layers: [] };
  if (inputs.length === 0) throw new OnnxUnsupported('it has no input');
  const shapes = inputs.map(({ shape }) => [1, ...shape.slice(shape.length === 1 ? 0 : 1)]);
  if (inputs.length === 1 && (shapes[0]!.length === 1 || shapes[0]!.includes(undefined))) {
    const known = sizeOf(shapes[0]!.filter((n) => n !== undefined));
    const size = features ?? firstMatrix(nodes, constants);
    shapes[0] = shapes[0]!.length === 1 ? [1, size] : shapes[0]!.map((n) => n ?? size / known);
  }
  const sizes = shapes.map((shape) => sizeOf(shape.map((n) => n ?? 1)));
  const whole = identity(sizes.reduce((a, b) => a + b, 0));
  let at = 0;
  return inputs.map(({ name }, i) => {
    const columns = Array.from({ length: sizes[i]! }, (_, k) => [[at + k, 1] as const]);
    at += sizes[i]!;
    const shape = shapes[i]!.map((n) => n ?? 1);
    return [name, { kind: 'data', base, shape, affine: combine(whole, columns) }];
  });
}

/** Features of a table that nobody has said: the rows of the first matrix. */
function firstMatrix(nodes: readonly OnnxNode[], constants: OnnxGraph['constants']): number {
  for (const node of nodes) {
    if (node.operator !== 'MatMul' && node.operator !== 'Gemm') continue;
    const size = constants.get(node.inputs[1] ?? '')?.shape[numberOf(node, 'transB') === 1 ? 1 : 0];
    if (size !== undefined) return size;
  }
  throw new OnnxUnsupported('it multiplies by no constant matrix and does not say how many features it takes');
}

function apply(node: OnnxNode, inputs: readonly (Value | undefined)[], notes: Set<string>): Value | readonly Value[] {
  const { operator } = node;
  const shape = inputs[0] && shapeOf(operator, inputs[0]);
  if (shape !== undefined) return shape;
  if (inputs.every((input) => input === undefined || input.kind === 'constant')) {
    const folded = fold(node, inputs as readonly (Constant | undefined)[]);
    if (folded !== undefined) return folded;
    throw new OnnxUnsupported(`${operator} of constants is not known`);
  }
  const ended = ending(node, inputs);
  if (ended !== undefined) return ended;
  const [data] = inputs;
  if (operator === 'Tanh' || operator === 'Sigmoid') return activated(data, operator);
  if (operator === 'Cast' && data?.kind === 'data') {
    if (FLOATS.has(numberOf(node, 'to') ?? 1)) return LINEAR.Identity!(node, inputs);
    throw new OnnxUnsupported('Cast cuts the data to whole numbers');
  }
  if (ROUNDING.has(operator)) {
    const bits = operator === 'Quant' && inputs[3]?.kind === 'constant' ? inputs[3].data[0]! : 8;
    if (bits < LEAST_BITS) throw new OnnxUnsupported(`${operator} rounds the data to ${bits} bits`);
    notes.add(`${operator} rounds values between its layers, and the printed network does not`);
  }
  const linear = LINEAR[operator];
  if (linear === undefined) throw new OnnxUnsupported(refusal(operator));
  return linear(node, inputs);
}

/** A layer is complete: what follows is over its outputs. */
function activated(value: Value | undefined, operator: 'Tanh' | 'Sigmoid'): Data {
  if (value?.kind !== 'data' || value.isRanked === true) throw new OnnxUnsupported(`${operator} follows a Softmax`);
  const layer: DenseLayer = { ...value.affine, activation: operator === 'Tanh' ? 'tanh' : 'sigmoid' };
  const base = { layers: [...value.base.layers, layer] };
  return { kind: 'data', base, affine: identity(layer.biases.length), shape: value.shape };
}

/** The output that says most: classes, then scores. */
function answer(found: readonly (Value | undefined)[]): Output & { readonly isSure: boolean } {
  const labels = found.filter((value): value is Label => value?.kind === 'label');
  const data = found.filter((value): value is Data => value?.kind === 'data');
  const chosen = labels[0]?.scores ?? data.find(({ isRanked }) => isRanked === true) ?? data[0];
  if (chosen === undefined) throw new OnnxUnsupported('none of its outputs follows from its input');
  const isSure = labels.length > 0 || chosen.isRanked === true;
  if (!isSure && data.length > 1) throw new OnnxUnsupported(`it has ${data.length} outputs that may be the answer`);
  const { base, affine } = chosen;
  // a sigmoid or tanh at the very end keeps the order of several outputs, and every printed layer ends in one anyway
  const last = base.layers.at(-1);
  if (last !== undefined && isIdentity(affine) && last.biases.length > 1)
    return { layers: [...base.layers.slice(0, -1), { ...last, activation: 'none' }], single: undefined, isSure: true };
  return { ...collapsed([...base.layers, { ...affine, activation: 'none' }]), isSure };
}

function refusal(operator: string): string {
  return /relu|elu|silu|swish|softplus|hardswish|gelu|clip/i.test(operator)
    ? `${operator} has no printed counterpart: a stage saturates at both ends`
    : `${operator} has no printed counterpart`;
}
