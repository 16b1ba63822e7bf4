import { inlineFunctions, type OnnxFunction } from './onnx-functions.ts';
import type { OnnxAttribute, OnnxNode } from './onnx-node.ts';
import { type OnnxConstant, OnnxUnsupported, type ReadExternal, readTensor } from './onnx-tensor.ts';
import { bytesOf, type Field, integersOf, readFields, textsOf } from './protobuf-read.ts';

/** An ONNX model: nodes in their order, local functions put in place, constants apart. */
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

/** Reads an ONNX file (ModelProto); `external` reads weights that are in other files. Throws ProtobufError or OnnxUnsupported. */
export function readOnnxGraph(file: Uint8Array, external?: ReadExternal): OnnxGraph {
  const model = readFields(file);
  const graphs = bytesOf(model, 7);
  if (graphs.length !== 1) throw new OnnxUnsupported('it holds no graph, so it is no ONNX model');
  const graph = readFields(graphs[0]!);
  const constants = new Map<string, OnnxConstant>();
  for (const bytes of bytesOf(graph, 5)) {
    const { name, constant } = readTensor(bytes, external);
    constants.set(name, constant);
  }
  const node = (bytes: Uint8Array): OnnxNode => readNode(bytes, external);
  const functions = bytesOf(model, 25).map((bytes) => readFunction(readFields(bytes), node));
  const nodes = inlineFunctions(bytesOf(graph, 1).map(node), functions).filter((one) => {
    if (one.operator !== 'Constant') return true;
    constants.set(one.outputs[0]!, constantOf(one));
    return false;
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

function constantOf({ attributes }: OnnxNode): OnnxConstant {
  const attribute = [...attributes.values()][0];
  if (attribute?.tensor !== undefined) return attribute.tensor;
  const [name = ''] = attributes.keys();
  if (!name.startsWith('value_')) throw new OnnxUnsupported('a constant is no tensor');
  const { number, numbers, texts } = attribute!;
  const shape = name.endsWith('s') ? [Math.max(numbers.length, texts.length)] : [];
  if (name.startsWith('value_string')) return { shape, data: new Float64Array(0), texts };
  return { shape, data: Float64Array.from(number === undefined ? numbers : [number]) };
}

function readFunction(fields: readonly Field[], node: (bytes: Uint8Array) => OnnxNode): OnnxFunction {
  const defaults = bytesOf(fields, 11).map((bytes) => readAttribute(readFields(bytes)));
  return {
    name: textsOf(fields, 1)[0] ?? '',
    domain: textsOf(fields, 10)[0] ?? '',
    inputs: textsOf(fields, 4),
    outputs: textsOf(fields, 5),
    nodes: bytesOf(fields, 7).map(node),
    defaults: new Map(defaults),
  };
}

function readNode(bytes: Uint8Array, external: ReadExternal | undefined): OnnxNode {
  const fields = readFields(bytes);
  const [operator = ''] = textsOf(fields, 4);
  const [domain = ''] = textsOf(fields, 7);
  return {
    operator,
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs: textsOf(fields, 1),
    outputs: textsOf(fields, 2),
    attributes: new Map(bytesOf(fields, 5).map((attribute) => readAttribute(readFields(attribute), external))),
  };
}

function readAttribute(fields: readonly Field[], external?: ReadExternal): readonly [string, OnnxAttribute] {
  const float = bytesOf(fields, 2).map(floatsOf)[0]?.[0];
  const number = float ?? integersOf(fields, 3)[0];
  const [tensor] = bytesOf(fields, 5);
  const [reference] = textsOf(fields, 21);
  return [
    textsOf(fields, 1)[0] ?? '',
    {
      ...(number === undefined ? {} : { number }),
      numbers: [...bytesOf(fields, 7).flatMap(floatsOf), ...integersOf(fields, 8)],
      texts: [...textsOf(fields, 4), ...textsOf(fields, 9)],
      ...(tensor === undefined ? {} : { tensor: readTensor(tensor, external).constant }),
      ...(reference === undefined || reference === '' ? {} : { reference }),
    },
  ];
}

/** float32 after float32. */
function floatsOf(bytes: Uint8Array): number[] {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.byteLength / 4) }, (_, i) => data.getFloat32(4 * i, true));
}

function readPort(bytes: Uint8Array): OnnxPort {
  const fields = readFields(bytes);
  const dimensions = bytesOf(fields, 2)
    .flatMap((type) => bytesOf(readFields(type), 1))
    .flatMap((tensor) => bytesOf(readFields(tensor), 2))
    .flatMap((shape) => bytesOf(readFields(shape), 1));
  return { name: textsOf(fields, 1)[0] ?? '', shape: dimensions.map((bytes1) => integersOf(readFields(bytes1), 1)[0]) };
}
