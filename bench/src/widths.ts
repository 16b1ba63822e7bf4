import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { meanAndStd, readDataset, sha256, UsageError, writeFileAtomic } from '@neuroprint/core';
import { frontPlot } from '@neuroprint/report';
import { defaultPowerPrice, type TrainingOptions, trainNetwork } from '@neuroprint/training';
import { DATA, TEMPLATES } from './machine.ts';
import { chosen, wholeNumber } from './options.ts';
import { problemOf } from './problem.ts';
import { keptIn, measuredRows, rowOptions, type ToMeasure } from './rows.ts';
import { table } from './table.ts';

/** Raised when what is measured changes, so that rows of before are not taken for rows of now. */
const VERSION = 1;

const TABLES = { pendigits: join('kit13', 'pendigits.csv'), digits: 'digits.csv' } as const;

/** What a training came to: shares of rows, watts, square metres, parts, seconds. */
interface Row {
  /** Printed accuracy on the validation rows. */
  readonly valid: number;
  readonly test: number;
  readonly printed: number;
  readonly watts: number;
  readonly printedSquareMetres: number;
  readonly fallingStages: number;
  readonly resistors: number;
  readonly cpuSeconds: number;
}

/** One size of network, under the price of the default or a budget of microwatts. */
interface Plan {
  readonly title: string;
  readonly hidden: readonly number[];
  readonly microwatts: number | undefined;
}

/**
 * Accuracy, power and area against the number of neurons: `npm run bench -- widths --out FOLDER [pendigits|digits …] [--hidden 3;6;12;24;48;12,12]
 * [--budgets none,50] [--seeds 3] [--restarts 12] [--draws 20] [--epochs 600]`. Test rows as they are and over 100 copies under 10 % variation, on the fast
 * model; budgets are in microwatts, `none` is the price of power that train has by default. Draws TABLE.svg into the folder. A stopped run goes on.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...rowOptions,
      hidden: { type: 'string', default: '3;6;12;24;48;12,12' },
      budgets: { type: 'string', default: 'none' },
      seeds: { type: 'string', default: '3' },
      restarts: { type: 'string', default: '12' },
      draws: { type: 'string', default: '20' },
      epochs: { type: 'string', default: '600' },
    },
  });
  const out = keptIn(values.out);
  const tables = chosen('table', positionals, Object.keys(TABLES)) as (keyof typeof TABLES)[];
  const seeds = wholeNumber('seeds', values.seeds, 1);
  const effort = {
    restarts: wholeNumber('restarts', values.restarts, 1),
    draws: wholeNumber('draws', values.draws, 1),
    epochs: wholeNumber('epochs', values.epochs, 1),
  };
  const budgets = values.budgets.split(',').map((text) => {
    if (text === 'none') return undefined;
    if (!(Number(text) > 0)) throw new UsageError(`--budgets has "${text}", which is neither none nor microwatts.`);
    return Number(text);
  });
  const sizes = values.hidden.split(';').map((text) => text.split(',').map((size) => wholeNumber('hidden', size, 1)));
  const plans = sizes.flatMap((hidden) =>
    budgets.map((microwatts): Plan => {
      const size = hidden.join('-');
      return { hidden, microwatts, title: microwatts === undefined ? size : `${size}, ${microwatts} µW` };
    }),
  );
  const technology = loadTechnology(TEMPLATES, 'egt');
  mkdirSync(out, { recursive: true });
  process.stdout.write(
    `egt, 10 % variation, ${seeds} seeds, ${effort.restarts} starts, ${effort.draws} draws, ${effort.epochs} epochs\n\n`,
  );
  // small networks of all seeds first: what is there early says most
  const asked = tables.flatMap((name) =>
    plans.flatMap((plan) =>
      Array.from({ length: seeds }, (_, seed) => toMeasure(name, plan, seed, effort, technology)),
    ),
  );
  const measured = await measuredRows('widths', asked, { ...values, out }, (row, title) =>
    process.stderr.write(`${title}: ${JSON.stringify(row)}\n`),
  );
  if (measured === undefined) return;
  for (const [t, name] of tables.entries()) {
    const rows = plans.map((_, p) => {
      const from = (t * plans.length + p) * seeds;
      return measured.slice(from, from + seeds);
    });
    process.stdout.write(`${summary(name, plans, rows)}\n\n`);
    writeFileAtomic(join(out, `${name}.svg`), await picture(name, plans, rows));
  }
}

function toMeasure(
  name: keyof typeof TABLES,
  { title, hidden, microwatts }: Plan,
  seed: number,
  effort: Pick<TrainingOptions, 'restarts' | 'draws' | 'epochs'>,
  technology: Technology,
): ToMeasure<Row> {
  const data = readDataset(join(DATA, TABLES[name]), { seed });
  const recipe = sha256(
    JSON.stringify([VERSION, data.sha256, technology.hash, hidden, microwatts ?? null, seed, effort]),
  );
  const measure = (): Row => {
    const cost =
      microwatts === undefined
        ? { powerPenalty: defaultPowerPrice(data) }
        : { budget: { maximumPowerWatts: 1e-6 * microwatts } };
    const trained = trainNetwork(problemOf(data, name, technology), { seed, hidden, ...effort, ...cost });
    const { accuracy, underVariation } = trained.network.metrics!;
    const { watts, printedSquareMetres, fallingStages, resistors } = trained.cost;
    return {
      ...{ valid: trained.validUnderVariation.mean, test: accuracy.test, printed: underVariation.mean },
      ...{ watts, printedSquareMetres, fallingStages, resistors, cpuSeconds: trained.cpuSeconds },
    };
  };
  return { name: `${name}-${title.replace(/[ ,]+/g, '-').replace('µ', 'u')}-${seed}`, recipe, measure };
}

function summary(name: string, plans: readonly Plan[], rows: readonly (readonly Row[])[]): string {
  const lines = plans.map(({ title }, p) => {
    const of = (what: keyof Row, digits: number, scale = 1): string => {
      const { mean, std } = meanAndStd(rows[p]!.map((row) => scale * row[what]));
      const spread = rows[p]!.length > 1 ? ` ± ${std.toFixed(digits)}` : '';
      return `${mean.toFixed(digits)}${spread}`;
    };
    return [
      title,
      of('test', 1, 100),
      of('printed', 1, 100),
      of('watts', 0, 1e6),
      of('printedSquareMetres', 1, 1e6),
      of('fallingStages', 0),
      of('resistors', 0),
      of('cpuSeconds', 0),
    ];
  });
  const head = ['test, %', 'printed, %', 'power, µW', 'parts, mm²', 'inverters', 'crossbar resistors', 'processor s'];
  return table([`${name}, hidden`, ...head], lines);
}

/** Printed accuracy against power; on the front is what no cheaper network beats on the validation rows. */
async function picture(name: string, plans: readonly Plan[], rows: readonly (readonly Row[])[]): Promise<string> {
  const points = plans.map(({ title }, p) => {
    const { mean, std } = meanAndStd(rows[p]!.map(({ printed }) => printed));
    const meanOf = (what: 'watts' | 'valid') => meanAndStd(rows[p]!.map((row) => row[what])).mean;
    return { label: title, cost: 1e6 * meanOf('watts'), valid: meanOf('valid'), mean, std };
  });
  const choices = points.map((point) => ({
    ...point,
    onFront: !points.some(({ cost, valid }) => cost < point.cost && valid >= point.valid),
  }));
  const { svg } = await frontPlot({
    name: `widths-${name}`,
    title: `${name}, by hidden neurons`,
    costTitle: 'static power, µW',
    choices,
  });
  return svg;
}
