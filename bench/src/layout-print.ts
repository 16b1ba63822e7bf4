import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import type { Technology } from '@neuroprint/circuit';
import { bitmapsOf, DEFAULT_BITMAPS, layOut, layoutFiles, printedLayers, referenceOf } from '@neuroprint/layout';
import { renderNetlist } from '@neuroprint/spice';
import { randomCircuit } from './random-circuit.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const DROPS_MICROMETRES = [5, 10, 20];
const MICROMETRES_PER_PIXEL = 5;
const DPI = 25_400 / MICROMETRES_PER_PIXEL;

/**
 * What printers and plotters get against the polygons, layer by layer: areas of bitmaps at several drop spacings, and of Gerber as gerbv draws
 * it. A row is what one more or one less row of drops along half of all outlines would be.
 */
export async function printFiles(technology: Technology, ruleSets: readonly string[]): Promise<void> {
  const circuit = randomCircuit([4, 3, 3], 1, technology);
  const reference = referenceOf(renderNetlist(circuit, technology), 'netlist.cir', technology);
  const rows: string[][] = [];
  await inScratchFolder(async (folder) => {
    for (const rules of ruleSets) {
      const layout = layOut(circuit, technology, { rules });
      const regions = new Map(printedLayers(layout).map((one) => [one.layer, one.region]));
      const gerber = layoutFiles({ layout, violations: [] }, reference, ['gerber']);
      const sets = DROPS_MICROMETRES.map((micrometres) => {
        const spacing = 1000 * micrometres;
        try {
          return { spacing, set: bitmapsOf(layout, { ...DEFAULT_BITMAPS, dropSpacing: [spacing, spacing] }) };
        } catch {
          return { spacing, set: undefined };
        }
      });
      for (const { layer, polygonSquareMetres } of sets.find(({ set }) => set !== undefined)!.set!.layers) {
        const area = 1e18 * polygonSquareMetres;
        const half = outlineLength(regions.get(layer)!) / 2;
        const cells = sets.map(({ spacing, set }) => {
          const drops = set?.layers.find((one) => one.layer === layer)?.drops;
          if (drops === undefined) return 'refused';
          const off = drops * spacing * spacing - area;
          return `${percent(off / area)}, ${(off / (half * spacing)).toFixed(2)} rows`;
        });
        writeFileSync(join(folder, `${layer.name}.gbr`), gerber[`layout-${layer.name}.gbr`]!);
        const dark = gerbvArea(folder, layer.name);
        const seen =
          dark === undefined
            ? ''
            : `${percent(dark / area - 1)}, ${((dark - area) / (half * 1000 * MICROMETRES_PER_PIXEL)).toFixed(2)} rows`;
        rows.push([rules, layer.name, (area / 1e12).toFixed(4), ...cells, seen]);
      }
    }
  });
  const bitmaps = DROPS_MICROMETRES.map((micrometres) => `bitmap, ${micrometres} µm`);
  const head = ['rules', 'layer', 'polygons, mm²', ...bitmaps, `Gerber in gerbv, ${MICROMETRES_PER_PIXEL} µm`];
  process.stdout.write(`${table(head, rows)}\n\n`);
}

/** Length of all outlines of a layer, whose edges are level or upright. */
function outlineLength(region: ReturnType<typeof printedLayers>[number]['region']): number {
  const length = (path: (typeof region)[number]): number =>
    path.reduce((sum, { x, y }, k) => sum + Math.abs(x - path.at(k - 1)!.x) + Math.abs(y - path.at(k - 1)!.y), 0);
  return region.reduce((sum, path) => sum + length(path), 0);
}

function percent(share: number): string {
  return `${share < 0 ? '' : '+'}${(100 * share).toFixed(2)} %`;
}

/** Area in square database units of what gerbv draws of a layer; undefined where there is no gerbv. */
function gerbvArea(folder: string, layer: string): number | undefined {
  const png = join(folder, `${layer}.png`);
  const colours = ['--background=#FFFFFF', '--foreground=#000000FF'];
  const { status } = spawnSync('gerbv', [
    '-x',
    'png',
    '-o',
    png,
    '-D',
    String(DPI),
    '-B',
    '5',
    ...colours,
    join(folder, `${layer}.gbr`),
  ]);
  return status === 0 ? darkPixels(readFileSync(png)) * (1000 * MICROMETRES_PER_PIXEL) ** 2 : undefined;
}

/** How many pixels of a PNG of 8 bits a channel are nearer to black than to white, half-dark ones by their share. */
function darkPixels(png: Buffer): number {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[png[25]!]!;
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  let dark = 0;
  let above: Uint8Array = new Uint8Array(stride);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (stride + 1)]!;
    const line = Uint8Array.from(raw.subarray(row * (stride + 1) + 1, (row + 1) * (stride + 1)));
    for (let k = 0; k < stride; k += 1) {
      const [left, up, corner] = [
        k < channels ? 0 : line[k - channels]!,
        above[k]!,
        k < channels ? 0 : above[k - channels]!,
      ];
      line[k] = line[k]! + [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
    }
    for (let pixel = 0; pixel < width; pixel += 1) dark += 1 - line[pixel * channels]! / 255;
    above = line;
  }
  return dark;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
