import { protobuf } from '@neuroprint/surrogate';

const { bytes, file, integer, message, text } = protobuf;

/** TensorProto.DataType */
const TYPES = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  text: 8,
  bool: 9,
  half: 10,
  double: 11,
} as const;
type TypeName = keyof typeof TYPES;

export interface TestTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[] | readonly string[];
  readonly type?: TypeName;
  /** In a file beside the model, from this byte on. */
  readonly external?: { readonly location: string; readonly offset: number };
}

export interface TestNode {
  readonly operator: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly integers?: Readonly<Record<string, number | readonly number[]>>;
  readonly floats?: Readonly<Record<string, number | readonly number[]>>;
  readonly texts?: Readonly<Record<string, string | readonly string[]>>;
  readonly tensors?: Readonly<Record<string, TestTensor>>;
  /** Attributes of a function's node that are those of its call. */
  readonly references?: Readonly<Record<string, string>>;
}

export interface TestModel {
  readonly nodes: readonly TestNode[];
  readonly constants?: Readonly<Record<string, TestTensor>>;
  readonly inputs?: readonly TestPort[];
  readonly outputs: readonly TestPort[];
  readonly functions?: readonly {
    readonly name: string;
    readonly domain: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly attributes?: readonly string[];
    readonly nodes: readonly TestNode[];
  }[];
  readonly domains?: readonly string[];
}

interface TestPort {
  readonly name: string;
  readonly type?: TypeName;
  /** undefined: any number of rows. */
  readonly shape: readonly (number | undefined)[];
  /** A sequence of maps, as ZipMap gives them. */
  readonly isMap?: boolean;
}

/** A whole number in 64 bits, negative ones in two's complement. */
function whole(field: number, value: number): Uint8Array {
  if (value >= 0) return integer(field, value);
  const parts = [field * 8];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) parts.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...parts, Number(rest)]);
}

/** The bytes of numbers as a tensor of this type has them. */
export function rawOf(type: TypeName, data: readonly number[]): Uint8Array {
  switch (type) {
    case 'float':
      return new Uint8Array(Float32Array.from(data).buffer);
    case 'double':
      return new Uint8Array(Float64Array.from(data).buffer);
    case 'int64':
      return new Uint8Array(BigInt64Array.from(data.map(BigInt)).buffer);
    case 'int32':
      return new Uint8Array(Int32Array.from(data).buffer);
    case 'half':
      return new Uint8Array(Uint16Array.from(data, halfOf).buffer);
    case 'int8':
      return new Uint8Array(Int8Array.from(data).buffer);
    default:
      return Uint8Array.from(data);
  }
}

/** Bits of a float16 for numbers that are exact in it: a sign, five bits and ten. */
function halfOf(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  return (value < 0 ? 0x8000 : 0) + ((exponent + 15) << 10) + fraction;
}

function tensor(field: number, name: string, { shape, data, type = 'float', external }: TestTensor): Uint8Array {
  const values =
    type === 'text'
      ? data.map((one) => text(6, String(one)))
      : external === undefined
        ? [bytes(9, rawOf(type, data as readonly number[]))]
        : [
            message(13, text(1, 'location'), text(2, external.location)),
            message(13, text(1, 'offset'), text(2, String(external.offset))),
            integer(14, 1),
          ];
  return message(field, ...shape.map((n) => integer(1, n)), integer(2, TYPES[type]), text(8, name), ...values);
}

function float(field: number, value: number): Uint8Array {
  const raw = new Uint8Array(Float32Array.of(value).buffer);
  return Uint8Array.from([field * 8 + 5, ...raw]);
}

function attributes({ integers = {}, floats = {}, texts = {}, tensors = {}, references = {} }: TestNode): Uint8Array[] {
  const named = (name: string, type: number, ...fields: Uint8Array[]) =>
    message(5, text(1, name), ...fields, integer(20, type));
  return [
    ...Object.entries(integers).map(([name, value]) =>
      typeof value === 'number' ? named(name, 2, whole(3, value)) : named(name, 7, ...value.map((n) => whole(8, n))),
    ),
    ...Object.entries(floats).map(([name, value]) =>
      typeof value === 'number' ? named(name, 1, float(2, value)) : named(name, 6, ...value.map((n) => float(7, n))),
    ),
    ...Object.entries(texts).map(([name, value]) =>
      typeof value === 'string' ? named(name, 3, text(4, value)) : named(name, 8, ...value.map((one) => text(9, one))),
    ),
    ...Object.entries(tensors).map(([name, value]) => named(name, 4, tensor(5, '', value))),
    ...Object.entries(references).map(([name, value]) => named(name, 1, text(21, value))),
  ];
}

function nodeOf(field: number, node: TestNode): Uint8Array {
  const { operator, domain, inputs, outputs } = node;
  return message(
    field,
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operator),
    ...attributes(node),
    ...(domain === undefined ? [] : [text(7, domain)]),
  );
}

function port(field: number, { name, type = 'float', shape, isMap }: TestPort): Uint8Array {
  if (isMap === true) {
    const probability = message(1, integer(1, TYPES.float));
    const map = message(5, integer(1, TYPES.int64), message(2, probability));
    return message(field, text(1, name), message(2, message(4, message(1, map))));
  }
  const dimensions = shape.map((n) => message(1, n === undefined ? text(2, 'rows') : integer(1, n)));
  return message(field, text(1, name), message(2, message(1, integer(1, TYPES[type]), message(2, ...dimensions))));
}

/** The bytes of an ONNX model; its input is `x` of four columns unless it has others. */
export function onnxModel({
  nodes,
  constants = {},
  inputs,
  outputs,
  functions = [],
  domains = [],
}: TestModel): Uint8Array {
  const opset = (domain: string, version: number) => message(8, text(1, domain), integer(2, version));
  return file(
    integer(1, 8),
    message(
      7,
      ...nodes.map((node) => nodeOf(1, node)),
      text(2, 'model'),
      ...Object.entries(constants).map(([name, value]) => tensor(5, name, value)),
      ...(inputs ?? [{ name: 'x', shape: [undefined, 4] }]).map((one) => port(11, one)),
      ...outputs.map((one) => port(12, one)),
    ),
    opset('', 13),
    ...domains.map((domain) => opset(domain, 1)),
    ...functions.map((one) =>
      message(
        25,
        text(1, one.name),
        ...one.inputs.map((name) => text(4, name)),
        ...one.outputs.map((name) => text(5, name)),
        ...(one.attributes ?? []).map((name) => text(6, name)),
        ...one.nodes.map((node) => nodeOf(7, node)),
        message(9, text(1, ''), integer(2, 13)),
        ...domains.map((domain) => message(9, text(1, domain), integer(2, 1))),
        text(10, one.domain),
      ),
    ),
  );
}
