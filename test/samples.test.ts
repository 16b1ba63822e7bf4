import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { neuroprint, ROOT, temporaryFolder } from './cli.ts';

const root = temporaryFolder();
const samples = join(root, 'samples');

describe('sample', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown cell', ['--cell', 'inverter', '--count', '5'], /no cell "inverter".*\n.*negweight, ptanh/],
    ['an unknown technology', ['--technology', 'cmos', '--cell', 'ptanh', '--count', '5'], /no technology "cmos"/],
    ['a count of 0', ['--cell', 'ptanh', '--count', '0'], /--count is "0"/],
    ['a count of -1', ['--cell', 'ptanh', '--count=-1'], /--count is "-1"/],
    ['a count of 1e12', ['--cell', 'ptanh', '--count', '1e12'], /--count is "1e12".* to 4294967295/],
    ['a shard beyond the last', ['--cell', 'ptanh', '--count', '5', '--shard', '4/4'], /--shard is "4\/4"/],
    ['more shards than files', ['--cell', 'ptanh', '--count', '900', '--shard', '0/3'], /the work is 2 shard files/],
    ['a shard on Slurm', ['--cell', 'ptanh', '--count', '5', '--shard', '0/2', '--on', 'slurm'], /Leave out --shard/],
  ])('refuses %s with exit code 2 and one message', async (_, args, message) => {
    const { code, err, out } = await neuroprint(['sample', ...args, '--out', join(root, 'never')]);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/ at .*\.js/);
    expect([code, out]).toEqual([2, '']);
  });
});

describe('samples', () => {
  it('are inspected, exported and merged', async () => {
    const made = await neuroprint(['sample', '--cell', 'negweight', '--count', '40', '--out', samples, '--json']);
    expect(JSON.parse(made.out)).toMatchObject({ requested: 40, converged: 40, failed: 0, out: samples });
    const inspected = await neuroprint([
      'samples',
      'inspect',
      '--samples',
      samples,
      '--plots',
      join(root, 'plots'),
      '--json',
    ]);
    expect(JSON.parse(inspected.out)).toMatchObject({ rows: 40, failed: 0, plots: { length: 5 } });
    expect(readFileSync(join(root, 'plots', 'coverage-eta1.svg'), 'utf8')).toMatch(/^<svg /);
    const file = join(root, 'samples.parquet');
    expect((await neuroprint(['samples', 'export', '--samples', samples, '--out', file])).out).toBe(
      `written: ${file}\n`,
    );
    expect(readFileSync(file).subarray(0, 4).toString()).toBe('PAR1');
    const merged = await neuroprint(['samples', 'merge', '--parts', samples, '--out', join(root, 'merged'), '--json']);
    expect(JSON.parse(merged.out)).toMatchObject({ rows: 40, failed: 0 });
  });

  it.each<[string, string[], RegExp]>([
    ['a folder without samples', ['inspect', '--samples', '/nowhere'], /samples\.json: there is no such file/],
    ['a file of another kind', ['export', '--samples', samples, '--out', 'x.xlsx'], /\.csv or \.parquet/],
    ['parts that are none', ['merge', '--parts', root, '--out', join(root, 'none')], /holds no samples/],
  ])('refuse %s with exit code 2', async (_, args, message) => {
    const { code, err } = await neuroprint(['samples', ...args]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('technology check', () => {
  it('says what is wrong with a folder, with exit code 3', async () => {
    const folder = join(root, 'mine');
    cpSync(join(ROOT, 'spice-templates', 'egt'), folder, { recursive: true });
    const path = join(folder, 'technology.json');
    const text = readFileSync(path, 'utf8').replace('"egt"', '"mine"');
    writeFileSync(path, text);
    expect((await neuroprint(['technology', 'check', '--technology', folder])).code).toBe(0);
    writeFileSync(path, text.replace('"500000>R*W/L"', '"10000>R*W/L"'));
    const { code, out } = await neuroprint(['technology', 'check', '--technology', folder]);
    expect(out).toMatch(/wrong.* negweight: ranges and constraints/);
    expect(code).toBe(3);
    writeFileSync(path, text.replace('"min": 20000', '"min": 2000000'));
    expect((await neuroprint(['technology', 'check', '--technology', folder])).code).toBe(2);
  });
});
