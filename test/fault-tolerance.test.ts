import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultToleranceKind, readArtifact, TrainedNetworkKind } from '@neuroprint/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const trained = join(folder, 'trained');
const compiled = join(folder, 'compiled');

beforeAll(async () => {
  const brief = ['--epochs', '30', '--restarts', '2', '--draws', '8'];
  await json(['train', '--data', IRIS, '--out', trained, '--fault-rate', '0.05', ...brief]);
  const network = ['--network', join(trained, 'network.json')];
  const { code } = await neuroprint(['compile', ...network, '--data', IRIS, '--out', compiled, '--steps', '0']);
  expect([0, 3]).toContain(code);
});

describe('train --fault-rate', () => {
  it('is in network.json beside the printing spread, so that calibration and verify see the same faults', () => {
    const { variation } = readArtifact(join(trained, 'network.json'), TrainedNetworkKind);
    expect(variation).toEqual({ kind: 'uniform', relativeSpread: 0.1, faultRate: 0.05 });
  });

  it.each([
    [['--fault-rate', '1.5'], '--fault-rate is "1.5", and must be a number from 0 to 1'],
    [['--fault-rate', 'often'], '--fault-rate is "often"'],
    [['--fault-rate', '0.1', '--node-rule', 'kirchhoff'], '--fault-rate is not for networks with op-amps'],
    [['--fault-rate', '0.1', '--non-ideality', 'noise:0.05'], 'broken parts do not go together with noise'],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await neuroprint(['train', '--data', IRIS, '--out', join(folder, 'none'), ...args]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

it('a fault rate is refused for regression, whose broken copies may predict nothing', async () => {
  const data = ['--data', join(ROOT, 'examples', 'friedman1.csv'), '--target', 'target'];
  const { code, err } = await neuroprint(['train', ...data, '--out', join(folder, 'none'), '--fault-rate', '0.1']);
  expect(code).toBe(2);
  expect(err).toContain('A fault rate is for classifiers');
});

describe('fault-tolerance', () => {
  const brief = ['--rates', '0,0.1', '--copies', '20', '--simulated', '4'];
  interface Result {
    readonly accuracy: number;
    readonly leastAccuracy: number;
    readonly faults: readonly { readonly accuracy: number }[];
    readonly rates: readonly { readonly rate: number; readonly meanAccuracy: number; readonly copies: number }[];
    readonly ngspice: {
      readonly maxErrorVolts: number;
      readonly decisionsDiffering: number;
      readonly faults: number;
    };
  }
  let judged: Promise<Result> | undefined;
  /** In the folder of the netlist, once for all tests. */
  const whole = (): Promise<Result> => {
    judged ??= json<Result>(['fault-tolerance', '--netlist', compiled, ...brief]);
    return judged;
  };

  it('says what each fault costs, worst first, what fault rates leave, and that ngspice agrees; the page shows where', async () => {
    const result = await whole();
    expect(result.leastAccuracy).toBe(result.faults[0]!.accuracy);
    expect(result.leastAccuracy).toBeLessThan(result.accuracy);
    expect(result.rates.map(({ rate, copies }) => [rate, copies])).toEqual([
      [0, 20],
      [0.1, 20],
    ]);
    expect(result.rates[1]!.meanAccuracy).toBeLessThan(result.rates[0]!.meanAccuracy);
    expect(result.ngspice).toMatchObject({ faults: 4, decisionsDiffering: 0 });
    expect(result.ngspice.maxErrorVolts).toBeLessThan(1e-6);
    const kept = readArtifact(join(compiled, 'fault-tolerance.json'), FaultToleranceKind);
    expect(kept.faults).toEqual(result.faults);
    const page = readFileSync(join(compiled, 'fault-tolerance.html'), 'utf8');
    expect(page).toContain('Which part must not fail');
    expect(page).toMatch(/<title>act_l1_c0, its worst fault costs \d+\.\d % of the decisions<\/title>/);
  });

  it('gives the same bytes by two shards, which write nothing beside the netlist', async () => {
    const sharded = join(folder, 'sharded');
    cpSync(compiled, sharded, { recursive: true });
    rmSync(join(sharded, 'fault-tolerance.json'), { force: true });
    const [first, second] = [join(folder, 'jobs-0'), join(folder, 'jobs-1')];
    const run = (out: string, ...more: string[]) =>
      json<object>(['fault-tolerance', '--netlist', sharded, ...brief, '--out', out, ...more]);
    expect(await run(first, '--shard', '0/2')).toMatchObject({ made: 2, found: 0 });
    expect(await run(second, '--shard', '1/2')).toMatchObject({ made: 1, found: 0 });
    expect(existsSync(join(sharded, 'fault-tolerance.json'))).toBe(false);
    expect(await run(first, '--merge', second)).toMatchObject({ made: 0, found: 3 });
    await whole();
    for (const name of ['fault-tolerance.json', 'fault-tolerance.html'])
      expect(readFileSync(join(sharded, name), 'utf8')).toBe(readFileSync(join(compiled, name), 'utf8'));
    expect(await json(['jobs', first])).toMatchObject({ total: 3, done: 3, failed: 0 });
    expect(readdirSync(compiled).filter((name) => name.endsWith('.jobs'))).toEqual([]);
  });

  it('goes on with what a stopped call has left beside the netlist, which a call with other options leaves alone', async () => {
    const stopped = join(folder, 'stopped');
    cpSync(compiled, stopped, { recursive: true });
    const jobs = join(stopped, 'fault-tolerance.jobs');
    const few = ['fault-tolerance', '--netlist', stopped, ...brief];
    await json([...few, '--out', jobs, '--shard', '0/2']);
    const { code, err } = await neuroprint([...few, '--seed', '1']);
    expect([code, err]).toEqual([2, expect.stringContaining('was made with other data, surrogates or options')]);
    expect(await json(few)).toMatchObject({ made: 1, found: 2 });
    expect(existsSync(jobs)).toBe(false);
  });

  it('is held against a specification by verify, with exit code 3 below a limit, for the netlist that it is of only', async () => {
    const spec = join(folder, 'spec.yaml');
    const line = async (text: string, netlist = compiled) => {
      writeFileSync(spec, `${text}\n`);
      const { code } = await neuroprint(['verify', '--netlist', netlist, '--spec', spec]);
      const report = JSON.parse(readFileSync(join(netlist, 'report.json'), 'utf8'));
      return { code, line: report.specification.lines[0], faults: report.faults };
    };
    const { faults } = await line('minimumAccuracyUnderAnySingleFault: 0');
    expect(faults.leastAccuracy).toBeLessThan(faults.meanAccuracy);
    expect((await line('minimumMeanAccuracyUnderSingleFaults: 0.01')).line.passes).toBe(true);
    const broken = await line('minimumAccuracyUnderAnySingleFault: 0.99');
    expect(broken.code).toBe(3);
    expect(broken.line).toMatchObject({ passes: false, measured: faults.leastAccuracy });
    const other = join(folder, 'other');
    cpSync(compiled, other, { recursive: true });
    const netlist = join(other, 'netlist.cir');
    writeFileSync(netlist, `${readFileSync(netlist, 'utf8')}* one comment more\n`);
    const stale = await line('minimumAccuracyUnderAnySingleFault: 0', other);
    expect(stale.line).toMatchObject({ passes: false, measured: null });
    expect(stale.line.message).toContain('was not measured: it needs fault-tolerance');
  });

  it.each([
    [['--rates', '0.1,2'], '--rates is "2", and must be a number from 0 to 1'],
    [['--rates', '0.1,0.1'], '--rates names a rate twice'],
    [['--copies', '0'], '--copies is "0"'],
    [['--netlist', 'nowhere'], 'there is no such file or folder'],
    [['--shard', '0/2'], 'Jobs that are shared need a folder that all who do them see'],
    [
      ['--out', join(folder, 'too-many'), ...brief, '--shard', '0/9'],
      'the work is 3 parts, and so many shards have none',
    ],
  ])('refuses %j', async (args, message) => {
    const netlist = args.includes('--netlist') ? [] : ['--netlist', compiled];
    const { code, err } = await neuroprint(['fault-tolerance', ...netlist, ...args]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('refuses a circuit whose cases have no labels', async () => {
    const damp = join(folder, 'damp');
    await json(['compile', '--network', join(ROOT, 'examples', 'damp.json'), '--out', damp]);
    const { code, err } = await neuroprint(['fault-tolerance', '--netlist', damp]);
    expect(code).toBe(2);
    expect(err).toContain('have no labels');
  });
});
