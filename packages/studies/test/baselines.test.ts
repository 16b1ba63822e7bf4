import { Draws, type VoltageRows } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { type BaselineName, type BaselineProblem, baselines } from '../src/baselines/baselines.ts';

/** Rows of three volts in 0..1, the class by a rule. */
function problemOf(rule: (x: number, y: number, u: number) => { volts: number[]; label: number }): BaselineProblem {
  const rows = (seed: number): VoltageRows => {
    const random = new Draws(seed, 'baseline rows');
    const made = Array.from({ length: 240 }, (_, r) =>
      rule(random.uniform(r, 0), random.uniform(r, 1), random.uniform(r, 2)),
    );
    return {
      volts: Float64Array.from(made.flatMap(({ volts }) => volts)),
      labels: Int32Array.from(made, ({ label }) => label),
      sourceRows: Int32Array.from(made, (_, r) => r),
      clipped: 0,
    };
  };
  const width = rule(0.5, 0.5, 0.5).volts.length;
  const inputs = Array.from({ length: width }, (_, i) => ({ name: `x${i}`, minimum: 0, maximum: 1 }));
  return { inputs, classes: ['a', 'b'], train: rows(1), valid: rows(2), test: rows(3) };
}

function accuracies(problem: BaselineProblem): Record<BaselineName, number> {
  const rows = baselines(problem, { hidden: [4], restarts: 3, epochs: 400, seed: 1 });
  return Object.fromEntries(rows.map(({ name, accuracy }) => [name, accuracy.test])) as Record<BaselineName, number>;
}

describe('the baselines', () => {
  test('decide nothing linear of exclusive or, and the digital network decides it', () => {
    const found = accuracies(
      problemOf((x, y) => ({
        volts: [x < 0.5 ? 0.4 * x : 1 - 0.4 * x, y < 0.5 ? 0.4 * y : 1 - 0.4 * y],
        label: Number(x < 0.5 === y < 0.5),
      })),
    );
    for (const name of ['nearestMean', 'linearMap', 'perceptron', 'logistic'] as const)
      expect(found[name], name).toBeLessThan(0.85);
    expect(found.digital).toBeGreaterThan(0.95);
  });

  test('need a linear map where the spread within classes hides the difference between them', () => {
    const found = accuracies(
      problemOf((x, y) => {
        const label = Number(x < 0.5);
        return { volts: [y, Math.min(1, Math.max(0, 0.9 * y + 0.04 * (2 * label - 1) + 0.03))], label };
      }),
    );
    expect(found.nearestMean).toBeLessThan(0.8);
    for (const name of ['linearMap', 'perceptron', 'logistic', 'digital'] as const)
      expect(found[name], name).toBeGreaterThan(0.97);
  });

  test('measure distances in the units of the table where they are not scaled', () => {
    const problem = problemOf((x, _, u) => ({ volts: [u, x], label: Number(x < 0.5) }));
    const [noise, signal] = problem.inputs;
    const inputs = [{ ...noise!, maximum: 1000 }, signal!];
    const found = accuracies({ ...problem, inputs });
    expect(found.nearestMean).toBeGreaterThan(0.9);
    expect(found.nearestMeanUnscaled).toBeLessThan(0.75);
  });

  test('are the same numbers for the same seed', () => {
    const problem = problemOf((x, y) => ({ volts: [x, y], label: Number(x + 0.2 * y < 0.6) }));
    expect(accuracies(problem)).toEqual(accuracies(problem));
  });
});
