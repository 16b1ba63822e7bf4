import { afterEach, describe, expect, test } from 'vitest';
import { Crew } from '../src/crew.ts';

const built = (file: string): string => new URL(`../dist/${file}`, import.meta.url).href;

/** A thread whose jobs are numbers; `body` is what is done with `job` and with `sum`, which stays from job to job. */
const thread = (body: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { UsageError } from '${built('files/errors.js')}';
      import { answerJobs } from '${built('threads.js')}';
      let sum = 0;
      answerJobs((job, tell, shared) => { ${body} });
    `)}`,
  );

describe('threads that stay', () => {
  let crew: Crew<number, number> | undefined;
  const started = (body: string, workers = 2, shared?: unknown): Crew<number, number> => {
    crew = new Crew({ file: thread(body), workers, shared });
    return crew;
  };
  afterEach(() => crew?.close());

  test('keep what they know from job to job, each its own', async () => {
    const all = started('sum += job; return sum + shared;', 2, 100);
    expect(await Promise.all([all.ask(0, 1), all.ask(1, 10)])).toEqual([101, 110]);
    expect(await Promise.all([all.ask(0, 2), all.ask(1, 20)])).toEqual([103, 130]);
    expect(all.size).toBe(2);
  });

  test('do the jobs that they are given in their order, however many wait', async () => {
    const all = started("if (job < 0) throw new UsageError('below zero', 'Give another.'); sum += job; return sum;", 1);
    const [first, refused, last] = await Promise.allSettled([all.ask(0, 5), all.ask(0, -1), all.ask(0, 2)]);
    expect(first).toMatchObject({ status: 'fulfilled', value: 5 });
    expect(refused).toMatchObject({ status: 'rejected', reason: { hint: 'Give another.' } });
    expect(last).toMatchObject({ status: 'fulfilled', value: 7 });
  });

  test('say why a job is refused, with its exit code and hint, and take the next one', async () => {
    const all = started("if (job < 0) throw new UsageError('a job below zero', 'Give another.'); return job;");
    await expect(all.ask(1, -1)).rejects.toMatchObject({
      message: expect.stringContaining('a job below zero'),
      exitCode: 2,
      hint: 'Give another.',
    });
    expect(await all.ask(1, 7)).toBe(7);
  });

  test('that end before their answer are said, and no job is taken any more', async () => {
    const all = started('if (job === 1) process.exit(3); return job;');
    await expect(all.ask(0, 1)).rejects.toThrow('a thread ended with code 3 before its job');
    await expect(all.ask(1, 2)).rejects.toThrow('a thread ended with code 3');
  });

  test('take no job once they are closed', async () => {
    const all = started('return job;', 1);
    expect(await all.ask(0, 5)).toBe(5);
    await all.close();
    await expect(all.ask(0, 6)).rejects.toThrow('its threads have ended');
  });
});
