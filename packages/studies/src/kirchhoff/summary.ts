import { meanAndStd } from '@neuroprint/core';
import type { PhysicalCase } from './cases.ts';

/** One training or readout on one split of a table. */
export interface PhysicalRow {
  readonly dataset: string;
  readonly case: string;
  readonly split: number;
  readonly lambda: number;
  readonly accuracy: { readonly train: number; readonly valid: number; readonly test: number };
  readonly validLoss?: number;
  readonly totals?: readonly (readonly number[])[];
}

/** A cell of a table: test accuracy over the splits, and the λ that validation chose. */
export interface PhysicalLine {
  readonly dataset: string;
  readonly case: PhysicalCase;
  readonly lambda: number | undefined;
  readonly splits: number;
  readonly mean: number;
  readonly std: number;
  /** Share of the nodes whose Σg is negative; undefined where there is no network. */
  readonly negativeTotals: number | undefined;
}

/** What a nat of validation loss counts against validation accuracy when λ is chosen. */
const LOSS_WEIGHT = 0.5;

/** The λ that is best on the validation rows, mean over the splits that all of them have. */
export function chooseLambda(rows: readonly PhysicalRow[]): number {
  const lambdas = [...new Set(rows.map(({ lambda }) => lambda))];
  const shared = Math.min(...lambdas.map((lambda) => rows.filter((row) => row.lambda === lambda).length));
  const score = (lambda: number): number =>
    meanAndStd(
      rows
        .filter((row) => row.lambda === lambda && row.split < shared)
        .map(({ accuracy, validLoss = 0 }) => accuracy.valid - LOSS_WEIGHT * validLoss),
    ).mean;
  return lambdas.reduce((best, lambda) => (score(lambda) > score(best) ? lambda : best));
}

/** Cells of a table from its rows. */
export function linesOf(
  rows: readonly PhysicalRow[],
  datasets: readonly string[],
  cases: readonly PhysicalCase[],
): PhysicalLine[] {
  return datasets.flatMap((dataset) =>
    cases.flatMap((which): PhysicalLine[] => {
      const all = rows.filter((row) => row.dataset === dataset && row.case === which.name);
      if (all.length === 0) return [];
      const lambda = chooseLambda(all);
      const chosen = all.filter((row) => row.lambda === lambda);
      const { mean, std } = meanAndStd(chosen.map(({ accuracy }) => accuracy.test));
      const totals = chosen.flatMap((row) => row.totals?.flat() ?? []);
      return [
        {
          dataset,
          case: which,
          lambda: which.penalised ? lambda : undefined,
          splits: chosen.length,
          mean,
          std,
          negativeTotals: totals.length === 0 ? undefined : totals.filter((total) => total < 0).length / totals.length,
        },
      ];
    }),
  );
}

/** Data sets down, cases across: mean ± standard deviation of the test accuracy in %, λ behind it where one was chosen. */
export function kirchhoffTable(lines: readonly PhysicalLine[]): string {
  const cases = [...new Set(lines.map((line) => line.case))];
  const datasets = [...new Set(lines.map(({ dataset }) => dataset))];
  const cell = (dataset: string, which: PhysicalCase): string => {
    const line = lines.find((entry) => entry.dataset === dataset && entry.case === which);
    if (line === undefined) return '';
    const lambda = line.lambda === undefined ? '' : ` (λ ${line.lambda})`;
    return `${(100 * line.mean).toFixed(1)} ± ${(100 * line.std).toFixed(1)}${lambda}`;
  };
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(['table', ...cases.map(({ title }) => title)]),
    `|---|${cases.map(() => '--:|').join('')}`,
    ...datasets.map((dataset) => row([dataset, ...cases.map((which) => cell(dataset, which))])),
  ].join('\n');
}

/** All cells as CSV. */
export function toCsv(lines: readonly PhysicalLine[]): string {
  const body = lines.map((line) =>
    [
      line.dataset,
      line.case.name,
      line.lambda ?? '',
      line.splits,
      line.mean.toFixed(5),
      line.std.toFixed(5),
      line.negativeTotals?.toFixed(4) ?? '',
    ].join(','),
  );
  return `${['dataset,case,lambda,splits,mean,std,negativeTotals', ...body].join('\n')}\n`;
}
