import { join } from 'node:path';
import { prepareOutputFolder, stopwatch, writeFileAtomic } from '@neuroprint/core';
import { type Curve, curvesPlot } from '@neuroprint/report';
import type { StudyContext } from '../context.ts';
import { type StudiedNetwork, studyActivations } from './activation-study.ts';
import {
  type ActivationResult,
  AMPLITUDES,
  DEFAULT_WATERLINE,
  findings,
  RETRAIN_AT,
  type Studied,
  titleOf,
  withCrossing,
} from './findings.ts';
import { type RegressionTable, readRegressionTable } from './regression-table.ts';

export interface ActivationRequest {
  readonly data: string;
  readonly out: string;
  readonly target: string;
  readonly split: string;
  readonly layers: readonly number[];
  readonly neurons: readonly number[];
  readonly draws: number;
  /** Test error that is still borne, in units of the target. */
  readonly waterline?: number;
  readonly seed: number;
  readonly overwrite: boolean;
}

/** Trains every network, disturbs and retrains it; writes study.json, random.svg, smooth.svg and retrained.svg. */
export async function runActivations(
  request: ActivationRequest,
  { signal, onProgress }: StudyContext,
): Promise<ActivationResult & { readonly amplitudes: readonly number[] }> {
  const spent = stopwatch();
  const { layers, neurons, draws, seed, out } = request;
  const table = readRegressionTable(request.data, request);
  prepareOutputFolder(out, request.overwrite);
  const networks: StudiedNetwork[] = [];
  const grid = { layers, neurons, amplitudes: AMPLITUDES, retrainAt: RETRAIN_AT, draws, seed };
  for (const network of studyActivations(table, grid)) {
    networks.push(network);
    onProgress(networks.length, layers.length * neurons.length, titleOf(network));
    await new Promise(setImmediate);
    signal.throwIfAborted();
  }
  const waterline = request.waterline ?? DEFAULT_WATERLINE * Math.max(...networks.map(({ test }) => test.rmse));
  const crossed = networks.map((network) => withCrossing(network, waterline));
  await plots(table, crossed, waterline, out);
  const { cpuSeconds } = spent();
  const result = {
    dataset: table.name,
    waterline,
    amplitudes: AMPLITUDES,
    networks: crossed,
    findings: findings(crossed),
    cpuSeconds,
  };
  writeFileAtomic(join(out, 'study.json'), `${JSON.stringify(result, null, 1)}\n`);
  return result;
}

async function plots(
  table: RegressionTable,
  networks: readonly Studied[],
  waterline: number,
  out: string,
): Promise<void> {
  const best = [...new Set(networks.map(({ hidden }) => hidden.length))].map((layers) =>
    networks.filter(({ hidden }) => hidden.length === layers).reduce((a, b) => (b.test.rmse < a.test.rmse ? b : a)),
  );
  const save = async (name: string, title: string, curves: readonly Curve[]): Promise<void> => {
    const { svg } = await curvesPlot({
      name,
      title,
      description: `${title}: test error against the amplitude A.`,
      x: { quantity: 'amplitude A', unit: 'of tanh', log: true },
      y: { quantity: 'test error', unit: 'rmse, target', log: true },
      curves,
      level: { value: waterline, label: 'waterline' },
    });
    writeFileAtomic(join(out, `${name}.svg`), svg);
  };
  const x = AMPLITUDES;
  for (const kind of ['random', 'smooth'] as const)
    await save(
      kind,
      `${table.name}, ${kind === 'random' ? 'activation noise' : 'uneven activations'}`,
      best.map((network) => ({ label: titleOf(network), x, y: network[kind].map(({ rmse }) => rmse) })),
    );
  await save(
    'retrained',
    `${table.name}, retrained on realised shapes`,
    best
      .flatMap((network) => [
        { label: `${titleOf(network)} before`, x: RETRAIN_AT, y: network.retrained.map(({ before }) => before.rmse) },
        { label: `${titleOf(network)} after`, x: RETRAIN_AT, y: network.retrained.map(({ after }) => after.rmse) },
      ])
      .slice(0, 4),
  );
}
