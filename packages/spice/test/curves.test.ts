import { cellCurve, cellWatts } from '@neuroprint/circuit';
import { simulateCurves, sinhGrid, uniformGrid } from '@neuroprint/spice';
import { describe, expect, it } from 'vitest';
import { randomDesigns, TECHNOLOGIES, technologyOf } from './circuits.ts';
import { describeEngines, largestDifference } from './engines.ts';

const SWEEP = { points: 61, startVolts: -2, stopVolts: 2 };
const DESIGNS = 6;
const CELLS = TECHNOLOGIES.flatMap((name) =>
  Object.values(technologyOf(name).cells).map((cell) => ({ name, cell, label: `${cell.name} of ${name}` })),
);

function sinhOf(count: number) {
  return {
    ...SWEEP,
    kind: 'sinh' as const,
    centreVolts: Float64Array.from({ length: count }, (_, i) => 0.2 + 0.05 * i),
    widthVolts: new Float64Array(count).fill(0.05),
  };
}

describeEngines('transfer curves', (engine) => {
  it.each(CELLS)('agree with the exact solver for the $label', async ({ name, cell }) => {
    const technology = technologyOf(name);
    const designs = randomDesigns(cell, DESIGNS, 7);
    const width = cell.parameters.length;
    const grid = sinhOf(DESIGNS);
    const results = await simulateCurves(engine(), { technology, cell, designs, grid });
    expect(results).toHaveLength(DESIGNS);
    results.forEach((result, i) => {
      if ('failure' in result) throw new Error(result.failure);
      const shape = { centreVolts: grid.centreVolts[i]!, widthVolts: grid.widthVolts[i]! };
      expect(largestDifference(result.inputVolts, sinhGrid(shape, 61, -2, 2))).toBeLessThan(1e-14);
      const values = designs.slice(i * width, (i + 1) * width);
      const exact = cellCurve(technology, cell, values, result.inputVolts);
      expect(largestDifference(result.outputVolts, exact)).toBeLessThan(1e-8);
      const watts = cellWatts(technology, cell, values, result.inputVolts);
      const most = Math.max(...watts);
      expect(largestDifference(result.watts, watts)).toBeLessThan(1e-6 * most);
    });
  });

  it('are the same to the bit whatever the chunk', async () => {
    const technology = technologyOf('egt-date23');
    const cell = technology.cells.negweight!;
    const width = cell.parameters.length;
    const designs = randomDesigns(cell, DESIGNS, 8);
    const grid = { ...SWEEP, kind: 'uniform' as const };
    const together = await simulateCurves(engine(), { technology, cell, designs, grid });
    for (let i = 0; i < DESIGNS; i += 1) {
      const alone = designs.slice(i * width, (i + 1) * width);
      expect(await simulateCurves(engine(), { technology, cell, designs: alone, grid })).toEqual([together[i]]);
    }
    const first = together[0]!;
    if ('failure' in first) throw new Error(first.failure);
    expect(largestDifference(first.inputVolts, uniformGrid(61, -2, 2))).toBeLessThan(1e-14);
  });

  it('of the other designs survive a design that fails', async () => {
    const technology = technologyOf('egt');
    const cell = technology.cells.negweight!;
    const designs = randomDesigns(cell, 3, 9);
    // a transistor so wide that the currents leave float64
    designs[cell.parameters.length + 1] = 1e300;
    const grid = { ...SWEEP, kind: 'uniform' as const };
    const results = await simulateCurves(engine(), { technology, cell, designs, grid });
    expect(results.map((result) => 'failure' in result)).toEqual([false, true, false]);
  });
});

describe('grids', () => {
  it('start and stop where they are asked to', () => {
    const grid = sinhGrid({ centreVolts: 0.3, widthVolts: 0.05 }, 61, -2, 2);
    expect(grid[0]).toBeCloseTo(-2, 12);
    expect(grid[60]).toBeCloseTo(2, 12);
    expect(grid.every((volts, i) => i === 0 || volts > grid[i - 1]!)).toBe(true);
  });

  it('refuse a width that is none', () => {
    expect(() => sinhGrid({ centreVolts: 0, widthVolts: 0 }, 61, -2, 2)).toThrow(/width 0 V/);
  });
});
