import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Draws } from '@neuroprint/core';
import { chiSquareQuantile, normalDistribution } from '@neuroprint/numeric';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type IvCurves, readIvCurves } from '../src/usability/current-curves.ts';
import { conductanceRatios, longestIncrease, movingMean, usabilityOf } from '../src/usability/usability.ts';

/** A device whose conductance rises along the sweep, with log-normal ratios of this σ. */
function device(points: number, cycles: number, sigma: number, seed = 0): IvCurves {
  const draws = new Draws(seed, 'device');
  const volts = Float64Array.from({ length: points + 2 }, (_, i) => (i === points + 1 ? -0.01 : i / 50));
  const amperes = Array.from({ length: cycles }, (_, c) =>
    volts.map((v, i) => v * 1e-6 * (1 + i) * Math.exp(sigma * draws.normal(c, i))),
  );
  const lines = [...volts].map((_, i) => i + 2);
  return { name: 'made', file: 'made.csv', lines, volts, cycleNames: amperes.map((_, c) => `c${c}`), amperes };
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
    expect(excluded).toEqual({ zeroVolts: 1, empty: 1, nonPositive: 1 });
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

describe('readIvCurves', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'iv-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ['one cycle', 'voltage,a\n0,1\n', /has 1 cycle/],
    ['text', 'voltage,a,b\n0.1,1,much\n', /row 2, column b: "much" is not a finite number/],
    ['no voltage column', 'volts,a,b\n0.1,1,2\n', /column voltage: there is no such column/],
    ['no rows', 'voltage,a,b\n', /has a header and no rows/],
    ['semicolons', 'voltage;a;b\n0,1;1;2\n', /row 1: the columns are separated by semicolons/],
    ['a short row', 'voltage,a,b\n0.1,1\n', /row 2: has 2 cells, and the header has 3/],
    ['a number too large', 'voltage,a,b\n0.1,1,1e999\n', /column b: "1e999" is not a finite number/],
    ['an empty voltage', 'voltage,a,b\n,1,2\n', /the voltage is empty/],
  ])('refuses %s', (_, text, message) => {
    const file = join(folder, 'x.csv');
    writeFileSync(file, text);
    expect(() => readIvCurves(file)).toThrow(message);
  });

  it('reads a file of another system: byte order mark, carriage returns, and no line end', () => {
    const file = join(folder, 'x.csv');
    writeFileSync(file, '\uFEFFvoltage,a,b\r\n0.1,1,2\r\n0.2,3,');
    const { volts, amperes } = readIvCurves(file);
    expect([...volts]).toEqual([0.1, 0.2]);
    expect(amperes.map((cycle) => [...cycle])).toEqual([
      [1, 3],
      [2, Number.NaN],
    ]);
  });
});
