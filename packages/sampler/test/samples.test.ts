import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCell, loadTechnology } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sample } from '../src/sample.ts';
import { centredDiscrepancy, coverageOf } from '../src/sequence/coverage.ts';
import { exportSamples } from '../src/shards/export-samples.ts';
import { mergeSamples } from '../src/shards/merge-samples.ts';
import { readSamples } from '../src/shards/read-samples.ts';
import { checkTechnology } from '../src/technology-check.ts';
import { isSamples } from './sample-files.ts';

const TEMPLATES = join(dirname(fileURLToPath(import.meta.url)), '../../../spice-templates');
const date23 = loadTechnology(TEMPLATES, 'egt-date23');
const cell = findCell(date23, 'ptanh');
const root = mkdtempSync(join(tmpdir(), 'sampler-samples-'));
const COUNT = 1300;
const whole = join(root, 'whole');
const parts = [0, 1, 2].map((index) => join(root, `part-${index}`));
const bytesOf = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter(isSamples)
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );
let engine: Engine;

beforeAll(async () => {
  engine = await openEngine('auto');
  const options = { technology: date23, cell, count: COUNT, engine };
  await sample({ ...options, out: whole });
  for (const [index, out] of parts.entries()) await sample({ ...options, out, shard: { index, of: 3 } });
});
afterAll(async () => {
  await engine.close();
  rmSync(root, { recursive: true, force: true });
});

describe('merging', () => {
  it('gives the bits of one run, in whatever order the parts are named', () => {
    const out = join(root, 'merged');
    expect(mergeSamples([...parts].reverse(), out)).toMatchObject({ firstIndex: 0, rows: COUNT, out });
    expect(bytesOf(out)).toEqual(bytesOf(whole));
  });

  it('refuses parts with a gap between them, and names the rows', () => {
    expect(() => mergeSamples([parts[0]!, parts[2]!], join(root, 'gap'))).toThrow(/rows 500 to 999 \(500 of them\)/);
  });

  it('refuses parts of another recipe and folders without samples', async () => {
    const other = join(root, 'other');
    await sample({ technology: date23, cell, count: 3, seed: 1, out: other, engine });
    expect(() => mergeSamples([parts[0]!, other], join(root, 'mixed'))).toThrow(/sequence is sobol-owen 1 there/);
    expect(() => mergeSamples([root], join(root, 'none'))).toThrow(/holds no samples/);
    expect(() => mergeSamples([], join(root, 'none'))).toThrow(/nothing to merge/);
  });
});

describe('exporting', () => {
  it('writes Parquet with every row, failed ones with a reason and no η', async () => {
    const file = join(root, 'whole.parquet');
    expect(exportSamples(whole, file)).toEqual([file]);
    const bytes = readFileSync(file);
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    });
    const { table, failures } = readSamples(whole);
    expect(rows.map(({ index }) => Number(index))).toEqual(Array.from({ length: COUNT }, (_, i) => i));
    const good = rows.filter(({ reason }) => reason === null || reason === undefined);
    expect(good.map(({ eta4 }) => eta4)).toEqual([...table.eta.filter((_, i) => i % 4 === 3)]);
    expect(rows.length - good.length).toBe(failures.length);
    expect(rows[failures[0]!.index]).toMatchObject({ reason: failures[0]!.reason });
    expect(rows[failures[0]!.index]!.eta1 ?? null).toBeNull();
  });

  it('refuses a file of another kind', () => {
    expect(() => exportSamples(whole, join(root, 'whole.xlsx'))).toThrow(/\.csv or \.parquet/);
  });
});

describe('coverage', () => {
  it('is that of a low-discrepancy set, and counts what constraints and fits would cost', () => {
    const { discrepancy, rejected, eta, failures, converged, residualShare } = coverageOf(whole);
    expect(discrepancy.here).toBeLessThan(0.5 * discrepancy.random);
    expect([...rejected.byConstraint.keys()]).toEqual(cell.constraints);
    for (const share of rejected.byConstraint.values()) expect(share).toBeLessThanOrEqual(rejected.together);
    expect(converged + [...failures.values()].reduce((a, b) => a + b, 0)).toBe(COUNT);
    expect(eta[1].min).toBeGreaterThan(0);
    expect(residualShare.max).toBeLessThan(0.1);
  });

  it('is measured by a discrepancy that is right for one point and falls with even spreading', () => {
    // one point in the middle of the interval: 13/12 − 2 + 1
    expect(centredDiscrepancy([Float64Array.of(0.5)])).toBeCloseTo(Math.sqrt(1 / 12), 14);
    const even = Array.from({ length: 16 }, (_, i) => Float64Array.of((i + 0.5) / 16));
    const random = even.map((_, i) => Float64Array.of(new Draws(0, 'test').uniform(i, 0)));
    expect(centredDiscrepancy(even)).toBeLessThan(centredDiscrepancy(random));
  });
});

describe('a samples folder', () => {
  it('made by another version is refused with what to do', async () => {
    const folder = join(root, 'older');
    cpSync(parts[0]!, folder, { recursive: true });
    const path = join(folder, 'samples.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"version": 1', '"version": 99'));
    const message = /is version 99 of Samples, and this neuroprint reads version 1/;
    expect(() => readSamples(folder)).toThrow(message);
    await expect(sample({ technology: date23, cell, count: 5, out: folder, engine })).rejects.toThrow(message);
  });
});

