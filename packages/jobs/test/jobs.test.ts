import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256, UsageError } from '@neuroprint/core';
import { afterAll, describe, expect, it } from 'vitest';
import type { Job, JobPlan } from '../src/job.ts';
import { JsonResults } from '../src/json-results.ts';
import { type JobPlace, runJobList } from '../src/run.ts';
import { mostShards, shardsOf } from '../src/shards.ts';
import { readJobsState } from '../src/state.ts';

const root = mkdtempSync(join(tmpdir(), 'jobs-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const fresh = (): string => {
  folders += 1;
  return join(root, String(folders));
};

interface Square {
  readonly square: number;
}

const squares = (count: number, more: (k: number) => Partial<Job> = () => ({})): Job[] =>
  Array.from({ length: count }, (_, k) => ({
    name: `square ${k}`,
    input: sha256(String(k)),
    file: `rows/square-${k}.json`,
    ...more(k),
  }));

/** Squares of the numbers in the names; `done` takes the names of those that were computed. */
function planOf(
  folder: string,
  jobs: readonly Job[],
  done: string[] = [],
  fails: (name: string) => boolean = () => false,
) {
  const results = new JsonResults<Square>(folder);
  const plan: JobPlan<Square> = {
    what: 'squares',
    unit: 'square',
    jobs,
    read: (job) => results.read(job),
    work: async (job) => {
      // a turn of the event loop, as any real job takes
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (fails(job.name)) throw new UsageError(`${job.name} cannot be`, 'Ask for another.');
      const result = { square: Number(job.name.split(' ')[1]) ** 2 };
      results.write(job, result);
      done.push(job.name);
      return { result, cpuSeconds: 0.25 };
    },
  };
  return plan;
}

const placeOf = (folder: string, more: Partial<JobPlace> = {}): JobPlace => ({
  folder,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  pollMilliseconds: 10,
  ...more,
});

const bytesOf = (folder: string) =>
  Object.fromEntries(
    readdirSync(join(folder, 'rows')).map((name) => [name, readFileSync(join(folder, 'rows', name), 'utf8')]),
  );

describe('a list of jobs', () => {
  it.each([1, 2, 3])('gives the same files on %s workers, and finds them the second time', async (workers) => {
    const folder = fresh();
    const outcome = await runJobList(planOf(folder, squares(7)), placeOf(folder, { workers }));
    expect(outcome).toMatchObject({ made: 7, found: 0, failures: [], cpuSeconds: 7 * 0.25 });
    expect(outcome.results.map((result) => result!.square)).toEqual([0, 1, 4, 9, 16, 25, 36]);
    const one = fresh();
    await runJobList(planOf(one, squares(7)), placeOf(one));
    expect(bytesOf(folder)).toEqual(bytesOf(one));
    const again: string[] = [];
    expect(await runJobList(planOf(folder, squares(7), again), placeOf(folder))).toMatchObject({ made: 0, found: 7 });
    expect(again).toEqual([]);
    expect(readdirSync(join(folder, '.claims'))).toEqual([]);
  });

  it('makes again what is missing or half there, and nothing else', async () => {
    const folder = fresh();
    const jobs = squares(4, (k) => (k === 2 ? { besides: ['networks/2.json'] } : {}));
    await runJobList(planOf(folder, jobs), placeOf(folder));
    rmSync(join(folder, 'rows/square-1.json'));
    const again: string[] = [];
    await runJobList(planOf(folder, jobs, again), placeOf(folder));
    // square 2 has a row and lacks the file beside it
    expect(again).toEqual(['square 1', 'square 2']);
  });

  it('goes on past a job that fails, says why, and tries it again', async () => {
    const folder = fresh();
    const outcome = await runJobList(
      planOf(folder, squares(5), [], (name) => name === 'square 3'),
      placeOf(folder, { workers: 2 }),
    );
    expect(outcome.failures).toEqual([{ name: 'square 3', reason: 'square 3 cannot be', hint: 'Ask for another.' }]);
    expect(outcome.results.map((result) => result?.square)).toEqual([0, 1, 4, undefined, 16]);
    expect(readJobsState(folder)).toMatchObject({
      ...{ total: 5, done: 4, failed: 1, running: 0, waiting: 0, what: 'squares' },
      failures: [{ name: 'square 3', reason: 'square 3 cannot be', times: 1, host: hostname() }],
    });
    const again: string[] = [];
    expect((await runJobList(planOf(folder, squares(5), again), placeOf(folder))).failures).toEqual([]);
    expect(again).toEqual(['square 3']);
    expect(readJobsState(folder)).toMatchObject({
      done: 5,
      failed: 0,
      secondsLeft: 0,
      cost: { measured: 5, cpuSeconds: 0.25 },
    });
  });

  it('does a job after those it needs, and not where one of them failed', async () => {
    const jobs = squares(4, (k) => (k === 3 ? { needs: ['square 1', 'square 2'] } : {}));
    // the needy one first
    const order = [jobs[1]!, jobs[2]!, jobs[3]!, jobs[0]!];
    const folder = fresh();
    const done: string[] = [];
    await runJobList(planOf(folder, order, done), placeOf(folder, { workers: 3 }));
    expect(done.indexOf('square 3')).toBeGreaterThan(Math.max(done.indexOf('square 1'), done.indexOf('square 2')));
    const other = fresh();
    const { failures } = await runJobList(
      planOf(other, order, [], (name) => name === 'square 2'),
      placeOf(other),
    );
    expect(failures.map(({ reason }) => reason)).toEqual([
      'square 2 cannot be',
      'it is made from square 2, which has failed',
    ]);
  });
});

describe('shards', () => {
  it('all have the common jobs: in one folder whoever comes first does them, in folders of their own each does', async () => {
    const jobs = squares(6, (k) =>
      k < 2 ? { common: true, needs: k === 0 ? [] : ['square 0'] } : { needs: ['square 1'] },
    );
    expect(mostShards(jobs)).toBe(4);
    const run = async (folders: readonly string[]) => {
      const done: string[] = [];
      const shards = folders.map((folder, index) =>
        runJobList(planOf(folder, jobs, done), placeOf(folder, { shard: { index, of: 2 } })),
      );
      await Promise.all(shards);
      return done.sort();
    };
    const names = jobs.map(({ name }) => name);
    const [shared, first, second] = [fresh(), fresh(), fresh()];
    expect(await run([shared, shared])).toEqual(names);
    expect(await run([first, second])).toEqual(['square 0', 'square 1', ...names].sort());
    const merged = await runJobList(planOf(first, jobs), placeOf(first, { merge: [second] }));
    expect(merged).toMatchObject({ made: 0, found: 6 });
    expect(bytesOf(first)).toEqual(bytesOf(shared));
  });

  it('keep jobs that need each other together, and have all jobs between them', async () => {
    const jobs = squares(9, (k) => (k % 3 === 2 ? { needs: [`square ${k - 1}`] } : {}));
    expect(mostShards(jobs)).toBe(6);
    const places = shardsOf(jobs, 4);
    for (const k of [2, 5, 8]) expect(places.get(`square ${k}`)).toBe(places.get(`square ${k - 1}`));
    const folder = fresh();
    const made: string[] = [];
    for (let index = 0; index < 4; index += 1)
      await runJobList(planOf(folder, jobs, made), placeOf(folder, { shard: { index, of: 4 } }));
    expect(made.sort()).toEqual(jobs.map(({ name }) => name).sort());
    expect(await runJobList(planOf(folder, jobs), placeOf(folder))).toMatchObject({ made: 0, found: 9 });
  });

  it('made in folders of their own are joined', async () => {
    const parts = [fresh(), fresh()];
    for (const [index, part] of parts.entries())
      await runJobList(planOf(part, squares(5)), placeOf(part, { shard: { index, of: 2 } }));
    const whole = fresh();
    expect(await runJobList(planOf(whole, squares(5)), placeOf(whole, { merge: parts }))).toMatchObject({ found: 5 });
    await expect(runJobList(planOf(whole, squares(5)), placeOf(whole, { merge: [fresh()] }))).rejects.toThrow(
      /holds no jobs/,
    );
  });

  it('more than there are jobs are refused', async () => {
    const folder = fresh();
    const shard = { index: 5, of: 6 };
    await expect(runJobList(planOf(folder, squares(5)), placeOf(folder, { shard }))).rejects.toThrow(
      '--shard 5/6: the work is 5 squares, and so many shards have none.',
    );
    expect(existsSync(folder)).toBe(false);
  });

  it('of other options are refused', async () => {
    const folder = fresh();
    const shard = { index: 1, of: 2 };
    await runJobList(planOf(folder, squares(4)), placeOf(folder, { shard: { index: 0, of: 2 } }));
    await expect(runJobList(planOf(folder, squares(6)), placeOf(folder, { shard }))).rejects.toThrow(
      /shared by shards of 4 jobs, and this one is of 6: it belongs to other options/,
    );
    const others = squares(4, () => ({ input: 'of other options' }));
    await expect(runJobList(planOf(folder, others), placeOf(folder, { shard }))).rejects.toThrow(
      /jobs\.json: square 0 was made with other data, surrogates or options/,
    );
    const otherWork = { ...planOf(folder, squares(4)), what: 'cubes' };
    await expect(runJobList(otherWork, placeOf(folder, { shard }))).rejects.toThrow(/jobs of another work: squares/);
  });
});

describe('two commands on one folder', () => {
  it('share its jobs, and each comes to the whole', async () => {
    const folder = fresh();
    const done: [string[], string[]] = [[], []];
    const outcomes = await Promise.all(
      done.map((own) => runJobList(planOf(folder, squares(20), own), placeOf(folder))),
    );
    expect([...done[0], ...done[1]].sort()).toEqual(
      squares(20)
        .map(({ name }) => name)
        .sort(),
    );
    expect(Math.min(done[0].length, done[1].length)).toBeGreaterThan(0);
    expect(outcomes[0]!.results).toEqual(outcomes[1]!.results);
  });

  it('of which one is killed leave its job to the other', async () => {
    const folder = fresh();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    mkdirSync(join(folder, '.claims'), { recursive: true });
    const claim = join(folder, '.claims', encodeURIComponent('square 1'));
    writeFileSync(claim, JSON.stringify({ pid: child.pid, host: hostname() }));
    expect(await runJobList(planOf(folder, squares(3)), placeOf(folder))).toMatchObject({ made: 3 });
  });

  it('take over what another host has given no sign of life for', async () => {
    const folder = fresh();
    mkdirSync(join(folder, '.claims'), { recursive: true });
    const claim = join(folder, '.claims', encodeURIComponent('square 1'));
    writeFileSync(claim, JSON.stringify({ pid: 1, host: 'another-host' }));
    const longAgo = new Date(Date.now() - 600_000);
    utimesSync(claim, longAgo, longAgo);
    expect(await runJobList(planOf(folder, squares(3)), placeOf(folder))).toMatchObject({ made: 3 });
    expect(readdirSync(join(folder, '.claims'))).toEqual([]);
  });

  it('wait for a job that another host works at', async () => {
    const folder = fresh();
    mkdirSync(join(folder, '.claims'), { recursive: true });
    const claim = join(folder, '.claims', encodeURIComponent('square 1'));
    writeFileSync(claim, JSON.stringify({ pid: 1, host: 'another-host' }));
    let waits = 0;
    const onProgress = (_done: number, _total: number, what: string) => {
      if (what !== 'of which others work at some') return;
      waits += 1;
      expect(readJobsState(folder)).toMatchObject({ done: 2, running: 1 });
      rmSync(claim, { force: true });
    };
    expect(await runJobList(planOf(folder, squares(3)), placeOf(folder, { onProgress }))).toMatchObject({ made: 3 });
    expect(waits).toBe(1);
  });
});

describe('the state of jobs', () => {
  it('is told of unfinished work, with the time that is left by what jobs took', async () => {
    const folder = fresh();
    await runJobList(planOf(folder, squares(6)), placeOf(folder, { shard: { index: 0, of: 3 } }));
    const { cost, secondsLeft, ...state } = readJobsState(folder);
    expect(state).toMatchObject({ total: 6, done: 2, waiting: 4, failed: 0, running: 0, left: 0 });
    expect(secondsLeft).toBeCloseTo(4 * cost!.seconds, 12);
  });

  it('leaves out a line that was cut off, and refuses a folder without jobs', async () => {
    const folder = fresh();
    await runJobList(planOf(folder, squares(2)), placeOf(folder));
    const journal = join(folder, 'ledger', readdirSync(join(folder, 'ledger'))[0]!);
    writeFileSync(journal, readFileSync(journal, 'utf8').slice(0, -20));
    expect(readJobsState(folder)).toMatchObject({ done: 2, cost: { measured: 1 } });
    expect(() => readJobsState(root)).toThrow(/has no jobs\.json/);
  });
});
