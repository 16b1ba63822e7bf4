import { bytesOf, integersOf, readFields, textsOf } from './protobuf-read.ts';

/** A constant of a graph, row-major, as float64; of texts, `texts` has them and `data` is empty. */
export interface OnnxConstant {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  readonly texts?: readonly string[];
}

/** The model uses something that is not supported; the message says what. */
export class OnnxUnsupported extends Error {}

/** Bytes of another file that a tensor's weights are in. Throws OnnxUnsupported where there is none. */
export type ReadExternal = (location: string, offset: number, length: number | undefined) => Uint8Array;

type Element = readonly [size: number, read: (data: DataView, at: number) => number, field?: number];

/** TensorProto.DataType: bytes of one element, how to read it, and the field that may hold it in place of raw bytes. */
const ELEMENTS: Readonly<Record<number, Element>> = {
  1: [4, (data, at) => data.getFloat32(at, true), 4],
  2: [1, (data, at) => data.getUint8(at), 5],
  3: [1, (data, at) => data.getInt8(at), 5],
  4: [2, (data, at) => data.getUint16(at, true), 5],
  5: [2, (data, at) => data.getInt16(at, true), 5],
  6: [4, (data, at) => data.getInt32(at, true), 5],
  7: [8, (data, at) => Number(data.getBigInt64(at, true)), 7],
  9: [1, (data, at) => data.getUint8(at), 5],
  10: [2, (data, at) => halfOf(data.getUint16(at, true)), 5],
  11: [8, (data, at) => data.getFloat64(at, true), 10],
  12: [4, (data, at) => data.getUint32(at, true), 11],
  13: [8, (data, at) => Number(data.getBigUint64(at, true)), 11],
  16: [2, (data, at) => bfloatOf(data.getUint16(at, true)), 5],
};
const [FLOAT, TEXT, HALF, DOUBLE, BFLOAT] = [1, 8, 10, 11, 16];

/** A float16 by its bits. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** A bfloat16 by its bits: the upper half of a float32. */
function bfloatOf(bits: number): number {
  const data = new DataView(new ArrayBuffer(4));
  data.setUint32(0, bits * 65_536);
  return data.getFloat32(0);
}

/** Reads a TensorProto. Throws OnnxUnsupported where its type is unknown, or numbers are missing. */
export function readTensor(
  bytes: Uint8Array,
  external?: ReadExternal,
): { readonly name: string; readonly constant: OnnxConstant } {
  const fields = readFields(bytes);
  const shape = integersOf(fields, 1);
  const [type = 0] = integersOf(fields, 2);
  const [name = ''] = textsOf(fields, 8);
  const count = shape.reduce((product, length) => product * length, 1);
  const complete = (found: number): void => {
    if (found !== count)
      throw new OnnxUnsupported(`the constant ${name} has ${found} numbers, and its shape asks for ${count}`);
  };
  if (type === TEXT) {
    const texts = textsOf(fields, 6);
    complete(texts.length);
    return { name, constant: { shape, data: new Float64Array(0), texts } };
  }
  const element = ELEMENTS[type];
  if (element === undefined)
    throw new OnnxUnsupported(
      `the constant ${name} is of data type ${type}; float16 to double, 8 to 64 bit integers, bool and text can be read`,
    );
  const data = numbersOf(fields, type, element, external);
  complete(data.length);
  return { name, constant: { shape, data } };
}

function numbersOf(
  fields: ReturnType<typeof readFields>,
  type: number,
  [size, read, field]: Element,
  external: ReadExternal | undefined,
): Float64Array {
  // floats and doubles may be a packed field, everything else a field of integers, in place of raw bytes
  const isPacked = type === FLOAT || type === DOUBLE;
  const parts = [...bytesOf(fields, 9), ...(isPacked ? bytesOf(fields, field!) : []), ...outside(fields, external)];
  if (parts.length > 0 && parts.some(({ length }) => length > 0)) {
    const raw = joined(parts);
    return Float64Array.from({ length: Math.floor(raw.byteLength / size) }, (_, i) => read(raw, i * size));
  }
  if (isPacked) return new Float64Array(0);
  const bits = Float64Array.from(integersOf(fields, field!));
  return type === HALF ? bits.map(halfOf) : type === BFLOAT ? bits.map(bfloatOf) : bits;
}

/** The bytes of a tensor that another file holds. */
function outside(fields: ReturnType<typeof readFields>, external: ReadExternal | undefined): Uint8Array[] {
  if (integersOf(fields, 14)[0] !== 1) return [];
  const entries = new Map(
    bytesOf(fields, 13)
      .map(readFields)
      .map((entry) => [textsOf(entry, 1)[0] ?? '', textsOf(entry, 2)[0] ?? ''] as const),
  );
  const location = entries.get('location') ?? '';
  if (external === undefined) throw new OnnxUnsupported(`its weights are in another file, ${location}`);
  const length = entries.get('length');
  return [external(location, Number(entries.get('offset') ?? 0), length === undefined ? undefined : Number(length))];
}

function joined(parts: readonly Uint8Array[]): DataView {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new DataView(whole.buffer);
}
