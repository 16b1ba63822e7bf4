import { componentValues, ExactSolver, flatten } from '@neuroprint/circuit';
import { parseNetlist, renderNetlist, simulateFlat, simulateRows } from '@neuroprint/spice';
import { describe, expect, it } from 'vitest';
import { amplifier, columnWithNegatives, opamp, randomOhms } from '../../circuit/test/negative.ts';
import { randomRows } from './circuits.ts';
import { describeEngines, largestDifference } from './engines.ts';

const ROWS = 20;

function exact(circuit: ReturnType<typeof columnWithNegatives>, rows: Float64Array) {
  const flat = flatten(circuit, opamp);
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(ROWS);
  expect(solver.solve(rows, ROWS, state)).toEqual([]);
  return { flat, volts: state };
}

describeEngines('op-amp circuits', (engine) => {
  it.each(['ideal', 'gain', 'rails'] as const)('agree with the exact solver at every node, %s', async (model) => {
    for (const seed of [1, 2, 3]) {
      const circuit = columnWithNegatives(model, randomOhms(seed, 2, 1e5), randomOhms(seed + 50, 3, 1e6));
      const rows = randomRows(ROWS, 5, seed);
      const { flat, volts } = exact(circuit, rows);
      const result = await simulateRows(engine(), circuit, opamp, rows);
      expect(result.nodes).toEqual(flat.unknowns);
      expect(largestDifference(result.volts, volts)).toBeLessThan(1e-7);
      const fromFlat = await simulateFlat(engine(), flat, rows);
      expect(largestDifference(fromFlat.volts, volts)).toBeLessThan(1e-7);
    }
  });

  it('agree where the op-amp is at its rail', async () => {
    const circuit = amplifier('rails');
    const rows = randomRows(ROWS, 1, 1);
    const { volts } = exact(circuit, rows);
    const result = await simulateRows(engine(), circuit, opamp, rows);
    expect(largestDifference(result.volts, volts)).toBeLessThan(1e-6);
  });
});

describe('the netlist of an op-amp circuit', () => {
  it('has the op-amp as an instance of its model', () => {
    const netlist = parseNetlist(renderNetlist(columnWithNegatives('rails', [1e5], [1e6]), opamp));
    const network = netlist.subckts.find(({ name }) => name === 'network')!;
    expect(network.instances.find(({ name }) => name === 'xop')).toMatchObject({
      nodes: ['z', 'minus', 'x'],
      subckt: 'opamp_rails',
    });
  });
});
