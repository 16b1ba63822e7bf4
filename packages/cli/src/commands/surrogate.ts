import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { loadTechnology, stageVolts } from '@neuroprint/circuit';
import { formatSeconds, prepareOutputFolder, type VoltRange } from '@neuroprint/core';
import {
  comparePredicted,
  evaluateSurrogate,
  ForeignSurrogate,
  readSurrogate,
  readTfjsModel,
  type SurrogateEvaluation,
} from '@neuroprint/surrogate';
import { TEMPLATES } from '#host';
import { defineCommand, outcome } from '../command.ts';
import { choice, flag, overwriteOption, required, seedOption, technologyOption, text } from '../options.ts';
import { evaluatePortCommand, trainPortCommand } from '../port.ts';
import { describeSurrogate, runSurrogateTraining } from '../run-surrogate.ts';
import { readSampleTable } from '../sample-table.ts';

export const trainCommand = defineCommand({
  options: {
    samples: required(text('Folder that sample wrote, or a CSV with the parameter columns and eta1..eta4')),
    eta: text('CSV with the columns eta1..eta4, row for row, where they are not in that of --samples'),
    out: required(text('Folder for the surrogate')),
    technology: technologyOption,
    cell: text('Cell that a CSV is of; default negweight'),
    seed: seedOption,
    engine: choice(
      'What trains: our own kernels, or TensorFlow.js where it is installed (also writes a layers model)',
      ['own', 'tfjs'],
      'own',
    ),
    port: flag('Train the port model of the cell on what sample --port wrote; it may lie beside a surrogate'),
    overwrite: overwriteOption,
  },
  examples: [
    ['$0 surrogate train --port --samples samples/ports --out surrogates/egt/negweight', ''],
    ['$0 surrogate train --samples samples/negweight --out surrogates/egt/negweight', ''],
  ],
  run: async (argv) => {
    if (argv.port) return trainPortCommand(argv);
    const table = readSampleTable(argv.samples, argv.technology, argv.cell, argv.eta);
    prepareOutputFolder(argv.out, argv.overwrite);
    const result = await runSurrogateTraining(table, argv.out, argv.seed, {}, argv.engine);
    return outcome(result, [
      `${result.rows} rows, ${formatSeconds(result.cpuSeconds)} of processor time`,
      ...describeSurrogate(result),
    ]);
  },
});

/** What is evaluated, and of which cell where a file does not say. */
interface Evaluated {
  readonly surrogate: string;
  readonly samples: string;
  readonly eta?: string;
  readonly technology: string;
  readonly cell?: string;
}

/** The volts over which curves are compared: those that stages of the technology see. */
function shownVolts(technology: string): VoltRange {
  return stageVolts(loadTechnology(TEMPLATES, technology));
}

/** A folder with surrogate.json, or one with a TensorFlow.js layers model; the file itself says of which cell. */
function evaluateOwn({ surrogate: folder, samples, eta }: Evaluated): SurrogateEvaluation {
  const isTfjs = existsSync(join(folder, 'model.json')) && !existsSync(join(folder, 'surrogate.json'));
  const surrogate = isTfjs ? readTfjsModel(folder) : readSurrogate(folder);
  return evaluateSurrogate(
    surrogate,
    readSampleTable(samples, surrogate.technology, surrogate.cell, eta),
    shownVolts(surrogate.technology),
  );
}

/** An ONNX model from elsewhere; each η is scaled by its range in the samples. */
function evaluateForeign({ surrogate, samples, eta, technology, cell }: Evaluated): SurrogateEvaluation {
  const table = readSampleTable(samples, technology, cell, eta);
  const predicted = ForeignSurrogate.read(surrogate, table.parameters).predict(table.values, table.eta.length / 4);
  const range = (pick: (a: number, b: number) => number) =>
    [0, 1, 2, 3].map((k) => table.eta.filter((_, i) => i % 4 === k).reduce(pick));
  return comparePredicted(
    predicted,
    table.eta,
    range((a, b) => Math.min(a, b)),
    range((a, b) => Math.max(a, b)),
    shownVolts(technology),
  );
}

export const evaluateCommand = defineCommand({
  options: {
    surrogate: required(
      text('Folder of the surrogate or of a TensorFlow.js layers model, or an ONNX file from elsewhere'),
    ),
    samples: required(text('Folder that sample wrote, or a CSV')),
    eta: text('CSV with the columns eta1..eta4, row for row, where they are not in that of --samples'),
    technology: technologyOption,
    cell: text('Cell that a CSV is of, for an ONNX file; default negweight'),
    port: flag('Evaluate the port model of the folder: curves and power without a load'),
  },
  examples: [['$0 surrogate evaluate --surrogate surrogates/egt/negweight --samples samples/other', '']],
  run: (argv) => {
    if (argv.port) return evaluatePortCommand(argv);
    const result = argv.surrogate.endsWith('.onnx') ? evaluateForeign(argv) : evaluateOwn(argv);
    return outcome(result, [
      `${basename(dirname(argv.surrogate))}/${basename(argv.surrogate)} on ${result.rows} rows`,
      `error: ${result.mseNormalised.toExponential(1)} (normalised mean square), R² ${result.r2.map((r) => r.toFixed(6)).join(' ')}`,
      `curve: rms ${(1000 * result.curveRmsVolts.median).toFixed(3)} mV at the median, ${(1000 * result.curveRmsVolts.p95).toFixed(3)} mV at the 95th percentile`,
    ]);
  },
});
