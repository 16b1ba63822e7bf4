import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCell, loadTechnology } from '@neuroprint/circuit';
import { inspectEngines } from '@neuroprint/spice';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type SampleOptions, sample } from '../src/sample.ts';
import { readSamples } from '../src/shards/read-samples.ts';
import { isSamples } from './sample-files.ts';

const here = dirname(fileURLToPath(import.meta.url));
const TEMPLATES = join(here, '../../../spice-templates');
const technology = loadTechnology(TEMPLATES, 'egt');
const cell = findCell(technology, 'negweight');
const root = mkdtempSync(join(tmpdir(), 'sampler-faults-'));
let folders = 0;
const fresh = () => {
  folders += 1;
  return join(root, String(folders));
};
const COUNT = 900;
const run = (out: string, options: Partial<SampleOptions> = {}) =>
  sample({ technology, cell, count: COUNT, out, engine: 'ngspice', ...options });
const bytesOf = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter(isSamples)
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );

const binary = (await inspectEngines()).find((engine) => engine.name === 'ngspice' && engine.usable);
const whole = join(root, 'whole');

/** A PATH whose ngspice does `misdeed` in every run whose number fits `when`, and else what the real one does. */
function pathWith(misdeed: string, when: string): string {
  const folder = mkdtempSync(join(root, 'fake-'));
  const script = [
    '#!/bin/sh',
    `real='${binary!.path}'`,
    '[ "$1" = --version ] && exec "$real" --version',
    `n=$(cat '${folder}/runs' 2>/dev/null || echo 0)`,
    `echo $((n + 1)) > '${folder}/runs'`,
    `if [ ${when} ]; then`,
    misdeed,
    'fi',
    'exec "$real" "$@"',
    '',
  ].join('\n');
  writeFileSync(join(folder, 'ngspice'), script);
  chmodSync(join(folder, 'ngspice'), 0o755);
  return [folder, realPath].join(delimiter);
}
const realPath = process.env.PATH ?? '';

describe.skipIf(binary === undefined)(
  `the binary ngspice${binary === undefined ? ' (skipped: not on the PATH)' : ''}`,
  () => {
    beforeAll(async () => {
      await run(whole);
    });
    afterEach(() => {
      process.env.PATH = realPath;
    });
    afterAll(() => {
      rmSync(root, { recursive: true, force: true });
    });

    const TRUNCATE = '"$real" "$@"; code=$?; truncate -s -100 result.raw; exit $code';
    const HALVE = '"$real" "$@"; code=$?; truncate -s $(($(stat -c %s result.raw) / 2)) result.raw; exit $code';
    it.each([
      ['hangs', 'exec sleep 1000', '$((n % 5)) = 1'],
      ['dies of a segmentation fault', 'kill -SEGV $$', '$((n % 5)) = 1'],
      ['leaves a raw file without its end', TRUNCATE, '$((n % 5)) = 1'],
      ['leaves half a raw file', HALVE, '$((n % 5)) = 1'],
      ['exits 0 without a word', 'exit 0', '$((n % 5)) = 1'],
    ])('may now and then be one that %s: the rows are the same', async (_, misdeed, when) => {
      process.env.PATH = pathWith(misdeed, when);
      const out = fresh();
      expect(await run(out, { workers: 1, timeoutMilliseconds: 3000 })).toMatchObject({ converged: COUNT, failed: 0 });
      expect(bytesOf(out)).toEqual(bytesOf(whole));
    });

    it.each([
      ['hangs', 'exec sleep 1000', 300, /was stopped after 0.3 s/],
      ['dies', 'kill -SEGV $$', 20_000, /SIGSEGV|exit code 139/],
    ])(
      'that always %s ends the run with the reason, and the next run goes on',
      async (_, misdeed, timeoutMilliseconds, reason) => {
        process.env.PATH = pathWith(misdeed, '$n -ge 1');
        const out = fresh();
        await expect(run(out, { workers: 1, timeoutMilliseconds, count: 600 })).rejects.toThrow(reason);
        process.env.PATH = realPath;
        expect(await run(out)).toMatchObject({ converged: COUNT, failed: 0 });
        expect(bytesOf(out)).toEqual(bytesOf(whole));
      },
    );

    it('may be killed with the run at any moment: the rest is made by the next run', async () => {
      const out = fresh();
      const script = join(root, 'run.mjs');
      const dist = (name: string) => JSON.stringify(join(here, `../../${name}/dist/index.js`));
      writeFileSync(
        script,
        `import { findCell, loadTechnology } from ${dist('circuit')};
         import { sample } from ${dist('sampler')};
         const technology = loadTechnology(${JSON.stringify(TEMPLATES)}, 'egt');
         process.stdout.write('begun');
         await sample({ technology, cell: findCell(technology, 'negweight'), count: ${COUNT}, out: ${JSON.stringify(out)},
           engine: 'ngspice', workers: 1, onProgress: ({ done }) => process.stdout.write(String(done)) });`,
      );
      for (const afterMilliseconds of [0, 50, 100, 200, 300, 400]) {
        await killedAfter(
          spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] }),
          afterMilliseconds,
        );
      }
      await run(out);
      expect(bytesOf(out)).toEqual(bytesOf(whole));
    });

    it('may run into a full disk: nothing is half written, and it goes on', async ({ skip }) => {
      const mounted = join(root, 'small');
      mkdirSync(mounted);
      const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=700k', 'tmpfs', mounted]);
      skip(status !== 0, 'a tmpfs can be mounted by root only');
      try {
        const out = join(mounted, 'out');
        await expect(run(out)).rejects.toThrow(/ENOSPC|no space/);
        for (const name of readdirSync(out)) expect(name).not.toMatch(/\.tmp$/);
        execFileSync('mount', ['-o', 'remount,size=20m', mounted]);
        expect((await run(out)).failed).toBe(0);
        expect(bytesOf(out)).toEqual(bytesOf(whole));
      } finally {
        spawnSync('umount', [mounted]);
      }
    });

    it('that has no room for its result is not believed', async () => {
      process.env.PATH = pathWith('ulimit -f 1000', '1 = 1');
      const out = fresh();
      const attempt = run(out, { workers: 1 });
      expect(await attempt).toMatchObject({ converged: COUNT, failed: 0 });
      expect(bytesOf(out)).toEqual(bytesOf(whole));
      expect(existsSync(join(out, '.neuroprint.lock'))).toBe(false);
      expect(readSamples(out).failures).toEqual([]);
    });
  },
);

/** Kills the process so many milliseconds after its first output. */
function killedAfter(child: ChildProcess, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', () => setTimeout(() => child.kill('SIGKILL'), milliseconds));
    child.on('error', reject);
    child.on('close', () => resolve());
  });
}
