import { describe, expect, it } from 'vitest';
import { layoutFiles } from '../src/files/files.ts';
import { printedLayers } from '../src/files/printed.ts';
import { areaOf } from '../src/geometry/region.ts';
import type { Reference } from '../src/lvs/reference.ts';
import { layOut } from '../src/place/place.ts';
import { type Contour, contains, readDxf, readGerber, squareMicrometres } from './contours.ts';
import { egt, randomCircuit } from './example.ts';
import { inkAt, otft, patch } from './patch.ts';

const reference: Reference = { name: 'patch', ports: [], devices: [] };
const LAYOUTS = [
  ['inkjet', layOut(randomCircuit([2, 2, 2]), egt)],
  ['otft', otft],
  ['a piece within a ring, and cuts', patch],
] as const;

/** Points a quarter of a micrometre and more off every edge, in micrometres: within and near corners of the contours, and all over. */
function places(contours: readonly Contour[]): [number, number][] {
  const corners = contours.flat().filter((_, k, all) => k % Math.ceil(all.length / 200) === 0);
  return corners.flatMap(([x, y]) =>
    [-3.013, -1.013, 1.013, 3.013].flatMap((dx) => [-2.017, 2.017].map((dy): [number, number] => [x + dx, y + dy])),
  );
}

describe('Gerber of a layout', () => {
  it.each(LAYOUTS)('has the area of every layer, and ink where rectangles were drawn: %s', (_, layout) => {
    const files = layoutFiles({ layout, violations: [] }, reference, ['gerber']);
    const printed = printedLayers(layout);
    expect(Object.keys(files)).toEqual(printed.map(({ layer }) => `layout-${layer.name}.gbr`));
    for (const { layer, region } of printed) {
      const fills = readGerber(files[`layout-${layer.name}.gbr`] as string);
      const area = fills.reduce((sum, { dark, contour }) => sum + (dark ? 1 : -1) * squareMicrometres(contour), 0);
      expect(area).toBeCloseTo(areaOf(region) / 1e6, 3);
      const drawn = inkAt(layout, layer.name);
      const points = places(fills.map(({ contour }) => contour));
      const wrong = points.filter(
        ([x, y]) => (fills.findLast(({ contour }) => contains(contour, x, y))?.dark ?? false) !== drawn(x, y),
      );
      expect(wrong).toEqual([]);
      expect(points.filter(([x, y]) => drawn(x, y)).length).toBeGreaterThan(4);
    }
  });

  it('of one small layout reads as follows', () => {
    const { shapes } = patch;
    const layout = { ...patch, shapes: [shapes[6]!, shapes[7]!] };
    expect(layoutFiles({ layout, violations: [] }, reference, ['gerber'])).toMatchInlineSnapshot(`
      {
        "layout-dielectric.gbr": "G04 neuroprint, layer dielectric*
      %FSLAX46Y46*%
      %MOMM*%
      G01*
      %LPD*%
      G36*
      X103000Y5000D02*
      X103000Y85000D01*
      X3000Y85000D01*
      X3000Y5000D01*
      X103000Y5000D01*
      G37*
      %LPC*%
      G36*
      X23000Y15000D02*
      X15000Y15000D01*
      X15000Y23000D01*
      X23000Y23000D01*
      X23000Y15000D01*
      G37*
      M02*
      ",
      }
    `);
  });
});

describe('DXF of a layout', () => {
  it.each(LAYOUTS)(
    'has closed contours around the ink of every layer, and the same bytes each time: %s',
    (_, layout) => {
      const write = (): string => layoutFiles({ layout, violations: [] }, reference, ['dxf'])['layout.dxf'] as string;
      const byLayer = readDxf(write());
      expect(write()).toBe(write());
      expect([...byLayer.keys()]).toEqual(printedLayers(layout).map(({ layer }) => layer.name));
      for (const [name, contours] of byLayer) {
        const drawn = inkAt(layout, name);
        const wrong = places(contours).filter(
          ([x, y]) => (contours.filter((contour) => contains(contour, x, y)).length % 2 === 1) !== drawn(x, y),
        );
        expect(wrong).toEqual([]);
        const { region } = printedLayers(layout).find(({ layer }) => layer.name === name)!;
        expect(contours).toHaveLength(region.length);
      }
    },
  );
});
