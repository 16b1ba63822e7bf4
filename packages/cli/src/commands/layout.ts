import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import {
  fileExists,
  InputFileError,
  platform,
  prepareOutputFolder,
  readTextFile,
  UsageError,
  writeFileAtomic,
} from '@neuroprint/core';
import {
  BITMAP_FORMATS,
  type BitmapSet,
  bitmapReportOf,
  bitmapsOf,
  checkLayout,
  DEFAULT_BITMAPS,
  FORMATS,
  type FormatName,
  hasKlayout,
  type Layout,
  type LayoutComparison,
  runKlayout,
} from '@neuroprint/layout';
import { type NetlistFolder, readNetlistFolder } from '@neuroprint/verifier';
import { TEMPLATES } from '#host';
import { type ArgumentsOf, defineCommand, type Outcome, outcome } from '../command.ts';
import { dropSpacing, nanometres } from '../lengths.ts';
import { flag, given, number, overwriteOption, parsed, required, text } from '../options.ts';
import { filesOfLayout, type LaidOut, laidOut, sizeInWords } from '../run-layout.ts';

/** Differences and violations that are shown; layout.json has all. */
const SHOWN = 12;

function formatsOf(list: string): readonly FormatName[] {
  const names = list.split(',');
  const strange = names.find((name) => !(FORMATS as readonly string[]).includes(name));
  if (strange !== undefined) throw new UsageError(`--formats has "${strange}", and there are: ${FORMATS.join(', ')}.`);
  return names as FormatName[];
}

const options = {
  netlist: required(text('Folder that compile wrote')),
  rules: text('Rule set of the technology; its first unless given'),
  formats: parsed(text(`Files to write, apart by commas: ${FORMATS.join(', ')}`, 'gds,svg'), formatsOf),
  'drop-spacing': parsed(
    text('Distance of the drops in bitmaps, or one along x and one along y; 20um unless given'),
    dropSpacing,
  ),
  'edge-compensation': parsed(text('How far ink spreads: bitmaps draw every edge so much further in'), nanometres),
  margin: parsed(text('What bitmaps leave free around the print'), nanometres),
  invert: flag('Bitmaps with drops where nothing is printed'),
  mirror: flag('Bitmaps with right and left changed'),
  out: text('Folder for them; layout in that of the netlist unless given'),
  aspect: number('Width to height that is aimed at', { min: 0.05, max: 20 }),
  check: text('Read this GDSII file back instead, and compare it with the netlist; nothing is written'),
  klayout: flag('Let KLayout check rules and circuit too, where it is installed'),
  'with-violations': flag('Write a layout that breaks rules or is another circuit'),
  overwrite: overwriteOption,
} as const;

type Argv = ArgumentsOf<typeof options>;

/** `neuroprint layout`: the circuit as printable geometry, checked against rules and read back as the circuit. */
export const layoutCommand = defineCommand({
  options,
  examples: [
    ['$0 layout --netlist netlists-out/iris', 'Place, route, check, and write GDSII and SVG'],
    [
      '$0 layout --netlist netlists-out/iris --formats gds,bmp --drop-spacing 20um,10um --edge-compensation 2um',
      'Bitmaps for an inkjet printer too',
    ],
    ['$0 layout --netlist netlists-out/iris --check mine.gds', 'Is this layout the circuit?'],
  ],
  run: (argv) => {
    const netlist = readNetlistFolder(argv.netlist);
    return argv.check === undefined ? draw(argv, netlist) : check(argv, argv.check, netlist);
  },
});

function comparison(
  file: string,
  bytes: Uint8Array,
  netlist: NetlistFolder,
  rules: string | undefined,
): LayoutComparison {
  const { netlistText, netlistFile, circuit } = netlist;
  const technology = loadTechnology(TEMPLATES, circuit.technology);
  return checkLayout(file, bytes, { text: netlistText, file: netlistFile }, technology, rules);
}

function check({ rules }: Argv, file: string, netlist: NetlistFolder): Outcome {
  if (!fileExists(file) || platform.files.stat(file)?.kind !== 'file')
    throw new InputFileError({ file }, 'there is no such file', 'Give a GDSII file.');
  const compared = comparison(file, platform.files.read(file), netlist, rules);
  return outcome({ check: file, ...compared }, comparisonLines(compared), compared.matches ? 0 : 3);
}

function comparisonLines({
  matches,
  differences,
  nets,
  resistors,
  transistors,
  worstOhms,
}: LayoutComparison): string[] {
  if (matches)
    return [
      `circuit    the polygons are the netlist: ${nets} nets, ${resistors} resistors within ${(100 * worstOhms).toFixed(2)} %, ${transistors} transistors`,
    ];
  return [`circuit    the polygons are not the netlist: ${differences.length} differences`, ...shown(differences)];
}

function shown(lines: readonly string[]): string[] {
  const more = lines.length > SHOWN ? [`  and ${lines.length - SHOWN} more`] : [];
  return [...lines.slice(0, SHOWN).map((line) => `  ${line}`), ...more];
}

