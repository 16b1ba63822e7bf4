import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findCell, loadTechnology, stageVolts, type Technology } from '@neuroprint/circuit';
import { formatSeconds, OutputInUseError, type SampleTable, stopwatch } from '@neuroprint/core';
import { readPortSamples } from '@neuroprint/sampler';
import { evaluatePort, PortModel, readPort, trainPort, type UnloadedTest, writePort } from '@neuroprint/surrogate';
import { TEMPLATES } from '#host';
import { type Outcome, outcome } from './command.ts';
import { Progress } from './output.ts';
import { readSampleTable } from './sample-table.ts';

export interface PortTraining {
  readonly designs: number;
  readonly test: PortModel['port']['test'];
  readonly cpuSeconds: number;
}

/** Trains the port model of a cell on a folder that `sample --port` wrote. */
export function runPortTraining(samples: string, seed: number): { model: PortModel; training: PortTraining } {
  const { table } = readPortSamples(samples);
  const technology = loadTechnology(TEMPLATES, table.technology);
  const { elements } = findCell(technology, table.cell);
  const progress = new Progress(`train the port model of ${table.technology} ${table.cell}`);
  const spent = stopwatch();
  try {
    const port = trainPort(
      table,
      { elements, supplyVolts: technology.supplies },
      {
        seed,
        biasVolts: technology.bias.volts,
        onProgress: (volts) => progress.update(0, 0, `validation error ${(1000 * volts).toExponential(1)} mV`),
      },
    );
    const { cpuSeconds } = spent();
    return { model: PortModel.of(port), training: { designs: port.trainedOn.designs, test: port.test, cpuSeconds } };
  } finally {
    progress.done();
  }
}

/** The port model without a load on simulated curves and their power. */
export function testUnloaded(model: PortModel, table: SampleTable, technology: Technology): UnloadedTest {
  return evaluatePort(
    model,
    table,
    findCell(technology, table.cell).curve === 'falling' ? -1 : 1,
    stageVolts(technology),
  );
}

/** `surrogate train --port`. */
export function trainPortCommand(argv: {
  readonly samples: string;
  readonly out: string;
  readonly seed: number | undefined;
  readonly overwrite: boolean;
}): Outcome {
  if (existsSync(join(argv.out, 'port.json')) && !argv.overwrite)
    throw new OutputInUseError(
      argv.out,
      'there is a port model',
      'Name another folder with --out, or add --overwrite.',
    );
  const { model, training } = runPortTraining(argv.samples, argv.seed ?? 0);
  writePort(argv.out, model.port);
  return outcome({ ...training, out: argv.out }, [
    `${training.designs} designs, ${formatSeconds(training.cpuSeconds)} of processor time`,
    describePort(training.test),
    `written: ${argv.out}`,
  ]);
}

export function describePort(test: PortModel['port']['test']): string {
  const [rms, p99, largest] = [test.rmsVolts, test.p99Volts, test.largestVolts].map(millivolts);
  return `held-out error of a loaded output: ${rms} mV rms, ${p99} mV at the 99th percentile, ${largest} mV at most`;
}

/** `surrogate evaluate --port`. */
export function evaluatePortCommand(argv: { readonly surrogate: string; readonly samples: string }): Outcome {
  const model = readPort(argv.surrogate);
  const { technology, cell } = model.port;
  const table = readSampleTable(argv.samples, technology, cell);
  const result = testUnloaded(model, table, loadTechnology(TEMPLATES, technology));
  return outcome(result, describeUnloaded(result));
}

export function describeUnloaded({ rows, curve, averageWatts, watts }: UnloadedTest): string[] {
  const [median, p99, largest] = [curve.median, curve.p99, curve.largest].map(millivolts);
  const percent = (share: number) => `${(100 * share).toPrecision(2)} %`;
  return [
    `curves of ${rows} designs: rms ${median} mV at the median, ${p99} mV at the 99th percentile; ${largest} mV at most at any point`,
    ...(averageWatts === undefined || watts === undefined
      ? []
      : [
          `power over the volts that stages see: ${percent(averageWatts.median)} off at the median, ${percent(averageWatts.largest)} at most; at one input ${percent(watts.largest)} of the average at most`,
        ]),
  ];
}

function millivolts(volts: number): string {
  return (1000 * volts).toPrecision(2);
}
