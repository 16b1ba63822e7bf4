import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentValues, ExactSolver, flatten, loadTechnology } from '@neuroprint/circuit';
import type { Device, StageDevice } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulateBehavioural } from '../src/after-print/behavioural.ts';
import { fitStage } from '../src/after-print/fit.ts';
import { simulateSheet } from '../src/after-print/sheet.ts';
import { readMeasuredCurves } from '../src/after-print/stage-curves.ts';
import { trimCrossbars } from '../src/after-print/trim.ts';

const technology = loadTechnology(join(import.meta.dirname, '../../../spice-templates'), 'egt');
const typical = (cell: string): Record<string, number> => ({
  ...technology.cells[cell]!.typical,
});
const resistor = (name: string, nodes: [string, string], ohms: number, row: number): Device => ({
  kind: 'resistor',
  name,
  nodes,
  ohms,
  origin: { role: 'crossbar', layer: 0, row, column: 0 },
});
const stage = (column: number): StageDevice => ({
  kind: 'stage',
  name: `act_l0_c${column}`,
  cell: 'ptanh',
  input: `z${column}`,
  output: `y${column}`,
  values: typical('ptanh'),
  origin: { role: 'activation', layer: 0, column },
});
const circuit = {
  inputs: ['a', 'b'],
  outputs: ['y0', 'y1'],
  devices: [
    resistor('r0', ['a', 'z0'], 1e6, 0),
    resistor('r1', ['b', 'z0'], 2e6, 1),
    resistor('r2', ['a', 'z1'], 2e6, 0),
    resistor('r3', ['b', 'z1'], 1e6, 1),
    resistor('r4', ['y0', 'y1'], 3e6, 2),
    stage(0),
    stage(1),
  ],
};

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('auto');
});
afterAll(() => engine.close());

describe('a simulated sheet', () => {
  const sheet = simulateSheet(circuit.devices, technology, 0.2, 3);

  it('has other stages within the spread, the same crossbars, and a curve of every stage', () => {
    expect(sheet.devices.filter((device, k) => device.kind === 'resistor' && device !== circuit.devices[k])).toEqual(
      [],
    );
    expect(sheet.curves.map(({ stage: name }) => name)).toEqual(['act_l0_c0', 'act_l0_c1']);
    const values = (sheet.devices[5] as StageDevice).values;
    for (const [name, value] of Object.entries(typical('ptanh')))
      expect(Math.abs(values[name]! / value - 1)).toBeLessThanOrEqual(0.2);
  });

  it('is explained by the fit to the meter’s error, far better than by the design', () => {
    const fit = fitStage(circuit.devices[5] as StageDevice, technology, sheet.curves[0]!, 0.115);
    expect(fit.residualVolts).toBeLessThan(1e-3);
    expect(fit.designedVolts).toBeGreaterThan(20 * fit.residualVolts);
  });

  it('does in ngspice with behavioural stages what the true circuit does, within 10 mV', async () => {
    const volts = Float64Array.of(0.1, 0.9, 0.5, 0.4, 0.8, 0.2);
    const fitted = circuit.devices.map((device) => {
      const curve = sheet.curves.find(({ stage: name }) => name === device.name);
      return device.kind === 'stage'
        ? { ...device, values: fitStage(device, technology, curve!, 0.115).values }
        : device;
    });
    const found = await simulateBehavioural(engine, { ...circuit, devices: fitted }, technology, sheet.curves, volts);
    const solver = new ExactSolver(flatten({ ...circuit, devices: sheet.devices }, technology));
    solver.setValues(componentValues(solver.flat));
    const state = solver.newState(3);
    solver.solve(volts, 3, state);
    const at = ['y0', 'y1'].map((node) => solver.flat.unknowns.indexOf(node));
    found.forEach((v, i) => {
      expect(Math.abs(v - state[Math.floor(i / 2) * solver.size + at[i % 2]!]!)).toBeLessThan(0.01);
    });
  });

  it('needs the curve of every stage', async () => {
    await expect(simulateBehavioural(engine, circuit, technology, [], Float64Array.of(0, 0))).rejects.toThrow(
      /act_l0_c0 was not measured/,
    );
  });
});

describe('trimCrossbars', () => {
  it('moves crossbars and nothing else, and never makes the validation rows worse', () => {
    const labels = Int32Array.from({ length: 40 }, (_, i) => i % 2);
    const volts = Float64Array.from(
      { length: 80 },
      (_, i) => (i % 2 === labels[i >> 1]! ? 0.45 : 0.3) + 0.002 * (i >> 1),
    );
    const rows = { volts, labels, sourceRows: labels, clipped: 0 };
    const trimmed = trimCrossbars(circuit, technology, { train: rows, valid: rows }, { seed: 0, steps: 40 });
    expect(trimmed.devices.filter(({ kind }) => kind === 'stage')).toEqual(circuit.devices.slice(5));
    expect(trimmed.validAccuracy[1]).toBeGreaterThanOrEqual(trimmed.validAccuracy[0]);
    const { minOhms, maxOhms } = technology.crossbar;
    for (const device of trimmed.devices) {
      if (device.kind !== 'resistor') continue;
      expect(device.ohms).toBeGreaterThanOrEqual(minOhms * (1 - 1e-12));
      expect(device.ohms).toBeLessThanOrEqual(maxOhms * (1 + 1e-12));
    }
  });
});

describe('readMeasuredCurves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'measured-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string): string => {
    writeFileSync(join(folder, 'm.csv'), text);
    return join(folder, 'm.csv');
  };
  const points = [0.4, 0, 0.2, 0.6, 0.8].map((v) => `xact_l0_c0,${v},${1 - v}`).join('\n');

  it('sorts the points of each stage, named as in the netlist or the circuit', () => {
    const [curve] = readMeasuredCurves(file(`stage,v_in,v_out\n${points}\n`));
    expect(curve!.stage).toBe('act_l0_c0');
    expect([...curve!.inputVolts]).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect([...curve!.outputVolts]).toEqual([1, 0.8, 0.6, 0.4, 1 - 0.8]);
  });

  it.each([
    ['text', 'stage,v_in,v_out\na,0,high\n', /"high" is not a finite number/],
    ['no stage column', 'name,v_in,v_out\na,0,1\n', /column stage/],
    ['a voltage beyond all', `stage,v_in,v_out\n${points}\nact_l0_c1,0.2,1e300\n`, /row 7, column v_out: 1e\+300 V is/],
    ['a point that stands there twice', `stage,v_in,v_out\n${points}\nact_l0_c0,0.2,0\n`, /at 0.2 V twice/],
    ['too few points', 'stage,v_in,v_out\na,0,1\n', /a has 1 points/],
  ])('refuses %s', (_, text, message) => {
    expect(() => readMeasuredCurves(file(text))).toThrow(message);
  });
});
