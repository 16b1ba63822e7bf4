import type { Draws } from '@neuroprint/core';
import { hasSimd, KernelMemory } from './kernel.ts';

/** Numbers that are made in one call of the kernel; even, because the generator makes two at a time. */
const CHUNK = 4096;

let memory: { readonly kernel: KernelMemory; readonly numbers: Float64Array } | undefined;

/** `random.fillUniform(major, out, first)`: the same bits, six times as fast where WebAssembly is at hand. */
export function fillUniform(random: Draws, major: number, out: Float64Array, first = 0): void {
  if (!hasSimd()) {
    random.fillUniform(major, out, first);
    return;
  }
  if (memory === undefined) {
    const kernel = new KernelMemory(CHUNK * 8);
    memory = { kernel, numbers: kernel.float64(CHUNK) };
  }
  const { kernel, numbers } = memory;
  const { key0, key1, seedHigh } = random.keys;
  for (let at = 0; at < out.length; at += CHUNK) {
    const count = Math.min(CHUNK, out.length - at);
    kernel.kernel.fillUniform(key0, key1, seedHigh, major, first + at, numbers.byteOffset, count);
    out.set(count === CHUNK ? numbers : numbers.subarray(0, count), at);
  }
}
