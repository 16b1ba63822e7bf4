/** A field of a protobuf message: varints as numbers, everything else as its bytes. */
export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** The bytes are no protobuf message. */
export class ProtobufError extends Error {}

/** Bytes of the longest varint, and up to how many its number is exact and positive. */
const MOST_BYTES = 10;
const EXACT_BYTES = 7;

const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** The fields of a message in their order. Throws ProtobufError where the bytes end early or make no sense. */
export function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    const start = at;
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at];
      if (byte === undefined || at - start === MOST_BYTES) throw new ProtobufError('a number is cut off');
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return at - start <= EXACT_BYTES ? value : signed(bytes.subarray(start, at));
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const kind = tag % 8;
    const number = Math.floor(tag / 8);
    if (kind === 0) {
      fields.push({ number, value: varint() });
      continue;
    }
    const length = kind === 2 ? varint() : FIXED_BYTES[kind];
    if (length === undefined || length < 0 || number < 1)
      throw new ProtobufError(`there is a field of an unknown kind ${kind}`);
    if (at + length > bytes.length) throw new ProtobufError('a field is longer than the file');
    fields.push({ number, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

/** A varint as the 64-bit number in two's complement that it stands for: −1 takes ten bytes. */
function signed(bytes: Uint8Array): number {
  const whole = bytes.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
  return Number(BigInt.asIntN(64, whole));
}

/** The embedded messages or strings of a field. */
export function bytesOf(fields: readonly Field[], number: number): Uint8Array[] {
  return fields.flatMap((field) => (field.number === number && typeof field.value !== 'number' ? [field.value] : []));
}

/** The strings of a field. */
export function textsOf(fields: readonly Field[], number: number): string[] {
  return bytesOf(fields, number).map((value) => new TextDecoder().decode(value));
}

/** The integers of a field, repeated or packed. */
export function integersOf(fields: readonly Field[], number: number): number[] {
  return fields
    .filter((field) => field.number === number)
    .flatMap(({ value }) => {
      if (typeof value === 'number') return [value];
      // a packed field is varints without tags: with a tag before each they are a message
      const tagged: number[] = [];
      let start = true;
      for (const byte of value) {
        if (start) tagged.push(8);
        tagged.push(byte);
        start = byte < 0x80;
      }
      return readFields(Uint8Array.from(tagged)).map((field) => field.value as number);
    });
}
