import { formatWatts, meanAndStd } from '@neuroprint/core';
import type { Case } from './case.ts';
import { CASES } from './cases.ts';
import type { Row } from './row.ts';

/** A line of the table: one case tested under one spread, on one table or on all of them. */
export interface Line {
  readonly case: Case;
  readonly testedAt: number;
  readonly dataset: string;
  readonly seeds: number;
  /** Means over the seeds: accuracy of the test rows without variation; its mean and standard deviation over prints. */
  readonly nominal: number;
  readonly mean: number;
  readonly std: number;
  /** Standard deviation over the seeds of the mean over prints. */
  readonly seedStd: number;
  /** The mean over prints of the seed that is best on the validation rows. */
  readonly best: number;
  /** Means over the seeds: hidden neurons, components, watts, and volts between first and second output; 0 for digital networks. */
  readonly hidden: number;
  readonly resistors: number;
  readonly fallingStages: number;
  readonly watts: number;
  readonly marginVolts: number;
}

export const OVERALL = 'mean of all';

/** Lines by case and spread: every table, then their mean. */
export function summarise(rows: readonly Row[], datasets: readonly string[]): Line[] {
  return CASES.flatMap((which) =>
    which.testedAt.flatMap((testedAt, t) => {
      const lines = datasets.flatMap((dataset): Line[] => {
        const found = rows.filter((row) => row.case === which.name && row.dataset === dataset);
        return found.length === 0 ? [] : [lineOf(which, testedAt, t, dataset, found)];
      });
      return lines.length === 0 ? [] : [...lines, overall(which, testedAt, lines)];
    }),
  );
}

function lineOf(which: Case, testedAt: number, t: number, dataset: string, rows: readonly Row[]): Line {
  const means = rows.map((row) => row.underVariation[t]!.mean);
  const best = rows.reduce((a, b) => (b.validScore > a.validScore ? b : a));
  const { mean } = meanAndStd(means);
  return {
    case: which,
    testedAt,
    dataset,
    seeds: rows.length,
    nominal: average(rows.map((row) => row.accuracy.test)),
    mean,
    std: average(rows.map((row) => row.underVariation[t]!.std)),
    seedStd: meanAndStd(means).std,
    best: best.underVariation[t]!.mean,
    ...averages(rows),
  };
}

function overall(which: Case, testedAt: number, lines: readonly Line[]): Line {
  const of = (read: (line: Line) => number) => average(lines.map(read));
  return {
    case: which,
    testedAt,
    dataset: OVERALL,
    seeds: Math.min(...lines.map((line) => line.seeds)),
    nominal: of((line) => line.nominal),
    mean: of((line) => line.mean),
    std: of((line) => line.std),
    seedStd: of((line) => line.seedStd),
    best: of((line) => line.best),
    ...averages(lines),
  };
}

const COSTS = ['hidden', 'resistors', 'fallingStages', 'watts', 'marginVolts'] as const;

function averages(of: readonly Pick<Line, (typeof COSTS)[number]>[]): Pick<Line, (typeof COSTS)[number]> {
  const means = COSTS.map((name) => [name, average(of.map((entry) => entry[name]))]);
  return Object.fromEntries(means) as Pick<Line, (typeof COSTS)[number]>;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Label of a column: how it was trained and what was learned. */
export function titleOf({ case: which }: Line): string {
  return which.activation === 'digital' ? which.title : `${which.activation}, ${which.title}`;
}

/** One Markdown table per tested spread: tables down, cases across, mean ± std over prints. */
export function toMarkdown(lines: readonly Line[], datasets: readonly string[]): string {
  const spreads = [...new Set(lines.map((line) => line.testedAt))].sort();
  return spreads
    .map((spread) => {
      const here = lines.filter((line) => line.testedAt === spread);
      const titles = [...new Set(here.map(titleOf))];
      const cell = (dataset: string, title: string) => {
        const line = here.find((entry) => entry.dataset === dataset && titleOf(entry) === title);
        return line === undefined ? '' : `${line.mean.toFixed(3)} ± ${line.std.toFixed(3)}`;
      };
      const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
      const body = [...datasets, OVERALL].map((dataset) =>
        row([dataset, ...titles.map((title) => cell(dataset, title))]),
      );
      const head = [row(['table', ...titles]), `|---|${titles.map(() => '---:|').join('')}`];
      return [`### Tested under ${100 * spread} % variation`, '', ...head, ...body].join('\n');
    })
    .concat(costTable(lines))
    .join('\n\n');
}

/** Accuracy of every case over all tables, for a picture. */
export function accuraciesOf(lines: readonly Line[]): { title: string; group: string; mean: number; std: number }[] {
  return lines
    .filter((line) => line.dataset === OVERALL)
    .sort((a, b) => a.testedAt - b.testedAt)
    .map((line) => ({
      title: titleOf(line),
      group: `tested at ${100 * line.testedAt} %`,
      mean: line.mean,
      std: line.std,
    }));
}

/** What the networks of each case cost, over all tables. */
function costTable(lines: readonly Line[]): string {
  const all = lines.filter((line) => line.dataset === OVERALL && line.case.activation !== 'digital');
  const body = all.map(
    (line) =>
      `| ${titleOf(line)} | ${100 * line.testedAt} % | ${line.mean.toFixed(4)} ± ${line.std.toFixed(4)} | ${line.seedStd.toFixed(4)} | ${line.hidden.toFixed(1)} | ${line.resistors.toFixed(1)} | ${line.fallingStages.toFixed(1)} | ${formatWatts(line.watts)} | ${(1000 * line.marginVolts).toFixed(0)} mV |`,
  );
  return [
    '### What they cost, mean over all tables',
    '',
    '| network | tested at | accuracy ± std over prints | std over seeds | hidden neurons | crossbar resistors | inverters | power on the fast model | margin |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...body,
  ].join('\n');
}

/** All lines as CSV. */
export function toCsv(lines: readonly Line[]): string {
  const header =
    'dataset,activation,case,trainedAt,testedAt,seeds,nominal,mean,std,seedStd,best,hidden,resistors,fallingStages,watts,marginVolts';
  const body = lines.map(({ case: which, ...line }) =>
    [
      line.dataset,
      which.activation,
      which.name,
      which.trainedAt,
      line.testedAt,
      line.seeds,
      ...[line.nominal, line.mean, line.std, line.seedStd, line.best].map((value) => value.toFixed(5)),
      ...COSTS.map((name) => Number(line[name].toPrecision(4))),
    ].join(','),
  );
  return `${[header, ...body].join('\n')}\n`;
}
