import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findCell, loadTechnology } from '@neuroprint/circuit';
import { formatSeconds, prepareOutputFolder, type SampleTable } from '@neuroprint/core';
import type { SurrogateReportData } from '@neuroprint/report';
import type { EngineChoice } from '@neuroprint/spice';
import {
  comparePredicted,
  evaluateSurrogate,
  ForeignSurrogate,
  type PortModel,
  readSurrogate,
  readTfjsModel,
  type SurrogateEvaluation,
  tfjsFitter,
  trainSurrogate,
  type UnloadedTest,
  writePort,
  writeSurrogate,
  writeTfjsModel,
} from '@neuroprint/surrogate';
import type { CommandModule } from 'yargs';
import { jsonOption, overwriteOption, seedOption, technologyOption, textOption } from '../options.ts';
import { log, Progress, printResult } from '../output.ts';
import { TEMPLATES } from '../paths.ts';
import { evaluatePortCommand, testUnloaded, trainPortCommand } from './port.ts';
import { readSampleTable } from './sample-table.ts';
import { measureNoise } from './surrogate-noise.ts';
import { writeSurrogateReport } from './surrogate-report.ts';

export interface SurrogateTraining {
  readonly rows: number;
  readonly test: {
    readonly rows: number;
    readonly mseNormalised: number;
    readonly r2: readonly number[];
    readonly rmse: readonly number[];
  };
  /** What no surrogate can pass, and the error on the same designs. */
  readonly noise: NonNullable<SurrogateReportData['noise']>;
  /** Of the port model, without a load: held-out curves and power. */
  readonly unloaded?: UnloadedTest;
  readonly cpuSeconds: number;
  readonly out: string;
}

export type SurrogateOrigin = Pick<SurrogateReportData, 'samples' | 'simulator' | 'command'>;

/**
 * Trains a surrogate on samples and writes its folder; a port model of the cell, trained on other samples, is compared with
 * the held-out curves and their power, and written too.
 */
export async function runSurrogateTraining(
  table: SampleTable,
  out: string,
  seed: number,
  origin: SurrogateOrigin = {},
  engine: 'own' | 'tfjs' = 'own',
  port?: PortModel,
  simulator: EngineChoice = 'auto',
): Promise<SurrogateTraining> {
  const fitter = engine === 'tfjs' ? await tfjsFitter() : undefined;
  if (fitter !== undefined) log(`trains through ${fitter.name}`);
  const began = process.cpuUsage();
  const technology = loadTechnology(TEMPLATES, table.technology);
  const topology = { elements: findCell(technology, table.cell).elements, supplies: Object.keys(technology.supplies) };
  const progress = new Progress(`train the surrogate of ${table.technology} ${table.cell}`);
  try {
    const trained = trainSurrogate(table, {
      topology,
      seed,
      ...(fitter && { fit: fitter.fit }),
      onProgress: ({ trial, validationError }) => {
        progress.update(0, 0, `${trial}, validation error ${validationError.toExponential(1)}`);
      },
    });
    const used = process.cpuUsage(began);
    writeSurrogate(out, trained.surrogate);
    if (engine === 'tfjs') writeTfjsModel(join(out, 'tfjs'), trained.surrogate);
    const unloaded = port && testUnloaded(port, { ...table, ...trained.testRows }, technology);
    if (port !== undefined) writePort(out, { ...port.port, ...(unloaded && { unloadedTest: unloaded }) });
    const noise = await measureNoise(trained, technology, simulator);
    await writeSurrogateReport(out, trained, technology, { ...origin, noise }, port);
    return {
      rows: table.eta.length / 4,
      test: trained.test,
      noise,
      ...(unloaded && { unloaded }),
      cpuSeconds: (used.user + used.system) / 1e6,
      out,
    };
  } finally {
    progress.done();
  }
}

export function describeSurrogate(result: Pick<SurrogateTraining, 'test' | 'noise' | 'out'>): string[] {
  const { noise } = result;
  return [
    `held-out error: ${result.test.mseNormalised.toExponential(1)} (normalised mean square, ${result.test.rows} rows), R² ${result.test.r2.map((r) => r.toFixed(6)).join(' ')}`,
    'notMeasured' in noise
      ? `noise of the fitted η: not measured, ${noise.notMeasured}`
      : `noise of the fitted η: ${noise.mseNormalised.toExponential(1)} (${noise.rows} of these rows at 4,001 points; the surrogate's error on them is ${noise.surrogateMseNormalised.toExponential(1)})`,
    `written: ${result.out}`,
  ];
}

interface TrainArguments {
  port: boolean;
  samples: string;
  out: string;
  technology: string;
  cell: string | undefined;
  seed: number | undefined;
  engine: 'own' | 'tfjs';
  overwrite: boolean;
  json: boolean;
}

