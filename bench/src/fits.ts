import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '@neuroprint/core';
import {
  deviceSpread,
  type FittedKind,
  fitAgeing,
  fitKind,
  guessManifest,
  type LawName,
  readAgeing,
  readManifest,
  spreadOf,
} from '@neuroprint/laboratory';
import { DATA } from './machine.ts';
import { population, RULE } from './made-transistors.ts';
import { wholeNumber } from './options.ts';
import { PUBLISHED, publishedAmperes } from './published-otft.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const LAWS: readonly LawName[] = ['ekv', 'virtual-source', 'level1'];
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/**
 * How device laws follow measured transistors, beside the numbers that those who publish the curves load; whether a known spread comes out
 * of made devices again; and laws of ageing of six printed resistors. `[--sheets 12] [--each 5] [--noise 2]` (per cent).
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sheets: { type: 'string', default: '12' },
      each: { type: 'string', default: '5' },
      noise: { type: 'string', default: '2' },
    },
  });
  const [sheets, each] = [wholeNumber('sheets', values.sheets, 2), wholeNumber('each', values.each, 2)];
  const noise = wholeNumber('noise', values.noise) / 100;
  const otft = join(DATA, 'otft');
  if (!existsSync(otft)) throw new UsageError(`The measured curves are not there: ${otft}.`);
  await inScratchFolder(async (folder) => {
    process.stdout.write(
      `Measured p-type transistors: root mean squares over their curves\n\n${measuredTable(folder, otft)}\n\n`,
    );
    const began = performance.now();
    const made = population(folder, sheets, each, noise, 1);
    const kind = fitKind(made.manifest, readManifest(made.manifest), ['level1']);
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(
      `${sheets * each} made transistors on ${sheets} sheets, currents with ${percent(noise)} of noise (${seconds.toFixed(0)} s)\n\n${spreadTable(kind, made.drawn)}\n\n`,
    );
  });
  process.stdout.write(`Six printed resistors over 37 days: R(t)/R(0)\n\n${ageingTable()}\n`);
}

function measuredTable(folder: string, otft: string): string {
  const manifest = join(folder, 'otft.yaml');
  writeFileSync(manifest, guessManifest([otft], folder).text);
  const rows: string[][] = [];
  for (const entry of readManifest(manifest)) {
    const kind = fitKind(manifest, [entry], LAWS);
    const [{ fits }] = kind.devices as [FittedKind['devices'][number]];
    for (const { law, criterion } of kind.ranking) {
      const { decades, share, extras, points, parameters } = fits[law]!;
      const shift = parameters.find(({ name }) => name === 'shift');
      const beside = [
        ...(shift === undefined ? [] : [`outputs shifted by ${shift.value.toFixed(1)} V`]),
        ...(extras.contact ? ['contacts'] : []),
      ];
      rows.push([
        entry.name,
        law === kind.chosen ? `**${law}**` : law,
        String(points),
        decades === undefined ? '' : decades.toFixed(3),
        percent(share),
        beside.join(', '),
        (criterion - kind.ranking[0]!.criterion).toFixed(1),
      ]);
    }
    const published = publishedErrors(kind);
    if (published !== undefined) rows.push([entry.name, 'published numbers', ...published]);
  }
  return table(['device', 'law', 'points', 'decades', 'of the largest current', 'beside the law', 'criterion'], rows);
}

/** The published numbers in their own law, held against the same points in the same way, with the shift that suits them best. */
function publishedErrors({ devices }: FittedKind): string[] | undefined {
  const [{ entry, points }] = devices as [FittedKind['devices'][number]];
  const card = PUBLISHED[entry.name];
  if (card === undefined) return undefined;
  const transfers = points.curves
    .map(({ kind, held }, c) => ({ kind, held, c }))
    .filter(({ kind }) => kind === 'transfer')
    .sort((a, b) => a.held - b.held);
  const errors = (shift: number): { decades: number; share: number } => {
    let [logs, logSquares, squares] = [0, 0, 0];
    for (let i = 0; i < points.count; i += 1) {
      const c = points.curve[i]!;
      const isOutput = points.curves[c]!.kind === 'output';
      const leak = card.leakAmperes[transfers.findIndex((transfer) => transfer.c === c)] ?? 0;
      const amperes = leak + publishedAmperes(card, points.gate[i]! + (isOutput ? shift : 0), points.drain[i]!);
      squares += ((amperes - points.amperes[i]!) / points.largest[c]!) ** 2;
      if (isOutput || points.amperes[i]! <= 0) continue;
      logSquares += Math.log10(amperes / points.amperes[i]!) ** 2;
      logs += 1;
    }
    return { decades: Math.sqrt(logSquares / logs), share: Math.sqrt(squares / points.count) };
  };
  const shifts = Array.from({ length: 161 }, (_, k) => (k - 80) / 5);
  const best = shifts.reduce((a, b) => (errors(b).share < errors(a).share ? b : a));
  const { decades, share } = errors(best);
  return [
    String(points.count),
    decades.toFixed(3),
    percent(share),
    `outputs shifted by ${best.toFixed(1)} V, contacts`,
    '',
  ];
}

