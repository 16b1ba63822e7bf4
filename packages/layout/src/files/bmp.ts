import type { Bitmap } from './bitmap.ts';

const HEADER = 14 + 40 + 8;

/** A Windows bitmap of one bit a pixel, drops black on white; `spacing` of the drops in nanometres, along x and y. */
export function writeBmp({ columns, rows, stride, bits }: Bitmap, [x, y]: readonly [number, number]): Uint8Array {
  const padded = 4 * Math.ceil(stride / 4);
  const size = padded * rows;
  const file = new Uint8Array(HEADER + size);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, HEADER + size, true);
  view.setUint32(10, HEADER, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, columns, true);
  view.setInt32(22, rows, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 1, true);
  view.setUint32(34, size, true);
  view.setInt32(38, Math.round(1e9 / x), true);
  view.setInt32(42, Math.round(1e9 / y), true);
  view.setUint32(46, 2, true);
  view.setUint32(50, 2, true);
  // colours 0 and 1: white, black
  view.setUint32(54, 0x00ffffff, true);
  // the lowest row comes first
  for (let row = 0; row < rows; row += 1)
    file.set(bits.subarray(row * stride, (row + 1) * stride), HEADER + (rows - 1 - row) * padded);
  return file;
}
