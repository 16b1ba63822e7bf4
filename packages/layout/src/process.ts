import { join } from 'node:path';
import type { LayerSpec, Technology } from '@neuroprint/circuit';
import { InputFileError, UsageError } from '@neuroprint/core';

/** Length of a database unit. All coordinates are whole multiples of it. */
export const METRES_PER_UNIT = 1e-9;

/** A printed layer with its smallest width and gap in database units; both 0 for the title, which is not printed. */
export interface Layer extends LayerSpec {
  readonly index: number;
  readonly width: number;
  readonly gap: number;
}

/** A layer that resistors are made of; ohms a square. */
interface InkLayer extends Layer {
  readonly ink: string;
  readonly inkSheetOhms: number;
}

/** The layers of a technology under one of its rule sets; lengths in database units, multiples of the grid. */
export interface Process {
  readonly technology: Technology;
  readonly rules: string;
  readonly layers: readonly Layer[];
  readonly bottom: Layer;
  readonly top: Layer;
  readonly dielectric: Layer;
  readonly title: Layer;
  /** Layer of the openings in the dielectric, where vias are cuts. */
  readonly cut: Layer | undefined;
  readonly inks: readonly InkLayer[];
  readonly semiconductors: readonly Layer[];
  readonly gateDielectric: Layer | undefined;
  readonly gate: Layer | undefined;
  readonly grid: number;
  readonly viaWidth: number;
  readonly viaGap: number;
  readonly viaEnclosure: number;
  readonly crossing: number;
  readonly inkOverlap: number;
  readonly inkEnclosure: number;
  readonly box: number;
  readonly channel: number;
  readonly overlap: number;
  readonly transistorEnclosure: number;
  readonly apart: number;
  readonly pad: number;
  readonly padGap: number;
  /** Width of every line, of either metal: it holds a via. */
  readonly line: number;
  /** Between neighbouring lines: enough for the metal's gap, for two crossings or vias beside each other, and from a crossing to ink. */
  readonly clear: number;
}

/**
 * The process by a rule set of its technology, the first where none is named. Throws UsageError where there are no layers or no such
 * rules, InputFileError where rules are missing or contradict each other.
 */
export function processOf(technology: Technology, name?: string): Process {
  const { layout } = technology;
  if (layout === undefined)
    throw new UsageError(
      `The technology ${technology.name} has no layers: its circuits are netlists, and there is no layout of them.`,
      'Give its technology.json `layers` and `rules`; those of egt are an example.',
    );
  const ruleName = name ?? Object.keys(layout.rules)[0]!;
  const rules = Object.hasOwn(layout.rules, ruleName) ? layout.rules[ruleName]! : undefined;
  if (rules === undefined)
    throw new UsageError(
      `The technology ${technology.name} has no rules "${ruleName}".`,
      `It has: ${Object.keys(layout.rules).join(', ')}.`,
    );
  const file = join(technology.folder, 'technology.json');
  const fail = (what: string): never => {
    throw new InputFileError({ file }, `rules.${ruleName}.${what}`);
  };
  const grid = Math.round(rules.gridMetres / METRES_PER_UNIT);
  if (grid < 1 || Math.abs(grid * METRES_PER_UNIT - rules.gridMetres) > 1e-6 * METRES_PER_UNIT)
    fail(
      `gridMetres: ${rules.gridMetres} is no multiple of the database unit of ${METRES_PER_UNIT} metres: corners would be rounded`,
    );
  // a rule between two points of the grid is kept by the next one
  const units = (metres: number): number => Math.ceil(metres / METRES_PER_UNIT / grid - 1e-6) * grid;
  const { cut } = rules.via;
  const sheets = new Map(technology.printing.resistorInks.map((ink) => [ink.name, ink.sheetOhms]));
  const layers = layout.layers.map((layer, index): Layer => {
    if (layer.role === 'title') return { ...layer, index, width: 0, gap: 0 };
    const of = (what: 'widthMetres' | 'gapMetres'): number => {
      const metres = rules[what][layer.name];
      return metres === undefined ? fail(`${what}: has none for the layer ${layer.name}`) : units(metres);
    };
    const sheet = layer.ink === undefined ? {} : { inkSheetOhms: sheets.get(layer.ink)! };
    return { ...layer, ...sheet, index, width: of('widthMetres'), gap: of('gapMetres') };
  });
  for (const what of ['widthMetres', 'gapMetres', 'pitchMetres'] as const)
    for (const layer of Object.keys(rules[what] ?? {}))
      if (!layers.some((known) => known.name === layer && known.role !== 'title'))
        fail(`${what}: there is no printed layer ${layer}`);
  const one = (role: Layer['role']): Layer | undefined => layers.find((layer) => layer.role === role);
  const [bottom, top, dielectric, via] = [
    one('bottom metal')!,
    one('top metal')!,
    one('crossover dielectric')!,
    one('via'),
  ];
  if (via === undefined) return fail('via: there is no layer with the role via to give its width and gap');
  const viaEnclosure = units(rules.via.enclosureMetres);
  const crossing = units(rules.crossing.enclosureMetres);
  const line = Math.max(bottom.width, top.width, via.width + (cut ? 2 * viaEnclosure : 0));
  const apart = units(rules.apartMetres);
  let clear = Math.max(bottom.gap, top.gap, 2 * crossing + dielectric.gap, crossing + apart, via.gap);
  for (const [layer, metres] of Object.entries(rules.pitchMetres ?? {})) {
    const { width, gap } = layers.find(({ name: known }) => known === layer)!;
    const pitch = units(metres);
    if (pitch < width + gap)
      fail(
        `pitchMetres.${layer}: lines of the smallest width ${width} nm would be ${pitch - width} nm apart at a pitch of ${pitch} nm, and the gap is ${gap} nm`,
      );
    clear = Math.max(clear, pitch - line);
  }
  return {
    technology,
    rules: ruleName,
    layers,
    bottom,
    top,
    dielectric,
    title: one('title')!,
    cut: cut ? via : undefined,
    inks: layers.filter((layer): layer is InkLayer => layer.role === 'resistor'),
    semiconductors: layers.filter(({ role }) => role === 'semiconductor'),
    gateDielectric: one('gate dielectric'),
    gate: one('gate'),
    grid,
    viaWidth: via.width,
    viaGap: via.gap,
    viaEnclosure,
    crossing,
    inkOverlap: units(rules.resistor.overlapMetres),
    inkEnclosure: units(rules.resistor.enclosureMetres),
    box: units(rules.resistor.boxMetres),
    channel: units(rules.transistor.lengthMetres),
    overlap: units(rules.transistor.overlapMetres),
    transistorEnclosure: units(rules.transistor.enclosureMetres),
    apart,
    pad: units(rules.pad.sizeMetres),
    padGap: units(rules.pad.gapMetres),
    line,
    clear,
  };
}
