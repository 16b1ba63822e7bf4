import { structureName, writeGds } from '../gds/write.ts';
import type { Layout } from '../layout.ts';
import { klayoutNetlist, lvsScript } from '../lvs/klayout.ts';
import type { Reference } from '../lvs/reference.ts';
import type { Violation } from '../rules/check.ts';
import { drcScript } from '../rules/klayout.ts';
import type { Bitmap } from './bitmap.ts';
import { type BitmapSet, bitmapsOf, DEFAULT_BITMAPS } from './bitmaps.ts';
import { writeBmp } from './bmp.ts';
import { writeDxf } from './dxf.ts';
import { writeGerber } from './gerber.ts';
import { printedLayers } from './printed.ts';
import { layoutSvg } from './svg.ts';
import { writeTiff } from './tiff.ts';

/** What a format is made of. */
interface Made {
  readonly layout: Layout;
  readonly violations: readonly Violation[];
  /** Of the layout, where its formats have some and they are not the default ones. */
  readonly bitmaps?: BitmapSet;
}

/** Files of each format, by name. */
const WRITERS = {
  gds: ({ layout }: Made): Files => ({ 'layout.gds': writeGds(layout) }),
  svg: ({ layout, violations }: Made): Files => ({ 'layout.svg': layoutSvg(layout, { violations }) }),
  bmp: (made: Made): Files => bitmapFiles(made, 'bmp', writeBmp),
  tiff: (made: Made): Files => bitmapFiles(made, 'tiff', writeTiff),
  gerber: ({ layout }: Made): Files =>
    Object.fromEntries(printedLayers(layout).map((one) => [`layout-${one.layer.name}.gbr`, writeGerber(one)])),
  dxf: ({ layout }: Made): Files => ({ 'layout.dxf': writeDxf(printedLayers(layout)) }),
} as const;

type Files = Readonly<Record<string, string | Uint8Array>>;
export type FormatName = keyof typeof WRITERS;
export const FORMATS = Object.keys(WRITERS) as readonly FormatName[];
/** Those that hold bitmaps. */
export const BITMAP_FORMATS: readonly FormatName[] = ['bmp', 'tiff'];

function bitmapFiles(
  { layout, bitmaps = bitmapsOf(layout, DEFAULT_BITMAPS) }: Made,
  ending: string,
  write: (bitmap: Bitmap, dropSpacing: readonly [number, number]) => Uint8Array,
): Files {
  return Object.fromEntries(
    bitmaps.layers.map(({ layer, bitmap }) => [
      `layout-${layer.name}.${ending}`,
      write(bitmap, bitmaps.options.dropSpacing),
    ]),
  );
}

/** The files of a layout in the formats asked for, and with GDSII KLayout's scripts and netlist that check it. */
export function layoutFiles(made: Made, reference: Reference, formats: readonly FormatName[]): Files {
  const { layout } = made;
  const files = Object.assign({}, ...formats.map((format) => WRITERS[format](made))) as Record<
    string,
    string | Uint8Array
  >;
  if (!formats.includes('gds')) return files;
  const top = structureName(layout.name);
  return {
    ...files,
    'layout.lvs': lvsScript(layout.process, top, reference.ports),
    'layout.drc': drcScript(layout.process, top),
    'layout.cir': klayoutNetlist(reference, top, layout.process.technology),
  };
}
