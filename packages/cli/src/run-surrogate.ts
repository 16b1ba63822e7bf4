import { join } from 'node:path';
import { findCell, loadTechnology } from '@neuroprint/circuit';
import { type SampleTable, stopwatch } from '@neuroprint/core';
import type { SurrogateReportData } from '@neuroprint/report';
import type { EngineChoice } from '@neuroprint/spice';
import {
  type PortModel,
  tfjsFitter,
  trainSurrogate,
  type UnloadedTest,
  writePort,
  writeSurrogate,
  writeTfjsModel,
} from '@neuroprint/surrogate';
import { TEMPLATES } from '#host';
import { log, Progress } from './output.ts';
import { testUnloaded } from './port.ts';
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
  const spent = stopwatch();
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
    const { cpuSeconds } = spent();
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
      cpuSeconds,
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
