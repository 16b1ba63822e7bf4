import { UsageError } from '@neuroprint/core';
import { areaOf, sized } from '../geometry/region.ts';
import type { Layout, Rectangle } from '../layout.ts';
import { type Layer, METRES_PER_UNIT, type Process } from '../process.ts';
import { Distances } from '../rules/edges.ts';
import { type Bitmap, type DropGrid, dropsOf, inverted, mirrored, rasterized } from './bitmap.ts';
import { type PrintedLayer, printedLayers } from './printed.ts';

/** How a printer takes its bitmaps; lengths in database units, whole. */
export interface BitmapOptions {
  /** Distance of the drops along x and along y. */
  readonly dropSpacing: readonly [number, number];
  /** How far the ink spreads beyond the drops: every edge is drawn so much further in. */
  readonly edgeCompensation: number;
  /** What stays free around the print. */
  readonly margin: number;
  readonly invert: boolean;
  readonly mirror: boolean;
}

/** The bitmaps of a layout, all of one size. */
export interface BitmapSet {
  readonly options: BitmapOptions;
  readonly columns: number;
  readonly rows: number;
  readonly layers: readonly {
    readonly layer: Layer;
    readonly bitmap: Bitmap;
    /** Before an inversion. */
    readonly drops: number;
    /** Of the polygons with their edges compensated, in square metres. */
    readonly polygonSquareMetres: number;
  }[];
}

export const DEFAULT_BITMAPS: BitmapOptions = {
  dropSpacing: [20_000, 20_000],
  edgeCompensation: 0,
  margin: 0,
  invert: false,
  mirror: false,
};

/** Pixels of a layer: 25 megabytes. */
const MOST_PIXELS = 2e8;

/**
 * The layers of a layout as a printer of drops takes them. Throws UsageError where a line or a gap of the layout is narrower than a drop
 * is wide, so that it could be lost between two, and where bitmaps would be larger than a printer takes.
 */
export function bitmapsOf(layout: Layout, options: BitmapOptions): BitmapSet {
  const { outline, process } = layout;
  const { dropSpacing, edgeCompensation, margin, invert, mirror } = options;
  const [x, y] = dropSpacing;
  const grid: DropGrid = {
    left: outline.x1 - margin,
    bottom: outline.y1 - margin,
    x,
    y,
    columns: Math.ceil((outline.x2 - outline.x1 + 2 * margin) / x),
    rows: Math.ceil((outline.y2 - outline.y1 + 2 * margin) / y),
  };
  if (grid.columns * grid.rows > MOST_PIXELS)
    throw new UsageError(
      `Bitmaps of ${grid.columns} × ${grid.rows} drops are more than ${MOST_PIXELS} drops a layer.`,
      'Give a coarser --drop-spacing or a smaller --margin.',
    );
  const layers = printedLayers(layout);
  for (const layer of layers) refuseWhatIsLost(layer, options, process);
  return {
    options,
    columns: grid.columns,
    rows: grid.rows,
    layers: layers.map(({ layer, region }) => {
      const drawn = sized(region, -edgeCompensation);
      const plain = rasterized(drawn, grid);
      const turned = mirror ? mirrored(plain) : plain;
      return {
        layer,
        bitmap: invert ? inverted(turned) : turned,
        drops: dropsOf(plain),
        polygonSquareMetres: areaOf(drawn) * METRES_PER_UNIT ** 2,
      };
    }),
  };
}

/** What is as wide as a drop has the middle of one inside; what is narrower may fall between two. Shrinking takes both edges, before it could lose a shape. */
function refuseWhatIsLost(
  { layer, region }: PrintedLayer,
  { dropSpacing, edgeCompensation }: BitmapOptions,
  process: Process,
): void {
  const drop = Math.max(...dropSpacing);
  const distances = new Distances(region);
  const shrunk = edgeCompensation === 0 ? '' : ` and an edge compensation of ${inMicrometres(edgeCompensation)}`;
  const refuse = ([place]: readonly Rectangle[], what: string, least: number): void => {
    if (place === undefined) return;
    throw new UsageError(
      `With drops every ${inMicrometres(drop)}${shrunk} the layer ${layer.name} would lose ${what} narrower than ${inMicrometres(least)}, as at x ${inMicrometres(place.x1)}, y ${inMicrometres(place.y1)}.`,
      hintOf(process, edgeCompensation),
    );
  };
  refuse(distances.narrow(drop + 2 * edgeCompensation), 'lines', drop + 2 * edgeCompensation);
  refuse(distances.near(drop - 2 * edgeCompensation), 'gaps', drop - 2 * edgeCompensation);
}

function hintOf({ layers, rules, channel }: Process, compensation: number): string {
  const printed = layers.filter(({ role }) => role !== 'title');
  const width = Math.min(...printed.map((layer) => layer.width));
  const gap = Math.min(channel, ...printed.map((layer) => layer.gap));
  const most = Math.min(width - 2 * compensation, gap + 2 * compensation);
  const sizes = `The rules ${rules} have widths from ${inMicrometres(width)} and gaps from ${inMicrometres(gap)}`;
  return most > 0
    ? `${sizes}: --drop-spacing ${most / 1000}um or finer loses nothing.`
    : `${sizes}: an edge compensation takes twice itself from a width.`;
}

function inMicrometres(units: number): string {
  return `${units / 1000} µm`;
}
