import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, openEngine, renderLibrary, renderNetlist } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { technologyOf } from '../../spice/test/circuits.ts';
import { verifyForeign } from '../src/foreign/verify-foreign.ts';
import { circuit, network, technology } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-foreign-'));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const ports = (subckt: string | undefined, inputs: string[], outputs: string[], supply: string): string =>
  write(
    'map.json',
    JSON.stringify({
      ...(subckt === undefined ? {} : { subckt }),
      inputs: { left: inputs[0], right: inputs[1] },
      outputs: { low: outputs[0], high: outputs[1] },
      supplies: { vdd: supply },
    }),
  );

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('auto');
});
afterAll(() => engine.close());

describe("a netlist that is not neuroprint's", () => {
  const own = (): string => renderNetlist(circuit, technology);

  it('is simulated and compared with a network: here one of our own, read as if it were foreign', async () => {
    const map = ports('network', circuit.inputs as string[], circuit.outputs as string[], 'vdd');
    const report = await verifyForeign({ netlist: write('own.cir', own()), map, technology, network }, engine);
    expect(report).toMatchObject({ cases: 64, components: { resistors: 12, transistors: 6, opamps: 0 } });
    expect(report.solverErrorVolts).toBeLessThan(1e-7);
    expect(report.decisionAgreement).toBeGreaterThan(0.5);
  });

  it('may have other names, suffixes, parameters, includes and no subcircuit, and is the same circuit', async () => {
    write(
      'cells.inc',
      '* cells\n.SUBCKT Inv A Q Vcc PARAMS: load=100k ratio={30/54}\nRl Vcc Q {load}\nXt Q A 0 EGT wl={ratio} ; the transistor\n.ENDS Inv\n',
    );
    const text = [
      'Comparator by somebody',
      '.include "cells.inc"',
      '.param big=1meg',
      'Xna L nl VCC Inv $ inverters',
      'Xnb R nr VCC Inv',
      'R1 L zl {big}',
      'R2 nr zl 2Meg',
      'R3 VCC zl 5000k',
      'Xm1 zl m1 VCC Inv',
      'Xm2 m1 yl VCC Inv',
      'R4 nl zr 1e6',
      'R5 R zr',
      "+ '2*big/2'",
      'R6 0 zr 2megohm',
      'Xm3 zr m2 VCC Inv',
      'Xm4 m2 yr VCC Inv load=100k',
      '.end',
      '',
    ].join('\n');
    const map = ports(undefined, ['L', 'R'], ['yl', 'yr'], 'VCC');
    const ours = ports;
    const foreign = await verifyForeign({ netlist: write('theirs.cir', text), map, technology, network }, engine);
    const same = await verifyForeign(
      {
        netlist: write('own.cir', own()),
        map: ours('network', circuit.inputs as string[], circuit.outputs as string[], 'vdd'),
        technology,
        network,
      },
      engine,
    );
    expect(foreign.components).toEqual(same.components);
    expect(foreign.decisionAgreement).toBe(same.decisionAgreement);
    expect(foreign.watts).toBeCloseTo(same.watts, 12);
  });

  it('is compared with a table of voltages, and a wrong one is told', async () => {
    const map = ports('network', circuit.inputs as string[], circuit.outputs as string[], 'vdd');
    const expected = write('expected.csv', 'left,right,z_l0_c1,low\n0.2,0.7,0.5,0.1\n');
    const report = await verifyForeign({ netlist: write('own.cir', own()), map, technology, expected }, engine);
    expect(report.comparedWith).toBe('expected table');
    expect(report.maxErrorVolts).toBeGreaterThan(1e-3);
    expect(report.solverErrorVolts).toBeLessThan(1e-7);
  });

  describe('with op-amps', () => {
    const opamp = technologyOf('opamp');
    const map = (): string =>
      write(
        'opamp-map.json',
        JSON.stringify({
          technology: 'opamp',
          inputs: { left: 'a', right: 'b' },
          outputs: { low: 'z', high: 'w' },
          supplies: {},
        }),
      );
    const text = (more = ''): string =>
      `* one column with a negative conductance, one without
R1 a z 100k
Rn b m 300k
Rf x m 100k
Rd x z 100k
Xo z m x opamp_rails
R2 a w 100k
R3 b w 300k
${more}`;
    const expected = (): string => write('opamp.csv', 'left,right,low,high\n0.4,0.7,0.25,0.475\n');
    const run = (netlist: string) =>
      verifyForeign(
        { netlist: write('opamp.cir', netlist), map: map(), technology: opamp, expected: expected() },
        engine,
      );

    it('is simulated, and stays at its operating points', async () => {
      const report = await run(text());
      expect(report.components).toEqual({ resistors: 6, transistors: 0, opamps: 1 });
      expect(report.maxErrorVolts).toBeLessThan(1e-4);
      expect(report.stability.verdict).toBe('stable');
    });

    it('may bring the models along, if they are the right ones', async () => {
      const { models } = renderLibrary(opamp, []);
      expect((await run(text(models))).components.opamps).toBe(1);
      await expect(run(text(models.replace('gq 0 q plus minus 1', 'gq 0 q plus minus 2')))).rejects.toThrow(
        /opamp_rails is not the model of that name/,
      );
    });

    it('is unstable where negative conductance outweighs, although its operating point is found', async () => {
      const report = await run(text().replace('Rn b m 300k', 'Rn b m 30k'));
      expect(report.solverErrorVolts).toBeLessThan(1e-6);
      expect(report.stability.verdict).toBe('unstable');
    });

    it.each([
      ['Xp z m opamp_rails', /needs the nodes plus, minus and out/],
      ['Xp z m x opamp_rails', /another op-amp drives its output x already/],
      ['Xp z m a opamp_rails', /xp drives a, which is driven already/],
      ['Xp z m q opamp_rails gain=3', /and no parameter/],
    ])('refuses %s', async (line, message) => {
      await expect(run(text(line))).rejects.toThrow(message);
    });
  });

  it.each<[string, () => string, RegExp]>([
    [
      'a missing subcircuit',
      () => ports('other', ['in0', 'in1'], ['y_l0_c0', 'y_l0_c1'], 'vdd'),
      /no subcircuit other/,
    ],
    [
      'a node that is not there',
      () => ports('network', ['in0', 'nowhere'], ['y_l0_c0', 'y_l0_c1'], 'vdd'),
      /inputs\.right: nothing in .* touches the node nowhere/,
    ],
    [
      'a node used twice',
      () => ports('network', ['in0', 'in0'], ['y_l0_c0', 'y_l0_c1'], 'vdd'),
      /the node in0 is inputs\.left already/,
    ],
    [
      'ground as an input',
      () => ports('network', ['0', 'in1'], ['y_l0_c0', 'y_l0_c1'], 'vdd'),
      /the node 0 is ground already/,
    ],
    ['no JSON', () => write('map.json', '{'), /is not JSON/],
  ])('a map with %s is refused', async (_, map, message) => {
    await expect(
      verifyForeign({ netlist: write('own.cir', own()), map: map(), technology, network }, engine),
    ).rejects.toThrow(message);
  });

  it('needs something to be compared with', async () => {
    const map = ports('network', ['in0', 'in1'], ['y_l0_c0', 'y_l0_c1'], 'vdd');
    await expect(verifyForeign({ netlist: write('own.cir', own()), map, technology }, engine)).rejects.toThrow(
      /nothing to compare/,
    );
  });

  it('that is not there is refused', async () => {
    const map = ports('network', ['in0', 'in1'], ['y_l0_c0', 'y_l0_c1'], 'vdd');
    await expect(
      verifyForeign({ netlist: join(folder, 'nowhere.cir'), map, technology, network }, engine),
    ).rejects.toThrow(/nowhere\.cir: there is no such file/);
  });
});
