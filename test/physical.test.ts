import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const network = join(folder, 'network', 'network.json');

describe('networks with op-amps', () => {
  it('are trained, compiled, read back from the text, and verified in ngspice', async () => {
    const trained = await json([
      ...['train', '--data', IRIS, '--out', join(folder, 'network'), '--node-rule', 'kirchhoff'],
      ...['--hidden', '3', '--epochs', '60', '--restarts', '1', '--draws', '2'],
    ]);
    expect(trained.accuracy.test).toBeGreaterThan(0.8);
    expect(Math.min(...trained.shares.flat())).toBeGreaterThan(0.199);
    const page = readFileSync(join(folder, 'network', 'report.html'), 'utf8');
    expect(page).toContain('validation loss');
    expect(page).toContain('class="kind">neuroprint · training report');
    const netlist = join(folder, 'netlist');
    const compiled = await json(['compile', '--network', network, '--out', netlist]);
    expect(compiled.components.opamps).toBeGreaterThan(0);
    expect(await json(['lvs', '--netlist', netlist])).toMatchObject({ matches: true, differences: [] });
    const verified = await json(['verify', '--netlist', netlist, '--data', IRIS]);
    expect(verified.maxErrorVolts).toBeLessThan(1e-5);
    expect(verified.stability.verdict).toBe('stable');
    // a negative conductance whose resistor was changed is found
    const text = readFileSync(join(netlist, 'netlist.cir'), 'utf8');
    const [line, name, value] = /^(rn_l0\S+) \S+ \S+ (\S+)$/m.exec(text)!;
    writeFileSync(join(netlist, 'netlist.cir'), text.replace(line, line.replace(value!, '12345')));
    expect((await neuroprint(['lvs', '--netlist', netlist])).out).toContain(name);
  });

  it.each([
    [['train', '--data', IRIS, '--node-rule', 'kirchhoff', '--lambda', '-1'], /--lambda is "-1"/],
    [['train', '--data', IRIS, '--node-rule', 'kirchhoff', '--technology', 'egt'], /egt has no op-amp/],
    [['train', '--data', IRIS, '--lambda', '1'], /--lambda is for networks with op-amps/],
    [['bench', 'physical', '--data', folder, '--lambda', '-0.1'], /--lambda has "-0.1"/],
    [['bench', 'physical', '--data', folder, '--tables', 'nothing'], /holds no table nothing\.csv/],
  ])('%o is refused', async (args, message) => {
    const { code, err } = await neuroprint([...args, '--out', join(folder, 'refused')]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('are compared with what their readout reaches alone, and a run that was stopped goes on', async () => {
    copyFileSync(IRIS, join(folder, 'iris.csv'));
    const bench = [
      ...['bench', 'physical', '--data', folder, '--tables', 'iris', '--which', 'modes', '--splits', '2'],
      ...['--hidden', '3', '--lambda', '0.1', '--workers', '1', '--out', join(folder, 'bench')],
    ];
    const first = await json(bench);
    expect(first.modes.map((line: { case: string }) => line.case)).toEqual([
      'raw',
      'linear',
      'perceptron',
      'npml',
      'spml',
      'ml',
    ]);
    expect(first.trained).toBe(12);
    expect(await json(bench)).toMatchObject({ trained: 0, resumed: 12, modes: first.modes });
    for (const name of ['modes.md', 'modes.csv', 'sign-flip.svg'])
      expect(existsSync(join(folder, 'bench', name))).toBe(true);
  });
});
