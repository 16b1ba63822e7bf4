import { Draws } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { CellTable } from '../src/fast/cell-table.ts';
import { componentValues, flatten } from '../src/ir/flatten.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import { BatchSolver } from '../src/solver/kernel/batch-solver.ts';
import type { Technology } from '../src/technology/technology.ts';
import { withParameter } from '../src/technology/transistor.ts';
import { toleranceVolts } from '../src/technology/volts.ts';
import { drawSeries } from '../src/variation/series.ts';
import { egt, randomCircuit } from './example.ts';

/** The process with all its volts so many times as many: its circuits are the same, in other volts. */
function stretched(technology: Technology, by: number): Technology {
  const { transistors, bias, inputVolts, sweepVolts } = technology;
  const range = ({ minimum, maximum }: typeof inputVolts) => ({ minimum: by * minimum, maximum: by * maximum });
  return {
    ...technology,
    supplies: Object.fromEntries(Object.entries(technology.supplies).map(([node, volts]) => [node, by * volts])),
    bias: { ...bias, volts: by * bias.volts },
    inputVolts: range(inputVolts),
    sweepVolts: range(sweepVolts),
    transistors: Object.fromEntries(
      Object.entries(transistors).map(([name, kind]) => [
        name,
        Object.entries({ vth: by, phi: by, lambda: 1 / by, eps: by * by, i0: by }).reduce(
          (now, [parameter, factor]) => withParameter(now, parameter, (value) => value * factor),
          kind,
        ),
      ]),
    ),
  };
}

describe.each([0.8, 5, 40])('a process with %f times the volts', (by) => {
  const technology = stretched(egt, by);
  const circuit = randomCircuit(egt, [3, 4, 2], 3);
  const drive = (of: Technology) =>
    Float64Array.from({ length: 30 }, (_, i) => of.bias.volts * new Draws(4, 'inputs').uniform(0, i));
  const uneven = {
    kind: 'uniform',
    relativeSpread: 0,
    nonIdealities: [
      { kind: 'smooth', biasShare: 0.1 },
      { kind: 'noise', biasShare: 0.02 },
    ],
  } as const;
  const solved = (of: Technology, Solver: typeof ExactSolver | typeof BatchSolver) => {
    const flat = flatten(circuit, of, { series: true });
    const solver = new Solver(flat);
    solver.setValues(componentValues(flat));
    solver.setSeries(drawSeries(flat, new Draws(2, 'series'), 0, uneven));
    const state = solver.newState(10);
    expect(solver.solve(drive(of), 10, state)).toEqual([]);
    return { state, iterations: solver.iterations };
  };

  it.each([
    ['the plain solver', ExactSolver],
    ['the kernel', BatchSolver],
  ])('is solved in as many steps by %s, and all nodes have as many times the volts', (_, Solver) => {
    const [one, many] = [solved(egt, Solver), solved(technology, Solver)];
    expect(many.iterations).toBe(one.iterations);
    const largest = many.state.reduce((most, v, i) => Math.max(most, Math.abs(v / by - one.state[i]!)), 0);
    expect(largest).toBeLessThan(1e-11);
  });

  it('has curves as tables as fine', () => {
    const cell = egt.cells.negweight!;
    const values = Float64Array.from(cell.parameters, ({ name }) => cell.typical[name]!);
    const at = (of: Technology, shares: readonly number[]) => {
      const out = new Float64Array(shares.length);
      const volts = Float64Array.from(shares, (share) => share * of.bias.volts);
      new CellTable(of, of.cells.negweight!, values).apply(volts, shares.length, out, new Float64Array(shares.length));
      return out.map((v) => v / of.bias.volts);
    };
    const shares = [-0.3, 0.111, 0.2345, 0.5, 0.77, 1.2];
    const one = at(egt, shares);
    at(technology, shares).forEach((v, i) => {
      expect(v).toBeCloseTo(one[i]!, 11);
    });
  });

  it('has a tolerance of as many times 10 µV', () => {
    expect(toleranceVolts(technology)).toBeCloseTo(by * 1e-5, 15);
  });
});
