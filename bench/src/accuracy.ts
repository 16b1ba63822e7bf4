import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { type Dataset, type InputRange, meanAndStd, sha256, UsageError } from '@neuroprint/core';
import { defaultPowerPrice, trainBaseline, trainNetwork } from '@neuroprint/training';
import { TEMPLATES } from './machine.ts';
import { chosen, wholeNumber } from './options.ts';
import { KIT13, kitProblem } from './problem.ts';
import { keptIn, measuredRows, rowOptions, type ToMeasure } from './rows.ts';
import { table } from './table.ts';

/** Raised when what is measured changes, so that rows of before are not taken for rows of now. */
const VERSION = 1;

/** What is compared: the recipe of before, each of its two changes alone, both, and what may come beside them. */
const RECIPES = {
  old: { ranges: wholeRanges, digitalStarts: false },
  ranges: { ranges: undefined, digitalStarts: false },
  starts: { ranges: wholeRanges, digitalStarts: true },
  new: { ranges: undefined, digitalStarts: true },
} as const;
type RecipeName = keyof typeof RECIPES;

/** What a training came to: shares of rows, watts, seconds. */
interface Row {
  readonly valid: number;
  readonly test: number;
  readonly printed: number;
  readonly watts: number;
  readonly cpuSeconds: number;
}

/** `new/4/0.02`: a recipe, its neurons, its price of power. */
interface Plan {
  readonly title: string;
  readonly recipe: RecipeName | 'digital';
  readonly hidden: number;
  readonly price: number | undefined;
}

/**
 * Recipes of training side by side: `npm run bench -- accuracy --out FOLDER [table …] [--recipes old,new,new/4/0.02] [--splits table,random]
 * [--seeds 10]`. A recipe may say how many neurons (3) and which price of power (the default). Networks of one hidden layer on kit13 under
 * 10 % variation, on the fast model: test rows as they are and over 100 printed copies, power, processor time; `digital` is the digital network of
 * as many neurons. With the split `random` a seed splits the rows too. Gains are over the first recipe, paired by table, split and seed; ± is
 * the standard error over tables. A stopped run goes on.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...rowOptions,
      recipes: { type: 'string', default: 'old,new' },
      splits: { type: 'string', default: 'table,random' },
      seeds: { type: 'string', default: '10' },
    },
  });
  const out = keptIn(values.out);
  const tables = chosen('table', positionals, KIT13);
  const plans = values.recipes.split(',').map(planOf);
  const splits = chosen('split', values.splits.split(','), ['table', 'random']);
  const seeds = wholeNumber('seeds', values.seeds, 1);
  const technology = loadTechnology(TEMPLATES, 'egt');
  const asked: ToMeasure<Row>[] = [];
  for (let seed = 0; seed < seeds; seed += 1)
    for (const split of splits)
      for (const name of tables) for (const plan of plans) asked.push(toMeasure(name, split, plan, seed, technology));
  const measured = await measuredRows('accuracy', asked, { ...values, out }, (_, title) =>
    process.stderr.write(`${title} done\n`),
  );
  if (measured === undefined) return;
  const rows = new Map(asked.map((one, k) => [one.name, measured[k]!]));
  for (const split of splits) {
    const on = split === 'table' ? 'the tables’ own splits' : 'random splits';
    const row = (name: string, plan: Plan, seed: number) => rows.get(join(split, keyOf(name, plan, seed)))!;
    process.stdout.write(`${seeds} seeds, ${on}\n\n${summary(row, tables, plans, seeds)}\n\n`);
  }
}

function planOf(title: string): Plan {
  const [name = '', hidden = '3', price] = title.split('/');
  const [recipe] = chosen('recipe', [name], [...Object.keys(RECIPES), 'digital']) as Plan['recipe'][];
  if (price !== undefined && !(Number(price) >= 0)) throw new UsageError(`The price in ${title} is no number from 0.`);
  return {
    title,
    recipe: recipe!,
    hidden: wholeNumber('recipes', hidden, 1),
    price: price === undefined ? undefined : Number(price),
  };
}

function keyOf(name: string, { recipe, hidden, price }: Plan, seed: number): string {
  return `${name}-${recipe}-${hidden}-${price ?? 'default'}-${seed}`;
}

function toMeasure(name: string, split: string, plan: Plan, seed: number, technology: Technology): ToMeasure<Row> {
  const { data } = kitProblem(name, technology, seed, split === 'random');
  const { hidden } = plan;
  const powerPenalty = plan.price ?? defaultPowerPrice(data);
  const options = plan.recipe === 'digital' ? undefined : RECIPES[plan.recipe];
  const inputs = options?.ranges?.(data, technology) ?? undefined;
  const problem = () => kitProblem(name, technology, seed, split === 'random', inputs).problem;
  const decides = { recipe: plan.recipe, hidden };
  const recipe = sha256(
    JSON.stringify([VERSION, data.sha256, technology.hash, seed, split, decides, powerPenalty, problem().inputs]),
  );
  const measure = (): Row => {
    if (options === undefined) return digital(problem(), hidden, seed);
    const { digitalStarts } = options;
    const asked = { seed, hidden: [hidden], powerPenalty, digitalStarts };
    const { network, cost, cpuSeconds } = trainNetwork(problem(), asked);
    const { accuracy, underVariation } = network.metrics!;
    return {
      ...{ valid: accuracy.valid, test: accuracy.test, printed: underVariation.mean },
      ...{ watts: cost.watts, cpuSeconds },
    };
  };
  return { name: join(split, keyOf(name, plan, seed)), recipe, measure };
}

function digital(problem: ReturnType<typeof kitProblem>['problem'], hidden: number, seed: number): Row {
  const { accuracy, underVariation, cpuSeconds } = trainBaseline(problem, { seed, hidden: [hidden] });
  return {
    valid: accuracy.valid,
    test: accuracy.test,
    printed: underVariation[0]!.mean,
    watts: 0,
    cpuSeconds,
  };
}

/** The ranges of before: columns within 0..1 throughout the table, test rows too, as they are; others by all of their training rows. */
function wholeRanges(data: Dataset, { inputVolts }: Technology): InputRange[] {
  const driven = { minimumVolts: inputVolts.minimum, maximumVolts: inputVolts.maximum };
  return data.featureNames.map((name, k) => {
    const column = data.columns[k]!;
    if (column.every((x) => x >= 0 && x <= 1)) return { name, minimum: 0, maximum: 1, ...driven };
    const known = column.filter((_, row) => data.split[row] === 0).sort();
    return { name, minimum: known[0]!, maximum: known.at(-1)!, ...driven };
  });
}

