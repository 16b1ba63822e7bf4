import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { meanAndStd, readDataset } from '@neuroprint/core';
import { runSweep } from '@neuroprint/studies';
import { DATA, SURROGATES, TEMPLATES } from './machine.ts';
import { chosen, wholeNumber } from './options.ts';
import { KIT13 } from './problem.ts';
import { keptIn } from './rows.ts';
import { table } from './table.ts';

/** What a sweep keeps of a training. */
interface Row {
  readonly valid: number;
  readonly test: number;
  /** Test accuracy of printed copies, mean. */
  readonly mean: number;
  readonly watts: number;
}

const JUDGED = ['valid', 'test', 'mean'] as const;

/**
 * What a price on power costs: `npm run bench -- power-price --out FOLDER [table …] [--prices 0,0.01,0.03] [--seeds 10]`. Networks of one
 * hidden layer of 3 on kit13, 10 % variation, on the fast model. Gains are paired by table and seed; ± is the standard error over
 * tables. The validation rows are those to choose a price by. A stopped run goes on.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { prices: { type: 'string' }, seeds: { type: 'string' }, out: { type: 'string' } },
  });
  const { prices = '0,0.01,0.03' } = values;
  const out = keptIn(values.out);
  const seeds = wholeNumber('seeds', values.seeds ?? '10', 1);
  const tables = chosen('table', positionals, KIT13);
  const priced = prices.split(',');
  const rows = new Map<string, Row[]>();
  for (const name of tables) {
    const folder = join(out, name);
    await runSweep(
      {
        data: readDataset(join(DATA, 'kit13', `${name}.csv`)),
        out: folder,
        hidden: [[3]],
        prices: '0',
        powerPrices: prices,
        areaPrices: '0',
        against: 'power',
        seeds,
        variation: 0.1,
        workers: 1,
        technology: 'egt',
        surrogates: SURROGATES,
      },
      {
        signal: new AbortController().signal,
        templates: TEMPLATES,
        onProgress: (done, total) => process.stderr.write(`${name}: ${done} of ${total}\n`),
      },
    );
    for (const price of priced)
      rows.set(
        `${name} ${price}`,
        Array.from({ length: seeds }, (_, seed) => readRow(folder, price, seed)),
      );
  }
  const of = (name: string, price: string, what: keyof Row): number =>
    meanAndStd(rows.get(`${name} ${price}`)!.map((row) => row[what])).mean;
  const base = priced[0]!;
  const percent = (share: number): string => (100 * share).toFixed(1);
  const lines = tables.map((name) => [
    name,
    ...priced.map((price) => `${percent(of(name, price, 'mean'))}, ${(1e6 * of(name, price, 'watts')).toFixed(1)} µW`),
  ]);
  process.stdout.write(`${table(['printed', ...priced.map((price) => `price ${price}`)], lines)}\n\n`);
  const gains = priced.map((price) => [
    price,
    (1e6 * meanAndStd(tables.map((name) => of(name, price, 'watts'))).mean).toFixed(1),
    ...JUDGED.map((what) => {
      const { mean } = meanAndStd(tables.map((name) => of(name, price, what)));
      const gain = meanAndStd(tables.map((name) => of(name, price, what) - of(name, base, what)));
      return `${percent(mean)} (${(100 * gain.mean).toFixed(2)} ± ${((100 * gain.std) / Math.sqrt(tables.length)).toFixed(2)})`;
    }),
  ]);
  process.stdout.write(`${table(['price', 'µW', 'validation', 'test', 'printed'], gains)}\n`);
}

function readRow(folder: string, price: string, seed: number): Row {
  const kept = join(folder, 'rows');
  const name = readdirSync(kept).find((file) => file === `3-0-${Number(price)}-0-${seed}.json`);
  if (name === undefined) throw new Error(`${kept} has no row of price ${price} and seed ${seed}`);
  return JSON.parse(readFileSync(join(kept, name), 'utf8')) as Row;
}
