import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { inputRanges, meanAndStd, readTargets, SPLITS, type TargetScore, toVoltageRows } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import { readRegressionTable, scoreRegression, trainRegression } from '@neuroprint/studies';
import { readSurrogate, SurrogateModel } from '@neuroprint/surrogate';
import { ACTIVATION_CELL, FALLING_CELL, standardLine, trainNetwork } from '@neuroprint/training';
import { verify } from '@neuroprint/verifier';
import { DATA, SURROGATES, TEMPLATES } from './machine.ts';
import { compileNetwork } from './netlist.ts';
import { chosen, wholeNumber } from './options.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const TABLES = ['friedman1', 'diabetes'];

interface Row {
  /** On test rows: a dense tanh network of the same size, the printed network, its circuit before and after calibration, and ngspice. */
  readonly dense: TargetScore;
  readonly network: TargetScore;
  readonly naive: TargetScore;
  readonly circuit: TargetScore;
  readonly ngspice: TargetScore;
  /** Mean error of copies with every component varied, on the fast model and in the circuit. */
  readonly networkPrinted: number;
  readonly printed: number;
  readonly targetStd: number;
  readonly maxErrorVolts: number;
  /** Inner resistance of the output. */
  readonly outputOhms: number;
}

interface Training {
  readonly hidden: readonly number[];
  readonly seed: number;
  readonly variation: number;
  readonly epochs: number | undefined;
  /** Of calibration. */
  readonly steps: number | undefined;
}

/**
 * Regression: `npm run bench -- regression [friedman1|diabetes …] [--hidden 3;8] [--variation 0.1] [--epochs N] [--steps N] [--seeds 3] [--draws 20]`.
 * Test error and R of dense and printed networks of the same sizes, as trained, as circuits, in ngspice, and of copies under the variation that they
 * were trained for; mean over seeds. The ratios are means of each seed's own.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      hidden: { type: 'string', default: '3;8' },
      seeds: { type: 'string', default: '3' },
      draws: { type: 'string', default: '20' },
      variation: { type: 'string', default: '0.1' },
      epochs: { type: 'string' },
      steps: { type: 'string' },
    },
  });
  const names = chosen('table', positionals, TABLES);
  const variation = Number(values.variation);
  const epochs = values.epochs === undefined ? undefined : wholeNumber('epochs', values.epochs, 1);
  const steps = values.steps === undefined ? undefined : wholeNumber('steps', values.steps, 1);
  const seeds = wholeNumber('seeds', values.seeds, 1);
  const draws = wholeNumber('draws', values.draws, 1);
  const sizes = values.hidden.split(';').map((text) => text.split(',').map((size) => wholeNumber('hidden', size, 1)));
  if (!existsSync(DATA)) {
    process.stdout.write('The regression tables are not here, so there is nothing to measure.\n');
    return;
  }
  const technology = loadTechnology(TEMPLATES, 'egt');
  const engine = await openEngine('auto');
  const lines: string[][] = [];
  let maxErrorVolts = 0;
  for (const name of names)
    for (const hidden of sizes) {
      const rows: Row[] = [];
      for (let seed = 0; seed < seeds; seed += 1) {
        rows.push(await measure(name, { hidden, seed, variation, epochs, steps }, draws, technology, engine));
        process.stderr.write(`${name}, ${hidden.join('-')}, seed ${seed}: ${JSON.stringify(rows.at(-1))}\n`);
      }
      maxErrorVolts = Math.max(maxErrorVolts, ...rows.map((row) => row.maxErrorVolts));
      const error = (of: (row: Row) => number): string => {
        const { mean, std } = meanAndStd(rows.map(of));
        return `${mean.toPrecision(3)} ± ${std.toPrecision(2)}`;
      };
      const score = (of: (row: Row) => TargetScore): string =>
        `${error((row) => of(row).rmse)} (${meanAndStd(rows.map((row) => of(row).r)).mean.toFixed(3)})`;
      lines.push([
        `${name}, ${hidden.join('-')}`,
        error((row) => row.targetStd),
        score((row) => row.dense),
        score((row) => row.network),
        score((row) => row.naive),
        score((row) => row.circuit),
        score((row) => row.ngspice),
        error((row) => row.networkPrinted),
        error((row) => row.printed),
        error((row) => row.network.rmse / row.dense.rmse),
        error((row) => row.ngspice.rmse / row.network.rmse),
        error((row) => row.outputOhms),
      ]);
    }
  await engine.close();
  process.stdout.write(
    `egt, variation ${variation}, ${seeds} seeds, ${draws} copies, ${engine.name} ${engine.version}; largest difference of any node ${maxErrorVolts.toExponential(1)} V\n\n`,
  );
  process.stdout.write(
    `${table(['table, hidden', 'std of the target', 'dense', 'network', 'naive circuit', 'calibrated', 'in ngspice', 'network, printed', 'calibrated, printed', 'network ÷ dense', 'ngspice ÷ network', 'output, Ω'], lines)}\n`,
  );
}

async function measure(
  name: string,
  options: Training,
  draws: number,
  technology: Technology,
  engine: Engine,
): Promise<Row> {
  const { hidden, seed, variation, epochs, steps } = options;
  const file = join(DATA, 'regression', `${name}.csv`);
  const data = readTargets(file, { seed });
  const inputs = inputRanges(data, { volts: technology.inputVolts });
  const [train, valid, test] = SPLITS.map((part) => toVoltageRows(data, inputs, [], part));
  const surrogate = (cell: string) =>
    SurrogateModel.of(readSurrogate(join(SURROGATES, technology.name, cell), { technology: technology.name, cell }));
  const activation = surrogate(ACTIVATION_CELL);
  const task = standardLine(data.targetName, train!.labels);
  const source = { dataset: name, label: data.targetName, split: `seed ${seed}` };
  const { network } = trainNetwork(
    {
      ...{ name, technology, activation, falling: surrogate(FALLING_CELL), inputs, task, source },
      ...{ classes: [data.targetName], train: train!, valid: valid!, test: test!, inputHashes: {} },
    },
    {
      hidden,
      seed,
      variation,
      ...(epochs === undefined ? {} : { epochs, patience: epochs }),
    },
  );
  const scaled = readRegressionTable(file, { seed });
  const dense = scoreRegression(trainRegression(scaled, hidden, { seed }), scaled.rows.test, scaled.half);
  return inScratchFolder(async (folder) => {
    const { netlist, manifest } = compileNetwork(
      network,
      data,
      technology,
      join(folder, 'out'),
      steps === undefined ? {} : { calibrationSteps: steps },
    );
    const { report } = await verify(netlist, technology, engine, {
      monteCarlo: { draws, variation, seed: 0, workers: 1 },
    });
    const { regression } = report;
    return {
      dense,
      network: regression!.network!,
      naive: manifest.ladder.find(({ step }) => step === 'naive circuit')!.regression!,
      circuit: regression!.circuit!,
      ngspice: regression!.ngspice!,
      networkPrinted: network.regressionMetrics!.underVariation.mean,
      printed: regression!.monteCarlo!.mean,
      outputOhms: manifest.reading!.outputOhms!.maximum,
      targetStd: meanAndStd(test!.labels).std,
      maxErrorVolts: Math.max(report.maxErrorVolts, regression!.monteCarlo!.maxErrorVolts),
    };
  });
}
