import { meanAndStd } from '@neuroprint/core';
import { table } from './table.ts';

/** A training on the fast model; accuracies under 10 % variation are means over 100 prints. */
export interface TrainedRow {
  readonly table: string;
  readonly seed: number;
  /** `free`: no price; `default`: the price of the command; `front`: of 15 priced ones; `budget`: a share of the free network's power. */
  readonly kind: 'free' | 'default' | 'front' | 'budget';
  readonly watts: number;
  readonly validPrinted: number;
  readonly test: number;
  readonly printed: number;
  readonly cpuSeconds: number;
}

export interface BudgetRow extends TrainedRow {
  readonly share: number;
  readonly budgetWatts: number;
  /** Whether training kept it, and what 95 % of the copies take by the fast model and by the exact circuit. */
  readonly kept: boolean;
  readonly copyWatts: number;
  readonly circuitCopyWatts: number;
  /** Nominal watts in ngspice by its own currents, on the test rows, and the accuracy there. */
  readonly ngspiceWatts: number;
  readonly ngspiceAccuracy: number;
}

type Row = TrainedRow | BudgetRow;

/** Mean accuracy of the published training at a high budget of power. */
const PUBLISHED = 0.8182;

const percent = (share: number): string => (100 * share).toFixed(1);
const mean = (values: readonly number[]): number => meanAndStd(values).mean;
const microwatts = (watts: number): string => `${(1e6 * watts).toFixed(1)} µW`;

/** The tables of the bench: every table by budget, all of them by budget, budgets beside the front, and what a training costs. */
export function budgetTables(rows: readonly Row[]): string {
  const budgets = rows.filter((row): row is BudgetRow => row.kind === 'budget');
  const shares = [...new Set(budgets.map(({ share }) => share))].sort((a, b) => a - b);
  const names = [...new Set(rows.map(({ table: name }) => name))];
  return [
    'Printed accuracy (fast model, 10 % variation) and power in ngspice, mean over seeds',
    table(
      ['table', 'free', ...shares.map((share) => `${100 * share} %`)],
      names.map((name) => [
        name,
        cell(rows.filter((row) => row.table === name && row.kind === 'free')),
        ...shares.map((share) => cell(budgets.filter((row) => row.table === name && row.share === share))),
      ]),
    ),
    '\nAll tables by budget',
    table(
      ['budget', 'runs', 'trained within', 'kept in ngspice', 'copies too', 'used', 'printed', 'ngspice'],
      shares.map((share) =>
        summary(
          share,
          budgets.filter((row) => row.share === share),
        ),
      ),
    ),
    `\nPublished for an augmented Lagrangian on printed networks: ${percent(PUBLISHED)} at a high budget; cells and splits differ, and nothing was simulated as a circuit.`,
    ...beside(rows, budgets, shares),
    ...costs(rows, budgets),
    '',
  ].join('\n');
}

function cell(rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const watts = rows.map((row) => ('ngspiceWatts' in row ? row.ngspiceWatts : row.watts));
  return `${percent(mean(rows.map(({ printed }) => printed)))}, ${microwatts(mean(watts))}`;
}

function summary(share: number, rows: readonly BudgetRow[]): string[] {
  const count = (which: (row: BudgetRow) => boolean) => String(rows.filter(which).length);
  return [
    `${100 * share} %`,
    String(rows.length),
    count(({ kept }) => kept),
    count(({ ngspiceWatts, budgetWatts }) => ngspiceWatts <= budgetWatts),
    count(({ circuitCopyWatts, budgetWatts }) => circuitCopyWatts <= budgetWatts),
    percent(mean(rows.map(({ ngspiceWatts, budgetWatts }) => ngspiceWatts / budgetWatts))),
    percent(mean(rows.map(({ printed }) => printed))),
    percent(mean(rows.map(({ ngspiceAccuracy }) => ngspiceAccuracy))),
  ];
}

/** Each budget's network of a table beside the one of the front that is best on the validation rows within the same power. */
function beside(rows: readonly Row[], budgets: readonly BudgetRow[], shares: readonly number[]): string[] {
  const lines = shares.flatMap((share) => {
    const gains = budgets
      .filter((row) => row.share === share && row.seed === 0)
      .flatMap(({ table: name, budgetWatts, printed }) => {
        const within = rows.filter((row) => row.kind === 'front' && row.table === name && row.watts <= budgetWatts);
        if (within.length === 0) return [];
        const best = within.reduce((a, b) => (b.validPrinted > a.validPrinted ? b : a));
        return [{ gain: printed - best.printed, printed, front: best.printed }];
      });
    if (gains.length === 0) return [];
    const { mean: gain, std } = meanAndStd(gains.map((one) => one.gain));
    const error = std / Math.sqrt(gains.length);
    return [
      [
        `${100 * share} %`,
        String(gains.length),
        percent(mean(gains.map((one) => one.printed))),
        percent(mean(gains.map(({ front }) => front))),
        `${(100 * gain).toFixed(2)} ± ${(100 * error).toFixed(2)}`,
      ],
    ];
  });
  if (lines.length === 0) return [];
  return [
    '\nOne run with a budget beside the best of 15 priced trainings within it, by validation; ± is the standard error over tables',
    table(['budget', 'tables', 'printed', 'of the front', 'gain'], lines),
  ];
}

/** Processor time of trainings with a budget over those without, pairs of one table and seed, run one after the other. */
function costs(rows: readonly Row[], budgets: readonly BudgetRow[]): string[] {
  const ratios = (kind: Row['kind']) =>
    budgets.flatMap(({ table: name, seed, cpuSeconds }) => {
      const other = rows.find((row) => row.kind === kind && row.table === name && row.seed === seed);
      return other === undefined ? [] : [cpuSeconds / other.cpuSeconds];
    });
  const line = (kind: Row['kind'], what: string): string => {
    const { mean: ratio, std } = meanAndStd(ratios(kind));
    return `${ratio.toFixed(2)} ± ${std.toFixed(2)} of ${what}`;
  };
  return [
    `\nProcessor time of a training with a budget: ${line('default', 'the default training')}, ${line('free', 'one without any price')} (± standard deviation).`,
  ];
}