/** The bitmaps that the formats ask for. */
function bitmapsFor(argv: Argv, layout: Layout): BitmapSet | undefined {
  const { dropSpacing: spacing, edgeCompensation, margin, invert, mirror } = argv;
  if (!asksForBitmaps(argv)) return undefined;
  const lengths = given({ dropSpacing: spacing, edgeCompensation, margin });
  return bitmapsOf(layout, { ...DEFAULT_BITMAPS, ...lengths, invert, mirror });
}

/** Throws UsageError where there is an option of bitmaps, and no format of them. */
function asksForBitmaps({ formats, dropSpacing: spacing, edgeCompensation, margin, invert, mirror }: Argv): boolean {
  const asked = formats.some((name) => BITMAP_FORMATS.includes(name));
  const set = { 'drop-spacing': spacing, 'edge-compensation': edgeCompensation, margin, invert, mirror };
  const name = Object.entries(set).find(([, value]) => value !== undefined && value !== false)?.[0];
  if (!asked && name !== undefined)
    throw new UsageError(`--${name} is for bitmaps, and --formats has none: ${BITMAP_FORMATS.join(', ')}.`);
  return asked;
}

function bitmapLines(bitmaps: BitmapSet | undefined): string[] {
  if (bitmaps === undefined) return [];
  const { dropSpacingMetres, columns, rows, layers } = bitmapReportOf(bitmaps);
  const spacing = dropSpacingMetres.map((metres) => `${Number((metres * 1e6).toPrecision(9))}`).join(' × ');
  const ratios = layers.map((layer) => 100 * (layer.areaSquareMetres / layer.polygonSquareMetres - 1));
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(1));
  return [
    `bitmaps    ${columns} × ${rows} drops, ${spacing} µm apart; areas of layers from ${least} to ${most} % off the polygons'`,
  ];
}

function draw(argv: Argv, netlist: NetlistFolder): Outcome {
  const { circuit, network, netlistText, netlistFile, folder } = netlist;
  if (argv.klayout && !argv.formats.includes('gds'))
    throw new UsageError('--klayout checks layout.gds, and --formats does not have gds.');
  asksForBitmaps(argv);
  if (argv.klayout && !hasKlayout())
    throw new UsageError(
      'There is no program klayout.',
      'Install it (Debian: apt-get install klayout), or leave --klayout out.',
    );
  const technology = loadTechnology(TEMPLATES, circuit.technology);
  const circuitText = readTextFile(join(folder, 'circuit.json'));
  const drawable = { circuit, network, technology, circuitText, netlistText, netlistFile };
  const made = laidOut(drawable, given({ rules: argv.rules, aspect: argv.aspect }));
  const { layout, violations, report, good } = made;
  const lines = [
    `${good ? 'a layout' : 'NOT a layout'} of ${circuit.name} in ${technology.name}, rules ${report.rules}: ${sizeInWords(report)}`,
    ...(violations.length === 0
      ? ['rules      kept: 0 violations']
      : [`rules      ${violations.length} violations`, ...shown(violations.map((one) => one.text))]),
    ...comparisonLines(report.extracted),
    ...areaLines(report),
  ];
  if (!good && !argv.withViolations)
    return outcome(
      { ...report, written: [] },
      [...lines, 'nothing is written; --with-violations writes it all the same'],
      3,
    );
  const bitmaps = bitmapsFor(argv, layout);
  const drops = bitmaps === undefined ? {} : { bitmaps: bitmapReportOf(bitmaps) };
  const out = argv.out ?? join(folder, 'layout');
  prepareOutputFolder(out, argv.overwrite);
  const files = filesOfLayout(drawable, made, argv.formats, bitmaps);
  for (const [name, content] of Object.entries(files)) writeFileAtomic(join(out, name), content);
  const klayout = argv.klayout
    ? ['layout.lvs', 'layout.drc'].map((script) => ({ script, ...runKlayout(join(out, script)) }))
    : [];
  const clean = klayout.every((one) => one.clean);
  const written = Object.keys(files).map((name) => join(out, name));
  return outcome(
    { ...report, ...drops, written, ...(argv.klayout ? { klayout } : {}) },
    [
      ...lines,
      ...bitmapLines(bitmaps),
      ...klayout.map((one) => `KLayout    ${one.script}: ${one.text.split('\n').at(-1)}`),
      `written    ${out}: ${Object.keys(files).join(', ')}`,
    ],
    good && clean ? 0 : 3,
  );
}

function areaLines({ areaSquareMetres, parts, assumed }: LaidOut['report']): string[] {
  const square = (metres: number): string => `${(metres / 1e-6).toFixed(2)} mm²`;
  const sum = Object.values(parts).reduce((total, part) => total + part.areaSquareMetres, 0);
  const list = Object.entries(parts).map(([kind, part]) => `${kind} ${square(part.areaSquareMetres)}`);
  return [
    `area       ${square(areaSquareMetres)}, of which ${list.join(', ')}: ${((100 * sum) / areaSquareMetres).toFixed(0)} %`,
    ...(assumed.length === 0 ? [] : [`assumed    ${assumed.length} numbers of layers and rules have no source`]),
  ];
}
