import { describe, expect, test } from 'vitest';
import { JobError, runOnThreads } from '../src/threads.ts';

const built = (file: string): string => new URL(`../dist/${file}`, import.meta.url).href;

/** A thread whose jobs are numbers; `body` is what is done with `job`, with `tell` and what the thread was sent once, `shared`. */
const thread = (body: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { UsageError } from '${built('files/errors.js')}';
      import { answerJobs } from '${built('threads.js')}';
      answerJobs((job, tell, shared) => { ${body} });
    `)}`,
  );

/** Runs jobs and returns what came, in the order of the jobs. */
async function results(jobs: readonly number[], workers: number, file: URL, shared?: unknown): Promise<number[]> {
  const found: number[] = [];
  await runOnThreads<number, number>(jobs, { file, workers, shared, onResult: (result, job) => (found[job] = result) });
  return found;
}

describe('jobs on threads', () => {
  test('are each done once, with what all threads share, whatever the number of threads', async () => {
    const squares = thread('return job * job + shared.offset;');
    for (const workers of [1, 2, 9])
      expect(await results([1, 2, 3, 4, 5], workers, squares, { offset: 10 })).toEqual([11, 14, 19, 26, 35]);
    expect(await results([], 2, squares)).toEqual([]);
  });

  test('tell what they have to tell before their result', async () => {
    const heard: unknown[] = [];
    await runOnThreads<number, number, string>([7, 8], {
      file: thread("tell('a' + job); tell('b' + job); return job;"),
      workers: 1,
      onTold: (told, job) => heard.push([told, job]),
      onResult: (result) => heard.push(result),
    });
    expect(heard).toEqual([['a7', 0], ['b7', 0], 7, ['a8', 1], ['b8', 1], 8]);
  });

  test('are left out once there is enough, even those that run', async () => {
    const found: number[] = [];
    await runOnThreads<number, number>([0, 1, 2, 3], {
      file: thread('while (job === 1); return job;'),
      workers: 2,
      onResult: (result) => found.push(result),
      enough: () => found.length === 2,
    });
    expect(found).toEqual([0, 2]);
  });
});

describe('the first failure ends all threads', () => {
  const failure = (file: URL): Promise<unknown> => results([0, 1, 2], 2, file).catch((error: unknown) => error);

  test('with the words, the exit code and the hint of a refusal, and the job', async () => {
    const refused = await failure(thread("if (job === 1) throw new UsageError('too odd', 'try 2'); for (;;);"));
    expect(refused).toBeInstanceOf(JobError);
    expect(refused).toMatchObject({ job: 1, exitCode: 2, message: 'too odd', hint: 'try 2' });
  });

  test('with the stack of a bug', async () => {
    const bug = await failure(thread("if (job === 1) throw new TypeError('no such thing'); for (;;);"));
    expect(bug).toMatchObject({ job: 1, exitCode: 1, message: expect.stringMatching(/no such thing\n\s+at /) });
  });

  test('and says so where a thread died', async () => {
    const died = await failure(thread('if (job === 1) process.exit(7); for (;;);'));
    expect(died).toMatchObject({ job: 1, exitCode: 1, message: 'a thread ended with code 7 before its job' });
    expect((died as JobError).hint).toContain('--workers 1');
  });

  test('where a thread cannot even start', async () => {
    const error = await failure(new URL('data:text/javascript,throw new Error("no start")'));
    expect(error).toMatchObject({ exitCode: 1, message: 'a thread failed: no start' });
  });

  test('where whoever takes a result fails', async () => {
    const full = new Error('the disk is full');
    const run = runOnThreads<number, number>([0, 1, 2], {
      file: thread('while (job === 1); return job;'),
      workers: 2,
      onResult: () => {
        throw full;
      },
    });
    await expect(run).rejects.toBe(full);
  });
});
