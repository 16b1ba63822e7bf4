import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile, readTable, type Table, type TrainedNetwork, train, verify } from '../packages/cli/src/index.ts';
import pack from '../scripts/pack.js';
import { IRIS, ROOT, temporaryFolder } from './cli.ts';

/** Runs a program in a folder and returns what it printed; fails with what it said where it fails. */
function output(cwd: string, program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

describe('the packages, packed and installed in an empty folder outside of the project', () => {
  const folder = temporaryFolder();

  beforeAll(() => {
    const tarballs = pack(temporaryFolder());
    writeFileSync(join(folder, 'package.json'), '{ "name": "mine", "type": "module", "private": true }');
    output(folder, 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs]);
  });

  it('hold no tests and no links back into the project', () => {
    const own = join(folder, 'node_modules', '@neuroprint');
    expect(readdirSync(own)).toContain('compiler');
    for (const name of readdirSync(own)) expect(existsSync(join(own, name, 'test')), name).toBe(false);
    const listed = JSON.parse(output(folder, 'npm', ['ls', '--json', '--all', '--link']));
    expect(listed.dependencies ?? {}).toEqual({});
  });

  it('take the example from a table to a proven circuit, its types checked', () => {
    copyFileSync(join(ROOT, 'examples', 'library.ts'), join(folder, 'library.ts'));
    copyFileSync(IRIS, join(folder, 'iris.csv'));
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules', '@types')];
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2023'];
    output(folder, process.execPath, [compiler, ...strict, ...types, '--outDir', 'built', 'library.ts']);
    const lines = output(folder, process.execPath, ['built/library.js']).trim().split('\n');
    expect(lines[0]).toMatch(/^\d+ resistors, \d+ transistors$/);
    const [, cases, nodes, volts] = /^(\d+) cases, (\d+) nodes, largest difference (\S+) V$/.exec(lines[1]!)!;
    expect(Number(cases)).toBe(30);
    expect(Number(nodes)).toBeGreaterThan(20);
    expect(Number(volts)).toBeLessThan(1e-6);
    const [, accuracy, printed] = /^accuracy (\S+), of printed copies (\S+)$/.exec(lines[2]!)!;
    expect(Number(accuracy)).toBeGreaterThan(0.85);
    expect(Number(printed)).toBeGreaterThan(0.8);
  });

  it('bring the command, which finds templates, surrogates, presets and the page', () => {
    expect(existsSync(join(folder, 'node_modules', '@neuroprint', 'web', 'dist', 'site', 'service-worker.js'))).toBe(
      true,
    );
    const bin = join(folder, 'node_modules', 'neuroprint', 'bin', 'neuroprint.js');
    expect(existsSync(join(folder, 'node_modules', '.bin', 'neuroprint'))).toBe(true);
    const args = ['verify', '--netlist', 'iris', '--monte-carlo', '2', '--non-ideality', 'drift:0.1', '--json'];
    expect(JSON.parse(output(folder, process.execPath, [bin, ...args])).maxErrorVolts).toBeLessThan(1e-6);
    const doctor = JSON.parse(output(folder, process.execPath, [bin, 'doctor', '--json']));
    expect(doctor.problems).toEqual([]);
  });
});

describe('a call with a wrong type says which field:', () => {
  const table = readTable(IRIS);
  const wrong = <T>(value: unknown): T => value as T;
  const network = (): Promise<TrainedNetwork> => train(table, { epochs: 2, restarts: 1 });

  it.each<[string, () => unknown, RegExp]>([
    ['a file that is no text', () => readTable(wrong(7)), /^readTable\(file\): the value: .*expected string/],
    ['a seed that is text', () => readTable(IRIS, wrong({ seed: '1' })), /^readTable\(options\): seed: .*number/],
    ['no table', () => train(wrong(undefined)), /^train\(table\): the value: .*expected object/],
    [
      'a table without numbers',
      () => train({ ...table, data: wrong({ ...table.data, columns: [[1, 2]] }) } as Table),
      /^train\(table\): data\.columns\[0\]: .*Float64Array/,
    ],
    ['a number for sizes', () => train(table, wrong({ hidden: 3 })), /^train\(options\): hidden: .*expected array/],
    [
      'text among the sizes',
      () => train(table, wrong({ hidden: [3, '4'] })),
      /^train\(options\): hidden\[1\]: .*expected number/,
    ],
    ['an option that is none', () => train(table, wrong({ epoch: 3 })), /^train\(options\): .*"epoch"/],
    ['volts of a column that is none', () => train(table, { inputVolts: ['z'] }), /no feature "z"/],
    ['volts that are none', () => train(table, { inputVolts: 'all' }), /holds 7.* and inputs take 0 to 1 V/],
    ['a spread of two', () => train(table, { variation: 2 }), /^train\(options\): variation: /],
    ['an unknown technology', () => train(table, { technology: 'silicon' }), /no technology "silicon"/],
    ['a network that is none', () => compile(wrong({}), { out: 'x' }), /^compile\(network\): kind: /],
    [
      'a network without its outputs',
      async () => compile(wrong({ ...(await network()), outputs: undefined, classes: 3 }), { out: 'x' }),
      /^compile\(network\): (outputs|classes): /,
    ],
    [
      'no folder to write to',
      async () => compile(await network(), wrong({})),
      /^compile\(options\): out: .*expected string/,
    ],
    ['copies that are text', () => verify('x', wrong({ monteCarlo: '5' })), /^verify\(options\): monteCarlo: .*number/],
    ['an engine that is none', () => verify('x', wrong({ engine: 'hspice' })), /^verify\(options\): engine: /],
    ['a folder that is not there', () => verify('nowhere'), /^nowhere: there is no such file or folder/],
  ])('%s', async (_, call, message) => {
    const error = await Promise.resolve()
      .then(call)
      .then(
        () => undefined,
        (reason: Error) => reason,
      );
    expect(error?.message).toMatch(message);
    expect(error).toMatchObject({ exitCode: 2 });
  });
});

it('a library call that would write over something is refused', async () => {
  const out = temporaryFolder();
  mkdirSync(join(out, 'mine'));
  const network = await train(readTable(IRIS), { epochs: 2, restarts: 1 });
  expect(() => compile(network, { out })).toThrow(/is not empty/);
});
