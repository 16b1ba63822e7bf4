import { meanAndStd } from '@neuroprint/core';
import { table } from './table.ts';

/** One trained circuit: accuracy on test rows, nominal and then under each device. */
export interface RobustRow {
  readonly table: string;
  readonly method: string;
  readonly seed: number;
  readonly accuracies: readonly number[];
  /** Largest difference of a node between ngspice and the exact solver, and decisions that differ, over the copies in ngspice. */
  readonly maxErrorVolts: number;
  readonly copies: number;
  readonly differing: number;
}

const percent = (share: number): string => (100 * share).toFixed(1);
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;

/**
 * Means over tables and seeds with what a method gains on the first one (paired by table and seed, ± standard error over tables), and
 * for each table the accuracy of the first method and of the best one.
 */
export function robustTables(
  rows: readonly RobustRow[],
  tables: readonly string[],
  methods: readonly string[],
  columns: readonly string[],
): string {
  /** Mean over seeds. */
  const of = (name: string, method: string, k: number): number =>
    meanAndStd(rows.filter((row) => row.table === name && row.method === method).map((row) => row.accuracies[k]!)).mean;
  const base = methods[0]!;
  const means = methods.map((method) => [
    method,
    ...columns.map((_, k) => {
      const { mean } = meanAndStd(tables.map((name) => of(name, method, k)));
      if (method === base) return percent(mean);
      const gain = meanAndStd(tables.map((name) => of(name, method, k) - of(name, base, k)));
      return `${percent(mean)} (${signed(gain.mean)} ± ${percent(gain.std / Math.sqrt(tables.length))})`;
    }),
  ]);
  const best = tables.map((name) => [
    name,
    ...columns.map((_, k) => {
      const ranked = [...methods].sort((a, b) => of(name, b, k) - of(name, a, k));
      return `${percent(of(name, base, k))} → ${percent(of(name, ranked[0]!, k))} ${ranked[0]}`;
    }),
  ]);
  const [worst, copies, differing] = [
    Math.max(...rows.map(({ maxErrorVolts }) => maxErrorVolts)),
    rows.reduce((sum, row) => sum + row.copies, 0),
    rows.reduce((sum, row) => sum + row.differing, 0),
  ];
  return [
    table(['trained', ...columns], means),
    table(['table', ...columns], best),
    `${copies} copies in ngspice: no node differs from the exact solver by more than ${worst.toExponential(1)} V, ${differing} decisions differ.`,
  ].join('\n\n');
}
