import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EliminationPlan } from '../src/solver/elimination.ts';
import { minimumDegreeOrder } from '../src/solver/ordering.ts';

/** Neighbours in a grid of n × n nodes. */
function grid(n: number): number[][] {
  return Array.from({ length: n * n }, (_, k) => {
    const [row, column] = [Math.floor(k / n), k % n];
    return [
      ...(row > 0 ? [k - n] : []),
      ...(row < n - 1 ? [k + n] : []),
      ...(column > 0 ? [k - 1] : []),
      ...(column < n - 1 ? [k + 1] : []),
    ];
  });
}

const systems = fc.integer({ min: 1, max: 25 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    entries: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.double({ min: -1, max: 1, noNaN: true })), {
      maxLength: 4 * size,
    }),
    right: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: size, maxLength: size }),
  }),
);

describe('elimination', () => {
  it('orders every unknown once, whatever the pattern', () => {
    fc.assert(
      fc.property(systems, ({ size, entries }) => {
        const around = Array.from({ length: size }, () => new Set<number>());
        for (const [a, b] of entries) if (a !== b) [around[a]!.add(b), around[b]!.add(a)];
        const order = minimumDegreeOrder(around.map((set) => [...set]));
        expect([...order].sort((a, b) => a - b)).toEqual([...order.keys()]);
      }),
    );
  });

  it('solves A·x = b and Aᵀ·x = b for unsymmetric matrices with a dominant diagonal', () => {
    fc.assert(
      fc.property(systems, ({ size, entries, right }) => {
        const plan = new EliminationPlan(
          size,
          entries.map(([row, column]) => row * size + column),
        );
        const values = new Float64Array(plan.slots + 1);
        for (const [row, column, value] of entries) values[plan.slot(row, column)]! += value;
        const dominant = entries.reduce((sum, [, , value]) => sum + Math.abs(value), 1);
        for (let i = 0; i < size; i += 1) values[plan.slot(i, i)]! += dominant;
        const matrix = values.slice();
        const entry = (row: number, column: number): number =>
          plan.has(row, column) ? matrix[plan.slot(row, column)]! : 0;
        expect(plan.factor(values)).toBe(true);
        const [x, y, work] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
        plan.solve(values, Float64Array.from(right), x, work);
        plan.solveTransposed(values, Float64Array.from(right), y, work);
        for (let i = 0; i < size; i += 1) {
          let [ofSolve, ofTransposed] = [0, 0];
          for (let j = 0; j < size; j += 1) {
            ofSolve += entry(i, j) * x[j]!;
            ofTransposed += entry(j, i) * y[j]!;
          }
          expect(Math.abs(ofSolve - right[i]!)).toBeLessThan(1e-12);
          expect(Math.abs(ofTransposed - right[i]!)).toBeLessThan(1e-12);
        }
      }),
    );
  });

  it('takes a pivot without a diagonal of its own last', () => {
    // 0·x + y = 1, x + y = 3
    const plan = new EliminationPlan(2, [1, 2, 3]);
    const values = new Float64Array(plan.slots + 1);
    for (const [row, column] of [
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const)
      values[plan.slot(row, column)] = 1;
    expect([...plan.order]).toEqual([1, 0]);
    const x = new Float64Array(2);
    expect(plan.factor(values)).toBe(true);
    plan.solve(values, Float64Array.from([1, 3]), x, new Float64Array(2));
    expect([...x]).toEqual([2, 1]);
  });

  it('says so where a pivot vanishes', () => {
    const plan = new EliminationPlan(1, []);
    expect(plan.factor(new Float64Array(plan.slots + 1))).toBe(false);
  });

  it('fills a grid in by hardly more than its number of nodes', () => {
    const filled = [16, 64].map((n) => {
      const neighbours = grid(n);
      const entries = neighbours.flatMap((list, row) => list.map((column) => row * n * n + column));
      return new EliminationPlan(n * n, entries).slots;
    });
    // n² · log n would be 16 · 1.5; an order by rows has n³, 64 times as many
    expect(filled[1]! / filled[0]!).toBeLessThan(16 * 2.5);
  });
});
