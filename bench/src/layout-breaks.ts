import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Technology } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import {
  checkRules,
  hasKlayout,
  type Layout,
  layOut,
  layoutFiles,
  placedDevices,
  referenceOf,
  writeGds,
} from '@neuroprint/layout';
import { renderNetlist } from '@neuroprint/spice';
import { klayoutSays } from './klayout-many.ts';
import { randomCircuit } from './random-circuit.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

type Shape = Layout['shapes'][number];
type Layer = Shape['layer'];
type Corners = readonly [x1: number, y1: number, x2: number, y2: number];

/** A layout that breaks one rule by the least that it can. */
interface Break {
  readonly kind: string;
  readonly what: string;
  readonly layout: Layout;
}

/** Breaks of widths, gaps, enclosures, overlaps and distances, each by one step of the grid, at devices drawn by the seed. */
export function plantBreaks(layout: Layout, seed: number): Break[] {
  const draws = new Draws(seed, 'rule breaks');
  let drawn = 0;
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(draws.uniform(drawn++, 0) * list.length)]!;
  const { process, outline } = layout;
  const { grid, bottom, top, dielectric, cut, inks, semiconductors, gate, gateDielectric, apart } = process;
  const devices = placedDevices(layout);
  const all = [...layout.shapes, ...layout.instances.flatMap(({ cell }) => cell.shapes)];
  const breaks: Break[] = [];
  const plant = (
    kind: string,
    what: string,
    change: (shape: Shape) => readonly Shape[],
    more: readonly Shape[] = [],
  ) => {
    const over = (shapes: readonly Shape[]): Shape[] => shapes.flatMap(change);
    const instances = layout.instances.map((one) => ({ ...one, cell: { ...one.cell, shapes: over(one.cell.shapes) } }));
    breaks.push({ kind, what, layout: { ...layout, instances, shapes: [...over(layout.shapes), ...more] } });
  };
  const replace = (kind: string, old: Shape, by: Partial<Shape>): void =>
    plant(kind, `${old.device || old.net || 'a crossing'} on ${old.layer.name}`, (shape) =>
      shape === old ? [{ ...old, ...by }] : [shape],
    );
  const shape = (layer: Layer, [x1, y1, x2, y2]: Corners): Shape => ({ layer, x1, y1, x2, y2, net: '', device: '' });
  const beside = Math.ceil((outline.x2 + 1e6) / grid) * grid;
  const add = (kind: string, layer: Layer, ...corners: readonly Corners[]): void =>
    plant(
      kind,
      `beside the print, on ${layer.name}`,
      (one) => [one],
      corners.map(([x1, y1, x2, y2]) => shape(layer, [beside + x1, y1, beside + x2, y2])),
    );
  const long = 400_000;
  for (const layer of process.layers) {
    if (layer.role === 'title' || layer.role === 'via') continue;
    const { name, width, gap } = layer;
    add('smallest width', layer, [0, 0, width - grid, long]);
    add('gap', layer, [0, 0, width, long], [width + gap - grid, 0, 2 * width + gap - grid, long]);
    const [far, step] = [2 * width, Math.floor((gap * 0.7) / grid) * grid];
    if (2 * step * step < gap * gap)
      add(`gap between corners`, layer, [0, 0, far, far], [far + step, far + step, 2 * far + step, 2 * far + step]);
    if (name === bottom.name || name === top.name) {
      const lines = layout.shapes.filter((s) => {
        const [short, other] = [s.x2 - s.x1, s.y2 - s.y1].sort((a, b) => a - b);
        return s.layer === layer && s.net !== '' && short === process.line && other! > long;
      });
      const line = oneOf(lines);
      const level = line.x2 - line.x1 > line.y2 - line.y1;
      replace('smallest width', line, level ? { y2: line.y1 + width - grid } : { x2: line.x1 + width - grid });
    }
  }
  const legs = all.filter(({ layer, device }) => inks.some((ink) => ink === layer) && device !== '');
  for (let k = 0; k < 2; k += 1) {
    const [leg, shifted, short] = [oneOf(legs), oneOf(legs), oneOf(legs)];
    replace('smallest width', leg, { x2: leg.x1 + leg.layer.width - grid });
    replace('metal beyond ink', shifted, { x1: shifted.x1 - grid, x2: shifted.x2 - grid });
    replace('overlap of ink and metal', short, { y1: short.y1 + grid });
    const crossings = layout.shapes.filter(
      (s) =>
        s.layer === dielectric &&
        !all.some((o) => o.layer === cut && o.x1 > s.x1 && o.x2 < s.x2 && o.y1 > s.y1 && o.y2 < s.y2),
    );
    const patch = oneOf(crossings);
    replace('enclosure of a crossing', patch, k === 0 ? { x2: patch.x2 - grid } : { y1: patch.y1 + grid });
    const near = oneOf(legs);
    // top metal beside a leg, as far from it as may be, less a step
    const [lx, ly] = placeOf(layout, near);
    plant('apart from metal', `${near.device} and top metal`, (one) => [one], [
      shape(top, [lx - apart + grid - top.width, ly, lx - apart + grid, ly + long]),
    ]);
  }
  const channels = devices.filter(({ kind }) => kind === 'transistor');
  const of = (device: string, layer: Layer | undefined): Shape =>
    all.find((s) => s.device === device && s.layer === layer)!;
  if (gate !== undefined && gateDielectric !== undefined)
    for (let k = 0; k < 2; k += 1) {
      const [a, b, c, d, e] = Array.from({ length: 5 }, () => oneOf(channels).name) as [
        string,
        string,
        string,
        string,
        string,
      ];
      const semiconductor = of(a, semiconductors[0]);
      replace('overlap of semiconductor and metal', semiconductor, { x1: semiconductor.x1 + grid });
      const insulator = of(b, gateDielectric);
      replace(
        'gate dielectric beyond semiconductor',
        insulator,
        k === 0 ? { x2: insulator.x2 - grid } : { y1: insulator.y1 + grid },
      );
      const over = of(c, gate);
      replace('gate beyond the channel', over, { y1: over.y1 + grid });
      const [x, y] = placeOf(layout, of(d, gateDielectric));
      plant('apart from metal', `${d}, gate dielectric and top metal`, (one) => [one], [
        shape(top, [x - apart + grid - top.width, y, x - apart + grid, y + long]),
      ]);
      // the drain's electrode reaches towards the source until the channel is a step too short
      const film = of(e, semiconductors[0]);
      const drain = all
        .filter((s) => s.device === e && s.layer === bottom && s.x1 < film.x2 && s.x2 > film.x2 && s.y2 > film.y1)
        .sort((p, q) => q.y2 - p.y2)[0]!;
      const length = film.x2 - film.x1 - 2 * process.overlap;
      replace('channel length', drain, { x1: drain.x1 - (length - process.channel) - grid });
    }
  const vias = all.filter(({ layer }) => layer === cut);
  if (vias.length > 0)
    for (let k = 0; k < 2; k += 1) {
      const [thin, moved] = [oneOf(vias), oneOf(vias)];
      replace('via width', thin, { x2: thin.x2 - grid });
      const by = process.viaEnclosure;
      replace('enclosure of a cut', moved, { x1: moved.x1 - by, x2: moved.x2 - by });
    }
  // of two shapes that overlap, a corner inside of the other is none of the region
  const off = oneOf(all.filter(({ layer, device }) => layer === semiconductors[0] && device !== ''));
  replace('grid', off, { x2: off.x2 + 1 });
  return breaks;
}

