import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatPercent, writeFileAtomic } from '@neuroprint/core';
import { coveragePlots, type Plot } from '@neuroprint/report';
import { type Coverage, coverageOf, exportSamples, mergeSamples, type Range } from '@neuroprint/sampler';
import type { CommandModule } from 'yargs';
import { jsonOption, textOption } from '../options.ts';
import { printResult } from '../output.ts';

/** `neuroprint samples inspect|export|merge`. */
export const samplesCommand: CommandModule<object, object> = {
  command: 'samples <action>',
  describe: 'Look into samples, export them, or join the parts of several runs',
  builder: (yargs) =>
    yargs
      .command(inspect)
      .command(exportCommand)
      .command(merge)
      .demandCommand(1, 'Say inspect, export or merge.')
      .strict() as never,
  handler: () => {},
};

const SHOWN = 5;

const inspect: CommandModule<object, { samples: string; plots: string | undefined; json: boolean }> = {
  command: 'inspect',
  describe: 'How well samples cover their design space, which rows failed, and where the fit is poor',
  builder: (yargs) =>
    yargs
      .options({
        samples: { ...textOption('samples', 'Folder of the samples'), demandOption: true },
        plots: textOption('plots', 'Folder for plots as SVG'),
        json: jsonOption,
      })
      .example('$0 samples inspect --samples samples/negweight', 'Look at samples') as never,
  handler: async ({ samples: folder, plots, json }) => {
    const coverage = coverageOf(folder);
    const drawn = plots === undefined || coverage.rows.length === 0 ? [] : await coveragePlots(coverage.rows);
    if (plots !== undefined) mkdirSync(plots, { recursive: true });
    for (const { name, svg } of drawn) writeFileAtomic(join(plots!, `${name}.svg`), svg);
    printResult(json, summaryOf(coverage, drawn), [
      ...describe(coverage),
      ...(plots === undefined ? [] : [`${drawn.length} plots written to ${plots}`]),
    ]);
  },
};

function summaryOf(
  { samples, converged, discrepancy, rejected, eta, residualShare, poorFits, failures }: Coverage,
  drawn: readonly Plot[],
) {
  const { technology, cell, recipe, simulator, firstIndex, count, sweep } = samples;
  return {
    ...{ technology, cell, recipe, simulator, sweep, firstIndex, rows: count, converged, failed: count - converged },
    failures: Object.fromEntries(failures),
    discrepancy,
    rejectedShare: { ...Object.fromEntries(rejected.byConstraint), together: rejected.together },
    ...{ eta, residualShare, poorFits, plots: drawn.map(({ name }) => `${name}.svg`) },
  };
}

function describe({
  samples,
  converged,
  discrepancy,
  rejected,
  eta,
  residualShare,
  poorFits,
  failures,
}: Coverage): string[] {
  const { technology, cell, count, firstIndex, simulator, sweep } = samples;
  const range = ({ min, p5, median, p95, max }: Range) =>
    [min, p5, median, p95, max].map((v) => v.toPrecision(3).padStart(9)).join(' ');
  return [
    `${technology} ${cell}: rows ${firstIndex} to ${firstIndex + count - 1}, ${converged} converged, ${count - converged} failed (${simulator.name} ${simulator.version}, ${sweep.points} points)`,
    ...[...failures].map(([reason, times]) => `  ${times} × ${reason}`),
    `centred discrepancy of ${discrepancy.points} points: ${discrepancy.here.toPrecision(3)}, random points ${discrepancy.random.toPrecision(3)}`,
    ...[...rejected.byConstraint].map(
      ([text, share]) => `${text} would have rejected ${formatPercent(share)} of random points`,
    ),
    `all constraints together would have rejected ${formatPercent(rejected.together)}`,
    `${' '.repeat(22)} smallest       5 %    median      95 %   largest`,
    ...eta.map((one, k) => `${`η${'₁₂₃₄'[k]} (${k < 3 ? 'V' : '1/V'})`.padEnd(22)}${range(one)}`),
    `${'residual (of swing)'.padEnd(22)}${range(residualShare)}`,
    `${poorFits.length} curves are poorly fitted`,
    ...poorFits
      .slice(0, SHOWN)
      .map(({ index, residualShare: share, why }) => `  row ${index}: ${formatPercent(share)} of the swing; ${why}`),
  ];
}

const exportCommand: CommandModule<object, { samples: string; out: string; json: boolean }> = {
  command: 'export',
  describe: 'Write samples as CSV or Parquet',
  builder: (yargs) =>
    yargs
      .options({
        samples: { ...textOption('samples', 'Folder of the samples'), demandOption: true },
        out: { ...textOption('out', 'File to write: NAME.csv or NAME.parquet'), demandOption: true },
        json: jsonOption,
      })
      .example(
        '$0 samples export --samples samples/negweight --out negweight.parquet',
        'For pandas, DuckDB and the like',
      ) as never,
  handler: ({ samples, out, json }) => {
    const files = exportSamples(samples, out);
    printResult(
      json,
      { files },
      files.map((file) => `written: ${file}`),
    );
  },
};

const merge: CommandModule<object, { parts: string[]; out: string; json: boolean }> = {
  command: 'merge',
  describe: 'Join the parts that several runs have made (--shard I/N) into one folder',
  builder: (yargs) =>
    yargs
      .options({
        parts: { type: 'string', array: true, requiresArg: true, demandOption: true, describe: 'Folders of the parts' },
        out: { ...textOption('out', 'Folder for the whole'), demandOption: true },
        json: jsonOption,
      })
      .example('$0 samples merge --parts part-0 part-1 --out whole', 'The same bits as one run') as never,
  handler: ({ parts, out, json }) => {
    const summary = mergeSamples(parts, out);
    printResult(json, summary, [
      `${summary.rows} rows from ${summary.firstIndex} on, ${summary.failed} of them failed`,
      `written: ${out}`,
    ]);
  },
};
