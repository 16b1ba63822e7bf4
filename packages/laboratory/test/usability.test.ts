import { Draws } from '@neuroprint/core';
import { chiSquareQuantile, normalDistribution } from '@neuroprint/numeric';
import { describe, expect, it } from 'vitest';
import type { IvCurves } from '../src/usability/current-curves.ts';
import { currentLimitOf } from '../src/usability/limit.ts';
import { conductanceRatios, longestIncrease, movingMean, usabilityOf } from '../src/usability/usability.ts';

/** A device whose conductance rises along the sweep, with log-normal ratios of this σ. */
function device(points: number, cycles: number, sigma: number, seed = 0): IvCurves {
  const draws = new Draws(seed, 'device');
  const volts = Float64Array.from({ length: points + 2 }, (_, i) => (i === points + 1 ? -0.01 : i / 50));
  const amperes = Array.from({ length: cycles }, (_, c) =>
    volts.map((v, i) => v * 1e-6 * (1 + i) * Math.exp(sigma * draws.normal(c, i))),
  );
  const lines = [...volts].map((_, i) => i + 2);
  const cycleNames = amperes.map((_, c) => `c${c}`);
  return { name: 'made', file: 'made.csv', lines, volts, cycleNames, amperes, notes: [] };
}

describe('usabilityOf', () => {
  it('is 1 for a device that is monotone and the same in every cycle', () => {
    const result = usabilityOf(device(60, 3, 0));
    expect(result.run.length).toBe(60);
    expect(result.sigma).toBeCloseTo(0, 12);
    expect(result.usability).toBeCloseTo(1, 12);
  });

  it('falls in proportion to a run shorter than 35 points', () => {
    expect(usabilityOf(device(14, 3, 0)).usability).toBeCloseTo(14 / 35, 12);
  });

  it('finds σ of log-normal ratios, and its upper bound is above it in 95 of 100 devices', () => {
    let covered = 0;
    for (let seed = 0; seed < 200; seed += 1) {
      const { sigmaUpper, run } = usabilityOf(device(40, 400, 0.02, seed));
      expect(run.length).toBe(40);
      if (sigmaUpper >= 0.02) covered += 1;
    }
    expect(covered / 200).toBeGreaterThan(0.9);
    expect(covered / 200).toBeLessThan(0.99);
    expect(usabilityOf(device(40, 50, 0.1)).sigma).toBeCloseTo(0.1, 2);
  });

  it('leaves out 0 V, empty cells and conductances that are not above 0, and counts them', () => {
    const curves = device(20, 3, 0);
    curves.amperes[0]![3] = Number.NaN;
    curves.amperes[1]![4] = -1e-9;
    const { excluded, points, volts } = usabilityOf(curves);
    expect(excluded).toEqual({ zeroVolts: 1, empty: 1, nonPositive: 1, atLimit: 0 });
    expect(points).toHaveLength(20);
    expect(volts.every((v) => v > 0)).toBe(true);
  });

  it('refuses a device whose currents all have the wrong sign', () => {
    const curves = device(20, 3, 0);
    expect(() => usabilityOf({ ...curves, amperes: curves.amperes.map((i) => i.map((a) => -a)) })).toThrow(/no point/);
  });

  it('refuses a current that no device has', () => {
    const curves = device(20, 3, 0);
    curves.amperes[1]![4] = 1e300;
    expect(() => usabilityOf(curves)).toThrow(/row 6, column c1: 1e\+300 A at 0.08 V is no conductance/);
  });
});

describe('its parts', () => {
  it('has the quantiles of χ² that tables have', () => {
    expect(chiSquareQuantile(0.05, 10)).toBeCloseTo(3.9403, 4);
    expect(chiSquareQuantile(0.95, 10)).toBeCloseTo(18.307, 3);
    expect(chiSquareQuantile(0.05, 440)).toBeCloseTo(392.365, 2);
    expect(normalDistribution(1.96)).toBeCloseTo(0.9750021, 7);
  });

  it('finds the longest increase, and lets as many falls pass as it is told', () => {
    const values = Float64Array.of(5, 1, 2, 3, 2, 4, 5, 6, 5);
    expect(longestIncrease(values, 0)).toEqual({ first: 4, last: 7, length: 4 });
    expect(longestIncrease(values, 1)).toEqual({ first: 1, last: 7, length: 7 });
  });

  it('smooths by the mean of what is near', () => {
    expect([...movingMean(Float64Array.of(0, 3, 6), 3)]).toEqual([1.5, 3, 4.5]);
  });

  it('maps weights without loss where the device is monotone, and never above 1', () => {
    const monotone = usabilityOf(device(60, 3, 0));
    expect(conductanceRatios(monotone)).toEqual(Array.from({ length: 35 }, () => 1));
    const ratios = conductanceRatios(usabilityOf(device(40, 8, 0.5)));
    expect(ratios).toHaveLength(35);
    expect(ratios.every((ratio) => ratio >= 0 && ratio <= 1)).toBe(true);
    const flat = { smoothSiemens: new Float64Array(5).fill(1e-6), run: { first: 0, last: 0, length: 1 } };
    expect(conductanceRatios(flat).every(Number.isFinite)).toBe(true);
  });
});

describe('a current limit', () => {
  /** A device of which the instrument clamps every current at 20 µA, its volts in steps of 20 mV. */
  const clamped = (limit: number, noise: number): IvCurves => {
    const curves = device(60, 3, 0.05);
    const draws = new Draws(7, 'meter');
    const amperes = curves.amperes.map((cycle, c) =>
      cycle.map((i, k) => (i < limit ? i : limit * (1 + noise * draws.normal(c, k)))),
    );
    return { ...curves, amperes };
  };

  it('is left out where the largest currents are equal, and what is left is the device as without it', () => {
    const free = usabilityOf(device(60, 3, 0.05));
    const limited = usabilityOf(clamped(2e-5, 0));
    expect(limited.excluded.atLimit).toBeGreaterThan(40);
    expect(limited.points.length).toBeLessThan(free.points.length);
    expect(Math.abs(limited.sigma - free.sigma)).toBeLessThan(0.01);
    expect(limited.notes.at(-1)).toMatch(/currents of 3 cycles are at a limit of 0.00002 A \(compliance\)/);
  });

  it('is found with the noise of a meter where it is a limit that a person sets', () => {
    expect(usabilityOf(clamped(2e-5, 1e-4)).excluded.atLimit).toBeGreaterThan(40);
  });

  it('is asked about where currents only come close, and left out where it is said', () => {
    const curves = clamped(2.3456e-5, 2e-3);
    const unsaid = usabilityOf(curves);
    expect(unsaid.excluded.atLimit).toBe(0);
    expect(unsaid.notes.at(-1)).toMatch(
      /3 of 3 cycles hardly change with the voltage.*--limit 0.000023, and usability would be 0\.9/,
    );
    expect(usabilityOf(curves, 2.3e-5).excluded.atLimit).toBeGreaterThan(40);
  });

  it('is not seen in a resistor, nor in what a coarse meter rounds', () => {
    const volts = Float64Array.from({ length: 40 }, (_, i) => 0.02 * (i + 1));
    const cycle = volts.map((v) => v * 1e-6);
    const coarse = cycle.map((i) => Math.round(i / 1e-7) * 1e-7);
    expect(currentLimitOf(volts, cycle)).toBeUndefined();
    expect(currentLimitOf(volts, coarse)).toBeUndefined();
  });

  it('is refused where it holds most of the curve', () => {
    expect(() => usabilityOf(clamped(1e-6, 0))).toThrow(/currents are at the limit of the instrument/);
  });
});