function summary(
  row: (name: string, plan: Plan, seed: number) => Row,
  tables: readonly string[],
  plans: readonly Plan[],
  seeds: number,
): string {
  const of = (name: string, plan: Plan, what: keyof Row) =>
    Array.from({ length: seeds }, (_, seed) => row(name, plan, seed)[what]);
  const mean = (values: readonly number[]) => meanAndStd(values).mean;
  const shown = (name: string, plan: Plan) => {
    const printed = meanAndStd(of(name, plan, 'printed'));
    return `${(100 * mean(of(name, plan, 'test'))).toFixed(1)}, ${(100 * printed.mean).toFixed(1)}${seeds < 2 ? '' : ` ± ${(100 * printed.std).toFixed(1)}`}`;
  };
  const lines = tables.map((name) => [name, ...plans.map((plan) => shown(name, plan))]);
  const base = plans[0]!;
  const gain = (plan: Plan, what: 'valid' | 'test' | 'printed', names: readonly string[]) => {
    const gains = names.map((name) => mean(of(name, plan, what)) - mean(of(name, base, what)));
    const level = mean(names.map((name) => mean(of(name, plan, what))));
    const error = meanAndStd(gains).std / Math.sqrt(names.length);
    return `${(100 * level).toFixed(2)} (${(100 * mean(gains)).toFixed(2)} ± ${(100 * error).toFixed(2)})`;
  };
  const without = tables.filter((name) => name !== 'pendigits');
  const gains = [
    ...(without.length === 0 ? [] : [without]),
    ...(without.length < tables.length ? [tables] : []),
  ].flatMap((names) =>
    plans.map((plan) => [
      plan.title,
      String(names.length),
      ...(['valid', 'test', 'printed'] as const).map((what) => gain(plan, what, names)),
      (
        100 *
        Math.min(
          ...Array.from({ length: seeds }, (_, seed) => mean(names.map((name) => of(name, plan, 'printed')[seed]!))),
        )
      ).toFixed(2),
      plan.recipe === 'digital' ? '–' : (1e6 * mean(names.map((name) => mean(of(name, plan, 'watts'))))).toFixed(1),
      mean(names.map((name) => mean(of(name, plan, 'cpuSeconds')))).toFixed(1),
    ]),
  );
  return [
    `Test accuracy in %, as trained, printed ± standard deviation over seeds`,
    table(['table', ...plans.map(({ title }) => title)], lines),
    table(['recipe', 'tables', 'validation', 'test', 'printed', 'printed, worst seed', 'µW', 's of processor'], gains),
  ].join('\n\n');
}
