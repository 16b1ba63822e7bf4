/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * A draw is a pure function of (seed, purpose, major, minor), so any number of workers gives the same bits.
 */
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** The high 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const middleLow = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(middleLow / 0x10000)) >>> 0;
}

/** One Philox4x32-10 block: four unsigned 32-bit words from a 128-bit counter and a 64-bit key, written into `out`. */
export function philox(counter: Uint32Array, key0: number, key1: number, out: Uint32Array): void {
  let [c0, c1, c2, c3] = [counter[0]!, counter[1]!, counter[2]!, counter[3]!];
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** FNV-1a of a text: keeps the streams of different purposes apart. */
function hashPurpose(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The random numbers of one purpose under one seed. `major` and `minor` are whole numbers below 2^32. */
export class Draws {
  readonly #key0: number;
  readonly #key1: number;
  readonly #seedHigh: number;
  readonly #counter = new Uint32Array(4);
  readonly #block = new Uint32Array(4);

  /** @param seed a whole number from 0 to 2^53 − 1 */
  constructor(seed: number, purpose: string) {
    this.#key0 = seed >>> 0;
    this.#key1 = hashPurpose(purpose);
    this.#seedHigh = Math.floor(seed / 0x1_0000_0000) >>> 0;
  }

  /** The words that tell this stream from others, for other implementations of the same numbers. */
  get keys(): { readonly key0: number; readonly key1: number; readonly seedHigh: number } {
    return { key0: this.#key0, key1: this.#key1, seedHigh: this.#seedHigh };
  }

  #fill(major: number, block: number): void {
    this.#counter[0] = block;
    this.#counter[1] = major;
    this.#counter[2] = this.#seedHigh;
    this.#counter[3] = 0;
    philox(this.#counter, this.#key0, this.#key1, this.#block);
  }

  /** A number in [0, 1) with 53 random bits. */
  uniform(major: number, minor: number): number {
    this.#fill(major, minor >>> 1);
    const at = (minor & 1) * 2;
    return toUnit(this.#block[at]!, this.#block[at + 1]!);
  }

  /** Fills `out` with uniform(major, first), uniform(major, first + 1), …; `first` is even. */
  fillUniform(major: number, out: Float64Array, first = 0): void {
    for (let i = 0; i < out.length; i += 2) {
      this.#fill(major, (first + i) >>> 1);
      out[i] = toUnit(this.#block[0]!, this.#block[1]!);
      if (i + 1 < out.length) out[i + 1] = toUnit(this.#block[2]!, this.#block[3]!);
    }
  }

  /** A standard normal number (Box–Muller on two uniform ones of the same block). */
  normal(major: number, minor: number): number {
    this.#fill(major, minor);
    const radius = Math.sqrt(-2 * Math.log(1 - toUnit(this.#block[0]!, this.#block[1]!)));
    return radius * Math.cos(2 * Math.PI * toUnit(this.#block[2]!, this.#block[3]!));
  }

  /** A permutation of 0..count−1 (Fisher–Yates), the same for the same seed, purpose and major. */
  permutation(major: number, count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i -= 1) {
      const j = Math.floor(this.uniform(major, i) * (i + 1));
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    return order;
  }
}

function toUnit(high: number, low: number): number {
  return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000;
}
