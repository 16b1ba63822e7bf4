import type { Bitmap } from './bitmap.ts';

const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
const BYTES = { [SHORT]: 2, [LONG]: 4, [RATIONAL]: 8 } as const;

/** Bytes of a strip before packing that TIFF 6.0 recommends. */
const STRIP = 8192;

interface Entry {
  readonly tag: number;
  readonly type: keyof typeof BYTES;
  /** For a rational the numerators and denominators by turns. */
  readonly values: readonly number[];
}

/** A TIFF 6.0 of one bit a pixel, packed by PackBits, drops black on white; `spacing` of the drops in nanometres, along x and y. */
export function writeTiff({ columns, rows, stride, bits }: Bitmap, [x, y]: readonly [number, number]): Uint8Array {
  const rowsPerStrip = Math.max(1, Math.floor(STRIP / stride));
  const strips: Uint8Array[] = [];
  for (let from = 0; from < rows; from += rowsPerStrip) {
    const packed: number[] = [];
    for (let row = from; row < Math.min(rows, from + rowsPerStrip); row += 1)
      packBits(bits.subarray(row * stride, (row + 1) * stride), packed);
    strips.push(Uint8Array.from(packed));
  }
  const offsets: number[] = [];
  let end = 8;
  for (const strip of strips) {
    offsets.push(end);
    end += strip.length;
  }
  const entries: Entry[] = [
    { tag: 256, type: LONG, values: [columns] },
    { tag: 257, type: LONG, values: [rows] },
    { tag: 258, type: SHORT, values: [1] },
    { tag: 259, type: SHORT, values: [32773] },
    // 0 is white
    { tag: 262, type: SHORT, values: [0] },
    { tag: 273, type: LONG, values: offsets },
    { tag: 277, type: SHORT, values: [1] },
    { tag: 278, type: LONG, values: [rowsPerStrip] },
    { tag: 279, type: LONG, values: strips.map(({ length }) => length) },
    { tag: 282, type: RATIONAL, values: [25_400_000, x] },
    { tag: 283, type: RATIONAL, values: [25_400_000, y] },
    // dots per inch
    { tag: 296, type: SHORT, values: [2] },
  ];
  const directory = end + (end % 2);
  const beyond = directory + 2 + 12 * entries.length + 4;
  const outside = entries.reduce((sum, entry) => sum + (sizeOf(entry) > 4 ? sizeOf(entry) : 0), 0);
  const file = new Uint8Array(beyond + outside);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, directory, true);
  for (const [k, strip] of strips.entries()) file.set(strip, offsets[k]!);
  view.setUint16(directory, entries.length, true);
  let free = beyond;
  for (const [k, entry] of entries.entries()) {
    const at = directory + 2 + 12 * k;
    const size = sizeOf(entry);
    view.setUint16(at, entry.tag, true);
    view.setUint16(at + 2, entry.type, true);
    view.setUint32(at + 4, size / BYTES[entry.type], true);
    let to = at + 8;
    if (size > 4) {
      view.setUint32(to, free, true);
      to = free;
      free += size;
    }
    for (const value of entry.values) {
      if (entry.type === SHORT) view.setUint16(to, value, true);
      else view.setUint32(to, value, true);
      to += entry.type === SHORT ? 2 : 4;
    }
  }
  return file;
}

function sizeOf({ type, values }: Entry): number {
  return (type === SHORT ? 2 : 4) * values.length;
}

/** Runs of one byte as a count and the byte, others as they are; at most 128 at a time. */
function packBits(row: Uint8Array, packed: number[]): void {
  const runAt = (at: number): number => {
    let end = at + 1;
    while (end < row.length && end - at < 128 && row[end] === row[at]) end += 1;
    return end - at;
  };
  for (let at = 0; at < row.length; ) {
    const run = runAt(at);
    if (run > 1) {
      packed.push(257 - run, row[at]!);
      at += run;
      continue;
    }
    let end = at + 1;
    // two equal bytes cost as much as a run of them does
    while (end < row.length && end - at < 128 && runAt(end) < 3) end += 1;
    packed.push(end - at - 1, ...row.subarray(at, end));
    at = end;
  }
}
