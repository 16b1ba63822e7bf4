import { expect, test } from 'vitest';
import { choleskyFactor, choleskySolve } from '../src/linear/cholesky.ts';
import { Adam } from '../src/optimisers/adam.ts';
import { minimiseLbfgs } from '../src/optimisers/lbfgs.ts';

/** Σ 100·(x_{i+1} − x_i²)² + (1 − x_i)²: minimum 0 at (1, …, 1). */
function rosenbrock(x: Float64Array, gradient: Float64Array): number {
  gradient.fill(0);
  let sum = 0;
  for (let i = 0; i + 1 < x.length; i += 1) {
    const a = x[i + 1]! - x[i]! ** 2;
    const b = 1 - x[i]!;
    sum += 100 * a * a + b * b;
    gradient[i] = gradient[i]! - 400 * x[i]! * a - 2 * b;
    gradient[i + 1] = gradient[i + 1]! + 200 * a;
  }
  return sum;
}

test('L-BFGS finds the minimum of the Rosenbrock function in 2 and in 30 dimensions', () => {
  for (const size of [2, 30]) {
    const start = new Float64Array(size).fill(-1.2);
    start[size - 1] = 1;
    const found = minimiseLbfgs(rosenbrock, start);
    expect(found.converged).toBe(true);
    for (const x of found.x) expect(x).toBeCloseTo(1, 8);
  }
});

test('L-BFGS survives an objective that is not finite beyond a wall', () => {
  const found = minimiseLbfgs((x, gradient) => {
    gradient[0] = -1 / x[0]! + 1;
    return x[0]! > 0 ? x[0]! - Math.log(x[0]!) : Number.NaN;
  }, Float64Array.of(1e-3));
  expect(found.x[0]).toBeCloseTo(1, 6);
});

test('L-BFGS stops when its caller says so, and says how many iterations it took', () => {
  const seen: number[] = [];
  const found = minimiseLbfgs(rosenbrock, Float64Array.of(-1.2, 1), {
    onIteration: (iteration, value) => {
      seen.push(value);
      return iteration === 5;
    },
  });
  expect(found.iterations).toBe(5);
  expect(found.converged).toBe(false);
  expect(seen).toEqual([...seen].sort((a, b) => b - a));
});

test('Adam’s first step has the length of its rate against the sign of the gradient', () => {
  const x = Float64Array.of(3, -2);
  new Adam(2).step(x, Float64Array.of(0.5, -40), 0.1);
  expect(x[0]).toBeCloseTo(2.9, 6);
  expect(x[1]).toBeCloseTo(-1.9, 6);
});

test('Adam comes to rest in a quadratic bowl', () => {
  const x = Float64Array.of(3, -2);
  const adam = new Adam(2, { beta1: 0.8, beta2: 0.99, epsilon: 1e-10 });
  for (let i = 0; i < 3000; i += 1) adam.step(x, Float64Array.of(x[0]! - 1, 30 * (x[1]! + 1)), 0.05 * 0.998 ** i);
  expect(x[0]).toBeCloseTo(1, 3);
  expect(x[1]).toBeCloseTo(-1, 3);
});

test('the Cholesky factor solves a system, and refuses a matrix that is not positive definite', () => {
  const matrix = Float64Array.of(4, 2, 1, 2, 5, 3, 1, 3, 6);
  const b = Float64Array.of(4 + 4 + 3, 2 + 10 + 9, 1 + 6 + 18);
  expect(choleskyFactor(matrix, 3)).toBe(true);
  choleskySolve(matrix, 3, b);
  [1, 2, 3].forEach((x, i) => {
    expect(b[i]).toBeCloseTo(x, 12);
  });
  expect(choleskyFactor(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
});
