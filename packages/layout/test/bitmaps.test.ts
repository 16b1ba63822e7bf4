import { describe, expect, it } from 'vitest';
import { type BitmapOptions, bitmapsOf, DEFAULT_BITMAPS } from '../src/files/bitmaps.ts';
import { layoutFiles } from '../src/files/files.ts';
import { printedLayers } from '../src/files/printed.ts';
import type { Region } from '../src/geometry/region.ts';
import type { Reference } from '../src/lvs/reference.ts';
import { layOut } from '../src/place/place.ts';
import { egt, randomCircuit } from './example.ts';
import { otft, patch } from './patch.ts';
import { readBmp, readTiff } from './pictures.ts';

const inkjet = layOut(randomCircuit([2, 2, 2]), egt);
const reference: Reference = { name: 'patch', ports: [], devices: [] };

function filesOf(layout: typeof inkjet, options: Partial<BitmapOptions> = {}): Record<string, Buffer> {
  const bitmaps = bitmapsOf(layout, { ...DEFAULT_BITMAPS, ...options });
  const files = layoutFiles({ layout, violations: [], bitmaps }, reference, ['bmp', 'tiff']);
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes)]));
}

/** Twice the area, and the lengths of all level and of all upright edges. */
function measured(region: Region): { area: number; level: number; upright: number } {
  let [twice, level, upright] = [0, 0, 0];
  for (const path of region)
    for (const [k, b] of path.entries()) {
      const a = path.at(k - 1)!;
      twice += a.x * b.y - b.x * a.y;
      level += Math.abs(b.x - a.x);
      upright += Math.abs(b.y - a.y);
    }
  return { area: twice / 2, level, upright };
}

const black = (pixels: readonly (readonly number[])[]): number => pixels.flat().filter((pixel) => pixel === 1).length;

describe('bitmaps of a layout', () => {
  it.each([
    ['inkjet', inkjet, [20_000, 20_000]],
    ['inkjet, drops further apart along x', inkjet, [20_000, 12_500]],
    ['otft', otft, [4_000, 5_000]],
  ] as const)(
    'are BMP and TIFF of the same drops, and cover what the polygons do within a pixel row: %s',
    (_, layout, dropSpacing) => {
      const [x, y] = dropSpacing;
      const files = filesOf(layout, { dropSpacing });
      const printed = printedLayers(layout);
      expect(Object.keys(files)).toHaveLength(2 * printed.length);
      for (const { layer, region } of printed) {
        const bmp = readBmp(files[`layout-${layer.name}.bmp`]!);
        const tiff = readTiff(files[`layout-${layer.name}.tiff`]!);
        expect(tiff.pixels).toEqual(bmp.pixels);
        expect(bmp.pixels.length * y).toBeGreaterThanOrEqual(layout.outline.y2);
        expect(bmp.pixels[0]!.length * x).toBeGreaterThanOrEqual(layout.outline.x2);
        expect(bmp.perMetre).toEqual([1e9 / x, 1e9 / y].map(Math.round));
        expect(tiff.perInch).toEqual([25.4e6 / x, 25.4e6 / y]);
        const { area, level, upright } = measured(region);
        // no edge moves by more than half a drop
        const most = (level * y + upright * x) / 2;
        expect(Math.abs(black(bmp.pixels) * x * y - area)).toBeLessThanOrEqual(most);
      }
    },
  );

  it('whose drops are as near as the grid have the area of the polygons to the drop', () => {
    const files = filesOf(patch, { dropSpacing: [1_000, 1_000] });
    for (const { layer, region } of printedLayers(patch)) {
      const exact = measured(region).area;
      expect(black(readBmp(files[`layout-${layer.name}.bmp`]!).pixels) * 1e6).toBe(exact);
      expect(black(readTiff(files[`layout-${layer.name}.tiff`]!).pixels) * 1e6).toBe(exact);
    }
  });

  it('print no cuts: they are openings in the dielectric', () => {
    expect(Object.keys(filesOf(patch, { dropSpacing: [1_000, 1_000] })).sort()).toEqual([
      'layout-bottom.bmp',
      'layout-bottom.tiff',
      'layout-dielectric.bmp',
      'layout-dielectric.tiff',
    ]);
    const dielectric = printedLayers(patch).find(({ layer }) => layer.name === 'dielectric')!;
    expect(measured(dielectric.region).area).toBe((100 * 80 - 2 * 8 * 8) * 1e6);
  });

  it('have the same bytes each time', () => {
    expect(filesOf(layOut(randomCircuit([2, 2, 2]), egt))).toEqual(filesOf(inkjet));
  });

  it('are mirrored, inverted and framed as asked, drop by drop', () => {
    const pixelsOf = (options: Partial<BitmapOptions>) =>
      readBmp(filesOf(inkjet, options)['layout-bottom.bmp']!).pixels;
    const plain = pixelsOf({});
    expect(pixelsOf({ mirror: true })).toEqual(plain.map((row) => row.toReversed()));
    expect(pixelsOf({ invert: true })).toEqual(plain.map((row) => row.map((pixel) => 1 - pixel)));
    const framed = pixelsOf({ margin: 60_000 });
    const left = framed.slice(3, -3).map((row) => row.slice(3, -3));
    expect(left).toEqual(plain);
    expect(black(framed)).toBe(black(plain));
  });

  it('draw every edge further in by what the ink spreads, and lose nothing', () => {
    const dropSpacing = [1_000, 1_000] as const;
    const files = filesOf(patch, { dropSpacing, edgeCompensation: 3_000 });
    for (const { layer, region } of printedLayers(patch)) {
      const { area, level, upright } = measured(region);
      const turns = region.reduce((sum, path) => sum + Math.sign(measured([path]).area), 0);
      // an edge of length l loses l × 3 µm; corners lose it twice, or never, which adds up to four squares a piece and less four a hole
      const expected = area - (level + upright) * 3_000 + 4 * turns * 3_000 ** 2;
      expect(black(readBmp(files[`layout-${layer.name}.bmp`]!).pixels) * 1e6).toBe(expected);
    }
  });

  it.each<[string, Partial<BitmapOptions>, typeof inkjet, RegExp]>([
    [
      'drops coarser than the smallest width',
      { dropSpacing: [25_000, 20_000] },
      inkjet,
      /With drops every 25 µm the layer bottom would lose lines narrower than 25 µm, as at x .* 10um or finer loses nothing/s,
    ],
    ['the default drops for finer rules', {}, otft, /With drops every 20 µm the layer .* would lose/],
    [
      'a compensation that leaves nothing of the smallest width',
      { dropSpacing: [1_000, 1_000], edgeCompensation: 10_000 },
      inkjet,
      /With drops every 1 µm and an edge compensation of 10 µm the layer bottom would lose lines narrower than 21 µm.*takes twice itself/s,
    ],
    ['more drops than a printer takes', { dropSpacing: [50, 50] }, inkjet, /Bitmaps of \d+ × \d+ drops are more than/],
  ])('refuse %s', (_, options, layout, message) => {
    const attempt = (): unknown => bitmapsOf(layout, { ...DEFAULT_BITMAPS, ...options });
    expect(attempt).toThrow();
    try {
      attempt();
    } catch (error) {
      const { message: what, hint = '' } = error as Error & { hint?: string };
      expect(`${what} ${hint}`).toMatch(message);
    }
  });
});