describe('checking a technology', () => {
  /** A copy of `egt` with one file changed. */
  const changed = (name: string, file: string, from: string, to: string) => {
    const folder = join(root, name);
    for (const from of ['common', 'egt']) cpSync(join(TEMPLATES, from), folder, { recursive: true });
    const rename = (path: string, a: string, b: string) => {
      const text = readFileSync(path, 'utf8');
      expect(text).toContain(a);
      writeFileSync(path, text.replace(a, b));
    };
    rename(join(folder, 'technology.json'), '"egt"', `"${name}"`);
    rename(join(folder, file), from, to);
    return () => loadTechnology(root, name);
  };
  const wrong = async (load: () => ReturnType<typeof loadTechnology>) =>
    (await checkTechnology(load(), engine))
      .filter((finding) => !finding.ok)
      .map(({ what, detail }) => `${what}: ${detail}`);

  it.each(['egt', 'egt-date23', 'otft'])('finds nothing wrong with %s', async (name) => {
    const findings = await checkTechnology(loadTechnology(TEMPLATES, name), engine);
    expect(findings.filter((finding) => !finding.ok)).toEqual([]);
    expect(findings.map(({ what }) => what)).toContain('negweight: simulates at its corners');
  });

  it.each<[string, [string, string, string], RegExp]>([
    [
      'constraints-clash',
      ['technology.json', '"500000>R*W/L"', '"10000>R*W/L"'],
      /negweight: ranges and constraints: .*R\*W\/L/,
    ],
    [
      'template-differs',
      ['negweight.cir.hbs', 'xdrive out in 0', 'xdrive out 0 in'],
      /negweight\.cir\.hbs: lacks the element/,
    ],
    [
      'template-escapes',
      ['negweight.cir.hbs', '.ends negweight', '.ends negweight\n.control\nshell id\n.endc'],
      /\.control|shell/,
    ],
    ['template-unknown', ['models.lib.hbs', '{{name name}}', '{{name nam}}'], /models\.lib\.hbs: undefined is no name/],
    [
      'supply-none',
      ['technology.json', '"supplies": {', '"supplies": { "vno": { "value": 0, "source": "none" },'],
      /supplies: vno is 0 V/,
    ],
    [
      'supply-outside',
      ['technology.json', '"supplies": {', '"supplies": { "vcc": { "value": 5, "source": "none" },'],
      /supplies: vcc is 5 V, and curves are swept from -2 to 2 V/,
    ],
    [
      'threshold-beyond',
      ['technology.json', '"value": 0.17649', '"value": 1.99'],
      /negweight: curves can be fitted: \d+ of 64 designs have a curve that can be fitted; most often \(\d+ times\): the middle of the curve is outside the sweep/,
    ],
  ])('says what is wrong with one whose %s', async (name, [file, from, to], message) => {
    expect((await wrong(changed(name, file, from, to))).join('\n')).toMatch(message);
  });

  it('fails the rows of a curve that does not flatten, and says so beforehand', async () => {
    // switches at 0.8 V, and is swept to 1 V
    changed('moving', 'technology.json', '"value": 0.17649', '"value": 0.8');
    const file = join(root, 'moving', 'technology.json');
    const sweep = '"sweepVolts": { "minimum": 0, "maximum": 1 },';
    writeFileSync(file, readFileSync(file, 'utf8').replace('"unflattened": "kept",', sweep));
    const technology = loadTechnology(root, 'moving');
    expect((await wrong(() => technology)).join('\n')).toMatch(
      /negweight: simulates at its corners: at R=.* the curve does not flatten: it still moves by \d+ % of its swing over the last tenth of the sweep, at 1 V/,
    );
    const failed = async (of: typeof technology, out: string): Promise<string[]> => {
      const request = { technology: of, cell: of.cells.negweight!, count: 60, seed: 1, maxFailures: 60, engine };
      await sample({ ...request, out: join(root, out) });
      return [...readSamples(join(root, out)).rows()].flatMap(({ reason }) => reason ?? []);
    };
    const moving = await failed(technology, 'moving-samples');
    expect(moving.filter((reason) => reason.startsWith('the curve does not flatten')).length).toBeGreaterThan(20);
    expect(await failed({ ...technology, mustFlatten: false }, 'kept-samples')).toEqual([]);
  });

  it.each<[string, [string, string], RegExp]>([
    [
      'range-inverted',
      ['"min": 20000', '"min": 2000000'],
      /cells\.negweight\.parameters.*min must be below max|outside its range/,
    ],
    ['bias-none', ['"value": 1,', '"value": 0,'], /bias: vdd is held at 0 V, and a bias has to be above 0 V/],
    [
      'name-injected',
      ['"name": "R",', '"name": "R 1\\n.control",'],
      /must be a capital letter followed by letters or digits/,
    ],
  ])('refuses one whose %s', (name, [from, to], message) => {
    expect(changed(name, 'technology.json', from, to)).toThrow(message);
  });
});
