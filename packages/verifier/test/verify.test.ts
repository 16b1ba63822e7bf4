import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import { InputFileError, readDataset } from '@neuroprint/core';
import { type Engine, NetlistError, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNetlistFolder } from '../src/folder.ts';
import { testCases } from '../src/junit.ts';
import { FloatingNodeError } from '../src/lvs/floating.ts';
import { lvs } from '../src/lvs/lvs.ts';
import { verify } from '../src/verify.ts';
import { netlistFolder, ROWS, TEMPLATES, technology } from './fixture.ts';

const engines: Engine[] = [];
beforeAll(async () => {
  engines.push(await openEngine('embedded'));
  await openEngine('ngspice').then(
    (engine) => engines.push(engine),
    () => undefined, // not on this machine
  );
});
afterAll(() => Promise.all(engines.map((engine) => engine.close())));

const verifyEdited = (edit: (text: string) => string) =>
  verify(readNetlistFolder(netlistFolder(edit)), technology, engines.at(-1)!);

describe('verifying a netlist', () => {
  it('finds every node, cold starts, printed copies and corners as promised, with every engine', async () => {
    for (const engine of engines) {
      const { report } = await verify(readNetlistFolder(netlistFolder()), technology, engine, {
        monteCarlo: { draws: 6, variation: 0.1, seed: 3 },
        corners: true,
        blame: true,
        coldRows: 3,
      });
      expect(report.maxErrorVolts).toBeLessThan(1e-7);
      expect(report.solverErrorVolts).toBe(report.maxErrorVolts);
      expect(report.netlistDifferences).toEqual([]);
      expect(report.coldStart.rows).toBe(3);
      expect(report.coldStart.maxDifferenceVolts).toBeLessThan(1e-7);
      expect(report.monteCarlo).toMatchObject({ draws: 6, simulatedDraws: 6, decisionsDiffering: 0 });
      expect(report.corners!.map(({ factor }) => factor)).toEqual([
        'supply',
        'resistance',
        'threshold',
        'source resistance',
      ]);
      for (const { maxErrorVolts } of report.corners!) expect(maxErrorVolts).toBeLessThan(1e-7);
      expect(report.blame!.worstCorner.maxErrorVolts).toBeLessThan(1e-7);
      expect(report.watts).toBeGreaterThan(0);
      expect(testCases(report).every(({ failure }) => failure === undefined)).toBe(true);
    }
  });

  it('starts nothing from a row that it did not simulate: all rows alone give the same voltages', async () => {
    const { report } = await verify(readNetlistFolder(netlistFolder()), technology, engines.at(-1)!, {
      coldRows: 1000,
    });
    expect(report.coldStart.rows).toBe(ROWS);
    expect(report.coldStart.maxDifferenceVolts).toBeLessThan(1e-7);
  });
});