/** Lower left corner of a shape in the whole. */
function placeOf({ instances }: Layout, shape: Shape): [number, number] {
  const instance = instances.find(({ cell }) => cell.shapes.includes(shape));
  return [shape.x1 + (instance?.x ?? 0), shape.y1 + (instance?.y ?? 0)];
}

/** Every break under each rule set, and who finds it; KLayout by the script that is written beside a layout. */
export async function ruleBreaks(technology: Technology, ruleSets: readonly string[]): Promise<void> {
  const circuit = randomCircuit([4, 3, 3], 1, technology);
  const reference = referenceOf(renderNetlist(circuit, technology), 'netlist.cir', technology);
  const found = new Map<string, { planted: number; ours: number; klayout: number }>();
  const missed: string[] = [];
  await inScratchFolder(async (folder) => {
    for (const rules of ruleSets) {
      const layout = layOut(circuit, technology, { rules });
      const files = layoutFiles({ layout, violations: [] }, reference, ['gds']);
      const script = join(folder, 'layout.drc');
      writeFileSync(script, files['layout.drc']!);
      const planted = plantBreaks(layout, 1);
      const ours = planted.map(({ layout: broken }, k) => {
        writeFileSync(join(folder, `break${k}.gds`), writeGds(broken));
        return checkRules(broken).length > 0;
      });
      const runs = planted.map((_, k) => ({ script, input: join(folder, `break${k}.gds`) }));
      const says = hasKlayout() ? klayoutSays(folder, runs) : [];
      planted.forEach(({ kind, what }, k) => {
        const klayout = /^[1-9]\d* violations$/.test(says[k] ?? '');
        const old = found.get(kind) ?? { planted: 0, ours: 0, klayout: 0 };
        found.set(kind, {
          planted: old.planted + 1,
          ours: old.ours + Number(ours[k]),
          klayout: old.klayout + Number(klayout),
        });
        if (!ours[k] || !klayout)
          missed.push(`${rules} | ${kind} | ${what} | ${ours[k] ? 'found' : 'MISSED'} | KLayout ${says[k] ?? ''}`);
      });
    }
  });
  const rows = [...found].map(([kind, one]) => [kind, String(one.planted), String(one.ours), String(one.klayout)]);
  const head = ['broken rule', 'planted', 'found by neuroprint', 'found by KLayout'];
  process.stdout.write(`${missed.map((line) => `${line}\n`).join('')}${table(head, rows)}\n\n`);
}