const train: CommandModule<object, TrainArguments> = {
  command: 'train',
  describe: 'Train a surrogate on samples, and write it as JSON and ONNX',
  builder: (yargs) =>
    yargs
      .options({
        samples: {
          ...textOption('samples', 'Folder that sample wrote, or a CSV with the parameter columns and eta1..eta4'),
          demandOption: true,
        },
        out: { ...textOption('out', 'Folder for the surrogate'), demandOption: true },
        technology: technologyOption,
        cell: textOption('cell', 'Cell that a CSV is of; default negweight'),
        seed: seedOption(0),
        engine: {
          choices: ['own', 'tfjs'] as const,
          default: 'own' as const,
          requiresArg: true,
          describe: 'What trains: our own kernels, or TensorFlow.js where it is installed (also writes a layers model)',
        },
        port: {
          type: 'boolean',
          default: false,
          describe: 'Train the port model of the cell on what sample --port wrote; it may lie beside a surrogate',
        },
        overwrite: overwriteOption,
        json: jsonOption,
      })
      .example('$0 surrogate train --port --samples samples/ports --out surrogates/egt/negweight', '')
      .example('$0 surrogate train --samples samples/negweight --out surrogates/egt/negweight', '') as never,
  handler: async (argv) => {
    if (argv.port) return trainPortCommand(argv);
    const table = readSampleTable(argv.samples, argv.technology, argv.cell);
    prepareOutputFolder(argv.out, argv.overwrite);
    const result = await runSurrogateTraining(table, argv.out, argv.seed ?? 0, {}, argv.engine);
    printResult(argv.json, result, [
      `${result.rows} rows, ${formatSeconds(result.cpuSeconds)} of processor time`,
      ...describeSurrogate(result),
    ]);
  },
};

interface EvaluateArguments {
  port: boolean;
  surrogate: string;
  samples: string;
  technology: string;
  cell: string | undefined;
  json: boolean;
}

/** A folder with surrogate.json, or one with a TensorFlow.js layers model; the file itself says of which cell. */
function evaluateOwn({ surrogate: folder, samples }: EvaluateArguments): SurrogateEvaluation {
  const isTfjs = existsSync(join(folder, 'model.json')) && !existsSync(join(folder, 'surrogate.json'));
  const surrogate = isTfjs ? readTfjsModel(folder) : readSurrogate(folder);
  return evaluateSurrogate(surrogate, readSampleTable(samples, surrogate.technology, surrogate.cell));
}

/** An ONNX model from elsewhere; each η is scaled by its range in the samples. */
function evaluateForeign({ surrogate, samples, technology, cell }: EvaluateArguments): SurrogateEvaluation {
  const table = readSampleTable(samples, technology, cell);
  const predicted = ForeignSurrogate.read(surrogate, table.parameters).predict(table.values, table.eta.length / 4);
  const range = (pick: (a: number, b: number) => number) =>
    [0, 1, 2, 3].map((k) => table.eta.filter((_, i) => i % 4 === k).reduce(pick));
  return comparePredicted(
    predicted,
    table.eta,
    range((a, b) => Math.min(a, b)),
    range((a, b) => Math.max(a, b)),
  );
}

const evaluate: CommandModule<object, EvaluateArguments> = {
  command: 'evaluate',
  describe: 'Compare a surrogate with samples it has not seen',
  builder: (yargs) =>
    yargs
      .options({
        surrogate: {
          ...textOption(
            'surrogate',
            'Folder of the surrogate or of a TensorFlow.js layers model, or an ONNX file from elsewhere',
          ),
          demandOption: true,
        },
        samples: { ...textOption('samples', 'Folder that sample wrote, or a CSV'), demandOption: true },
        technology: technologyOption,
        cell: textOption('cell', 'Cell that a CSV is of, for an ONNX file; default negweight'),
        port: {
          type: 'boolean',
          default: false,
          describe: 'Evaluate the port model of the folder: curves and power without a load',
        },
        json: jsonOption,
      })
      .example('$0 surrogate evaluate --surrogate surrogates/egt/negweight --samples samples/other', '') as never,
  handler: (argv) => {
    if (argv.port) return evaluatePortCommand(argv);
    const result = argv.surrogate.endsWith('.onnx') ? evaluateForeign(argv) : evaluateOwn(argv);
    printResult(argv.json, result, [
      `${basename(dirname(argv.surrogate))}/${basename(argv.surrogate)} on ${result.rows} rows`,
      `error: ${result.mseNormalised.toExponential(1)} (normalised mean square), R² ${result.r2.map((r) => r.toFixed(6)).join(' ')}`,
      `curve: rms ${(1000 * result.curveRmsVolts.median).toFixed(3)} mV at the median, ${(1000 * result.curveRmsVolts.p95).toFixed(3)} mV at the 95th percentile`,
    ]);
  },
};

/** `neuroprint surrogate train|evaluate`. */
export const surrogateCommand: CommandModule<object, object> = {
  command: 'surrogate <action>',
  describe: 'Train or evaluate the surrogate of a cell',
  builder: (yargs) =>
    yargs.command(train).command(evaluate).demandCommand(1, 'Say train or evaluate.').strict() as never,
  handler: () => {},
};
