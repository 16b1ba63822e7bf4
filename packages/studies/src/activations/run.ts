import { join } from 'node:path';
import { openThread, stopwatch, writeFileAtomic } from '@neuroprint/core';
import { inputOf, type JobOutcome, runOnHands } from '@neuroprint/jobs';
import { type Curve, curvesPlot } from '@neuroprint/report';
import { placeOf, type StudyContext, type StudyPlace } from '../context.ts';
import { rowFileOf } from '../recipe.ts';
import { type ActivationJob, networksOf, type StudiedNetwork } from './activation-study.ts';
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

export interface ActivationRequest extends StudyPlace {
  readonly data: string;
  readonly target: string;
  readonly split: string;
  readonly layers: readonly number[];
  readonly neurons: readonly number[];
  readonly draws: number;
  /** Test error that is still borne, in units of the target. */
  readonly waterline?: number;
  readonly seed: number;
}

/** What a study came to. A shard, or a study of which all networks failed, has no result. */
interface ActivationsMade extends Pick<JobOutcome<StudiedNetwork>, 'made' | 'found' | 'failures'> {
  readonly result: (ActivationResult & { readonly amplitudes: readonly number[] }) | undefined;
  /** Of this process. */
  readonly cpuSeconds: number;
}

/**
 * Trains every network, disturbs and retrains it, each result in a file under `out/rows`; writes study.json, random.svg, smooth.svg and
 * retrained.svg.
 */
export async function runActivations(request: ActivationRequest, context: StudyContext): Promise<ActivationsMade> {
  const spent = stopwatch();
  const { layers, neurons, draws, seed, out } = request;
  const table = readRegressionTable(request.data, request);
  const options = { amplitudes: AMPLITUDES, retrainAt: RETRAIN_AT, draws, seed };
  const hidden = new Map(networksOf({ ...options, layers, neurons }).map((sizes) => [sizes.join('-'), sizes]));
  const outcome = await runOnHands<ActivationJob, StudiedNetwork>(
    {
      what: `activations of ${table.name}`,
      unit: 'network',
      jobs: [...hidden].map(([name, sizes]) => ({
        name,
        input: inputOf({ table, hidden: sizes, options }),
        file: rowFileOf(name),
      })),
      open: () => openThread(new URL('./activation-worker.js', import.meta.url)),
      asked: ({ name }) => ({ table, hidden: hidden.get(name)!, options }),
    },
    placeOf(request, context),
  );
  const { made, found, failures } = outcome;
  const networks = outcome.results.filter((network) => network !== undefined);
  if (request.shard !== undefined || networks.length === 0)
    return { result: undefined, made, found, failures, cpuSeconds: spent().cpuSeconds };
  const waterline = request.waterline ?? DEFAULT_WATERLINE * Math.max(...networks.map(({ test }) => test.rmse));
  const crossed = networks.map((network) => withCrossing(network, waterline));
  await plots(table, crossed, waterline, out);
  const result = {
    ...{ dataset: table.name, waterline, amplitudes: AMPLITUDES },
    networks: crossed,
    findings: findings(crossed),
  };
  writeFileAtomic(join(out, 'study.json'), `${JSON.stringify(result, null, 1)}\n`);
  return { result, made, found, failures, cpuSeconds: spent().cpuSeconds };
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
