import { DesignPolytope } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Draft, lower } from '../src/draft.ts';
import { E_SERIES, PrintGrid } from '../src/print/grid.ts';
import { divergence, outputsOf, sensitivitiesOf } from '../src/print/metric.ts';
import { DraftVariables } from '../src/print/variables.ts';
import { prune } from '../src/prune.ts';
import { scaleColumns } from '../src/scale.ts';
import { shareInverters } from '../src/share.ts';
import { snap } from '../src/snap.ts';
import { egt, network } from './example.ts';

const { minOhms, maxOhms } = egt.crossbar;
const range = { unit: 'ohms', min: minOhms, max: maxOhms } as const;
const draftOf = (seed: number): Draft => shareInverters(scaleColumns(prune(lower(network(seed), egt), egt).draft, egt));
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
    const variables = new DraftVariables(draftOf(1), egt);
    const { metric, outputs } = sensitivitiesOf(variables, egt, inputs);
    const n = variables.list.length;
    const draws = new Draws(5, 'directions');
    for (let trial = 0; trial < 5; trial += 1) {
      const delta = Float64Array.from({ length: n }, (_, v) => 2e-3 * (draws.uniform(trial, v) - 0.5));
      const values = variables.values().map((value, v) => value * Math.exp(delta[v]!));
      let predicted = 0;
      for (let i = 0; i < n; i += 1)
        for (let j = 0; j < n; j += 1) predicted += 0.5 * delta[i]! * metric[i * n + j]! * delta[j]!;
      const measured = divergence(outputs, outputsOf(variables.draftWith(values), egt, inputs), 2);
      expect(measured).toBeGreaterThan(0);
      expect(Math.abs(measured / predicted - 1)).toBeLessThan(0.02);
    }
  });
});

describe('snapping', () => {
  const isPrintable = (draft: Draft, grid: PrintGrid): void => {
    const variables = new DraftVariables(draft, egt);
    variables.values().forEach((value, v) => {
      const printable = grid.values(variables.list[v]!)[grid.nearest(variables.list[v]!, value)]!;
      expect(Math.abs(value / printable - 1)).toBeLessThan(1e-9);
    });
    for (const layer of draft.layers)
      for (const row of [layer.falling, layer.activation]) {
        const space = new DesignPolytope(egt.cells[row.cell]!);
        for (const values of row.values) expect(space.contains(values)).toBe(true);
      }
  };

  it.each([undefined, ...E_SERIES])('makes every value printable, its constraints kept (%s)', (series) => {
    const grid = new PrintGrid(egt, series);
    isPrintable(snap(draftOf(1), egt, { grid, inputVolts: inputs }).draft, grid);
  });

  it('moves the outputs less than rounding each value by itself', () => {
    let [together, nearest] = [0, 0];
    for (let seed = 1; seed <= 6; seed += 1) {
      const { rmsVolts, nearestRmsVolts } = snap(draftOf(seed), egt, {
        grid: new PrintGrid(egt, 'E12'),
        inputVolts: inputs,
      });
      together += rmsVolts;
      nearest += nearestRmsVolts;
    }
    expect(together).toBeLessThan(0.5 * nearest);
  });
});
