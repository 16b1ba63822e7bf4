import { cellCurve, componentValues, ExactSolver, flatten } from '@neuroprint/circuit';
import { parseNetlist, renderNetlist, simulateCurves, simulateFlat, simulateRows } from '@neuroprint/spice';
import { describe, expect, it } from 'vitest';
import { mixedProcess } from '../../circuit/test/process.ts';
import { randomDesigns, randomRows } from './circuits.ts';
import { describeEngines, largestDifference } from './engines.ts';

const ROWS = 21;
const technology = mixedProcess();

/** A chain of one stage of every cell, with a crossbar before each, at 5 V. */
function chain() {
  const devices = Object.values(technology.cells).flatMap((cell, i) => {
    const origin = { role: 'activation', layer: i } as const;
    const [from, z] = [i === 0 ? 'in_0' : `a_${i - 1}`, `z_${i}`];
    const resistor = (name: string, node: string, ohms: number) =>
      ({ kind: 'resistor', name: `r_${name}_${i}`, nodes: [node, z], ohms, origin }) as const;
    return [
      ...[resistor('in', from, 3e5), resistor('other', 'in_1', 9e5), resistor('up', 'vdd', 4e6)],
      {
        kind: 'stage',
        name: `act_${i}`,
        cell: cell.name,
        input: z,
        output: `a_${i}`,
        values: cell.typical,
        origin,
      } as const,
    ];
  });
  return { name: 'chain', inputs: ['in_0', 'in_1'], outputs: ['a_3'], devices };
}

describeEngines('transistors of five kinds at 5 V', (engine) => {
  it.each(Object.values(technology.cells))('have the curves of the exact solver in the cell $name', async (cell) => {
    const designs = randomDesigns(cell, 3, 5);
    const width = cell.parameters.length;
    const grid = { kind: 'uniform', points: 61, startVolts: 0, stopVolts: 5 } as const;
    const results = await simulateCurves(engine(), { technology, cell, designs, grid });
    results.forEach((result, i) => {
      if ('failure' in result) throw new Error(result.failure);
      const exact = cellCurve(technology, cell, designs.slice(i * width, (i + 1) * width), result.inputVolts);
      expect(Math.max(...exact) - Math.min(...exact)).toBeGreaterThan(2);
      expect(largestDifference(result.outputVolts, exact)).toBeLessThan(1e-6);
    });
  });

  it('have the node voltages of the exact solver, also between contacts and channels', async () => {
    const rows = randomRows(ROWS, 2, 3).map((share) => 5 * share);
    const flat = flatten(chain(), technology);
    const solver = new ExactSolver(flat);
    solver.setValues(componentValues(flat));
    const exact = solver.newState(ROWS);
    expect(solver.solve(rows, ROWS, exact)).toEqual([]);
    const network = await simulateRows(engine(), chain(), technology, rows);
    expect(network.nodes).toContain('xact_1.xn.di');
    expect(network.nodes).toEqual(flat.unknowns);
    expect(largestDifference(network.volts, exact)).toBeLessThan(1e-6);
    const alone = await simulateFlat(engine(), flat, rows);
    expect(largestDifference(alone.volts, exact)).toBeLessThan(1e-6);
  });
});

describe('the models of a process with several kinds', () => {
  it('read back as what neuroprint writes', () => {
    const netlist = parseNetlist(renderNetlist(chain(), technology));
    const params = Object.fromEntries(netlist.subckts.map(({ name, params }) => [name, Object.keys(params)]));
    expect(params).toMatchObject({
      ekv: ['wl'],
      square: ['w', 'l'],
      pmos: ['wl'],
      depletion: ['wl'],
      sized: ['w', 'l'],
    });
  });
});
