import { existsSync, mkdirSync, readFileSync } from 'node:fs';
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
  writeFileAtomic,
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
import { keptIn } from './kept-row.ts';
import { DATA, SURROGATES, TEMPLATES } from './machine.ts';
import { chosen, wholeNumber } from './options.ts';
import { KIT13 } from './problem.ts';

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
    options: { seeds: { type: 'string' }, out: { type: 'string' }, fronts: { type: 'string' } },
  });
  const { fronts } = values;
  const out = keptIn(values.out, 'finished runs');
  const tables = chosen('table', positionals, KIT13);
  const withFront = new Set(fronts === undefined ? tables : chosen('table', fronts.split(',').filter(Boolean), KIT13));
  const seeds = wholeNumber('seeds', values.seeds ?? '5', 1);
  mkdirSync(out, { recursive: true });
  const technology = loadTechnology(TEMPLATES, 'egt');
  const engine = await openEngine('auto');
  const rows: (TrainedRow | BudgetRow)[] = [];
  for (let seed = 0; seed < seeds; seed += 1)
    for (const name of tables) {
      const bench = new TableBench(name, seed, out, technology, engine);
      rows.push(...(await bench.budgets()));
      if (seed === 0 && fronts !== '' && withFront.has(name)) rows.push(...bench.front());
      process.stderr.write(`${name}, seed ${seed}\n`);
    }
  process.stdout.write(budgetTables(rows));
}

/** The runs of one table and seed. */
class TableBench {
  readonly #name: string;
  readonly #seed: number;
  readonly #out: string;
  readonly #technology: Technology;
  readonly #engine: Engine;
  readonly #data: Dataset;
  readonly #problem: PortableProblem;

  constructor(name: string, seed: number, out: string, technology: Technology, engine: Engine) {
    this.#name = name;
    this.#seed = seed;
    this.#out = out;
    this.#technology = technology;
    this.#engine = engine;
    this.#data = readDataset(join(DATA, 'kit13', `${name}.csv`));
    this.#problem = readProblem({
      data: this.#data,
      ...{ technology: technology.name, surrogates: SURROGATES, templates: TEMPLATES },
    });
  }

  /** The network without a price, the default one, and one for every budget. */
  async budgets(): Promise<(TrainedRow | BudgetRow)[]> {
    const free = this.#trained('free', { powerPenalty: 0 });
    const rows: (TrainedRow | BudgetRow)[] = [
      free,
      this.#trained('default', { powerPenalty: defaultPowerPrice(this.#data) }),
    ];
    for (const share of SHARES) rows.push(await this.#budget(share, share * free.watts));
    return rows;
  }

  front(): TrainedRow[] {
    return FRONT_SIZES.flatMap((hidden) =>
      FRONT_PRICES.map((powerPenalty) => this.#trained('front', { hidden: [hidden], powerPenalty })),
    );
  }

  #trained(kind: TrainedRow['kind'], options: TrainingOptions): TrainedRow {
    return this.#kept(kind, options, () => this.#train(kind, options).row);
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
    return this.#kept('budget', options, async () => {
      const { row, result } = this.#train('budget', options);
      return {
        ...row,
        ...{ share, budgetWatts: maximumPowerWatts, kept: result.budget!.kept, copyWatts: result.budget!.copyWatts },
        ...(await this.#inNgspice(makeArtifact(TrainedNetworkKind, result.network))),
      };
    });
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

  /** The row of a run: as it was kept, or made and kept now. */
  #kept<T>(kind: string, options: TrainingOptions, make: () => T): T {
    const recipe = sha256(JSON.stringify([VERSION, this.#problem.inputHashes, options, this.#seed, kind])).slice(0, 12);
    const file = join(this.#out, `${this.#name}-${this.#seed}-${kind}-${recipe}.json`);
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T;
    const made = make();
    const keep = (row: unknown) => writeFileAtomic(file, `${JSON.stringify(row, null, 1)}\n`);
    if (made instanceof Promise) void made.then(keep, () => undefined);
    else keep(made);
    return made;
  }
}
