import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const compiled = join(folder, 'compiled');
const brief = ['--most-patterns', '4', '--good-copies', '300', '--faulty-copies', '20', '--confirm', '2'];
const run = (...more: readonly string[]) => neuroprint(['test-patterns', '--netlist', compiled, ...brief, ...more]);

beforeAll(async () => {
  const trained = join(folder, 'trained');
  const few = ['--hidden', '1', '--epochs', '30', '--restarts', '2', '--draws', '8'];
  await json(['train', '--data', IRIS, '--out', trained, ...few]);
  const network = ['--network', join(trained, 'network.json')];
  const { code } = await neuroprint(['compile', ...network, '--data', IRIS, '--out', compiled, '--steps', '0']);
  expect([0, 3]).toContain(code);
});

describe('test-patterns', () => {
  it('writes the bench test sheet with limits, and what it finds; a specification asks for more', async () => {
    const spec = join(folder, 'spec.yaml');
    writeFileSync(spec, 'minimumFaultCoverage: 0.999\n');
    const { code, out, err } = await run('--spec', spec, '--json');
    expect(code).toBe(3);
    expect(err).toMatch(/coverage [\d.]+ % is below 99\.9 %/);
    const result = JSON.parse(out) as {
      readonly asPromised: boolean;
      readonly coverage: number;
      readonly patterns: readonly object[];
      readonly faults: readonly object[];
      readonly limits: { readonly found: number };
      readonly ngspice: { readonly faults: number; readonly confirmed: number };
    };
    expect(result.asPromised).toBe(false);
    expect(result.patterns).toHaveLength(4);
    expect(result.coverage).toBeCloseTo(result.limits.found / result.faults.length, 12);
    expect(result.ngspice).toMatchObject({ faults: 2, confirmed: 2 });
    const [mark, header, ...readings] = readFileSync(join(compiled, 'bench-test-sheet.csv'), 'utf8').trim().split('\n');
    expect(mark).toMatch(/^# netlist\.cir sha256 [0-9a-f]{64}$/);
    expect(header).toMatch(/node,low_volts,expected_volts,high_volts,measured_volts,pass$/);
    expect(readings).toHaveLength(4 * 3);
    for (const line of readings) {
      const [low, expected, high] = line.split(',').slice(-5, -2).map(Number);
      expect(low! <= expected! && expected! <= high!).toBe(true);
    }
    expect(readFileSync(join(compiled, 'bench-test-sheet.html'), 'utf8')).toContain('Is anything broken? 4 patterns');
  });

  it('gives the same sheet by two shards, of which the second finds what both need', async () => {
    const few = ['--most-patterns', '2', '--good-copies', '300', '--faulty-copies', '10', '--confirm', '0'];
    const by = (netlist: string, ...more: string[]) => {
      const fits = ['--fitted-copies', '1', '--false-alarms', '0.02'];
      return json<{ made: number }>(['test-patterns', '--netlist', netlist, ...few, ...fits, ...more]);
    };
    const [shards, whole] = [join(folder, 'shards'), join(folder, 'whole')];
    for (const netlist of [shards, whole]) cpSync(compiled, netlist, { recursive: true });
    const out = join(folder, 'jobs');
    const { made } = await by(shards, '--out', out, '--shard', '0/2');
    // the choice, and 600 fits by fifties
    expect(await by(shards, '--out', out, '--shard', '1/2')).toMatchObject({ found: 1 + 12 });
    expect(made).toBeGreaterThan(1 + 12);
    expect(await by(shards, '--out', out)).toMatchObject({ made: 0 });
    await by(whole);
    for (const name of ['test-patterns.json', 'bench-test-sheet.csv'])
      expect(readFileSync(join(shards, name), 'utf8')).toBe(readFileSync(join(whole, name), 'utf8'));
  });

  it('says so where no limit separates anything, with the coverage that is left', async () => {
    const { code, out } = await run('--variation', '0.98', '--meter-volts', '2');
    expect(code).toBe(3);
    expect(out).toMatch(
      /NOT AS PROMISED: no limit separates any fault from printing \(uniform 98 %\): coverage 0\.0 %/,
    );
  });

  it.each([
    [['--input-range', '0.5..0.5'], 'The input range from 0.5 V to 0.5 V holds no two inputs'],
    [['--input-range', 'all'], '--input-range is "all".'],
    [['--variation', '1.5'], '--variation is "1.5"'],
    [['--variation', '0.1', '--variation-model', 'x.json'], 'both say how good copies differ'],
    [['--non-ideality', 'rust:0.1'], '--non-ideality has "rust:0.1", which is no kind'],
    [['--false-alarms', '0.002'], '300 good copies are too few to promise at most 0.2 % false alarms'],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
