import { join } from 'node:path';
import { formatPercent, makeFolder, writeFileAtomic } from '@neuroprint/core';
import { coveragePlots, type Plot } from '@neuroprint/report';
import { type Coverage, coverageOf, exportSamples, mergeSamples, type Range } from '@neuroprint/sampler';
import { defineCommand, outcome } from '../command.ts';
import { required, text, texts } from '../options.ts';

const SHOWN = 5;

export const inspectCommand = defineCommand({
  options: {
    samples: required(text('Folder of the samples')),
    plots: text('Folder for plots as SVG'),
  },
  examples: [['$0 samples inspect --samples samples/negweight', 'Look at samples']],
  run: async ({ samples: folder, plots }) => {
    const coverage = coverageOf(folder);
    const drawn = plots === undefined || coverage.converged === 0 ? [] : await coveragePlots(coverage.rows);
    if (plots !== undefined) makeFolder(plots);
    for (const { name, svg } of drawn) writeFileAtomic(join(plots!, `${name}.svg`), svg);
    return outcome(summaryOf(coverage, drawn), [
      ...describe(coverage),
      ...(plots === undefined ? [] : [`${drawn.length} plots written to ${plots}`]),
    ]);
  },
});

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

export const exportTableCommand = defineCommand({
  options: {
    samples: required(text('Folder of the samples')),
    out: required(text('File to write: NAME.csv or NAME.parquet')),
  },
  examples: [
    ['$0 samples export --samples samples/negweight --out negweight.parquet', 'For pandas, DuckDB and the like'],
  ],
  run: ({ samples, out }) => {
    const files = exportSamples(samples, out);
    return outcome(
      { files },
      files.map((file) => `written: ${file}`),
    );
  },
});

export const mergeCommand = defineCommand({
  options: {
    parts: required(texts('Folders of the parts')),
    out: required(text('Folder for the whole')),
  },
  examples: [['$0 samples merge --parts part-0 part-1 --out whole', 'The same bits as one run']],
  run: ({ parts, out }) => {
    const summary = mergeSamples(parts, out);
    return outcome(summary, [
      `${summary.rows} rows from ${summary.firstIndex} on, ${summary.failed} of them failed`,
      `written: ${out}`,
    ]);
  },
});
