import { sha256 } from '@neuroprint/core';

/** Hash of everything in a value, for `Job.input`: whatever differs in it differs in the hash, and nothing else does. */
export function inputOf(value: unknown): string {
  return sha256(JSON.stringify(value, plainly));
}

/** What JSON.stringify loses of a value is told it here: arrays of numbers, maps and sets, and numbers that are none or infinite. */
function plainly(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, (one) => plainly('', one));
  if (value instanceof Map || value instanceof Set) return [...value];
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
