import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const network = join(folder, 'network', 'network.json');
const netlist = join(folder, 'netlist');
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

beforeAll(async () => {
  await json(['train', '--data', IRIS, '--out', join(folder, 'network'), '--epochs', '60', '--draws', '4']);
  await json(['compile', '--network', network, '--data', IRIS, '--out', netlist, '--steps', '20']);
});

describe('verify, as a print run needs it', () => {
  it('measures what the specification asks for, says which line fails, and writes JUnit', async () => {
    const spec = write('spec.yaml', 'maximumErrorVolts: 1.0e-6\nminimumSupplyTolerance: 0.5\nminimumYield: 0.1\n');
    const junit = join(folder, 'verify.xml');
    const { code, err, out } = await neuroprint([
      'verify',
      '--netlist',
      netlist,
      '--monte-carlo',
      '300',
      '--spec',
      spec,
      '--junit',
      junit,
      '--json',
    ]);
    expect(code).toBe(3);
    expect(err).toMatch(/spec\.yaml, line 2: minimumSupplyTolerance/);
    const report = JSON.parse(out);
    expect(report.corners).toHaveLength(4);
    expect(report.monteCarlo).toMatchObject({ draws: 300, simulatedDraws: 100, decisionsDiffering: 0 });
    expect(report.specification.lines.map(({ passes }: { passes: boolean }) => passes)).toEqual([true, false, true]);
    expect(readFileSync(junit, 'utf8')).toMatch(/<failure message="supply tolerance/);
  });

  it('refuses a table that has more columns than the network reads', async () => {
    const lines = readFileSync(IRIS, 'utf8').trimEnd().split('\n');
    const wide = write('wide.csv', lines.map((line, i) => `${i === 0 ? 'colour' : i % 7},${line}\n`).join(''));
    const { code, err } = await neuroprint(['verify', '--netlist', netlist, '--data', wide]);
    expect(code).toBe(2);
    expect(err).toMatch(/wide\.csv: the network does not read the columns colour/);
  });

  it('holds the settling time against a specification, where a capacitance is given', async () => {
    const spec = write('settling.yaml', 'maximumSettlingSeconds: 1.0e-9\n');
    const without = await neuroprint(['verify', '--netlist', netlist, '--spec', spec]);
    expect(without.code).toBe(3);
    expect(without.err).toMatch(/was not measured: it needs --node-farads/);
    const slow = await neuroprint(['verify', '--netlist', netlist, '--spec', spec, '--node-farads', '1e-11']);
    expect(slow.code).toBe(3);
    expect(slow.err).toMatch(/must be at most 1e-9 \(rests on assumed numbers\)/);
    const fast = await neuroprint(['verify', '--netlist', netlist, '--spec', spec, '--node-farads', '1e-18']);
    expect(fast.code).toBe(0);
  });

  it('fails an unstable circuit although its operating point is the expected one', async () => {
    const map = write(
      'opamp.json',
      JSON.stringify({
        technology: 'opamp',
        inputs: { left: 'a', right: 'b' },
        outputs: { low: 'z', high: 'w' },
        supplies: {},
      }),
    );
    const column = (ohms: string): string =>
      write(
        `column-${ohms}.cir`,
        `* a column\nR1 a z 100k\nRn b m ${ohms}\nRf x m 100k\nRd x z 100k\nXo z m x opamp_ideal\nR2 a w 1k\nR3 b w 1k\n`,
      );
    const table = (name: string, volts: number): string => write(name, `left,right,low,high\n0.4,0.7,${volts},0.55\n`);
    const run = (ohms: string, expected: string) =>
      neuroprint(['verify', '--netlist', column(ohms), '--map', map, '--expected', expected, '--json']);
    const stable = await run('200k', table('stable.csv', 0.1));
    expect(stable.code).toBe(0);
    expect(JSON.parse(stable.out).stability.verdict).toBe('stable');
    const unstable = await run('50k', table('unstable.csv', 1));
    expect(JSON.parse(unstable.out).maxErrorVolts).toBeLessThan(1e-5);
    expect(unstable.code).toBe(3);
    expect(unstable.err).toMatch(
      /the circuit stays at its operating points: unstable: at case 0 it leaves its operating point/,
    );
  });

  it('shows corners, blame and the specification in the report', async () => {
    await json(['verify', '--netlist', netlist, '--corners', '--blame']);
    const { html } = await json<{ html: string }>(['report', '--of', netlist]);
    const page = readFileSync(html, 'utf8');
    for (const title of ['Stability', 'Corners', 'Which component is to blame', 'The tightest decisions'])
      expect(page).toContain(title);
  });

  it('reads a netlist from elsewhere and compares it with the network', async () => {
    const map = write(
      'map.json',
      JSON.stringify({
        subckt: 'network',
        inputs: { sepal_length: 'in0', sepal_width: 'in1', petal_length: 'in2', petal_width: 'in3' },
        outputs: { setosa: 'y_l1_c0', versicolor: 'y_l1_c1', virginica: 'y_l1_c2' },
        supplies: { vdd: 'vdd' },
      }),
    );
    const report = await json<{ maxErrorVolts: number; cases: number; accuracy: { ngspice: number } }>([
      'verify',
      '--netlist',
      join(netlist, 'netlist.cir'),
      '--map',
      map,
      '--network',
      network,
      '--data',
      IRIS,
    ]);
    expect(report.maxErrorVolts).toBeLessThan(1e-6);
    expect(report.cases).toBe(30);
    const hostile = write('hostile.cir', '* innocent\n.control\nshell touch owned\n.endc\n');
    const { code, err } = await neuroprint(['verify', '--netlist', hostile, '--map', map, '--network', network]);
    expect(code).toBe(2);
    expect(err).toMatch(/hostile\.cir, line 2: \.control is not allowed/);
  });

  it.each<[string, string[], RegExp]>([
    ['--network without --map', ['--network', network], /--network is for netlists from elsewhere/],
    ['an unknown limit', ['--spec', write('wrong.yaml', 'minimumSpeed: 3\n')], /there is no limit "minimumSpeed"/],
    ['a specification that is not there', ['--spec', join(folder, 'no.yaml')], /no\.yaml: there is no such file/],
    ['a yield accuracy in per cent', ['--yield-accuracy', '90'], /--yield-accuracy is "90"/],
    ['an interval of nothing', ['--interval', '0'], /--interval is "0"/],
  ])('%s is refused', async (_, args, message) => {
    const { code, err } = await neuroprint(['verify', '--netlist', netlist, ...args]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
