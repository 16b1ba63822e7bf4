import type { Device } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { componentValues, ExactSolver, flatten, outputResistance, resistanceInWords } from '../src/index.ts';
import { egt } from './example.ts';

const origin = { role: 'crossbar', layer: 0 } as const;
const resistor = (name: string, from: string, to: string, ohms: number): Device => ({
  ...{ kind: 'resistor', name, nodes: [from, to], ohms },
  origin,
});
const { typical } = egt.cells.ptanh!;
const circuit = {
  inputs: ['in0'],
  outputs: ['z'],
  devices: [
    resistor('r1', 'in0', 'a', 2e5),
    resistor('r2', '0', 'a', 3e5),
    { ...{ kind: 'stage', name: 'act', cell: 'ptanh', input: 'a', output: 'y', values: typical }, origin } as Device,
    resistor('r3', 'y', 'z', 8e5),
    resistor('r4', 'vdd', 'z', 9e5),
  ],
};
const inputVolts = Float64Array.of(0.1, 0.5, 0.9);

/** Volts of the output with a meter of so many ohms. */
function read(ohms: number): number[] {
  const flat = flatten({ ...circuit, devices: [...circuit.devices, resistor('m', 'z', '0', ohms)] }, egt);
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(3);
  return [0, 1, 2].map((row) => {
    solver.solveRow(inputVolts, row, state);
    return state[row * solver.size + flat.unknowns.indexOf('z')]!;
  });
}

describe('the inner resistance of an output', () => {
  it('is what a real meter in the circuit draws it down by', () => {
    const found = outputResistance(circuit, egt, inputVolts)!;
    const [open, loaded] = [read(1e15), read(1e9)];
    const measured = open.map((v, row) => 1e9 * (v / loaded[row]! - 1));
    expect(Math.min(...measured) / found.minimumOhms).toBeCloseTo(1, 3);
    expect(Math.max(...measured) / found.maximumOhms).toBeCloseTo(1, 3);
    expect(found.minimumOhms).toBeGreaterThan(4e5);
  });

  it('of a column alone is one over the sum of its conductances', () => {
    const column = { ...circuit, devices: [resistor('r1', 'in0', 'z', 2e5), resistor('r2', '0', 'z', 3e5)] };
    const found = outputResistance(column, egt, inputVolts)!;
    expect(found.minimumOhms).toBeCloseTo(1.2e5, 3);
    expect(resistanceInWords(found)).toMatch(
      /^120.kΩ: a meter of 10\.0.MΩ reads 1\.2.% less than stands there without it$/,
    );
  });

  it('is unknown where the output stands at ground', () => {
    expect(outputResistance(circuit, egt, new Float64Array(0))).toBeUndefined();
  });
});
