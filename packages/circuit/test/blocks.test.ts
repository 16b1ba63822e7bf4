import { describe, expect, it } from 'vitest';
import { componentValues, type FlatCircuit, flatten } from '../src/ir/flatten.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import { BatchSolver, type SolverKind } from '../src/solver/kernel/batch-solver.ts';
import { blockPlanOf } from '../src/solver/kernel/blocks.ts';
import { egt, randomCircuit } from './example.ts';

const flat = flatten(randomCircuit(egt, [4, 3, 2], 7), egt);

describe('the blocks of a network', () => {
  it('have every unknown once, and read unknowns of blocks before only', () => {
    const { blocks, place } = blockPlanOf(flat);
    expect([...place].sort((a, b) => a - b)).toEqual(Array.from(flat.unknowns, (_, k) => k));
    expect(blocks.reduce((sum, { plan }) => sum + plan.size, 0)).toBe(flat.unknowns.length);
    for (const { first, plan, outer } of blocks)
      for (const [row, column] of outer) {
        expect(row - first).toBeGreaterThanOrEqual(0);
        expect(row - first).toBeLessThan(plan.size);
        expect(column).toBeLessThan(first);
      }
  });

  it('are its crossbars and what stands behind them, symmetric where nothing in them has its gate there', () => {
    const { blocks, place } = blockPlanOf(flat);
    const names: string[] = [];
    place.forEach((at, unknown) => {
      names[at] = flat.unknowns[unknown]!;
    });
    const [first] = blocks;
    expect(names.slice(0, first!.plan.size).sort()).toEqual([
      ...Array.from({ length: 4 }, (_, i) => `inv_l0_i${i}`),
      ...Array.from({ length: 3 }, (_, c) => `z_l0_c${c}`),
    ]);
    expect(first!.isSymmetric).toBe(true);
    const second = blocks.find(({ first: at, plan }) => names.slice(at, at + plan.size).includes('z_l1_c0'))!;
    // inverters of the second crossbar have their gates at outputs that it loads
    expect(second.isSymmetric).toBe(false);
  });

  it('have the jacobian of the circuit, entry by entry', () => {
    const plan = blockPlanOf(flat);
    const solver = new ExactSolver(flat);
    solver.setValues(componentValues(flat));
    expect(solver.solveRow(Float64Array.of(0.2, 0.9, 0.4, 0.6), 0, solver.newState(1))).toBe(true);
    const [jacobian, n] = [solver.jacobian(), flat.unknowns.length];
    const blockOf = (unknown: number): number =>
      plan.blocks.findIndex(({ first, plan: { size } }) => plan.place[unknown]! < first + size);
    for (let row = 0; row < n; row += 1)
      for (let column = 0; column < n; column += 1) {
        const value = jacobian[row * n + column]!;
        if (value === 0 || plan.slot(row, column) < plan.slots) continue;
        // not stored: it is alike on the other side of the diagonal
        expect(plan.blocks[blockOf(row)]!.isSymmetric).toBe(true);
        expect(blockOf(column)).toBe(blockOf(row));
        expect(plan.slot(column, row)).toBeLessThan(plan.slots);
        expect(value).toBeCloseTo(jacobian[column * n + row]!, 12);
      }
  });
});

describe('a resistor that may stand elsewhere', () => {
  const [one, other] = [3, 8].map((at) =>
    flat.resistors.findIndex(({ name }) => name === `r_l0_i${at % 4}_c${at % 3}`),
  );
  const target = flat.unknowns.indexOf('inv_l0_i2');
  const moving: FlatCircuit = {
    ...flat,
    resistors: flat.resistors.map((resistor, i) =>
      i === one || i === other ? { ...resistor, otherNodes: [target, resistor.nodes[1]] } : resistor,
    ),
  };
  const moved: FlatCircuit = {
    ...flat,
    resistors: flat.resistors.map((resistor, i) =>
      i === other ? { ...resistor, nodes: [target, resistor.nodes[1]] } : resistor,
    ),
  };
  const inputs = Float64Array.of(0.1, 0.8, 0.3, 0.7, 0.9, 0.2, 0.5, 0.4);
  const solve = (circuit: FlatCircuit, kind: SolverKind, elsewhere?: Uint8Array) => {
    const solver = new BatchSolver(circuit, kind);
    if (elsewhere !== undefined) solver.place(elsewhere);
    const values = componentValues(circuit);
    solver.setValues(values);
    const [state, gradient] = [solver.newState(2), new Float64Array(values.length)];
    const seed = (_: number, byNode: Float64Array): boolean => {
      byNode.fill(1);
      return true;
    };
    expect(solver.solveRows(inputs, Int32Array.of(0, 1), state, { seed, gradient })).toEqual([]);
    return { state, gradient: gradient.map((slope, k) => slope * values[k]!) };
  };

  it.each(['simd', 'typescript'] as const)('stands there when it is told to, with its gradient, in %s', (kind) => {
    const elsewhere = Uint8Array.from(flat.resistors, (_, i) => (i === other ? 1 : 0));
    for (const [found, expected] of [
      [solve(moving, kind, elsewhere), solve(moved, 'typescript')],
      [solve(moving, kind), solve(flat, 'typescript')],
    ] as const) {
      expect(Math.max(...found.state.map((v, i) => Math.abs(v - expected.state[i]!)))).toBeLessThan(1e-10);
      const largest = Math.max(...expected.gradient.map(Math.abs));
      expect(Math.max(...found.gradient.map((g, k) => Math.abs(g - expected.gradient[k]!)))).toBeLessThan(
        1e-6 * largest,
      );
    }
  });
});
