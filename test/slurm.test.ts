import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sha256 } from '@neuroprint/core';
import { type Job, type JobPlace, JsonResults, readJobsState, runJobList } from '@neuroprint/jobs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { IRIS, json, neuroprint, ROOT, temporaryFolder } from './cli.ts';
import { slurmProblem, startSlurm } from './slurm-cluster.ts';

const problem = slurmProblem();
const root = temporaryFolder();

/** What is in a folder and in those below it, but not what tells how it came about. */
function bytesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name));
  const made = names.filter((name) => !name.startsWith('ledger') && !name.startsWith('.'));
  return Object.fromEntries(made.sort().map((name) => [name, readFileSync(join(folder, name), 'base64')]));
}

interface Line {
  readonly job?: string;
  readonly task?: string;
  readonly state: string;
  readonly reason?: string;
}

/** The lines of a ledger. */
function ledgerOf(folder: string): Line[] {
  const ledger = join(folder, 'ledger');
  if (!existsSync(ledger)) return [];
  return readdirSync(ledger).flatMap((name) =>
    readFileSync(join(ledger, name), 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as Line),
  );
}

/** Who works in a folder: process and task. */
function workersIn(folder: string): { readonly pid: number; readonly task: string }[] {
  const claims = join(folder, '.claims');
  if (!existsSync(claims)) return [];
  return readdirSync(claims).flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(claims, name), 'utf8')) as { pid: number; task: string }];
    } catch {
      return []; // given back meanwhile, or just being written
    }
  });
}

/** Asks again and again until there is an answer. */
async function until<T>(ask: () => T | undefined): Promise<T> {
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await wait(20);
  }
}