describe('a netlist that was edited is found out:', () => {
  it('a resistance that was doubled is far off and named', async () => {
    const { report } = await verifyEdited((text) => text.replace(/^(r_l0_i0_c0 \S+ \S+) \S+$/m, '$1 2e+06'));
    expect(report.maxErrorVolts).toBeGreaterThan(1e-3);
    expect(report.solverErrorVolts).toBeLessThan(1e-7);
    expect(report.netlistDifferences.join()).toMatch(/r_l0_i0_c0 \(layer 0, row 0, column 0: .*is 2000000 ohms/);
    expect(testCases(report).filter(({ failure }) => failure !== undefined).length).toBe(2);
  });

  it('a resistor that is missing is named', async () => {
    const { report } = await verifyEdited((text) => text.replace(/^r_l0_i0_c0 .*\n/m, ''));
    expect(report.netlistDifferences.join()).toMatch(/r_l0_i0_c0 .*is missing/);
  });

  it('another transistor is named although ngspice gets the right one', async () => {
    const { report } = await verifyEdited((text) => text.replace('1.1006e-07', '2e-07'));
    expect(report.netlistDifferences.join()).toMatch(/subcircuit egt .*is not that of the technology/);
  });

  it('a node that floats is named before anything is simulated', async () => {
    const cut = (text: string): string => text.replace(/^(r_l0_\w+_c1 )\S+ z_l0_c1/gm, '$1lost z_l0_c1');
    await expect(verifyEdited(cut)).rejects.toThrow(FloatingNodeError);
    await expect(verifyEdited(cut)).rejects.toThrow(/netlist\.cir: the nodes .*lost.* float/);
  });

  it('a bias rail that is no supply is named before anything is simulated', async () => {
    const other = (text: string): string => text.replace(/^(r_l0_bias_c0 )vdd/m, '$1vpos');
    await expect(verifyEdited(other)).rejects.toThrow(/netlist\.cir: the node vpos floats: nothing drives it/);
    expect(lvs(readNetlistFolder(netlistFolder(other)), technology).differences).toContain(
      'r_l0_bias_c0 leads from vpos to z_l0_c0, and neither is an input, ground, a supply of the testbench or the output of a stage',
    );
  });

  it('a network that was trained with another bias is told by the volts of the testbench', () => {
    const folder = readNetlistFolder(netlistFolder());
    const trained = { ...folder, network: { ...folder.network, biasVolts: 0.8 } };
    expect(lvs(trained, technology).differences).toContain(
      'the bias of layer 0 comes from vdd, which the testbench holds at 1 V, and the network was trained with 0.8 V',
    );
  });

  it('a stage that the network does not end in is told by the wires', () => {
    const folder = readNetlistFolder(netlistFolder());
    const { layers } = folder.network;
    const bare = [...layers.slice(0, -1), { ...layers.at(-1)!, activationStages: [] }];
    expect(lvs({ ...folder, network: { ...folder.network, layers: bare } }, technology).differences).toEqual([
      `layer ${layers.length - 1} ends in stages in the netlist, and in bare columns in the network`,
    ]);
  });

  it('a testbench that was edited is noticed, and its supply compared', async () => {
    const folder = readNetlistFolder(
      netlistFolder(undefined, (text) => text.replace('v_vdd vdd 0 1', 'v_vdd vdd 0 0.8')),
    );
    const { report } = await verify(folder, technology, engines.at(-1)!);
    expect(report.netlistDifferences).toEqual([
      'testbench.cir is not the file that was compiled',
      'the testbench holds vdd at 0.8 V, and egt at 1 V',
      'the bias of layer 0 comes from vdd, which the testbench holds at 0.8 V, and the network was trained with 1 V',
    ]);
  });

  it('a testbench that is missing is said', () => {
    const folder = netlistFolder();
    rmSync(join(folder, 'testbench.cir'));
    expect(lvs(readNetlistFolder(folder), technology).differences[0]).toMatch(/testbench\.cir is missing/);
  });

  it('a file that was cut off says where', async () => {
    const cut = verifyEdited((text) => text.slice(0, text.indexOf('r_l0_i0_c1')));
    await expect(cut).rejects.toThrow(NetlistError);
    await expect(cut).rejects.toThrow(/line \d+: the subcircuit network has no \.ends/);
  });

  it('a value that was cut off says where', async () => {
    await expect(verifyEdited((text) => text.replace(/^(r_l0_i0_c0 \S+ \S+) .*$/m, '$1'))).rejects.toThrow(
      /line \d+: the resistor r_l0_i0_c0 needs two nodes and a value/,
    );
  });

  it("another technology's cells are refused", async () => {
    const other = loadTechnology(TEMPLATES, 'egt-date23');
    await expect(verify(readNetlistFolder(netlistFolder()), other, engines.at(-1)!)).rejects.toThrow(
      /the netlist of another technology/,
    );
  });

  it('an expected.csv that was edited is refused', () => {
    const folder = netlistFolder();
    const file = join(folder, 'expected.csv');
    writeFileSync(file, readFileSync(file, 'utf8').replace('0.', '0.1'));
    expect(() => readNetlistFolder(folder)).toThrow(/expected\.csv: is not the file that was compiled/);
  });

  it('a table whose columns are not the ports says which is missing', async () => {
    const folder = netlistFolder();
    const file = join(folder, 'table.csv');
    const rows = Array.from({ length: 10 }, (_, i) => `${i / 10},${(9 - i) / 10},${i % 2 === 0 ? 'low' : 'high'}`);
    writeFileSync(file, ['left,middle,label', ...rows, ...rows].join('\n'));
    const data = readDataset(file);
    const attempt = verify(readNetlistFolder(folder), technology, engines.at(-1)!, { data });
    await expect(attempt).rejects.toThrow(InputFileError);
    await expect(attempt).rejects.toThrow(/column right: there is no such column, and the network reads it/);
  });

  it('a netlist that is not there, or is a folder, is refused', () => {
    const folder = netlistFolder();
    expect(() => readNetlistFolder(join(folder, 'nowhere.cir'))).toThrow(/there is no such file or folder/);
    rmSync(join(folder, 'netlist.cir'));
    mkdirSync(join(folder, 'netlist.cir'));
    expect(() => readNetlistFolder(folder)).toThrow(/netlist\.cir: is no regular file/);
  });
});
