import { readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { InputFileError, UsageError } from '@neuroprint/core';
import { unitsThatFit } from './curve.ts';
import { readTwoColumns, type TwoColumns } from './curve-file.ts';
import { CURRENT_UNITS } from './manifest.ts';
import { interpolate } from './sweep.ts';

/** A manifest as text, what was guessed for it in sentences, and files that were left out with the reason. */
export interface GuessedManifest {
  readonly text: string;
  readonly guesses: readonly string[];
  readonly leftOut: readonly string[];
}

interface GuessedCurve {
  readonly path: string;
  readonly device: string;
  readonly kind: 'transfer' | 'output';
  readonly table: TwoColumns;
  readonly polarity: 'n' | 'p';
  readonly magnitude: number | undefined;
  unit: string;
}

const KINDS: readonly (readonly [RegExp, 'transfer' | 'output'])[] = [
  [/transf|trans|idvg|id[-_]?vg/i, 'transfer'],
  [/outp|out|idvd|id[-_]?vd/i, 'output'],
];
/** `vd40`, `vgs-2.5`, `40V`: the voltage that is held, without its sign. */
const HELD = /v(?:ds|gs|d|g)[-_]?(-?\d+(?:[.p]\d+)?)|(-?\d+(?:\.\d+)?)v/i;

/**
 * Proposes a manifest for files: device, kind and held voltage from their names, polarity from the signs of the volts, units by what a
 * transistor can carry and by what transfer and output curves of a device have in common. Throws where nothing is a curve.
 */
export function guessManifest(paths: readonly string[], folder: string): GuessedManifest {
  const guesses: string[] = [];
  const leftOut: string[] = [];
  const curves: GuessedCurve[] = [];
  for (const path of paths.flatMap(filesOf)) {
    try {
      const curve = guessCurve(path);
      if (typeof curve === 'string') leftOut.push(`${basename(path)}: ${curve}`);
      else curves.push(curve);
    } catch (error) {
      if (!(error instanceof InputFileError)) throw error;
      leftOut.push(error.message.replace(path, basename(path)));
    }
  }
  if (curves.length === 0)
    throw new UsageError(
      `No file of ${paths.join(', ')} is a curve of a transistor: ${leftOut.join('; ') || 'there are none'}.`,
      'A curve is two columns, volts and current, and its name says transfer or output and the volts held, as p1-transfer-vd40.csv does.',
    );
  const devices = new Map<string, GuessedCurve[]>();
  for (const curve of curves) devices.set(curve.device, [...(devices.get(curve.device) ?? []), curve]);
  for (const [name, own] of devices) {
    guessUnits(name, own, guesses);
    const { polarity } = own[0]!;
    if (/^[np]\d*$/i.test(name) && name[0]!.toLowerCase() !== polarity)
      guesses.push(`${name}: ${polarity}-type, as its volts have it, though its name begins with ${name[0]}`);
    else guesses.push(`${name}: ${polarity}-type, by the sign of its volts`);
  }
  guesses.push('W and L: nobody has given them; 1 mm and 50 µm are placeholders');
  return { text: yamlOf(devices, folder, guesses), guesses, leftOut };
}

function filesOf(path: string): string[] {
  let stats: ReturnType<typeof statSync>;
  try {
    stats = statSync(path);
  } catch {
    throw new InputFileError({ file: path }, 'there is no such file or folder');
  }
  if (!stats.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.(?:csv|txt|dat|tsv)$/i.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** A curve by the name of its file, or why it is none. */
function guessCurve(path: string): GuessedCurve | string {
  const name = basename(path).replace(/\.\w+$/, '');
  const found = KINDS.find(([pattern]) => pattern.test(name));
  if (found === undefined) return 'the name says neither transfer nor output';
  const [pattern, kind] = found;
  const at = pattern.exec(name)!.index;
  const device = name.slice(0, at).replace(/[-_ .]+$/, '') || 'device';
  const rest = name.slice(at).replace(pattern, '');
  const held = HELD.exec(rest);
  const table = readTwoColumns(path);
  const farthest = table.first.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most), 0);
  const magnitude = held === null ? undefined : Math.abs(Number((held[1] ?? held[2]!).replace('p', '.')));
  return { path, device, kind, table, polarity: farthest < 0 ? 'p' : 'n', magnitude, unit: 'A' };
}

/** Units of a device's curves: first what a transistor can carry, then what makes outputs meet transfers. */
function guessUnits(device: string, curves: readonly GuessedCurve[], guesses: string[]): void {
  const largest = ({ table }: GuessedCurve): number => table.second.reduce((most, i) => Math.max(most, Math.abs(i)), 0);
  const byHeader = ({ table: { amperesOfUnit: own } }: GuessedCurve): string | undefined =>
    own === undefined ? undefined : Object.keys(CURRENT_UNITS).find((unit) => CURRENT_UNITS[unit] === own);
  for (const curve of curves) curve.unit = byHeader(curve) ?? unitsThatFit(largest(curve))[0] ?? 'A';
  const transfers = curves.filter(({ kind }) => kind === 'transfer');
  // one author, one unit; and it is the strongest curve that history shifts least
  const outputs = curves
    .filter(({ kind }) => kind === 'output')
    .sort((a, b) => (b.magnitude ?? 0) - (a.magnitude ?? 0));
  const common = outputs.flatMap((output) => transfers.flatMap((transfer) => commonPoint(transfer, output)))[0];
  if (common !== undefined) {
    const { amperes, raw } = common;
    const distance = (unit: string): number => Math.abs(Math.log(Math.abs((raw * CURRENT_UNITS[unit]!) / amperes)));
    const unit = ['A', 'mA', 'uA', 'nA'].reduce((best, one) => (distance(one) < distance(best) ? one : best));
    for (const output of outputs) output.unit = byHeader(output) ?? unit;
  }
  const units = new Set(curves.map(({ kind, unit }) => `${kind} curves in ${unit}`));
  guesses.push(
    `${device}: ${[...units].join(', ')}, by what a transistor carries${transfers.length > 0 && transfers.length < curves.length ? ' and by what its curves have in common' : ''}`,
  );
}

/** The current of a transfer curve at the gate of an output curve, and what stands there in the output's file. */
function commonPoint(transfer: GuessedCurve, output: GuessedCurve): { amperes: number; raw: number }[] {
  if (transfer.magnitude === undefined || output.magnitude === undefined) return [];
  const sign = output.polarity === 'p' ? -1 : 1;
  const sorted = ({ first, second }: TwoColumns) => {
    const order = [...first.keys()].sort((a, b) => first[a]! - first[b]!);
    return [order.map((i) => first[i]!), order.map((i) => second[i]!)] as const;
  };
  const raw = interpolate(...sorted(output.table), sign * transfer.magnitude);
  const there = interpolate(...sorted(transfer.table), sign * output.magnitude);
  const amperes = there * CURRENT_UNITS[transfer.unit]!;
  return Number.isFinite(raw) && Number.isFinite(amperes) && raw !== 0 && amperes !== 0 ? [{ amperes, raw }] : [];
}

function yamlOf(
  devices: ReadonlyMap<string, readonly GuessedCurve[]>,
  folder: string,
  guesses: readonly string[],
): string {
  const lines = [
    '# A proposal: look over what was guessed.',
    ...guesses.map((guess) => `# ${guess}`),
    'W: { value: 1e-3, why: "a placeholder: nobody has given the width" }',
    'L: { value: 5e-5, why: "a placeholder: nobody has given the length" }',
    'devices:',
  ];
  for (const [name, curves] of devices) {
    const { polarity } = curves[0]!;
    const sign = polarity === 'p' ? -1 : 1;
    lines.push(`  - name: ${JSON.stringify(name)}`);
    lines.push(`    transistor: ${nameOf(name)}`);
    lines.push(`    polarity: ${polarity}`, '    curves:');
    for (const { path, kind, magnitude, unit } of curves) {
      const file = JSON.stringify(relative(folder, path));
      const volts = magnitude === undefined ? '0 # not in the name: fill it in' : `${sign * magnitude}`;
      lines.push(`      - file: ${file}`, `        kind: ${kind}`, `        volts: ${volts}`, `        unit: ${unit}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A name for technology.json. */
function nameOf(device: string): string {
  const plain = device
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[a-z]/.test(plain) ? plain : `t_${plain}`;
}
