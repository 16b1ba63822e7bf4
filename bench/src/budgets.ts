import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTechnology, scoreOutputs, type Technology } from '@neuroprint/circuit';
import { circuitOf, layeredOf, passContext } from '@neuroprint/compiler';
import {
  type Dataset,
  makeArtifact,
  meanAndStd,
  readDataset,
  selectVolts,
  sha256,
  type TrainedNetwork,
  TrainedNetworkKind,
  toVoltageRows,
} from '@neuroprint/core';
import { type Engine, openEngine, simulateRows } from '@neuroprint/spice';
import {
  defaultPowerPrice,
  type PortableProblem,
  readProblem,
  runJob,
  type TrainingOptions,
} from '@neuroprint/training';
import { type BudgetRow, budgetTables, type TrainedRow } from './budget-tables.ts';
import { DATA, SURROGATES, TEMPLATES } from './machine.ts';
import { chosen, wholeNumber } from './options.ts';
import { KIT13 } from './problem.ts';
import { keptIn, measuredRows, rowOptions, type ToMeasure } from './rows.ts';

/** Raised when what is measured changes, so that rows of before are not taken for rows of now. */
const VERSION = 1;
const SHARES = [0.2, 0.4, 0.6, 0.8] as const;
const FRONT_SIZES = [2, 3, 4] as const;
const FRONT_PRICES = [0, 0.003, 0.01, 0.03, 0.1] as const;

/**
 * What a budget of power costs, and whether it holds: `npm run bench -- budgets --out FOLDER [table …] [--seeds 5] [--fronts table,…]`. On
 * kit13, networks of 3 hidden neurons under 10 % variation: a training without a price, then one for each budget of 20, 40, 60 and 80 % of its
 * power, each compiled and simulated in ngspice; for the named tables (default all) the front of 15 priced trainings beside them. One
 * file a run; a stopped run goes on.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { seeds: { type: 'string' }, fronts: { type: 'string' }, ...rowOptions },
  });
  const { fronts } = values;
  const out = keptIn(values.out, 'finished runs');
  const tables = chosen('table', positionals, KIT13);
  const withFront = new Set(fronts === undefined ? tables : chosen('table', fronts.split(',').filter(Boolean), KIT13));
  const seeds = wholeNumber('seeds', values.seeds ?? '5', 1);
  const technology = loadTechnology(TEMPLATES, 'egt');
  const engine = await openEngine('auto');
  const asked: ToMeasure<AnyRow>[] = [];
  for (let seed = 0; seed < seeds; seed += 1)
    for (const name of tables) {
      const bench = new TableBench(name, seed, technology, engine);
      asked.push(...bench.budgets());
      if (seed === 0 && fronts !== '' && withFront.has(name)) asked.push(...bench.front());
    }
  const rows = await measuredRows('budgets', asked, { ...values, out }, (_, title) =>
    process.stderr.write(`${title} done\n`),
  );
  await engine.close();
  if (rows !== undefined) process.stdout.write(budgetTables(rows));
}

type AnyRow = TrainedRow | BudgetRow;

/** The runs of one table and seed. */
class TableBench {
  readonly #name: string;
  readonly #seed: number;
  readonly #technology: Technology;
  readonly #engine: Engine;
  readonly #data: Dataset;
  readonly #problem: PortableProblem;

  constructor(name: string, seed: number, technology: Technology, engine: Engine) {
    this.#name = name;
    this.#seed = seed;
    this.#technology = technology;
    this.#engine = engine;
    this.#data = readDataset(join(DATA, 'kit13', `${name}.csv`));
    this.#problem = readProblem({
      data: this.#data,
      ...{ technology: technology.name, surrogates: SURROGATES, templates: TEMPLATES },
    });
  }

  /** The network without a price, the default one, and one for every budget. */
  budgets(): ToMeasure<AnyRow>[] {
    const free = this.#trained('free', 'free', { powerPenalty: 0 });
    const usual = this.#trained('default', 'default', { powerPenalty: defaultPowerPrice(this.#data) });
    const budgets = SHARES.map((share): ToMeasure<AnyRow> => {
      const name = this.#nameOf(`budget-${share}`);
      const measure = ([from]: readonly AnyRow[]) => this.#budget(share, share * from!.watts);
      return { name, recipe: this.#recipeOf('budget', { share, from: free.recipe }), needs: [free.name], measure };
    });
    return [free, usual, ...budgets];
  }

  front(): ToMeasure<AnyRow>[] {
    return FRONT_SIZES.flatMap((hidden) =>
      FRONT_PRICES.map((powerPenalty) =>
        this.#trained('front', `front-${hidden}-${powerPenalty}`, { hidden: [hidden], powerPenalty }),
      ),
    );
  }

  #trained(kind: TrainedRow['kind'], title: string, options: TrainingOptions): ToMeasure<AnyRow> {
    const recipe = this.#recipeOf(kind, options);
    return { name: this.#nameOf(title), recipe, measure: () => this.#train(kind, options).row };
  }

  #nameOf(title: string): string {
    return `${this.#name}-${this.#seed}-${title}`;
  }

  #recipeOf(kind: string, options: object): string {
    return sha256(JSON.stringify([VERSION, this.#problem.inputHashes, options, this.#seed, kind]));
  }

  #train(kind: TrainedRow['kind'], options: TrainingOptions) {
    const job = { kind: 'printed', problem: this.#problem, options: { ...options, seed: this.#seed } } as const;
    const result = runJob(job);
    const { accuracy: right, underVariation } = result.network.metrics!;
    const row = {
      ...{ table: this.#name, seed: this.#seed, kind },
      ...{ watts: result.cost.watts, validPrinted: result.validUnderVariation.mean, test: right.test },
      ...{ printed: underVariation.mean, cpuSeconds: result.cpuSeconds },
    };
    return { row, result };
  }

  async #budget(share: number, maximumPowerWatts: number): Promise<BudgetRow> {
    const options = { powerPenalty: defaultPowerPrice(this.#data), budget: { maximumPowerWatts } };
    const { row, result } = this.#train('budget', options);
    return {
      ...row,
      ...{ share, budgetWatts: maximumPowerWatts, kept: result.budget!.kept, copyWatts: result.budget!.copyWatts },
      ...(await this.#inNgspice(makeArtifact(TrainedNetworkKind, result.network))),
    };
  }

  /** The network as it is compiled, on its test rows. */
  async #inNgspice(network: TrainedNetwork) {
    const rowsOf = (split: 'train' | 'valid' | 'test') =>
      toVoltageRows(this.#data, network.inputs, network.classes, split);
    const test = rowsOf('test');
    const { labels } = test;
    const options = {
      rows: { train: rowsOf('train'), valid: rowsOf('valid') },
      cases: { rows: labels.length, inputVolts: test.volts, labels, sourceRows: test.sourceRows },
    };
    const layered = layeredOf(network, this.#technology, { ...options, until: 'snap' });
    const circuit = circuitOf(layered, network, this.#technology);
    const gauge = passContext(network, this.#technology, options).gauge!;
    const simulated = await simulateRows(this.#engine, circuit, this.#technology, test.volts);
    const ngspiceWatts = meanAndStd(simulated.watts!).mean;
    return {
      ngspiceWatts,
      ngspiceAccuracy: scoreOutputs(circuit, selectVolts(simulated, circuit.outputs), labels).accuracy!,
      circuitCopyWatts: ngspiceWatts * gauge.copyShare(layered),
    };
  }
}
