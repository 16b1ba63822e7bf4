import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DesignPolytope,
  designSpaceOf,
  findCell,
  ImpossibleConstraintsError,
  loadTechnology,
  withParameter,
} from '@neuroprint/circuit';
import { numericColumn, readTextTable } from '@neuroprint/core';
import { openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OtherSamplesError } from '../src/rows/recipe.ts';
import { type SampleOptions, sample } from '../src/sample.ts';
import { exportSamplesCsv } from '../src/shards/export-samples.ts';
import { readSamples } from '../src/shards/read-samples.ts';
import { isSamples } from './sample-files.ts';

const TEMPLATES = join(dirname(fileURLToPath(import.meta.url)), '../../../spice-templates');
const technology = loadTechnology(TEMPLATES, 'egt');
const cell = findCell(technology, 'negweight');
const root = mkdtempSync(join(tmpdir(), 'sampler-test-'));
let folders = 0;
const fresh = () => {
  folders += 1;
  return join(root, String(folders));
};
const run = (options: Partial<SampleOptions> & { count: number; out: string }) =>
  sample({ technology, cell, seed: 3, ...options });

const WHOLE = 1100;
const whole = join(root, 'whole');

beforeAll(async () => {
  await run({ count: WHOLE, out: whole, workers: 2 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Every file of a folder, by name. */
function bytesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .filter(isSamples)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );
}

describe('sampling', () => {
  it('gives valid designs whose curves agree with the exact solver and are fitted', () => {
    const { samples, table, failures, rows } = readSamples(whole);
    expect(samples).toMatchObject({ technology: 'egt', cell: 'negweight', firstIndex: 0, count: WHOLE });
    expect(failures).toEqual([]);
    expect(table.eta.length).toBe(WHOLE * 4);
    const polytope = new DesignPolytope(designSpaceOf(technology, cell));
    let indices = 0;
    for (const row of rows()) {
      expect(row.index).toBe(indices);
      indices += 1;
      expect(polytope.contains(row.values)).toBe(true);
      expect(row.differenceVolts).toBeLessThan(1e-7);
      expect(row.residualVolts).toBeLessThan(0.03);
      expect([row.inputVolts[0]!, row.inputVolts.at(-1)!]).toEqual([expect.closeTo(-2, 9), expect.closeTo(2, 9)]);
      expect(row.eta?.[0]).toBeLessThan(0); // a falling stage with a positive output
    }
    expect(indices).toBe(WHOLE);
  });

  it('gives the same bytes with one worker, and finds everything done the second time', async () => {
    const out = fresh();
    const first = await run({ count: WHOLE, out, workers: 1 });
    expect(first).toMatchObject({ requested: WHOLE, converged: WHOLE, failed: 0, simulated: WHOLE, out });
    expect(first.cpuSecondsPerCurve).toBeGreaterThan(0);
    expect(bytesOf(out)).toEqual(bytesOf(whole));
    const second = await run({ count: WHOLE, out });
    expect(second).toMatchObject({ converged: WHOLE, simulated: 0, cpuSecondsPerCurve: 0 });
    expect(bytesOf(out)).toEqual(bytesOf(whole));
  });

  it('goes on where an abort stopped it and ends with the same bytes', async () => {
    const out = fresh();
    const stop = new AbortController();
    const aborted = run({ count: WHOLE, out, workers: 1, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(aborted).rejects.toThrow('aborted');
    expect(() => readSamples(out)).toThrow(/incomplete.*rows 500 to 999/);
    const rest = await run({ count: WHOLE, out });
    expect(rest.simulated).toBe(WHOLE - 500);
    expect(bytesOf(out)).toEqual(bytesOf(whole));
  });

  it('makes a shard again that was damaged, and only that one', async () => {
    const out = fresh();
    cpSync(whole, out, { recursive: true });
    const victim = join(out, 'shard-0000000500.curves.f64');
    for (const damage of [
      () => truncateSync(victim, 1000),
      () => writeFileSync(victim, Buffer.from(readFileSync(victim)).fill(1, 80, 81)),
      () => rmSync(victim),
    ]) {
      damage();
      expect(() => readSamples(out)).toThrow(/shard-0000000500\.curves\.f64: (is|has) .*(damaged|bytes|missing)/);
      expect((await run({ count: WHOLE, out })).simulated).toBe(500);
      expect(bytesOf(out)).toEqual(bytesOf(whole));
    }
  });

  it('gives the bytes of the whole when it is done in shards, in one folder', async () => {
    const out = fresh();
    for (const [index, rows] of [500, 500, 100].entries())
      expect((await run({ count: WHOLE, out, shard: { index, of: 3 } })).requested).toBe(rows);
    expect(bytesOf(out)).toEqual(bytesOf(whole));
    const again = run({ count: WHOLE + 500, out, shard: { index: 0, of: 3 } });
    await expect(again).rejects.toThrow(/shared by shards of 3 jobs, and this one is of 4/);
    expect(bytesOf(out)).toEqual(bytesOf(whole));
  });

  it('is shared by two runs on one folder', async () => {
    const out = fresh();
    const runs = await Promise.all([1, 2].map(() => run({ count: WHOLE, out, workers: 1 })));
    expect(runs.map(({ converged }) => converged)).toEqual([WHOLE, WHOLE]);
    expect(runs[0]!.simulated + runs[1]!.simulated).toBe(WHOLE);
    expect(bytesOf(out)).toEqual(bytesOf(whole));
  });

  it('keeps a row that fails, with the reason', async () => {
    const date23 = loadTechnology(TEMPLATES, 'egt-date23');
    const out = fresh();
    const summary = await run({ technology: date23, cell: findCell(date23, 'ptanh'), seed: 0, count: 40, out });
    expect(summary).toMatchObject({ requested: 40, converged: 38, failed: 2 });
    const { failures, rows, table } = readSamples(out);
    expect(failures).toEqual([
      { index: 26, reason: 'the middle of the curve is outside the sweep' },
      { index: 29, reason: 'the middle of the curve is outside the sweep' },
    ]);
    expect(table.values.length).toBe(38 * 6);
    const failed = [...rows()].find((row) => row.index === 26)!;
    expect(failed.eta).toBeUndefined();
    expect(failed.outputVolts.every(Number.isFinite)).toBe(true);
  });

  it('exports the rows as CSV, failures beside them', async () => {
    const file = join(root, 'whole.csv');
    expect(exportSamplesCsv(whole, file)).toEqual([file]);
    const table = readTextTable(file);
    expect(table.header).toEqual([
      'index',
      'R',
      'W',
      'L',
      'eta1',
      'eta2',
      'eta3',
      'eta4',
      'residualVolts',
      'differenceVolts',
    ]);
    const eta4 = readSamples(whole).table.eta.filter((_, i) => i % 4 === 3);
    expect(numericColumn(table, 'eta4')).toEqual(eta4);
  });

  it('sweeps evenly where a number of points is given', async () => {
    const out = fresh();
    await run({ count: 3, out, sweepPoints: 401 });
    const { samples, rows, table } = readSamples(out);
    expect(samples.sweep).toEqual({ kind: 'uniform', points: 401, startVolts: -2, stopVolts: 2 });
    const [row] = rows();
    expect(row!.inputVolts[1]! - row!.inputVolts[0]!).toBeCloseTo(0.01, 12);
    const adaptive = readSamples(whole).table.eta;
    table.eta.forEach((value, i) => {
      expect(Math.abs(value / adaptive[i]! - 1)).toBeLessThan(1e-3);
    });
  });

  it('works with the embedded engine, which agrees with the binary', async () => {
    const engine = await openEngine('embedded');
    try {
      const out = fresh();
      const summary = await run({ count: 20, out, engine });
      expect(summary).toMatchObject({ engine: 'embedded', converged: 20, failed: 0 });
      const { eta } = readSamples(out).table;
      const other = readSamples(whole).table.eta;
      eta.forEach((value, i) => {
        expect(Math.abs(value - other[i]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
      });
    } finally {
      await engine.close();
    }
  });
});

describe('sampling refuses', () => {
  it.each<[string, Partial<SampleOptions>, string]>([
    ['another seed', { seed: 4 }, 'sequence is sobol-owen 3 there and sobol-owen 4 now'],
    ['more rows', { count: 50 }, `count is ${WHOLE} there and 50 now`],
    ['another sweep', { sweepPoints: 51 }, 'sweep is adaptive'],
    [
      'another transistor',
      {
        technology: {
          ...technology,
          transistors: { egt: withParameter(technology.transistors.egt!, 'gamma', () => 1.5) },
        },
      },
      'deck has changed since',
    ],
  ])('a folder that was made with %s', async (_, changed, message) => {
    const attempt = run({ count: WHOLE, out: whole, ...changed });
    await expect(attempt).rejects.toThrow(OtherSamplesError);
    await expect(run({ count: WHOLE, out: whole, ...changed })).rejects.toThrow(message);
  });

  it('a folder that holds something else', async () => {
    const out = mkdtempSync(join(root, 'foreign-'));
    writeFileSync(join(out, 'thesis.tex'), '');
    await expect(run({ count: 5, out })).rejects.toThrow('not empty');
    expect(readdirSync(out)).toEqual(['thesis.tex']);
  });

  it.each<[string, Partial<SampleOptions>]>([
    ['count', { count: 0 }],
    ['count', { count: -1 }],
    ['count', { count: 1e12 }],
    ['count', { count: Number.NaN }],
    ['seed', { seed: -1 }],
    ['workers', { workers: 0 }],
    ['points', { sweepPoints: 2 }],
    ['shard', { shard: { index: 1, of: 4 } }],
  ])('a %s that is none: %j', async (word, options) => {
    await expect(run({ count: 5, out: join(root, 'never'), ...options })).rejects.toThrow(word);
    expect(readdirSync(root)).not.toContain('never');
  });

  it('constraints that nothing satisfies, before it writes anything', async () => {
    const impossible = { ...cell, constraints: ['W>L', 'L>W'] };
    await expect(run({ count: 5, out: join(root, 'never'), cell: impossible })).rejects.toThrow(
      ImpossibleConstraintsError,
    );
    expect(readdirSync(root)).not.toContain('never');
  });
});