function spreadTable(kind: FittedKind, drawn: readonly (readonly number[])[]): string {
  const { parameters, covariance, sheetShare } = deviceSpread(kind.devices, kind.chosen)!;
  const mean = RULE.names.map((_, k) => drawn.reduce((sum, row) => sum + row[k]!, 0) / drawn.length);
  const printed = (a: number, b: number): number =>
    drawn.reduce((sum, row) => sum + (row[a]! - mean[a]!) * (row[b]! - mean[b]!), 0) / (drawn.length - 1);
  const rule = (a: number, b: number): number =>
    RULE.factor[a]!.reduce((sum: number, f, j) => sum + f * (RULE.factor[b]![j] ?? 0), 0);
  const found = (a: number, b: number): number =>
    covariance[parameters.indexOf(RULE.names[a]!)]![parameters.indexOf(RULE.names[b]!)]!;
  const correlation = (of: (a: number, b: number) => number, a: number, b: number): string =>
    (of(a, b) / Math.sqrt(of(a, a) * of(b, b))).toFixed(3);
  const rows = RULE.names.map((name, k) => [
    `standard deviation of ${name === 'vth' ? 'vth, V' : `ln ${name}`}`,
    RULE.deviations[k]!.toFixed(3),
    Math.sqrt(printed(k, k)).toFixed(3),
    Math.sqrt(found(k, k)).toFixed(3),
  ]);
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const)
    rows.push([
      `correlation of ${RULE.names[a]} and ${RULE.names[b]}`,
      correlation(rule, a, b),
      correlation(printed, a, b),
      correlation(found, a, b),
    ]);
  const exact = spreadOf(
    RULE.names.map((name) => ({ name, log: false })),
    drawn.map((values, d) => ({
      sheet: kind.devices[d]!.entry.sheet,
      values,
      errors: values.map(() => values.map(() => 0)),
    })),
  );
  rows.push([
    "sheets' share of the variance",
    RULE.sheetShare.toFixed(3),
    exact.sheetShare.toFixed(3),
    sheetShare.toFixed(3),
  ]);
  return table(['', 'rule', 'as drawn', 'from the curves'], rows);
}

function ageingTable(): string {
  const choice = fitAgeing(readAgeing(join(DATA, 'ageing', 'printed-resistors-ohms.csv'), true), 'resistors');
  const best = choice.fits[0]!.criterion;
  const factor = (law: (typeof choice.fits)[number], days: number): string => {
    const { a, shape } = law;
    const growth = {
      power: days ** shape.value,
      logarithm: Math.log1p(days / shape.value),
      saturating: -Math.expm1(-days / shape.value),
    }[law.law];
    return (1 + a.value * growth).toFixed(2);
  };
  return table(
    ['law', 'shape', 'rms', 'criterion', 'after 37 days', 'after 365 days (continued)'],
    choice.fits.map((fit) => [
      fit.law,
      `${fit.common ? 'one' : 'own'}: ${fit.shape.value.toFixed(2)} ± ${fit.shape.standardError.toFixed(2)}`,
      percent(fit.rms),
      (fit.criterion - best).toFixed(1),
      factor(fit, 37),
      factor(fit, 365),
    ]),
  );
}
