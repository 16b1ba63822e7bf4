import { JobError } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { runJobs, type TrainingJob } from '../src/jobs.ts';
import { exclusiveOr, surrogateOf } from './fixtures.ts';

const problem = { ...exclusiveOr(), falling: surrogateOf('negweight'), activation: surrogateOf('ptanh') };
const options = { epochs: 30, draws: 4, restarts: 2, testVariations: [0.05, 0.2] };
const jobs: TrainingJob[] = [
  ...[0, 1, 2, 3].map((seed) => ({ kind: 'printed', problem, options: { ...options, seed } }) as const),
  { kind: 'digital', problem, options: { seed: 1, restarts: 2, epochs: 50 } },
];

describe('jobs over threads', () => {
  test('give the same bits in the same order whatever the number of workers', async () => {
    const seen: number[] = [];
    const [one, three] = [await runJobs(jobs, 1), await runJobs(jobs, 3, (_, job) => seen.push(job))];
    const withoutTime = (results: typeof one) => results.map((result) => ({ ...result, cpuSeconds: 0 }));
    expect(withoutTime(three)).toEqual(withoutTime(one));
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4]);
    expect(one.map((result) => 'network' in result && result.network.training!.seed)).toEqual([0, 1, 2, 3, false]);
  });

  test('measure the test rows under every spread that is asked for', async () => {
    const [result] = await runJobs(jobs.slice(0, 1), 1);
    expect('network' in result! && result.underVariation.map(({ relativeSpread }) => relativeSpread)).toEqual([
      0.05, 0.2,
    ]);
  });

  test('end with the first refusal, which says which job and keeps its exit code', async () => {
    const wrong: TrainingJob = { kind: 'printed', problem, options: { ...options, draws: 0 } };
    const failure = await runJobs([jobs[0]!, wrong, jobs[1]!], 2).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(JobError);
    expect(failure).toMatchObject({ job: 1, exitCode: 2 });
    expect((failure as Error).message).toContain('draws is 0');
  });
});
