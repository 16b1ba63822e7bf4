import type { ArtifactContent, LayoutReportKind } from '@neuroprint/core';
import { areaOf, mergedRectangles } from '../geometry/region.ts';
import { boundsOf, flatShapes, type Layout, type Shape } from '../layout.ts';
import type { LayoutComparison } from '../lvs/compare.ts';
import { METRES_PER_UNIT } from '../process.ts';
import type { Violation } from '../rules/check.ts';
import type { BitmapSet } from './bitmaps.ts';

type Report = ArtifactContent<typeof LayoutReportKind>;

const SQUARE_METRES = METRES_PER_UNIT ** 2;

/** What layout.json says, but for hashes of files and of what it was made from. */
export function reportOf(
  layout: Layout,
  violations: readonly Violation[],
  extracted: LayoutComparison,
): Omit<Report, 'files' | 'inputHashes'> {
  const { process, outline, name } = layout;
  const shapes = flatShapes(layout);
  const [width, height] = [outline.x2 * METRES_PER_UNIT, outline.y2 * METRES_PER_UNIT];
  return {
    name,
    technology: process.technology.name,
    rules: process.rules,
    assumed: process.technology.layout!.assumed.filter(
      (path) => path.startsWith('layers') || path.startsWith(`rules.${process.rules}.`),
    ),
    metresPerUnit: METRES_PER_UNIT,
    widthMetres: rounded(width),
    heightMetres: rounded(height),
    areaSquareMetres: rounded(width * height),
    layers: process.layers
      .filter(({ role }) => role !== 'title')
      .map((layer) => {
        const own = shapes.filter((shape) => shape.layer === layer);
        const area = areaOf(mergedRectangles(own)) * SQUARE_METRES;
        const { thicknessMetres } = layer;
        return {
          name: layer.name,
          role: layer.role,
          gds: layer.gds,
          shapes: own.length,
          areaSquareMetres: rounded(area),
          ...(thicknessMetres === undefined ? {} : { cubicMetres: rounded(area * thicknessMetres) }),
        };
      }),
    parts: partsOf(layout, shapes),
    violations: violations.map(({ rule, layer, device, place }) => ({
      rule,
      layer,
      device,
      placeMetres: [place.x1, place.y1, place.x2, place.y2].map((at) => rounded(at * METRES_PER_UNIT)) as [
        number,
        number,
        number,
        number,
      ],
    })),
    extracted,
  };
}

/** What layout.json says of bitmaps. */
export function bitmapReportOf({ options, columns, rows, layers }: BitmapSet): NonNullable<Report['bitmaps']> {
  const { dropSpacing, edgeCompensation, margin, invert, mirror } = options;
  const [x, y] = dropSpacing.map((units) => rounded(units * METRES_PER_UNIT)) as [number, number];
  return {
    dropSpacingMetres: [x, y],
    columns,
    rows,
    edgeCompensationMetres: rounded(edgeCompensation * METRES_PER_UNIT),
    marginMetres: rounded(margin * METRES_PER_UNIT),
    inverted: invert,
    mirrored: mirror,
    layers: layers.map(({ layer, drops, polygonSquareMetres }) => ({
      name: layer.name,
      drops,
      areaSquareMetres: rounded(drops * x * y),
      polygonSquareMetres: rounded(polygonSquareMetres),
    })),
  };
}

/** Boxes around resistors, transistors and op-amps; pads at the edge; lines. */
function partsOf({ pads, process, shapes: lines }: Layout, shapes: readonly Shape[]): Report['parts'] {
  const byDevice = new Map<string, Shape[]>();
  for (const shape of shapes) {
    if (shape.device === '') continue;
    const list = byDevice.get(shape.device);
    if (list === undefined) byDevice.set(shape.device, [shape]);
    else list.push(shape);
  }
  const parts: Record<string, { count: number; areaSquareMetres: number }> = {};
  const add = (kind: string, units: number): void => {
    const old = parts[kind] ?? { count: 0, areaSquareMetres: 0 };
    parts[kind] = { count: old.count + 1, areaSquareMetres: old.areaSquareMetres + units * SQUARE_METRES };
  };
  const boxArea = (list: readonly Shape[]): number => {
    const { x1, y1, x2, y2 } = boundsOf(list)!;
    return (x2 - x1) * (y2 - y1);
  };
  for (const list of byDevice.values()) {
    const roles = new Set(list.map(({ layer }) => layer.role));
    add(roles.has('semiconductor') ? 'transistors' : roles.has('resistor') ? 'resistors' : 'op-amps', boxArea(list));
  }
  for (const { layer, x1, y1, x2, y2 } of pads) if (layer === process.bottom) add('pads', (x2 - x1) * (y2 - y1));
  for (const layer of [process.bottom, process.top])
    add('lines', areaOf(mergedRectangles(lines.filter((shape) => shape.layer === layer))));
  return Object.fromEntries(
    Object.entries(parts).map(([kind, { count, areaSquareMetres }]) => [
      kind,
      { count, areaSquareMetres: rounded(areaSquareMetres) },
    ]),
  );
}

function rounded(value: number): number {
  return Number(value.toPrecision(9));
}
