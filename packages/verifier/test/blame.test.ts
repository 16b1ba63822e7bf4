import type { NonIdeality, Variation } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blame, normalTail } from '../src/blame/blame.ts';
import { SensitivitySolver } from '../src/blame/sensitivity.ts';
import { CopySolver } from '../src/copies/copies.ts';
import { cases, circuit, inputVolts, labels, network, ROWS, technology } from './fixture.ts';

describe('sensitivities of the margins', () => {
  const solver = new SensitivitySolver(circuit, technology, inputVolts, ROWS);
  const nominal = solver.at(solver.nominal);
  const width = solver.flat.components.length;

  it('are the derivatives by finite differences, of every decision by every component', () => {
    const step = 1e-5;
    for (let k = 0; k < width; k += 1) {
      const moved = (by: number) => Float64Array.from({ length: width }, (_, i) => (i === k ? 1 + by : 1));
      const up = solver.at(solver.valuesAt(moved(step)), nominal);
      const down = solver.at(solver.valuesAt(moved(-step)), nominal);
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

describe('blame', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine('auto');
  });
  afterAll(() => engine.close());
  const none = { kind: 'uniform', relativeSpread: 0 } as const;
  const part = (one: NonIdeality): Variation => ({ ...none, nonIdealities: [one] });
  const under = (variation: number | Variation) =>
    blame(engine, circuit, technology, cases(), network.classes, variation);

  it.each<[string, number | Variation]>([
    ['a spread', 0.02],
    ['gaussian', { kind: 'gaussian', relativeSpread: 0.01 }],
    ['log-normal', { kind: 'lognormal', relativeSpread: 0.01 }],
    ['spreads by class', { ...none, resistorSpread: 0.03, transistorSpread: 0.005 }],
    ['common to a sheet', { kind: 'gaussian', relativeSpread: 0.01, commonShare: 0.7 }],
    ['a gradient', { kind: 'uniform', relativeSpread: 0.02, commonShare: 0.2, gradientShare: 0.5 }],
    ['drift', part({ kind: 'drift', sigma: 0.01 })],
    ['Laplace of all', part({ kind: 'laplace', spread: 0.01, components: 'all' })],
    ['activation noise', part({ kind: 'noise', volts: 0.01 })],
    ['uneven curves', part({ kind: 'smooth', volts: 0.005 })],
  ])('expects of every margin the standard deviation that printed copies have, under %s', async (_, variation) => {
    const found = await under(variation);
    const solver = new CopySolver({ circuit, technology, inputVolts, labels, variation, seed: 3 });
    const copies = Array.from({ length: 1500 }, (_, copy) => {
      solver.merit(copy);
      const volts = solver.outputVolts();
      return Float64Array.from({ length: ROWS }, (_, row) => volts[2 * row]! - volts[2 * row + 1]!);
    });
    for (const { case: row, stdVolts } of found.decisions) {
      const mean = copies.reduce((sum, margins) => sum + margins[row]!, 0) / copies.length;
      const variance = copies.reduce((sum, margins) => sum + (margins[row]! - mean) ** 2, 0) / copies.length;
      expect(Math.abs(Math.sqrt(variance) / stdVolts - 1), `row ${row}`).toBeLessThan(0.15);
    }
    expect(found.worstCorner.maxErrorVolts).toBeLessThan(1e-7);
  });

  it.each<[string, number | Variation]>([
    ['a spread', 0.3],
    ['what is common to a sheet', { kind: 'gaussian', relativeSpread: 0.3, commonShare: 0.5, gradientShare: 0.2 }],
    ['stages and components', { kind: 'uniform', relativeSpread: 0.2, nonIdealities: [{ kind: 'noise', volts: 0.5 }] }],
  ])('gives shares that add up to 1, under %s', async (_, variation) => {
    const { components, expectedFlips } = await under(variation);
    expect(expectedFlips).toBeGreaterThan(0);
    expect(components.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('names the stages where they are uneven, and says what it leaves out', async () => {
    const uneven = await under(part({ kind: 'smooth', volts: 0.1 }));
    expect(uneven.components[0]!.name).toMatch(/^(act|neg)_.*\.out$/);
    expect(uneven.law).toBe('uneven curves 0.1 V');
    expect(uneven.leftOut).toEqual([expect.stringContaining('in series with the stages')]);
    const broken = await under({
      ...none,
      stuckOpen: 0.1,
      nonIdealities: [
        { kind: 'multinomial', zero: 0.1, half: 0.1 },
        { kind: 'levels', levels: 16, spread: 0.01 },
        { kind: 'mapping', ratios: [0, 1], sigma: 0.1 },
      ],
    });
    expect(broken.leftOut).toHaveLength(5);
    expect((await under(0.1)).leftOut).toEqual([]);
  });

  it('lets a worst corner reach as far as the law does', async () => {
    const kept = async (variation: number | Variation) => (await under(variation)).worstCorner.guaranteed;
    expect(await kept({ kind: 'gaussian', relativeSpread: 0.1 })).toBeLessThanOrEqual(await kept(0.1));
    expect(await kept({ ...none, resistorSpread: 0.3 })).toBeLessThanOrEqual(
      await kept({ ...none, resistorSpread: 0.1 }),
    );
    expect(await kept(none)).toBe(1);
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
