import {
  BatchSolver,
  breakable,
  componentValues,
  type FlatCircuit,
  flatten,
  NO_CHANNEL,
  SHORT_OHMS,
  variedValues,
} from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { expect, it } from 'vitest';
import { type Fault, faultsOf, withFault } from '../src/index.ts';
import { egt, network, randomRows } from './circuits.ts';

const ROWS = 8;
const variation = { kind: 'uniform', relativeSpread: 0.1, faultRate: 0.1 } as const;

function solve(flat: FlatCircuit, rows: Float64Array): Float64Array {
  const solver = new BatchSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(ROWS);
  expect(solver.solve(rows, ROWS, state)).toEqual([]);
  return state;
}

function atValues(flat: FlatCircuit, values: Float64Array): FlatCircuit {
  return { ...flat, components: flat.components.map((one, k) => ({ ...one, value: values[k]! })) };
}

it('a copy with broken parts has the volts of its printed circuit with each of these faults, one after the other', () => {
  const good = flatten(network([3, 2, 2]), egt);
  const sites = breakable(good);
  const listed = faultsOf(good);
  const draws = new Draws(5, 'copies');
  const rows = randomRows(ROWS, 3);
  let broken = 0;
  for (let copy = 0; copy < 6; copy += 1) {
    const nominal = componentValues(sites);
    const values = nominal.slice();
    variedValues(sites, nominal, draws, copy, variation, values);
    const printed = nominal.slice();
    variedValues(sites, nominal, draws, copy, { ...variation, faultRate: 0 }, printed);
    const faults = sites.components.flatMap((component, k): Fault[] => {
      if (values[k] === printed[k]) return [];
      const name = component.name;
      const found = listed.find((fault) => {
        if (k >= good.components.length) return fault.name === name;
        if (component.unit === 'ohms')
          return fault.components[0] === name && fault.kind === (values[k] === SHORT_OHMS ? 'short' : 'open');
        const transistor = good.transistors.find(({ width }) => width === k);
        return transistor?.name === fault.components[0] && fault.kind === 'no channel';
      });
      expect(found, name).toBeDefined();
      if (component.unit === 'metres') expect(values[k]! / printed[k]!).toBeCloseTo(NO_CHANNEL, 12);
      return [found!];
    });
    broken += faults.length;
    const chained = faults.reduce(withFault, atValues(good, printed.subarray(0, good.components.length)));
    const [a, b] = [solve(chained, rows), solve(atValues(sites, values), rows)];
    expect(Math.max(...a.map((v, i) => Math.abs(v - b[i]!)))).toBeLessThan(1e-7);
  }
  expect(broken).toBeGreaterThan(20);
});
