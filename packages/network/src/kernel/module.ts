import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** As much of the standard interface as is used here; it is not among the types of Node's own. */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean;
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Memory {
    constructor(descriptor: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: { readonly env: { readonly memory: Memory } });
    readonly exports: object;
  }
}

/** What assembly/ exports; arguments are byte addresses and counts. */
export interface KernelExports {
  forward(...args: readonly number[]): void;
  backward(...args: readonly number[]): void;
  crossEntropy(...args: readonly number[]): void;
  interpolate(...args: readonly number[]): void;
  pullBack(...args: readonly number[]): void;
  fillUniform(...args: readonly number[]): void;
}

const FILE = fileURLToPath(new URL('../../dist/kernel.wasm', import.meta.url));
const PAGE_BYTES = 65536;
/** What the compiler may keep for itself at the start of a memory. */
const RESERVED_BYTES = 1024;

let compiled: WebAssembly.Module | null | undefined;

/** The compiled kernel; null where it was not built or this machine's WebAssembly has no SIMD. */
function kernelModule(): WebAssembly.Module | null {
  if (compiled === undefined) {
    const bytes = existsSync(FILE) ? readFileSync(FILE) : undefined;
    compiled = bytes !== undefined && WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  }
  return compiled;
}

/** Whether the `simd` kernel can run here. */
export function hasSimd(): boolean {
  return kernelModule() !== null;
}

/** A kernel with a memory of its own, of which pieces are handed out once. */
export class KernelMemory {
  readonly kernel: KernelExports;
  readonly #memory: WebAssembly.Memory;
  #end = RESERVED_BYTES;

  /** @param bytes sum of all pieces, each rounded up to 16 bytes. Throws Error where there is no kernel: see hasSimd. */
  constructor(bytes: number) {
    const module = kernelModule();
    if (module === null) throw new Error('The WebAssembly kernel is not there; npm run build makes it.');
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil((RESERVED_BYTES + bytes) / PAGE_BYTES) });
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.kernel = instance.exports as unknown as KernelExports;
  }

  /** The address of `bytes` new bytes, zero, aligned to 16. */
  take(bytes: number): number {
    const at = this.#end;
    this.#end += padded(bytes);
    return at;
  }

  float64(count: number): Float64Array {
    return new Float64Array(this.#memory.buffer, this.take(count * 8), count);
  }

  float32(count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, this.take(count * 4), count);
  }

  int32(count: number): Int32Array {
    return new Int32Array(this.#memory.buffer, this.take(count * 4), count);
  }

  uint8(count: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.take(count), count);
  }
}

/** Bytes rounded up to 16. */
export function padded(bytes: number): number {
  return (bytes + 15) & ~15;
}
