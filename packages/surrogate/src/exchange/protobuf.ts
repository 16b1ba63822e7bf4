/** The part of the Protocol Buffers wire format that an ONNX file needs: varints and length-delimited fields. */

const VARINT = 0;
const BYTES = 2;

/** A whole number from 0 to 2^53 − 1: seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** An integer or enumeration field. */
export function integer(field: number, value: number): Uint8Array {
  return join([varint(field * 8 + VARINT), varint(value)]);
}

/** A bytes field. */
export function bytes(field: number, data: Uint8Array): Uint8Array {
  return join([varint(field * 8 + BYTES), varint(data.length), data]);
}

/** A string field, in UTF-8. */
export function text(field: number, value: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(value));
}

/** An embedded message of the fields given. */
export function message(field: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return bytes(field, join(fields));
}

/** A message that is a file of its own. */
export function file(...fields: readonly Uint8Array[]): Uint8Array {
  return join(fields);
}
