import type { Region } from '../geometry/region.ts';

/** A drop or none for each place of the printer's grid: rows from the top, eight columns a byte, the leftmost in its highest bit. */
export interface Bitmap {
  readonly columns: number;
  readonly rows: number;
  /** Bytes a row; what is left over in the last one is 0. */
  readonly stride: number;
  readonly bits: Uint8Array;
}

/** The printer's grid in database units: its lower left corner, and the size of a drop's place. */
export interface DropGrid {
  readonly left: number;
  readonly bottom: number;
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
}

function emptyBitmap({ columns, rows }: Pick<DropGrid, 'columns' | 'rows'>): Bitmap {
  const stride = Math.ceil(columns / 8);
  return { columns, rows, stride, bits: new Uint8Array(stride * rows) };
}

/**
 * A drop wherever the middle of its place lies in the region, left and lower edges included. The region's edges are level or upright, as
 * those of rectangles are, and lie within the grid.
 */
export function rasterized(region: Region, grid: DropGrid): Bitmap {
  const bitmap = emptyBitmap(grid);
  const { bits, stride, rows, columns } = bitmap;
  // of whole numbers, so that a middle on an edge is one
  const firstBeyond = (distance: number, step: number): number => Math.ceil((2 * distance - step) / (2 * step));
  for (const path of region) {
    let last = path.at(-1)!;
    for (const point of path) {
      const column = firstBeyond(point.x - grid.left, grid.x);
      if (last.x === point.x && column < columns) {
        const [low, high] = [Math.min(last.y, point.y), Math.max(last.y, point.y)].map((y) =>
          firstBeyond(y - grid.bottom, grid.y),
        ) as [number, number];
        const mask = 0x80 >> (column & 7);
        for (let row = low; row < high; row += 1) bits[(rows - 1 - row) * stride + (column >> 3)]! ^= mask;
      }
      last = point;
    }
  }
  // so far every bit says that an edge lies before it: what is covered is where the number of edges to the left is odd
  for (let row = 0; row < rows; row += 1) {
    let inside = 0;
    for (let at = row * stride; at < (row + 1) * stride; at += 1) {
      let byte = bits[at]!;
      byte ^= byte >> 1;
      byte ^= byte >> 2;
      byte ^= byte >> 4;
      if (inside === 1) byte ^= 0xff;
      inside = byte & 1;
      bits[at] = byte;
    }
  }
  clearRest(bitmap);
  return bitmap;
}

export function dropsOf({ bits }: Bitmap): number {
  let drops = 0;
  for (let byte of bits) for (; byte !== 0; byte &= byte - 1) drops += 1;
  return drops;
}

/** Right and left changed. */
export function mirrored(bitmap: Bitmap): Bitmap {
  const { columns, rows, stride, bits } = bitmap;
  const made = emptyBitmap(bitmap);
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      if (((bits[row * stride + (column >> 3)]! << (column & 7)) & 0x80) === 0) continue;
      const to = columns - 1 - column;
      made.bits[row * stride + (to >> 3)]! |= 0x80 >> (to & 7);
    }
  return made;
}

/** Drops where there were none, and none where there were. */
export function inverted(bitmap: Bitmap): Bitmap {
  const made = { ...bitmap, bits: bitmap.bits.map((byte) => byte ^ 0xff) };
  clearRest(made);
  return made;
}

function clearRest({ columns, rows, stride, bits }: Bitmap): void {
  const mask = (0xff << (8 * stride - columns)) & 0xff;
  for (let row = 0; row < rows; row += 1) bits[(row + 1) * stride - 1]! &= mask;
}
