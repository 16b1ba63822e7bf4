/** Types of values. */
export const I32 = 0x7f;
export const V128 = 0x7b;
const FUNCTION = 0x60;

/** SIMD instructions without immediates, by what they do with two float64 side by side. */
const SIMD = {
  splat: 0x14,
  lessThan: 0x49,
  bitselect: 0x52,
  and: 0x4e,
  or: 0x50,
  xor: 0x51,
  nearest: 0x94,
  abs: 0xec,
  neg: 0xed,
  sqrt: 0xef,
  add: 0xf0,
  sub: 0xf1,
  mul: 0xf2,
  div: 0xf3,
  min: 0xf4,
  max: 0xf5,
  pmin: 0xf6,
  pmax: 0xf7,
  i64Add: 0xce,
  i64Sub: 0xd1,
  i64ShiftLeft: 0xcb,
  i64ShiftRight: 0xcd,
} as const;
export type Simd = keyof typeof SIMD;

/** The code of one function of a WebAssembly module. Every method adds an instruction. */
export class Code {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
  readonly #locals: number[] = [];
  readonly #bytes: number[] = [];

  constructor(parameters: readonly number[], results: readonly number[]) {
    this.parameters = parameters;
    this.results = results;
  }

  /** A new variable. */
  local(type: number): number {
    this.#locals.push(type);
    return this.parameters.length + this.#locals.length - 1;
  }

  get(local: number): this {
    return this.#put(0x20, ...unsigned(local));
  }

  set(local: number): this {
    return this.#put(0x21, ...unsigned(local));
  }

  tee(local: number): this {
    return this.#put(0x22, ...unsigned(local));
  }

  i32(value: number): this {
    return this.#put(0x41, ...signed(value));
  }

  i32Add(): this {
    return this.#put(0x6a);
  }

  i32ShiftLeft(): this {
    return this.#put(0x74);
  }

  i32Load(offset: number): this {
    return this.#put(0x28, 2, ...unsigned(offset));
  }

  call(index: number): this {
    return this.#put(0x10, ...unsigned(index));
  }

  /** Nothing at all where `first` leaves 0; else `before`, and then `body` as long as `again` leaves another i32 than 0. */
  loop(first: () => void, before: () => void, body: () => void, again: () => void): this {
    first();
    this.#put(0x04, 0x40);
    before();
    this.#put(0x03, 0x40);
    body();
    again();
    return this.#put(0x0d, 0, 0x0b, 0x0b);
  }

  /** Two float64 alike. */
  constant(value: number): this {
    return this.#put(0x44, ...new Uint8Array(Float64Array.of(value).buffer)).simd('splat');
  }

  /** Two bit patterns of 64 bits alike. */
  bits(value: bigint): this {
    const half = new Uint8Array(BigInt64Array.of(value).buffer);
    return this.#simd(12, ...half, ...half);
  }

  load(offset = 0): this {
    return this.#simd(0, 3, ...unsigned(offset));
  }

  /** One float64 of the memory, twice. */
  loadSplat(offset = 0): this {
    return this.#simd(10, 3, ...unsigned(offset));
  }

  store(offset = 0): this {
    return this.#simd(11, 3, ...unsigned(offset));
  }

  /** The low 32 bits of a lane of 64. */
  lowBits(lane: 0 | 1): this {
    return this.#simd(27, 2 * lane);
  }

  /** Lane `lane` of each of two. */
  pick(lane: 0 | 1): this {
    const first = Array.from({ length: 8 }, (_, i) => 8 * lane + i);
    return this.#simd(13, ...first, ...first.map((byte) => byte + 16));
  }

  simd(name: Simd): this {
    return this.#simd(SIMD[name]);
  }

  body(): number[] {
    const locals = this.#locals.flatMap((type) => [1, type]);
    return sized([...unsigned(this.#locals.length), ...locals, ...this.#bytes, 0x0b]);
  }

  #simd(code: number, ...immediates: readonly number[]): this {
    return this.#put(0xfd, ...unsigned(code), ...immediates);
  }

  #put(...bytes: readonly number[]): this {
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }
}

/** A module of these functions that takes its memory as `env.memory` and exports the last function under a name. */
export function assemble(functions: readonly Code[], exported: string): Uint8Array<ArrayBuffer> {
  const types = functions.flatMap(({ parameters, results }) => [
    FUNCTION,
    ...vector(parameters.map((type) => [type])),
    ...vector(results.map((type) => [type])),
  ]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [...unsigned(functions.length), ...types]),
    ...section(2, vector([[...text('env'), ...text('memory'), 0x02, 0x00, 0x01]])),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(7, vector([[...text(exported), 0x00, ...unsigned(functions.length - 1)]])),
    ...section(10, vector(functions.map((code) => code.body()))),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function vector(entries: readonly (readonly number[])[]): number[] {
  return [...unsigned(entries.length), ...entries.flat()];
}

function text(value: string): number[] {
  return sized(Array.from(value, (letter) => letter.charCodeAt(0)));
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const rest = value >> 7;
  const isLast = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0);
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}
