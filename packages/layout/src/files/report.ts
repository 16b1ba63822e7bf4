import type { ArtifactContent, LayoutReportKind } from '@neuroprint/core';
import { areaOf, mergedRectangles } from '../geometry/region.ts';
import { flatShapes, type Layout, type Rectangle } from '../layout.ts';
import type { LayoutComparison } from '../lvs/compare.ts';
import { METRES_PER_UNIT } from '../process.ts';
import type { Violation } from '../rules/check.ts';
import type { BitmapSet } from './bitmaps.ts';
import { type PlacedDevice, placedDevices } from './devices.ts';
import { crossingsOf, neighboursOf } from './neighbours.ts';

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
  const devices = placedDevices(layout);
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
    parts: partsOf(layout, devices),
    devices: devices.map(deviceReport),
    neighbours: neighboursOf(layout).map(({ layer, nets, gap, run, place }) => ({
      layer,
      nets: [...nets],
      gapMetres: rounded(gap * METRES_PER_UNIT),
      runMetres: rounded(run * METRES_PER_UNIT),
      placeMetres: cornersMetres(place),
    })),
    crossings: crossingsOf(layout).map(({ nets, times, area, place }) => ({
      nets: [...nets],
      times,
      areaSquareMetres: rounded(area * SQUARE_METRES),
      placeMetres: cornersMetres(place),
    })),
    violations: violations.map(({ rule, layer, device, place }) => ({
      rule,
      layer,
      device,
      placeMetres: cornersMetres(place),
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

/** Lower left and upper right corner. */
function cornersMetres({ x1, y1, x2, y2 }: Rectangle): [number, number, number, number] {
  const metres = (units: number): number => rounded(units * METRES_PER_UNIT);
  return [metres(x1), metres(y1), metres(x2), metres(y2)];
}

function deviceReport({ name, kind, box, ink, width, length, inkArea }: PlacedDevice): Report['devices'][number] {
  const boxMetres = cornersMetres(box);
  if (kind === 'op-amp') return { name, kind, boxMetres };
  const [widthMetres, lengthMetres] = [rounded(width * METRES_PER_UNIT), rounded(length * METRES_PER_UNIT)];
  return { name, kind, boxMetres, ink, widthMetres, lengthMetres, inkSquareMetres: rounded(inkArea * SQUARE_METRES) };
}

/** Boxes around resistors, transistors and op-amps; pads at the edge; lines. */
function partsOf({ pads, process, shapes: lines }: Layout, devices: readonly PlacedDevice[]): Report['parts'] {
  const parts: Record<string, { count: number; areaSquareMetres: number }> = {};
  const add = (kind: string, units: number): void => {
    const old = parts[kind] ?? { count: 0, areaSquareMetres: 0 };
    parts[kind] = { count: old.count + 1, areaSquareMetres: old.areaSquareMetres + units * SQUARE_METRES };
  };
  for (const { kind, box } of devices) add(`${kind}s`, (box.x2 - box.x1) * (box.y2 - box.y1));
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
