import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { findCell, loadTechnology } from '@neuroprint/circuit';
import { InputFileError, prepareOutputFolder } from '@neuroprint/core';
import type { SurrogateReportData } from '@neuroprint/report';
import { readSamples } from '@neuroprint/sampler';
import {
  evaluateSurrogate,
  readSampleCsv,
  readSurrogate,
  type SampleTable,
  type TrainedSurrogate,
  trainSurrogate,
  writeSurrogate,
} from '@neuroprint/surrogate';
import type { CommandModule } from 'yargs';
import { jsonOption, overwriteOption, seedOption, technologyOption, textOption } from '../options.ts';
import { formatSeconds, Progress, printResult } from '../output.ts';
import { TEMPLATES } from '../paths.ts';
import { writeSurrogateReport } from './surrogateReport.ts';

/** Samples as a folder that `sample` wrote, or as a CSV from elsewhere, which needs technology and cell to be understood. */
export function readSampleTable(path: string, technology: string, cell: string | undefined): SampleTable {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new InputFileError({ file: path }, 'there is no such file or folder', 'Run sample first, or check the path.');
  if (stats.isDirectory()) return readFolder(path);
  const process = loadTechnology(TEMPLATES, technology);
  const { name, parameters, constraints } = findCell(process, cell ?? 'negweight');
  return readSampleCsv(path, { technology, cell: name, parameters, constraints });
}

/** The rows that converged, with their curves as p(v). */
function readFolder(path: string): SampleTable {
  const folder = readSamples(path);
  const { table, samples } = folder;
  const { points } = samples.sweep;
  const { curve } = findCell(loadTechnology(TEMPLATES, table.technology), table.cell);
  const sign = curve === 'falling' ? -1 : 1;
  const inputVolts = new Float64Array((table.eta.length / 4) * points);
  const volts = new Float64Array(inputVolts.length);
  let at = 0;
  for (const row of folder.rows()) {
    if (row.eta === undefined) continue;
    inputVolts.set(row.inputVolts, at);
    volts.set(
      row.outputVolts.map((v) => sign * v),
      at,
    );
    at += points;
  }
  return { ...table, curves: { points, inputVolts, volts } };
}

export interface SurrogateTraining {
  readonly rows: number;
  readonly test: {
    readonly rows: number;
    readonly mseNormalised: number;
    readonly r2: readonly number[];
    readonly rmse: readonly number[];
  };
  /** Distance of held-out curves from ngspice, with the learnt correction and of the ptanh alone. */
  readonly curves?: CurveTests;
  readonly cpuSeconds: number;
  readonly out: string;
}

type CurveTests = NonNullable<TrainedSurrogate['surrogate']['correction']>['test'];

/** Trains a surrogate on samples and writes its folder. */
export async function runSurrogateTraining(
  table: SampleTable,
  out: string,
  seed: number,
  origin: Pick<SurrogateReportData, 'samples' | 'simulator' | 'command'> = {},
): Promise<SurrogateTraining> {
  const began = process.cpuUsage();
  const technology = loadTechnology(TEMPLATES, table.technology);
  const topology = { elements: findCell(technology, table.cell).elements, supplies: Object.keys(technology.supplies) };
  const progress = new Progress(`train the surrogate of ${table.technology} ${table.cell}`);
  try {
    let steps = 0;
    const trained = trainSurrogate(table, {
      topology,
      seed,
      onProgress: ({ trial, validationError }) => {
        steps += 1;
        progress.update(steps, steps, `${trial}, validation error ${validationError.toExponential(1)}`);
      },
    });
    const used = process.cpuUsage(began);
    writeSurrogate(out, trained.surrogate);
    await writeSurrogateReport(out, trained, technology, origin);
    return {
      rows: table.eta.length / 4,
      test: trained.test,
      ...(trained.surrogate.correction && { curves: trained.surrogate.correction.test }),
      cpuSeconds: (used.user + used.system) / 1e6,
      out,
    };
  } finally {
    progress.done();
  }
}

export function describeSurrogate(result: Pick<SurrogateTraining, 'test' | 'curves' | 'out'>): string[] {
  const millivolts = ({ median, p99, largest }: CurveTests['ptanh']) =>
    [median, p99, largest].map((volts) => (1000 * volts).toFixed(2)).join(', ');
  const { curves } = result;
  return [
    `held-out error: ${result.test.mseNormalised.toExponential(1)} (normalised mean square, ${result.test.rows} rows), R² ${result.test.r2.map((r) => r.toFixed(6)).join(' ')}`,
    ...(curves === undefined
      ? []
      : [
          `held-out curves, mV (median and 99th percentile of rms, largest): ${millivolts(curves.corrected)}; as ptanh alone ${millivolts(curves.ptanh)}`,
        ]),
    `written: ${result.out}`,
  ];
}

interface TrainArguments {
  samples: string;
  out: string;
  technology: string;
  cell: string | undefined;
  seed: number | undefined;
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
        overwrite: overwriteOption,
        json: jsonOption,
      })
      .example('$0 surrogate train --samples samples/negweight --out surrogates/egt/negweight', '') as never,
  handler: async (argv) => {
    const table = readSampleTable(argv.samples, argv.technology, argv.cell);
    prepareOutputFolder(argv.out, argv.overwrite);
    const result = await runSurrogateTraining(table, argv.out, argv.seed ?? 0);
    printResult(argv.json, result, [
      `${result.rows} rows, ${formatSeconds(result.cpuSeconds)} of processor time`,
      ...describeSurrogate(result),
    ]);
  },
};

interface EvaluateArguments {
  surrogate: string;
  samples: string;
  json: boolean;
}

const evaluate: CommandModule<object, EvaluateArguments> = {
  command: 'evaluate',
  describe: 'Compare a surrogate with samples it has not seen',
  builder: (yargs) =>
    yargs
      .options({
        surrogate: { ...textOption('surrogate', 'Folder of the surrogate'), demandOption: true },
        samples: { ...textOption('samples', 'Folder that sample wrote, or a CSV'), demandOption: true },
        json: jsonOption,
      })
      .example('$0 surrogate evaluate --surrogate surrogates/egt/negweight --samples samples/other', '') as never,
  handler: (argv) => {
    // the folders are surrogates/<technology>/<cell>, but the file itself says what it is
    const surrogate = readSurrogate(argv.surrogate);
    const table = readSampleTable(argv.samples, surrogate.technology, surrogate.cell);
    const result = evaluateSurrogate(surrogate, table);
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