describe.skipIf(problem !== undefined)(`on Slurm${problem === undefined ? '' : ` (skipped: ${problem})`}`, () => {
  let cluster: { stop(): Promise<void> } | undefined;
  beforeAll(async () => {
    vi.stubEnv('NEUROPRINT_SLURM_POLL_MILLISECONDS', '200');
    cluster = await startSlurm();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await cluster?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const sweep = (out: string, ...more: string[]) => [
    ...['sweep', '--data', IRIS, '--hidden', '2;3', '--prices', '0,0.01', '--seeds', '6', '--epochs', '10'],
    ...['--out', join(root, out), ...more],
  ];
  interface Swept {
    readonly trained: number;
    readonly choices: unknown;
  }

  it('a sweep of 24 trainings has the bytes of one machine, although a task is killed and one is requeued', async () => {
    const out = join(root, 'cluster');
    const running = neuroprint(sweep('cluster', '--on', 'slurm', '--tasks', '4', '--json'));
    // a task that has done something is killed at its work, and another one is requeued at its own
    const victim = await until(() =>
      workersIn(out).find(({ task }) => ledgerOf(out).some((line) => line.task === task && line.state === 'done')),
    );
    process.kill(victim.pid, 'SIGKILL');
    const { task } = await until(() => workersIn(out).find((one) => one.pid !== victim.pid));
    execFileSync('scontrol', ['requeue', task]);
    const { code, out: said, err } = await running;
    expect(err).toMatch(/^submitted as job \d+: tasks 0, 1, 2, 3$/m);
    expect(err).toMatch(new RegExp(`^submitted again as job \\d+: tasks ${victim.task.split('_')[1]}$`, 'm'));
    expect(code).toBe(0);
    expect(execFileSync('scontrol', ['show', 'job', task], { encoding: 'utf8' })).toMatch(/Restarts=1/);
    const whole = await json<Swept>(sweep('whole', '--workers', '2'));
    expect(whole.trained).toBe(24);
    expect(JSON.parse(said)).toMatchObject({ trained: 24, failures: [], choices: whole.choices });
    expect(bytesOf(out)).toEqual(bytesOf(join(root, 'whole')));
    expect(Object.keys(bytesOf(out))).toHaveLength(24 + 24 + 3);
    const state = await json<{ cost: { measured: number; seconds: number } }>(['jobs', out]);
    expect(state).toMatchObject({ asPromised: true, total: 24, done: 24, failed: 0 });
    // a killed task may have made a row and not have told what it took
    expect(state.cost.measured).toBeGreaterThanOrEqual(22);
  }, 300_000);

  it('samples have the bytes of one machine, with more tasks than there is to share', async () => {
    const sample = (out: string, ...more: string[]) =>
      json<object>(['sample', '--cell', 'negweight', '--count', '1100', '--out', join(root, out), ...more]);
    const made = await sample('samples', '--on', 'slurm', '--tasks', '5');
    expect(made).toMatchObject({ requested: 1100, converged: 1100, failed: 0 });
    await sample('whole-samples');
    const whole = bytesOf(join(root, 'whole-samples'));
    expect(Object.keys(whole)).toHaveLength(3 * 3 + 2);
    expect(bytesOf(join(root, 'samples'))).toEqual(whole);
  });

  it.each<[string, string[], RegExp]>([
    ['a partition that is none', ['--partition', 'nope'], /--partition nope: .*invalid partition.*\n.*main, short/s],
    ['a time that is none', ['--time', 'soon'], /--time soon: /],
    ['a time beyond the partition', ['--partition', 'short', '--time', '90'], /--time 90: .*\(PartitionTimeLimit\)/],
  ])('refuses %s', async (name, more, message) => {
    const { code, err } = await neuroprint(sweep(name, '--on', 'slurm', ...more));
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(execFileSync('squeue', ['--noheader'], { encoding: 'utf8' })).toBe('');
  });

  /** A task that squares numbers; `before` is what it does first. */
  const script = (name: string, before: string): string => {
    const path = join(root, `${name}.mjs`);
    const jobs = JSON.stringify(join(ROOT, 'packages/jobs/dist/index.js'));
    writeFileSync(
      path,
      `import { JsonResults, runJobList } from ${jobs};
      const [folder, list] = process.argv.slice(2);
      const [index, of] = process.argv.at(-1).split('/').map(Number);
      const store = new JsonResults(folder);
      await runJobList({
        what: 'squares', unit: 'square', jobs: JSON.parse(list), read: (job) => store.read(job),
        work: async (job) => {
          ${before}
          const result = { square: Number(job.name) ** 2 };
          store.write(job, result);
          return { result };
        },
      }, { folder, shard: { index, of }, signal: new AbortController().signal, onProgress: () => {} });`,
    );
    return path;
  };
  const squares = [0, 1, 2, 3].map((k): Job => ({ name: String(k), input: sha256(String(k)), file: `rows/${k}.json` }));
  /** Does the squares by tasks of that command. */
  const square = (
    folder: string,
    program: readonly string[],
    events: string[] = [],
    jobs: readonly Job[] = squares,
  ) => {
    mkdirSync(folder, { recursive: true });
    const store = new JsonResults<{ readonly square: number }>(folder);
    const place: JobPlace = {
      folder,
      slurm: {
        command: [...program, folder, JSON.stringify(jobs)],
        ...{ tasks: 2, retries: 1, pollMilliseconds: 200 },
        onEvent: (line) => events.push(line),
      },
      signal: new AbortController().signal,
      onProgress: () => undefined,
    };
    const work = () => Promise.reject(new Error('jobs are done by tasks'));
    return runJobList({ what: 'squares', unit: 'square', jobs, read: (job) => store.read(job), work }, place);
  };

  it('a job that fails is told, and the others are done', async () => {
    const folder = join(root, 'failing');
    const events: string[] = [];
    const fails = script('failing', "if (job.name === '2') throw new Error('no square of two');");
    const { results, failures } = await square(folder, [process.execPath, fails], events);
    expect(results.map((result) => result?.square)).toEqual([0, 1, undefined, 9]);
    expect(failures).toMatchObject([{ name: '2', reason: expect.stringMatching(/^Error: no square of two/) }]);
    // it is no death of its task
    expect(events).toHaveLength(1);
    const { code, out } = await neuroprint(['jobs', folder]);
    expect(code).toBe(3);
    expect(out).toMatch(/^NOT AS PROMISED: 1 of 4 failed: 2\nsquares: 3 of 4 done, 1 failed$/m);
  });

  it('a job that all others are made from is done once, by whichever task comes first', async () => {
    const folder = join(root, 'common');
    const jobs = squares.map((job, k): Job => (k === 0 ? { ...job, common: true } : { ...job, needs: ['0'] }));
    const { results, failures } = await square(folder, [process.execPath, script('common', '')], [], jobs);
    expect(results.map((result) => result?.square)).toEqual([0, 1, 4, 9]);
    expect(failures).toEqual([]);
    const done = ledgerOf(folder).filter(({ state }) => state === 'done');
    expect(done.map(({ job }) => job).sort()).toEqual(['0', '1', '2', '3']);
    expect(new Set(done.map(({ task }) => task)).size).toBe(2);
  });

  it('a node without the tool says so in the ledger, and nobody tries it again', async () => {
    const folder = join(root, 'without');
    const events: string[] = [];
    await expect(square(folder, ['/nowhere/node', '/nowhere/neuroprint.js'], events)).rejects.toThrow(
      /^neuroprint is not installed on \S+: there is no \/nowhere\/node$/,
    );
    expect(events.filter((line) => line.startsWith('submitted'))).toHaveLength(1);
    const state = readJobsState(folder);
    expect(state).toMatchObject({ failed: 4, done: 0 });
    expect(state.failures[0]!.reason).toMatch(/not installed/);
    expect((await neuroprint(['jobs', folder])).out).toMatch(/not installed .* there is no \/nowhere\/node/);
  });

  it('a node whose disk is full is given up with its last words', async () => {
    const folder = join(root, 'full');
    const program = join(root, 'full.sh');
    // blocks of 512 or 1,024 bytes: no result fits
    writeFileSync(program, `ulimit -f 0\nexec ${process.execPath} ${script('full', '')} "$@"\n`);
    await expect(square(folder, ['/bin/sh', program])).rejects.toThrow(
      /^Task \d \(\d+_\d\) died 2 times and did no job\. It said:/,
    );
    expect(readJobsState(folder).failures.map(({ name }) => name)).toEqual(['0', '1', '2', '3']);
  });

  it('a task that was cancelled is not submitted again', async () => {
    const folder = join(root, 'cancelled');
    const events: string[] = [];
    const hangs = script('cancelled', "if (job.name === '1') await new Promise((wait) => setTimeout(wait, 1e6));");
    const running = square(folder, [process.execPath, hangs], events);
    const { task } = await until(() => workersIn(folder).find(({ task }) => task.endsWith('_1')));
    execFileSync('scancel', [task]);
    const { failures } = await running;
    expect(failures.map(({ name }) => name)).toEqual(['1', '3']);
    expect(failures[0]!.reason).toMatch(/^Task 1 \(\d+_1\) was cancelled$/);
    expect(events.filter((line) => line.startsWith('submitted'))).toHaveLength(1);
  });

  /** Begins the squares in a process that is then killed while its tasks wait for the file `go` or run; `tasks` are so many. */
  const beginAndDie = async (folder: string, program: readonly string[], tasks: number): Promise<void> => {
    mkdirSync(folder);
    const path = join(root, 'coordinator.mjs');
    const command = [...program, folder, JSON.stringify(squares)];
    writeFileSync(
      path,
      `import { runJobList } from ${JSON.stringify(join(ROOT, 'packages/jobs/dist/index.js'))};
      await runJobList({
        what: 'squares', unit: 'square', jobs: ${JSON.stringify(squares)}, read: () => undefined,
        work: () => Promise.reject(new Error('jobs are done by tasks')),
      }, {
        folder: ${JSON.stringify(folder)}, slurm: { command: ${JSON.stringify(command)}, tasks: ${tasks}, pollMilliseconds: 200 },
        signal: new AbortController().signal, onProgress: () => {},
      });`,
    );
    const coordinator = spawn(process.execPath, [path], { stdio: 'inherit' });
    const ended = once(coordinator, 'exit');
    await until(() => workersIn(folder)[0]);
    coordinator.kill('SIGKILL');
    await ended;
  };
  /** Waits for the file `go` before it squares. */
  const waiting = (name: string): string =>
    script(
      name,
      `const { existsSync } = await import('node:fs');
      while (!existsSync(folder + '/go')) await new Promise((wait) => setTimeout(wait, 50));`,
    );

  it('a call that was killed is gone on with by the next, which submits nothing a second time', async () => {
    const folder = join(root, 'gone-on');
    const program = [process.execPath, waiting('gone-on')];
    await beginAndDie(folder, program, 2);
    const events: string[] = [];
    const running = square(folder, program, events);
    await until(() => events[0]);
    writeFileSync(join(folder, 'go'), '');
    const { results, failures } = await running;
    expect(results.map((result) => result?.square)).toEqual([0, 1, 4, 9]);
    expect(failures).toEqual([]);
    expect(events).toEqual([
      expect.stringMatching(/^goes on with job \d+ of an earlier call \(tasks 0, 1\), which still wait or run$/),
    ]);
    const said = ledgerOf(folder).filter(({ reason }) => reason?.includes('submitted'));
    expect(said).toHaveLength(1);
  });

  it('tasks of a call that was killed, which cut the work otherwise, are cancelled', async () => {
    const folder = join(root, 'cut-otherwise');
    const program = [process.execPath, waiting('cut-otherwise')];
    await beginAndDie(folder, program, 4);
    const events: string[] = [];
    const running = square(folder, program, events);
    await until(() => events[1]);
    writeFileSync(join(folder, 'go'), '');
    expect((await running).results.map((result) => result?.square)).toEqual([0, 1, 4, 9]);
    expect(events[0]).toMatch(
      /^cancelled job \d+ of an earlier call \(tasks .*\), which cut the work in 4 and not in 2$/,
    );
    expect(events.slice(1)).toEqual([expect.stringMatching(/^submitted as job \d+: tasks 0, 1$/)]);
  });
});
