import type { Technology } from '@neuroprint/circuit';
import {
  type ArtifactContent,
  type Circuit,
  formatJson,
  LayoutReportKind,
  makeArtifact,
  NeuroprintError,
  sha256,
  type TrainedNetwork,
} from '@neuroprint/core';
import {
  type BitmapSet,
  bitmapReportOf,
  checkRules,
  type FormatName,
  type Layout,
  type LayoutOptions,
  type Lines,
  layOut,
  layoutFiles,
  layoutSvg,
  METRES_PER_UNIT,
  placedDevices,
  readLayout,
  referenceOf,
  reportOf,
  type Violation,
  writeGds,
} from '@neuroprint/layout';
import type { TestCase } from '@neuroprint/verifier';
import { given } from './options.ts';

/** A circuit with the text of its files. */
export interface Drawable {
  readonly circuit: Circuit;
  readonly network: Pick<TrainedNetwork, 'inputs'>;
  readonly technology: Technology;
  readonly circuitText: string;
  readonly netlistText: string;
  readonly netlistFile?: string;
}

/** A layout with what rule check and extraction found of it. */
export interface LaidOut {
  readonly layout: Layout;
  readonly violations: readonly Violation[];
  readonly report: ReturnType<typeof reportOf>;
  /** It keeps the rules and is the netlist. */
  readonly good: boolean;
  /** The metal between the devices, as the polygons have it; undefined where nobody says how it resists. */
  readonly lines: () => Lines | undefined;
}

/** Places and routes a circuit, checks it by the rules, and reads the bytes of its GDSII back as a circuit, against the text of the netlist. */
export function laidOut(
  { circuit, network, technology, netlistText, netlistFile = 'netlist.cir' }: Drawable,
  options: Pick<LayoutOptions, 'rules' | 'aspect'> = {},
): LaidOut {
  const layout = layOut(circuit, technology, { ...options, inputNames: network.inputs.map(({ name }) => name) });
  const violations = checkRules(layout);
  const netlist = { text: netlistText, file: netlistFile };
  const { comparison, lines } = readLayout('layout.gds', writeGds(layout), netlist, technology, options.rules);
  const report = reportOf(layout, violations, comparison);
  return { layout, violations, report, good: violations.length === 0 && comparison.matches, lines };
}

/** The files of a layout in the formats asked for, and layout.json, which knows their hashes. */
export function filesOfLayout(
  { circuitText, netlistText, netlistFile = 'netlist.cir', technology }: Drawable,
  { layout, violations, report }: LaidOut,
  formats: readonly FormatName[],
  bitmaps?: BitmapSet,
): Readonly<Record<string, string | Uint8Array>> {
  const reference = referenceOf(netlistText, netlistFile, technology);
  const files = layoutFiles({ layout, violations, ...given({ bitmaps }) }, reference, formats);
  const content: ArtifactContent<typeof LayoutReportKind> = {
    inputHashes: { 'circuit.json': sha256(circuitText), 'technology.json': technology.hash },
    ...report,
    ...(bitmaps === undefined ? {} : { bitmaps: bitmapReportOf(bitmaps) }),
    files: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)])),
  };
  return { ...files, 'layout.json': `${formatJson(makeArtifact(LayoutReportKind, content))}\n` };
}

/** Why there is no layout of a circuit; `broken` where one was drawn, and is not what it should be. */
export interface NoLayout {
  readonly none: string;
  readonly broken: boolean;
}

/** The layout of a circuit, or why there is none: no layers, no room for a device, wires that cannot be laid. */
export function laidOutOr(drawable: Drawable): LaidOut | NoLayout {
  const { technology } = drawable;
  if (technology.layout === undefined)
    return { none: `the technology ${technology.name} has no layers`, broken: false };
  try {
    const made = laidOut(drawable);
    const { violations, report } = made;
    if (made.good) return made;
    const [first, count] =
      violations.length > 0
        ? [violations[0]!.text, `${violations.length} violations of the rules ${report.rules}`]
        : [report.extracted.differences[0]!, `${report.extracted.differences.length} differences from the netlist`];
    return { none: `the one that was drawn has ${count}: ${first}`, broken: true };
  } catch (error) {
    if (error instanceof NeuroprintError) return { none: error.message, broken: false };
    throw error;
  }
}

/** The layout that compile drew of a circuit, drawn again: a page takes no drawing that somebody may have edited. */
export function drawnLayout(
  circuit: Circuit,
  { inputs }: Pick<TrainedNetwork, 'inputs'>,
  technology: Technology,
): string {
  return layoutSvg(layOut(circuit, technology, { inputNames: inputs.map(({ name }) => name) }));
}

/** What a layout drew of every element, for the bill of materials. */
export function drawnElements(layout: Layout) {
  const metres = (units: number): number => units * METRES_PER_UNIT;
  return new Map(
    placedDevices(layout).map(({ name, ink, kind, width, length, inkArea, box: { x1, y1, x2, y2 } }) => [
      name,
      {
        ink: kind === 'resistor' ? ink : '',
        widthMetres: metres(width),
        lengthMetres: metres(length),
        areaSquareMetres: metres(metres(inkArea)),
        boxSquareMetres: metres(x2 - x1) * metres(y2 - y1),
      },
    ]),
  );
}

/** `5.9 × 11.8 mm`. */
export function sizeInWords({ widthMetres, heightMetres }: LaidOut['report']): string {
  return `${(1e3 * widthMetres).toFixed(2)} × ${(1e3 * heightMetres).toFixed(2)} mm`;
}

/** `layout              5.90 × 11.80 mm, rules inkjet …`, or why there is none. */
export function layoutLine(layout: LaidOut | NoLayout, indent = 20): string {
  if ('none' in layout) return `${'no layout'.padEnd(indent)}${layout.none}`;
  const { report } = layout;
  return `${'layout'.padEnd(indent)}${sizeInWords(report)}, rules ${report.rules} kept; its polygons, read back, are the netlist`;
}

/** What --json says of a layout; layout.json has all. */
export function layoutInShort(layout: LaidOut | NoLayout): object {
  if ('none' in layout) return { none: layout.none };
  const { rules, widthMetres, heightMetres, areaSquareMetres, parts, violations, extracted } = layout.report;
  return { rules, widthMetres, heightMetres, areaSquareMetres, parts, violations: violations.length, extracted };
}

/** A layout that was drawn and is wrong fails; one that cannot be is only missing. */
export function layoutCase(layout: LaidOut | NoLayout | undefined): TestCase[] {
  if (layout === undefined || !('none' in layout) || !layout.broken) return [];
  return [{ name: 'the layout keeps the rules and is the netlist', failure: `no layout: ${layout.none}`, output: '' }];
}
