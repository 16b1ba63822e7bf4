import { componentValues, drawSeries, ExactSolver, flatten } from '@neuroprint/circuit';
import { Draws, type Variation } from '@neuroprint/core';
import { simulateRows, simulateVariants } from '@neuroprint/spice';
import { expect, it } from 'vitest';
import { randomCircuit, randomRows, TECHNOLOGIES, technologyOf } from './circuits.ts';
import { describeEngines, largestDifference } from './engines.ts';

const uneven: Variation = {
  kind: 'uniform',
  relativeSpread: 0,
  nonIdealities: [
    { kind: 'smooth', volts: 0.1 },
    { kind: 'noise', volts: 0.05 },
  ],
};

describeEngines('voltages in series with the stages', (engine) => {
  it.each(TECHNOLOGIES)('agree with the exact solver at every node, %s', async (name) => {
    const technology = technologyOf(name);
    const circuit = randomCircuit(technology, [4, 3, 3], 2);
    const rows = randomRows(31, 4, 2);
    const flat = flatten(circuit, technology, { series: true });
    const copies = [0, 1, 2].map((copy) => drawSeries(flat, new Draws(1, 'test'), copy, uneven)!);
    const solver = new ExactSolver(flat);
    solver.setValues(componentValues(flat));
    const simulated = simulateVariants(
      engine(),
      circuit,
      technology,
      rows,
      copies.map((series) => ({ ...circuit, series })),
    );
    let copy = 0;
    for await (const { nodes, volts } of simulated) {
      solver.setSeries(copies[copy]);
      const state = solver.newState(31);
      expect(solver.solve(rows, 31, state)).toEqual([]);
      expect(nodes).toEqual(flat.unknowns);
      expect(largestDifference(volts, state)).toBeLessThan(1e-8);
      copy += 1;
    }
    expect(copy).toBe(3);
  });

  it('without volts in them change nothing', async () => {
    const technology = technologyOf('egt');
    const circuit = randomCircuit(technology, [3, 2], 4);
    const rows = randomRows(5, 3, 4);
    const none = drawSeries({ sources: { length: 5 }, technology }, new Draws(1, 'test'), 0, {
      ...uneven,
      nonIdealities: [{ kind: 'noise', volts: 0 }],
    })!;
    const plain = await simulateRows(engine(), circuit, technology, rows);
    const { nodes, volts } = await simulateRows(engine(), { ...circuit, series: none }, technology, rows);
    plain.nodes.forEach((node, k) => {
      for (let row = 0; row < 5; row += 1)
        expect(volts[row * nodes.length + nodes.indexOf(node)]).toBeCloseTo(
          plain.volts[row * plain.nodes.length + k]!,
          8,
        );
    });
  });
});
