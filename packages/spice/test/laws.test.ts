import { cellCurve, componentValues, ExactSolver, flatten } from '@neuroprint/circuit';
import { parseNetlist, renderNetlist, simulateCurves, simulateFlat, simulateRows } from '@neuroprint/spice';
import { describe, expect, it } from 'vitest';
import { chain, mixedProcess } from '../../circuit/test/process.ts';
import { randomDesigns, randomRows } from './circuits.ts';
import { describeEngines, largestDifference } from './engines.ts';

const ROWS = 21;
const technology = mixedProcess();

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
    const flat = flatten(chain(technology), technology);
    const solver = new ExactSolver(flat);
    solver.setValues(componentValues(flat));
    const exact = solver.newState(ROWS);
    expect(solver.solve(rows, ROWS, exact)).toEqual([]);
    const network = await simulateRows(engine(), chain(technology), technology, rows);
    expect(network.nodes).toContain('xact_1.xn.di');
    expect(network.nodes).toEqual(flat.unknowns);
    expect(largestDifference(network.volts, exact)).toBeLessThan(1e-6);
    const alone = await simulateFlat(engine(), flat, rows);
    expect(largestDifference(alone.volts, exact)).toBeLessThan(1e-6);
  });
});

describeEngines('exponents beyond what ngspice takes', (engine) => {
  it('are written otherwise, so that the curve at 60 V is that of the exact solver', async () => {
    const high = mixedProcess((file) => {
      file.supplies = { vdd: { value: 60, source: 'test' } };
    });
    const cell = high.cells.complementary!;
    expect(renderNetlist(chain(high), high)).toContain('max(v(u),0)+ln(1+exp(-abs(v(u))))');
    const designs = randomDesigns(cell, 1, 5);
    const grid = { kind: 'uniform', points: 41, startVolts: 0, stopVolts: 60 } as const;
    const [result] = await simulateCurves(engine(), { technology: high, cell, designs, grid });
    if (result === undefined || 'failure' in result) throw new Error(result?.failure);
    const exact = cellCurve(high, cell, designs, result.inputVolts);
    expect(Math.max(...exact) - Math.min(...exact)).toBeGreaterThan(30);
    expect(largestDifference(result.outputVolts, exact)).toBeLessThan(1e-5);
  });
});

describe('the models of a process with several kinds', () => {
  it('read back as what neuroprint writes', () => {
    const netlist = parseNetlist(renderNetlist(chain(technology), technology));
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
