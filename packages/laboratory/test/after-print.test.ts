import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentValues, ExactSolver, flatten, loadTechnology } from '@neuroprint/circuit';
import { type Device, Draws, type StageDevice } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulateBehavioural } from '../src/after-print/behavioural.ts';
import { meanOfSweeps } from '../src/after-print/branches.ts';
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
    const { bestStep, history, validRows } = trimmed.calibration;
    expect(history.map(({ step }) => step)).toEqual([20, 40]);
    expect([0, 20, 40]).toContain(bestStep);
    expect(validRows).toBe(40);
    const { minOhms, maxOhms } = technology.crossbar;
    for (const device of trimmed.devices) {
      if (device.kind !== 'resistor') continue;
      expect(device.ohms).toBeGreaterThanOrEqual(minOhms * (1 - 1e-12));
      expect(device.ohms).toBeLessThanOrEqual(maxOhms * (1 + 1e-12));
    }
  });
});

describe('trimCrossbars that finds nothing better', () => {
  it('keeps every bit, and says that no step was better', () => {
    const labels = Int32Array.from({ length: 8 }, (_, i) => i % 2);
    const volts = Float64Array.from({ length: 16 }, (_, i) => (i % 2 === labels[i >> 1]! ? 0.9 : 0.1));
    const train = { volts, labels: labels.map((label) => 1 - label), sourceRows: labels, clipped: 0 };
    const valid = { ...train, labels };
    const trimmed = trimCrossbars(circuit, technology, { train, valid }, { seed: 0, steps: 20 });
    expect(trimmed.calibration.bestStep).toBe(0);
    expect(trimmed.moved).toBe(0);
    expect(trimmed.devices).toEqual(circuit.devices);
  });

  it('gives resistances that can be printed', () => {
    const labels = Int32Array.from({ length: 8 }, (_, i) => i % 2);
    const volts = Float64Array.from({ length: 16 }, (_, i) => (i % 2 === labels[i >> 1]! ? 0.6 : 0.5));
    const rows = { volts, labels, sourceRows: labels, clipped: 0 };
    const printable = (ohms: number): number => 1e5 * Math.round(ohms / 1e5);
    const { devices, moved } = trimCrossbars(
      circuit,
      technology,
      { train: rows, valid: rows },
      { seed: 0, steps: 40, printable },
    );
    expect(moved).toBeGreaterThan(0);
    for (const device of devices) if (device.kind === 'resistor') expect(device.ohms % 1e5).toBe(0);
  });
});

