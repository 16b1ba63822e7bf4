import { writeFileSync } from 'node:fs';
import { Draws } from '@neuroprint/core';

const SIDE = 14;
/** Which of the seven segments a digit has: top, upper left, upper right, middle, lower left, lower right, bottom. */
const SEGMENTS = [
  ...['1110111', '0010010', '1011101', '1011011', '0111010'],
  ...['1101011', '1101111', '1010010', '1111111', '1111011'],
];
/** Each segment from (x, y) to (x, y), 0..1 of the digit's box. */
const ENDS = [
  [0, 0, 1, 0],
  [0, 0, 0, 0.5],
  [1, 0, 1, 0.5],
  [0, 0.5, 1, 0.5],
  [0, 0.5, 0, 1],
  [1, 0.5, 1, 1],
  [0, 1, 1, 1],
] as const;

/**
 * Writes a table of 8-bit pictures, 14 × 14 pixels, of ten digits made by rule: seven segments, each picture with its own place, size,
 * slant, thickness and noise. 196 features, ten classes, the same bytes for the same seed.
 */
export function writeSegmentDigits(file: string, rows: number, seed: number): void {
  const draws = new Draws(seed, 'segment digits');
  const header = [...Array.from({ length: SIDE * SIDE }, (_, k) => `p${k}`), 'label'].join(',');
  const lines = Array.from({ length: rows }, (_, row) => {
    const u = (k: number, low: number, high: number): number => low + (high - low) * draws.uniform(row, k);
    const digit = row % 10;
    const [left, top] = [u(0, 3, 5), u(1, 1.5, 3.5)];
    const [width, height, slant, thick] = [u(2, 4.5, 6), u(3, 8, 9.5), u(4, -0.15, 0.15), u(5, 0.7, 1.3)];
    const at = (x: number, y: number): [number, number] => [
      left + width * x + slant * height * (0.5 - y),
      top + height * y,
    ];
    const drawn = ENDS.filter((_, k) => SEGMENTS[digit]![k] === '1').map(([a, b, c, d]) => [...at(a, b), ...at(c, d)]);
    const pixels = Array.from({ length: SIDE * SIDE }, (_, k) => {
      const nearest = Math.min(...drawn.map((ends) => distance(k % SIDE, Math.floor(k / SIDE), ends)));
      const ink = Math.max(0, Math.min(1, thick + 0.5 - nearest));
      return Math.round(Math.max(0, Math.min(255, 255 * ink * u(6, 0.7, 1) + 20 * (draws.uniform(row, 8 + k) - 0.3))));
    });
    return [...pixels, `d${digit}`].join(',');
  });
  writeFileSync(file, `${[header, ...lines].join('\n')}\n`);
}

function distance(x: number, y: number, [ax, ay, bx, by]: readonly number[]): number {
  const [dx, dy] = [bx! - ax!, by! - ay!];
  const t = Math.max(0, Math.min(1, ((x - ax!) * dx + (y - ay!) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax! - t * dx, y - ay! - t * dy);
}
