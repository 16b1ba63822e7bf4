import { describe, expect, it } from 'vitest';
import { normalTail } from '../src/blame.ts';
import { SensitivitySolver } from '../src/sensitivity.ts';
import { circuit, inputVolts, ROWS, technology } from './fixture.ts';

describe('sensitivities of the margins', () => {
  const solver = new SensitivitySolver(circuit, technology, inputVolts, ROWS);
  const nominal = solver.at(solver.nominal);
  const width = solver.flat.components.length;

  it('are the derivatives by finite differences, of every decision by every component', () => {
    const step = 1e-5;
    for (let k = 0; k < width; k += 1) {
      const direction = new Float64Array(width);
      direction[k] = 1;
      const up = solver.at(solver.valuesAt(direction, step), nominal);
      const down = solver.at(solver.valuesAt(direction, -step), nominal);
      for (let row = 0; row < ROWS; row += 1) {
        const slope = (up.marginVolts[row]! - down.marginVolts[row]!) / (2 * step);
        expect(Math.abs(slope - nominal.byComponent[row * width + k]!)).toBeLessThan(1e-6 + 1e-4 * Math.abs(slope));
      }
    }
  });

  it('show a flipped decision as a negative margin', () => {
    const values = solver.nominal.slice();
    const k = solver.flat.components.findIndex(({ name }) => name === 'r_l0_bias_c0');
    values[k] = 1e4;
    const moved = solver.at(values, nominal);
    expect([...moved.decided]).toEqual([...nominal.decided]);
    expect(moved.marginVolts.some((margin) => margin < 0)).toBe(true);
  });
});

describe('the normal tail', () => {
  it.each([
    [0, 0.5],
    [1, 0.158655254],
    [2, 0.0227501319],
    [4, 3.16712e-5],
  ])('at %d is %d', (z, tail) => {
    expect(Math.abs(normalTail(z) - tail)).toBeLessThan(1e-7);
  });
});
