import { closeSync, openSync, writeSync } from 'node:fs';
import { Draws } from '@neuroprint/core';

/** Writes a table of uniform numbers with four decimals, its two classes by the sum of the first two. */
export function writeLargeTable(file: string, count: number, width: number): void {
  const random = new Draws(0, 'memory');
  const values = new Float64Array(width);
  const out = openSync(file, 'w');
  writeSync(out, `${Array.from({ length: width }, (_, k) => `x${k}`).join(',')},label\n`);
  for (let row = 0; row < count; row += 1) {
    random.fillUniform(row, values);
    const label = values[0]! + values[1]! > 1 ? 'high' : 'low';
    writeSync(out, `${Array.from(values, (value) => value.toFixed(4)).join(',')},${label}\n`);
  }
  closeSync(out);
}
