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

beforeAll(() => {
  json(['train', '--data', IRIS, '--out', join(folder, 'network'), '--epochs', '60', '--draws', '4']);
  json(['compile', '--network', network, '--data', IRIS, '--out', netlist, '--steps', '20']);
});

describe('verify, as a print run needs it', () => {
  it('measures what the specification asks for, says which line fails, and writes JUnit', () => {
    const spec = write('spec.yaml', 'maximumErrorVolts: 1.0e-6\nminimumSupplyTolerance: 0.5\nminimumYield: 0.1\n');
    const junit = join(folder, 'verify.xml');
    const { code, err, out } = neuroprint([
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

  it('shows corners, blame and the specification in the report', () => {
    json(['verify', '--netlist', netlist, '--corners', '--blame']);
    const { html } = json<{ html: string }>(['report', '--of', netlist]);
    const page = readFileSync(html, 'utf8');
    for (const title of ['Corners', 'Which component is to blame', 'The tightest decisions'])
      expect(page).toContain(title);
  });

  it('reads a netlist from elsewhere and compares it with the network', () => {
    const map = write(
      'ports.json',
      JSON.stringify({
        subckt: 'network',
        inputs: { sepal_length: 'in0', sepal_width: 'in1', petal_length: 'in2', petal_width: 'in3' },
        outputs: { setosa: 'y_l1_c0', versicolor: 'y_l1_c1', virginica: 'y_l1_c2' },
        supplies: { vdd: 'vdd' },
      }),
    );
    const report = json<{ maxErrorVolts: number; cases: number; accuracy: { ngspice: number } }>([
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
    const { code, err } = neuroprint(['verify', '--netlist', hostile, '--map', map, '--network', network]);
    expect(code).toBe(2);
    expect(err).toMatch(/hostile\.cir, line 2: \.control is not allowed/);
  });

  it.each<[string, string[], RegExp]>([
    ['--network without --map', ['--network', network], /--network is for netlists from elsewhere/],
    ['an unknown limit', ['--spec', write('wrong.yaml', 'minimumSpeed: 3\n')], /there is no limit "minimumSpeed"/],
    ['a specification that is not there', ['--spec', join(folder, 'no.yaml')], /no\.yaml: there is no such file/],
    ['a yield accuracy in per cent', ['--yield-accuracy', '90'], /--yield-accuracy is "90"/],
    ['an interval of nothing', ['--interval', '0'], /--interval is "0"/],
  ])('%s is refused', (_, args, message) => {
    const { code, err } = neuroprint(['verify', '--netlist', netlist, ...args]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
