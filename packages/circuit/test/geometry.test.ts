import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { componentValues, flatten } from '../src/ir/flatten.ts';
import { printedElements, resistorGeometry } from '../src/ir/geometry.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import { elementWatts } from '../src/solver/power.ts';
import { date23, egt, randomCircuit } from './example.ts';

const multiple = (value: number, grid: number): void =>
  expect(Math.abs(value / grid - Math.round(value / grid))).toBeLessThan(1e-6);

describe('the geometry of a resistor', () => {
  it('comes to its value within a tenth of a printing step, on the grid, nothing narrower than allowed', () => {
    for (const { printing } of [egt, date23])
      fc.assert(
        fc.property(fc.double({ min: Math.log(2e4), max: Math.log(1e7), noNaN: true }), (log) => {
          const ohms = Math.exp(log);
          const { drawnOhms, widthMetres, lengthMetres, box, legs } = resistorGeometry(ohms, printing);
          expect(Math.abs(drawnOhms / ohms - 1)).toBeLessThan(0.5 * printing.resistanceStep);
          for (const side of [widthMetres, lengthMetres]) {
            multiple(side, printing.gridMetres);
            expect(side).toBeGreaterThanOrEqual(printing.minimumWidthMetres * (1 - 1e-9));
          }
          expect(box.widthMetres).toBeCloseTo(legs * widthMetres + (legs - 1) * printing.minimumGapMetres, 12);
          expect(box.heightMetres * legs).toBeGreaterThanOrEqual(lengthMetres * (1 - 1e-9));
        }),
      );
  });

  it('takes the ink that needs the least room', () => {
    expect(resistorGeometry(100, date23.printing).ink).toBe('conductive');
    expect(resistorGeometry(2e5, date23.printing).ink).toBe('resistive');
  });
});

describe('what is printed', () => {
  it('are the crossbar resistors and every element of every stage', () => {
    const circuit = randomCircuit(egt, [3, 2, 2], 1);
    const flat = flatten(circuit, egt);
    const elements = printedElements(circuit, egt);
    expect(elements.filter(({ kind }) => kind === 'resistor')).toHaveLength(flat.resistors.length);
    expect(elements.filter(({ kind }) => kind === 'transistor')).toHaveLength(flat.transistors.length);
    expect(new Set(elements.map(({ name }) => name)).size).toBe(elements.length);
  });
});

describe('the power of every element', () => {
  it('adds up to what the solver says', () => {
    const circuit = randomCircuit(egt, [3, 2, 2], 2);
    const flat = flatten(circuit, egt);
    const values = componentValues(flat);
    const solver = new ExactSolver(flat);
    solver.setValues(values);
    const inputs = Float64Array.of(0.1, 0.9, 0.4);
    const state = solver.newState(1);
    expect(solver.solveRow(inputs, 0, state)).toBe(true);
    const watts = Object.values(elementWatts(flat, values)(state, inputs)).flatMap((list) => [...list]);
    expect(watts.reduce((sum, w) => sum + w, 0)).toBeCloseTo(solver.power(), 12);
    expect(Math.min(...watts)).toBeGreaterThanOrEqual(0);
  });
});
