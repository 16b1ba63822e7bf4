import type { TrainingState } from '@neuroprint/core';
import { JobError } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { type PortableProblem, readable } from '../src/jobs.ts';
import type { TrainingHooks, TrainingProgress } from '../src/printed/course.ts';
import type { TrainingOptions } from '../src/printed/options.ts';
import { type TrainingResult, trainNetwork } from '../src/printed/train.ts';
import { TrainingCrew } from '../src/training-crew.ts';
import { exclusiveOr, surrogateOf } from './fixtures.ts';

const problem: PortableProblem = {
  ...exclusiveOr(),
  falling: surrogateOf('negweight'),
  activation: surrogateOf('ptanh'),
};
const quick: TrainingOptions = { epochs: 60, draws: 4, restarts: 6, powerPenalty: 0.01, testVariations: [0.05] };

async function trained(workers: number, options: TrainingOptions, hooks?: TrainingHooks): Promise<TrainingResult> {
  const crew = new TrainingCrew(workers);
  try {
    return await crew.train(problem, options, hooks);
  } finally {
    await crew.close();
  }
}

const withoutTime = (result: TrainingResult) => ({ ...result, cpuSeconds: 0 });

describe('the starts of one training over threads', () => {
  const alone = trainNetwork(readable(problem), quick);

  test('make the same network, with the same history, as one thread, whatever the number of threads', async () => {
    // printed digital networks are among the starts, and their pieces wait for them
    expect(new Set(alone.history.map(({ restart }) => restart)).size).toBe(6);
    for (const workers of [1, 2, 3]) expect(withoutTime(await trained(workers, quick))).toEqual(withoutTime(alone));
  });

  test('are fewer than the threads without harm', async () => {
    const one = { ...quick, restarts: 1 };
    expect(withoutTime(await trained(3, one))).toEqual(withoutTime(trainNetwork(readable(problem), one)));
  });

  test('keep to a budget by the same multipliers', async () => {
    const within = { ...quick, budget: { maximumPowerWatts: alone.cost.watts / 2 } };
    expect(withoutTime(await trained(2, within))).toEqual(withoutTime(trainNetwork(readable(problem), within)));
  });

  test('go on from a state of any number of threads to the same bits on another', async () => {
    const states: TrainingState[] = [];
    trainNetwork(readable(problem), quick, { onState: (state) => states.push(state()) });
    const early = states.find(({ candidates }) => candidates.some((candidate) => candidate === null))!;
    for (const state of [early, states.at(-1)!]) {
      const resume = JSON.parse(JSON.stringify(state)) as TrainingState;
      expect(withoutTime(await trained(2, quick, { resume }))).toEqual(withoutTime(alone));
    }
  });

  test('tell every look at the validation rows once', async () => {
    const seen: TrainingProgress[] = [];
    const { history } = await trained(2, quick, { onProgress: (progress) => seen.push(progress) });
    const key = ({ restart, epoch }: { restart: number; epoch: number }) => `${restart} ${epoch}`;
    expect(seen.flatMap(({ looks }) => looks.map(key)).sort()).toEqual(history.map(key).sort());
    expect(seen.at(-1)!.done).toBeLessThanOrEqual(seen.at(-1)!.total);
  });

  test('end with the refusal of what cannot be, and its exit code', async () => {
    const refused = await trained(2, { ...quick, budget: { maximumPowerWatts: 1e-12 } }).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(JobError);
    expect(refused).toMatchObject({ exitCode: 2 });
    expect((refused as Error).message).toContain('The smallest network of 5 neurons that can be printed takes');
  });
});
