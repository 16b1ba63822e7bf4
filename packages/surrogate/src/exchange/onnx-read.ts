import { bytesOf, integersOf, readFields, textsOf } from './protobuf-read.ts';

/** A constant of a graph, row-major, as float64. */
export interface OnnxConstant {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly floats: ReadonlyMap<string, number>;
  readonly integers: ReadonlyMap<string, number>;
}

/** What of an ONNX model a surrogate consists of. */
export interface OnnxGraph {
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxConstant>;
  /** Names of the inputs that are no constants, and of the outputs; sizes where they are stated. */
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

interface OnnxPort {
  readonly name: string;
  /** Undefined entries are symbolic. */
  readonly shape: readonly (number | undefined)[];
}

/** The model uses something that is not supported; the message says what. */
export class OnnxUnsupported extends Error {}

/** Reads an ONNX file (ModelProto). Throws ProtobufError or OnnxUnsupported. */
export function readOnnxGraph(file: Uint8Array): OnnxGraph {
  const model = readFields(file);
  const graphs = bytesOf(model, 7);
  if (graphs.length !== 1) throw new OnnxUnsupported('it holds no graph, so it is no ONNX model');
  const graph = readFields(graphs[0]!);
  const constants = new Map<string, OnnxConstant>();
  for (const bytes of bytesOf(graph, 5)) {
    const { name, constant } = readTensor(bytes);
    constants.set(name, constant);
  }
  const nodes = bytesOf(graph, 1).flatMap((bytes) => {
    const node = readNode(bytes);
    if (node.operator !== 'Constant') return [node];
    constants.set(node.outputs[0]!, node.constant ?? unsupportedConstant());
    return [];
  });
  const opset = bytesOf(model, 8)
    .map(readFields)
    .filter((fields) => (textsOf(fields, 1)[0] ?? '') === '')
    .flatMap((fields) => integersOf(fields, 2))[0];
  return {
    opset: opset ?? 0,
    nodes,
    constants,
    inputs: bytesOf(graph, 11)
      .map(readPort)
      .filter(({ name }) => !constants.has(name)),
    outputs: bytesOf(graph, 12).map(readPort),
  };
}

function unsupportedConstant(): never {
  throw new OnnxUnsupported('a constant is no tensor');
}

function readNode(bytes: Uint8Array): OnnxNode & { readonly constant?: OnnxConstant } {
  const fields = readFields(bytes);
  const floats = new Map<string, number>();
  const integers = new Map<string, number>();
  let constant: OnnxConstant | undefined;
  for (const attribute of bytesOf(fields, 5).map(readFields)) {
    const name = textsOf(attribute, 1)[0] ?? '';
    const [float] = bytesOf(attribute, 2);
    if (float !== undefined) floats.set(name, view(float).getFloat32(0, true));
    const [integer] = integersOf(attribute, 3);
    if (integer !== undefined) integers.set(name, integer);
    const [tensor] = bytesOf(attribute, 5);
    if (tensor !== undefined) constant = readTensor(tensor).constant;
  }
  const [operator = ''] = textsOf(fields, 4);
  return {
    operator,
    inputs: textsOf(fields, 1),
    outputs: textsOf(fields, 2),
    floats,
    integers,
    ...(constant && { constant }),
  };
}

/** Bytes of one element, and how to read it, by TensorProto.DataType. */
const ELEMENTS: Readonly<Record<number, readonly [size: number, read: (data: DataView, at: number) => number]>> = {
  1: [4, (data, at) => data.getFloat32(at, true)],
  7: [8, (data, at) => Number(data.getBigInt64(at, true))],
  9: [1, (data, at) => data.getUint8(at)],
  11: [8, (data, at) => data.getFloat64(at, true)],
};

function readTensor(bytes: Uint8Array): { readonly name: string; readonly constant: OnnxConstant } {
  const fields = readFields(bytes);
  const shape = integersOf(fields, 1);
  const [type = 0] = integersOf(fields, 2);
  const [name = ''] = textsOf(fields, 8);
  const element = ELEMENTS[type];
  if (element === undefined)
    throw new OnnxUnsupported(
      `the constant ${name} is of data type ${type}; float, double, int64 and bool can be read`,
    );
  const [size, read] = element;
  const count = shape.reduce((product, length) => product * length, 1);
  // floats and doubles may be a packed field instead of raw bytes
  const parts = [
    ...bytesOf(fields, 9),
    ...(type === 1 ? bytesOf(fields, 4) : []),
    ...(type === 11 ? bytesOf(fields, 10) : []),
  ];
  const raw = Buffer.concat(parts);
  const plain = type === 7 ? integersOf(fields, 7) : type === 9 ? integersOf(fields, 5) : [];
  const data =
    raw.length > 0
      ? Float64Array.from({ length: raw.length / size }, (_, i) => read(view(raw), i * size))
      : Float64Array.from(plain);
  if (data.length !== count)
    throw new OnnxUnsupported(`the constant ${name} has ${data.length} numbers, and its shape asks for ${count}`);
  return { name, constant: { shape, data } };
}

function readPort(bytes: Uint8Array): OnnxPort {
  const fields = readFields(bytes);
  const dimensions = bytesOf(fields, 2)
    .flatMap((type) => bytesOf(readFields(type), 1))
    .flatMap((tensor) => bytesOf(readFields(tensor), 2))
    .flatMap((shape) => bytesOf(readFields(shape), 1));
  return { name: textsOf(fields, 1)[0] ?? '', shape: dimensions.map((bytes1) => integersOf(readFields(bytes1), 1)[0]) };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
