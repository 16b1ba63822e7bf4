import { DesignPolytope } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { E_SERIES, type Layered, layeredOf } from '../src/index.ts';
import { PrintGrid } from '../src/passes/snap/grid.ts';
import { divergence, outputsOf, sensitivitiesOf } from '../src/passes/snap/metric.ts';
import { PrintedValues } from '../src/passes/snap/printed-values.ts';
import { snap } from '../src/passes/snap.ts';
import { egt, network } from './example.ts';

const { minOhms, maxOhms } = egt.crossbar;
const range = { unit: 'ohms', min: minOhms, max: maxOhms } as const;
const shared = (seed: number): Layered => layeredOf(network(seed), egt, { until: 'share inverters' });
const inputs = new Float64Array(40);
new Draws(3, 'inputs').fillUniform(0, inputs);

describe('the printable values', () => {
  it('are steps of one per cent apart, or the preferred numbers of a series, all within the range', () => {
    const steps = new PrintGrid(egt).values(range);
    expect(steps[0]).toBe(minOhms);
    expect(steps[1]! / steps[0]!).toBeCloseTo(1.01, 5);
    expect([...new PrintGrid(egt, 'E12').values({ unit: 'ohms', min: 1e5, max: 1e6 })].slice(0, 4)).toEqual([
      1e5, 1.2e5, 1.5e5, 1.8e5,
    ]);
    for (const series of E_SERIES)
      for (const ohms of new PrintGrid(egt, series).values(range))
        expect(ohms >= minOhms && ohms <= maxOhms).toBe(true);
    expect(new PrintGrid(egt, 'E96').values({ unit: 'ohms', min: 100, max: 999 })).toHaveLength(96);
  });

  it('of a length are whole multiples of the layout grid', () => {
    const lengths = new PrintGrid(egt).values({ unit: 'metres', min: 1e-5, max: 1.2e-5 });
    expect([...lengths]).toEqual([1e-5, 1.1e-5, 1.2e-5]);
  });

  it('nearest to a value is at most half a step away on a logarithmic scale', () => {
    const grid = new PrintGrid(egt);
    const list = grid.values(range);
    fc.assert(
      fc.property(fc.double({ min: Math.log(minOhms), max: Math.log(list.at(-1)!), noNaN: true }), (log) => {
        const at = grid.nearest(range, Math.exp(log));
        expect(Math.abs(Math.log(list[at]!) - log)).toBeLessThanOrEqual(0.501 * Math.log(1.01));
        expect(grid.nearest(range, list[at]!)).toBe(at);
      }),
    );
  });

  it('are refused where a range holds none', () => {
    expect(() => new PrintGrid(egt, 'E12').values({ unit: 'ohms', min: 101, max: 119 })).toThrow(
      /Between 101 and 119 ohms there is no value of E12/,
    );
  });
});

describe('the metric of the decisions', () => {
  it('is the divergence to second order: small changes of the values, by the exact solver', () => {
    const printed = new PrintedValues(shared(1), egt);
    const { metric, outputs } = sensitivitiesOf(printed, egt, inputs);
    const n = printed.list.length;
    const draws = new Draws(5, 'directions');
    for (let trial = 0; trial < 5; trial += 1) {
      const delta = Float64Array.from({ length: n }, (_, v) => 2e-3 * (draws.uniform(trial, v) - 0.5));
      const values = printed.values().map((value, v) => value * Math.exp(delta[v]!));
      let predicted = 0;
      for (let i = 0; i < n; i += 1)
        for (let j = 0; j < n; j += 1) predicted += 0.5 * delta[i]! * metric.of(i, j) * delta[j]!;
      const measured = divergence(outputs, outputsOf(printed.with(values), egt, inputs), 2, egt.bias.volts);
      expect(measured).toBeGreaterThan(0);
      expect(Math.abs(measured / predicted - 1)).toBeLessThan(0.02);
    }
  });
});

describe('snapping', () => {
  const isPrintable = (layered: Layered, grid: PrintGrid): void => {
    const printed = new PrintedValues(layered, egt);
    printed.values().forEach((value, v) => {
      const printable = grid.values(printed.list[v]!)[grid.nearest(printed.list[v]!, value)]!;
      expect(Math.abs(value / printable - 1)).toBeLessThan(1e-9);
    });
    for (const layer of layered.layers)
      for (const row of [layer.falling, layer.activation]) {
        const space = new DesignPolytope(egt.cells[row.cell]!);
        for (const values of row.values) expect(space.contains(values)).toBe(true);
      }
  };

  it.each([undefined, ...E_SERIES])('makes every value printable, its constraints kept (%s)', (series) => {
    const grid = new PrintGrid(egt, series);
    isPrintable(snap(shared(1), egt, grid, inputs).layered, grid);
  });

  it('moves the outputs less than rounding each value by itself', () => {
    let [together, nearest] = [0, 0];
    for (let seed = 1; seed <= 6; seed += 1) {
      const { rmsVolts, nearestRmsVolts } = snap(shared(seed), egt, new PrintGrid(egt, 'E12'), inputs);
      together += rmsVolts;
      nearest += nearestRmsVolts;
    }
    expect(together).toBeLessThan(0.5 * nearest);
  });
});
