import { OPEN_FACTOR, uniformFactor } from '@neuroprint/circuit';
import type { Draws } from '@neuroprint/core';
import { hasSimd, KernelMemory } from './kernel.ts';

/** Numbers that are made in one call of the kernel; a multiple of 8, because the generator makes so many at a time. */
const CHUNK = 4096;

interface Scratch {
  readonly kernel: KernelMemory['kernel'];
  readonly numbers: Float64Array;
  readonly spreads: Float64Array;
  /** By count. */
  readonly views: Map<number, Float64Array>;
}
let scratch: Scratch | undefined;

/** Room in a kernel's memory, made once; undefined where there is no kernel. */
function scratchMemory(): Scratch | undefined {
  if (!hasSimd()) return undefined;
  if (scratch === undefined) {
    // one number more: the kernel reads them in pairs
    const memory = new KernelMemory(2 * 8 * (CHUNK + 2));
    scratch = {
      kernel: memory.kernel,
      numbers: memory.float64(CHUNK + 2),
      spreads: memory.float64(CHUNK + 2),
      views: new Map(),
    };
  }
  return scratch;
}

/** The first numbers in the memory; an epoch asks for the same few counts again and again. */
function firstOf({ numbers, views }: Scratch, count: number): Float64Array {
  let view = views.get(count);
  if (view === undefined) {
    view = numbers.subarray(0, count);
    views.set(count, view);
  }
  return view;
}

/** `random.fillUniform(major, out, first)`: the same bits, many times as fast where WebAssembly is at hand. */
export function fillUniform(random: Draws, major: number, out: Float64Array, first = 0): void {
  const memory = scratchMemory();
  if (memory === undefined) {
    random.fillUniform(major, out, first);
    return;
  }
  const { kernel, numbers } = memory;
  const { key0, key1, seedHigh } = random.keys;
  for (let at = 0; at < out.length; at += CHUNK) {
    const count = Math.min(CHUNK, out.length - at);
    kernel.fillUniform(key0, key1, seedHigh, major, first + at, numbers.byteOffset, count);
    out.set(firstOf(memory, count), at);
  }
}

/**
 * Uniform numbers → `uniformFactor` of each, or its logarithm, in place: `values` are those of whole prints, `spreads` those of the
 * entries of one.
 */
export function spreadUniform(values: Float64Array, spreads: Float64Array, logarithms: boolean): void {
  const memory = scratchMemory();
  const entries = spreads.length;
  if (memory === undefined) {
    for (let at = 0; at < values.length; at += 1) {
      const factor = uniformFactor(spreads[at % entries]!, values[at]!);
      values[at] = logarithms ? Math.log(factor) : factor;
    }
    return;
  }
  const run = (first: number, count: number, ofPrint: number): void => {
    const part = count === values.length ? values : values.subarray(first, first + count);
    memory.numbers.set(part);
    memory.kernel.spread(
      memory.numbers.byteOffset,
      count / ofPrint,
      ofPrint,
      memory.spreads.byteOffset,
      OPEN_FACTOR,
      logarithms ? 1 : 0,
    );
    part.set(firstOf(memory, count));
  };
  if (entries > CHUNK) {
    for (let print = 0; print < values.length; print += entries) {
      for (let at = 0; at < entries; at += CHUNK) {
        const count = Math.min(CHUNK, entries - at);
        memory.spreads.set(spreads.subarray(at, at + count));
        run(print + at, count, count);
      }
    }
    return;
  }
  memory.spreads.set(spreads);
  const atOnce = entries * Math.floor(CHUNK / entries);
  for (let at = 0; at < values.length; at += atOnce) run(at, Math.min(atOnce, values.length - at), entries);
}
