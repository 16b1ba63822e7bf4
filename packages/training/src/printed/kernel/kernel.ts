import { bundledFile } from '@neuroprint/core';
import { KernelModule } from '@neuroprint/numeric';

/** What assembly/ exports; arguments are byte addresses and counts. */
export interface KernelExports {
  forward(...args: readonly number[]): void;
  backward(...args: readonly number[]): void;
  crossEntropy(...args: readonly number[]): void;
  interpolate(...args: readonly number[]): void;
  pullBack(...args: readonly number[]): void;
  fillUniform(...args: readonly number[]): void;
  spread(...args: readonly number[]): void;
  addCurve(...args: readonly number[]): void;
  add(...args: readonly number[]): void;
}

/** What the compiler may keep for itself at the start of a memory. */
const RESERVED_BYTES = 1024;

const built = bundledFile(new URL('../../../dist/kernel.wasm', import.meta.url));
const trainingKernel = new KernelModule<KernelExports>(
  built,
  bundledFile(new URL('../../../dist/kernel-relaxed.wasm', import.meta.url)),
);
/** What engines without relaxed SIMD run. */
export const plainKernel = new KernelModule<KernelExports>(built);

/** Whether the `simd` kernel can run here. */
export function hasSimd(): boolean {
  return trainingKernel.isUsable();
}

/** A kernel with a memory of its own, of which pieces are handed out once. */
export class KernelMemory {
  readonly kernel: KernelExports;
  readonly #buffer: ArrayBuffer;
  #end = RESERVED_BYTES;

  /** @param bytes sum of all pieces, each rounded up to 16 bytes. Throws Error where there is no kernel: see hasSimd. */
  constructor(bytes: number, module = trainingKernel) {
    const { kernel, buffer } = module.start(RESERVED_BYTES + bytes);
    this.kernel = kernel;
    this.#buffer = buffer;
  }

  /** The address of `bytes` new bytes, zero, aligned to 16. */
  take(bytes: number): number {
    const at = this.#end;
    this.#end += padded(bytes);
    return at;
  }

  float64(count: number): Float64Array {
    return new Float64Array(this.#buffer, this.take(count * 8), count);
  }

  float32(count: number): Float32Array {
    return new Float32Array(this.#buffer, this.take(count * 4), count);
  }

  int32(count: number): Int32Array {
    return new Int32Array(this.#buffer, this.take(count * 4), count);
  }

  uint8(count: number): Uint8Array {
    return new Uint8Array(this.#buffer, this.take(count), count);
  }
}

/** Bytes rounded up to 16. */
export function padded(bytes: number): number {
  return (bytes + 15) & ~15;
}
