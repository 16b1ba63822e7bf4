/** The first bytes of a memory are the kernel's own. */
const RESERVED_BYTES = 1024;
const PAIR_BYTES = 16;

/** Hands out addresses in a memory that is made later, and remembers what shall stand there. */
export class Arena {
  bytes = RESERVED_BYTES;
  readonly #pieces: { readonly at: number; readonly data: Int32Array | Float64Array }[] = [];

  /** So many bytes, aligned to 16; zero at first. */
  take(bytes: number): number {
    const at = this.bytes;
    this.bytes += (bytes + 15) & ~15;
    return at;
  }

  pairs(count: number): number {
    return this.take(count * PAIR_BYTES);
  }

  float64(values: ArrayLike<number>): number {
    return this.#put(values instanceof Float64Array ? values : Float64Array.from(values));
  }

  int32(values: ArrayLike<number>): number {
    return this.#put(Int32Array.from(values));
  }

  /** Puts values at an address that was taken before. */
  int32At(at: number, values: ArrayLike<number>): void {
    this.#pieces.push({ at, data: Int32Array.from(values) });
  }

  /** Writes everything that was put. */
  writeTo(buffer: ArrayBuffer): void {
    for (const { at, data } of this.#pieces)
      new Uint8Array(buffer, at, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  #put(data: Int32Array | Float64Array): number {
    const at = this.take(data.byteLength);
    this.#pieces.push({ at, data });
    return at;
  }
}

/** The address of entry `index` of an array of pairs. */
export function pair(base: number, index: number): number {
  return base + PAIR_BYTES * index;
}