describe('readMeasuredCurves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'measured-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string): string => {
    writeFileSync(join(folder, 'm.csv'), text);
    return join(folder, 'm.csv');
  };
  const stages = { stages: ['act_l0_c0', 'act_l0_c1'], mostVolts: 1 };
  const read = (text: string) => readMeasuredCurves(file(text), stages);
  const points = [0.4, 0, 0.2, 0.6, 0.8].map((v) => `xact_l0_c0,${v},${1 - v}`).join('\n');
  const up = Array.from({ length: 11 }, (_, k) => k / 10);
  const there = [...up, ...up.toReversed()];

  it('sorts the points of each stage, named as in the netlist or the circuit', () => {
    const [curve] = read(`stage,v_in,v_out\n${points}\n`).curves;
    expect(curve!.stage).toBe('act_l0_c0');
    expect([...curve!.inputVolts]).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect([...curve!.outputVolts]).toEqual([1, 0.8, 0.6, 0.4, 1 - 0.8]);
  });

  it('takes a column for every stage, with units in the headers and settings above', () => {
    const rows = up.map((v) => `${v},${1 - v},${500 * v}`).join('\n');
    const { curves, notes } = read(`Model,2450\nNPLC,1\nVin (V),act_l0_c0,xact_l0_c1 (mV)\n${rows}\n`);
    expect(curves.map(({ stage: name, outputVolts }) => [name, outputVolts[10]])).toEqual([
      ['act_l0_c0', 0],
      ['act_l0_c1', 0.5],
    ]);
    expect(notes).toEqual(['2 lines before the table were skipped']);
  });

  it.each([
    ['below each other', there.map((v, k) => `${v},${1 - v + (k > 10 ? 0.02 : 0)}`).join('\n')],
    [
      'at voltages between',
      there.map((v, k) => (k > 10 ? `${v * 0.97},${1.02 - v * 0.97}` : `${v},${1 - v}`)).join('\n'),
    ],
    ['starting again', [...up, ...up].map((v, k) => `${v},${1 - v + (k > 10 ? 0.02 : 0)}`).join('\n')],
  ])('averages a sweep there and one back, %s, and says how far they lie apart', (_, rows) => {
    const { curves, hysteresis } = read(`v_in,act_l0_c0\n${rows}\n`);
    expect(hysteresis).toEqual([{ stage: 'act_l0_c0', sweeps: 2, volts: expect.closeTo(0.02, 9) }]);
    const [{ inputVolts, outputVolts }] = curves as [(typeof curves)[number]];
    expect([...inputVolts]).toEqual(up);
    for (const k of [1, 5, 9]) expect(outputVolts[k]).toBeCloseTo(1.01 - k / 10, 9);
  });

  it('averages columns of both directions', () => {
    const rows = up.map((v) => `${v},${1 - v},${1.04 - v}`).join('\n');
    const { curves, hysteresis } = read(`v_in,act_l0_c0_fwd,act_l0_c0_bwd\n${rows}\n`);
    expect(curves).toHaveLength(1);
    expect(curves[0]!.outputVolts[5]).toBeCloseTo(0.52, 9);
    expect(hysteresis[0]!.volts).toBeCloseTo(0.04, 9);
  });

  it('gives for sweeps in any direction, with the noise of a meter, a curve between them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 40 }), fc.integer({ min: 1, max: 4 }), fc.nat(), (count, sweeps, seed) => {
        const draws = new Draws(seed, 'sweeps');
        const one = Array.from({ length: count }, (_, k) => k / (count - 1));
        const inputs = Array.from({ length: sweeps }, (_, s) => (s % 2 === 0 ? one : one.toReversed())).flat();
        const inputVolts = inputs.map((v, i) => v + (0.1 / count) * (draws.uniform(0, i) - 0.5));
        const offsets = inputs.map((_, i) => 0.1 * Math.floor(i / count));
        const mean = meanOfSweeps({ inputVolts, outputVolts: inputVolts.map((v, i) => v + offsets[i]!) });
        expect(mean.sweeps).toBe(sweeps);
        expect(mean.hysteresisVolts).toBeCloseTo(0.1 * (sweeps - 1), 6);
        expect([...mean.inputVolts]).toEqual([...mean.inputVolts].sort((a, b) => a - b));
      }),
    );
  });

  it('recognises millivolts by the supply, and says so', () => {
    const rows = up.map((v) => `act_l0_c0,${1000 * v},${1000 - 1000 * v}`).join('\n');
    const { curves, notes } = read(`stage,v_in,v_out\n${rows}\n`);
    expect([...curves[0]!.inputVolts]).toEqual(up);
    expect(notes[0]).toBe('v_in is read as millivolts: it goes to 1000, and no voltage of the process is above 1 V');
    expect(notes[1]).toMatch(/^v_out is read as millivolts/);
  });

  it('takes millivolts of stages of which some points were not measured', () => {
    const rows = up.map((v) => `${1000 * v},${v < 0.3 ? '' : 1000 - 1000 * v},${1000 * v}`).join('\n');
    const { curves } = read(`v_in,act_l0_c0,act_l0_c1\n${rows}\n`);
    expect(curves.map(({ inputVolts, outputVolts }) => [inputVolts.length, outputVolts.at(-1)])).toEqual([
      [8, 0],
      [11, 1],
    ]);
  });

  it.each([
    ['text', 'stage,v_in,v_out\na,0,high\n', /"high" is not a finite number/],
    ['no stage column', 'name,v_in,v_out\na,0,1\n', /no column called stage.*/],
    ['no input', 'stage,x1,v_out\na,0,1\n', /column v_in: no column is named as the input/],
    [
      'two outputs',
      `stage,v_in,v_out,vout\n${up.map((v) => `a,${v},1,2`).join('\n')}\n`,
      /vout: is the output, as v_out/,
    ],
    [
      'a voltage beyond all',
      `stage,v_in,v_out\n${points}\nact_l0_c1,0.2,1e20\n`,
      /row 7, column v_out: 1e\+?20|100000000000000000000 V is beyond/,
    ],
    [
      'volts by their header that no stage has',
      `stage,v_in,v_out (V)\n${points}\nact_l0_c0,0.9,500\n`,
      /500 V is beyond any stage of this process/,
    ],
    ['an empty cell', `stage,v_in,v_out\n${points}\nact_l0_c0,0.9,\n`, /row 7, column v_out: the cell is empty/],
    [
      'an overflow',
      `stage,v_in,v_out\n${points}\nact_l0_c0,0.9,9.9e37\n`,
      /row 7, column v_out: 9.9e37 is what instruments/,
    ],
    ['too few points', 'stage,v_in,v_out\na,0,1\n', /a has 1 points/],
  ])('refuses %s', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
