import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'cli-samples-'));
const neuroprint = (...args: string[]) =>
  spawnSync(process.execPath, [join(here, '../packages/cli/bin/neuroprint.js'), ...args], { encoding: 'utf8' });
const samples = join(root, 'samples');

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('sample', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown cell', ['--cell', 'inverter', '--count', '5'], /no cell "inverter".*\n.*negweight, ptanh/],
    ['an unknown technology', ['--technology', 'cmos', '--cell', 'ptanh', '--count', '5'], /no technology "cmos"/],
    ['a count of 0', ['--cell', 'ptanh', '--count', '0'], /--count is "0"/],
    ['a count of -1', ['--cell', 'ptanh', '--count=-1'], /--count is "-1"/],
    ['a count of 1e12', ['--cell', 'ptanh', '--count', '1e12'], /--count is "1e12".* to 4294967295/],
    ['a shard beyond the last', ['--cell', 'ptanh', '--count', '5', '--shard', '4/4'], /--shard is "4\/4"/],
    ['more shards than rows', ['--cell', 'ptanh', '--count', '5', '--shard', '0/6'], /number of shards/],
    ['a shard on Slurm', ['--cell', 'ptanh', '--count', '5', '--shard', '0/2', '--on', 'slurm'], /Leave out --shard/],
  ])('refuses %s with exit code 2 and one message', (_, args, message) => {
    const { status, stderr, stdout } = neuroprint('sample', ...args, '--out', join(root, 'never'));
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ at .*\.js/);
    expect([status, stdout]).toEqual([2, '']);
  });
});

describe('samples', () => {
  it('are inspected, exported and merged', () => {
    const made = neuroprint('sample', '--cell', 'negweight', '--count', '40', '--out', samples, '--json');
    expect(JSON.parse(made.stdout)).toMatchObject({ requested: 40, converged: 40, failed: 0, out: samples });
    const inspected = neuroprint('samples', 'inspect', '--samples', samples, '--plots', join(root, 'plots'), '--json');
    expect(JSON.parse(inspected.stdout)).toMatchObject({ rows: 40, failed: 0, plots: { length: 5 } });
    expect(readFileSync(join(root, 'plots', 'coverage-eta1.svg'), 'utf8')).toMatch(/^<svg /);
    const file = join(root, 'samples.parquet');
    expect(neuroprint('samples', 'export', '--samples', samples, '--out', file).stdout).toBe(`written: ${file}\n`);
    expect(readFileSync(file).subarray(0, 4).toString()).toBe('PAR1');
    const merged = neuroprint('samples', 'merge', '--parts', samples, '--out', join(root, 'merged'), '--json');
    expect(JSON.parse(merged.stdout)).toMatchObject({ rows: 40, failed: 0 });
  });

  it.each<[string, string[], RegExp]>([
    ['a folder without samples', ['inspect', '--samples', '/nowhere'], /samples\.json: there is no such file/],
    ['a file of another kind', ['export', '--samples', samples, '--out', 'x.xlsx'], /\.csv or \.parquet/],
    ['parts that are none', ['merge', '--parts', root, '--out', join(root, 'none')], /holds no samples/],
  ])('refuse %s with exit code 2', (_, args, message) => {
    const { status, stderr } = neuroprint('samples', ...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});

describe('technology check', () => {
  it('says what is wrong with a folder, with exit code 3', () => {
    const folder = join(root, 'mine');
    cpSync(join(here, '../spice-templates/egt'), folder, { recursive: true });
    const path = join(folder, 'technology.json');
    const text = readFileSync(path, 'utf8').replace('"egt"', '"mine"');
    writeFileSync(path, text);
    expect(neuroprint('technology', 'check', '--technology', folder).status).toBe(0);
    writeFileSync(path, text.replace('"500000>R*W/L"', '"10000>R*W/L"'));
    const { status, stdout } = neuroprint('technology', 'check', '--technology', folder);
    expect(stdout).toMatch(/wrong.* negweight: ranges and constraints/);
    expect(status).toBe(3);
    writeFileSync(path, text.replace('"min": 20000', '"min": 2000000'));
    expect(neuroprint('technology', 'check', '--technology', folder).status).toBe(2);
  });
});
