import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCell, loadTechnology } from '@neuroprint/circuit';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TooManyFailuresError } from '../src/rows/recipe.ts';
import { type SampleOptions, sample } from '../src/sample.ts';
import { readSamples } from '../src/shards/read-samples.ts';
import { isSamples } from './sample-files.ts';

const TEMPLATES = join(dirname(fileURLToPath(import.meta.url)), '../../../spice-templates');
const technology = loadTechnology(TEMPLATES, 'egt');
const cell = findCell(technology, 'negweight');
const root = mkdtempSync(join(tmpdir(), 'sampler-reuse-'));
let folders = 0;
const fresh = () => {
  folders += 1;
  return join(root, String(folders));
};
let engine: Engine;
const run = (options: Partial<SampleOptions> & { count: number; out: string }) =>
  sample({ technology, cell, seed: 5, engine, ...options });
/** Every file of a folder, by name. */
const bytesOf = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter(isSamples)
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );

/** The engine, with one output voltage of each curve moved. */
const lying = (volts: number): Engine => ({
  name: engine.name,
  version: engine.version,
  run: async (deck, options) => {
    const plots = await engine.run(deck, options);
    for (const plot of plots) plot.values[plot.variables.indexOf('v(out)')]! += volts;
    return plots;
  },
  close: async () => undefined,
  cpuSeconds: () => 0,
});

const WHOLE = 700;
const whole = join(root, 'whole');
beforeAll(async () => {
  engine = await openEngine('auto');
  await run({ count: WHOLE, out: whole });
});
afterAll(async () => {
  await engine.close();
  rmSync(root, { recursive: true, force: true });
});

describe('rows that are there already', () => {
  it('are not simulated again when another folder asks for them', async () => {
    const out = fresh();
    const broken: Engine = { ...lying(0), run: () => expect.fail('simulated') };
    expect(await run({ count: WHOLE, out, engine: broken, reuse: [whole] })).toMatchObject({ simulated: 0, failed: 0 });
    expect(bytesOf(out)).toEqual(bytesOf(whole));
  });

  it('fill a part of another range, and only the rest is simulated', async () => {
    const parts = [fresh(), fresh()];
    await run({ count: 140, out: parts[0]! });
    await run({ count: WHOLE, out: parts[1]!, shard: { index: 1, of: 2 } });
    const out = fresh();
    expect((await run({ count: WHOLE, out, reuse: parts })).simulated).toBe(WHOLE - 140 - 200);
    expect(bytesOf(out)).toEqual(bytesOf(whole));
  });

  it('stay when their folder grows', async () => {
    const out = fresh();
    await run({ count: 120, out });
    expect((await run({ count: WHOLE, out })).simulated).toBe(WHOLE - 120);
    expect(bytesOf(out)).toEqual(bytesOf(whole));
  });

  it('of another recipe are of no use', async () => {
    expect((await run({ count: 10, out: fresh(), seed: 6, reuse: [whole] })).simulated).toBe(10);
  });
});

describe('what goes wrong', () => {
  it('is a failed row with its deck kept where simulator and exact solver differ', async () => {
    const out = fresh();
    expect(await run({ count: 3, out, engine: lying(-2e-5) })).toMatchObject({ converged: 0, failed: 3 });
    const { failures } = readSamples(out);
    expect(failures[1]).toEqual({ index: 1, reason: 'audit: simulator and exact solver differ by 2.0e-5 V' });
    const deck = readFileSync(join(out, 'incident-0000000001.cir'), 'utf8');
    expect(deck).toMatch(
      /^\* neuroprint\n[\s\S]*alter @r\.xcell\.rload[\s\S]*\ndc v_t [\s\S]*print v\(in\) v\(out\)\nquit 0/,
    );
  });

  it('stops the run once too many rows have failed, and keeps them', async () => {
    const out = fresh();
    const attempt = run({ count: 30, out, engine: lying(-1e-3), maxFailures: 10 });
    await expect(attempt).rejects.toThrow(TooManyFailuresError);
    await expect(run({ count: 30, out, engine: lying(-1e-3), maxFailures: 10 })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/30 rows have failed and 10 are allowed; most often \(\d+ times\): audit/),
    });
    expect(await run({ count: 30, out, maxFailures: 30 })).toMatchObject({ failed: 30, simulated: 0 });
  });
});
