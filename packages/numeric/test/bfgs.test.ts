import { expect, test } from 'vitest';
import { minimiseBfgs } from '../src/optimisers/bfgs.ts';
import { minimiseLbfgs } from '../src/optimisers/lbfgs.ts';

/** Rosenbrock's chained function: a bent valley of condition 1e5, minimum 0 at all ones. */
function rosenbrock(x: Float64Array, gradient: Float64Array): number {
  gradient.fill(0);
  let sum = 0;
  for (let i = 0; i + 1 < x.length; i += 1) {
    const [a, b] = [1 - x[i]!, x[i + 1]! - x[i]! ** 2];
    sum += a * a + 100 * b * b;
    gradient[i]! += -2 * a - 400 * x[i]! * b;
    gradient[i + 1]! += 200 * b;
  }
  return sum;
}

test('BFGS finds the minimum of a bent valley to rounding', () => {
  const { x, converged } = minimiseBfgs(rosenbrock, new Float64Array(10).fill(-0.5), { gradientTolerance: 1e-9 });
  expect(converged).toBe(true);
  for (const value of x) expect(value).toBeCloseTo(1, 8);
});

test('on an ill-conditioned quadratic it needs far fewer iterations than L-BFGS of few pairs', () => {
  const n = 40;
  const quadratic = (x: Float64Array, gradient: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < n; i += 1) {
      const stiffness = 10 ** ((6 * i) / (n - 1));
      gradient[i] = stiffness * x[i]!;
      sum += 0.5 * stiffness * x[i]! ** 2;
    }
    return sum;
  };
  const start = new Float64Array(n).fill(1);
  const options = { iterations: 5000, gradientTolerance: 1e-8 };
  const whole = minimiseBfgs(quadratic, start, options);
  const limited = minimiseLbfgs(quadratic, start, { ...options, memory: 5 });
  expect(whole.converged).toBe(true);
  expect(whole.iterations).toBeLessThan(limited.iterations / 2);
});

test('the caller can stop it, and it returns where it was', () => {
  const { iterations, converged } = minimiseBfgs(rosenbrock, new Float64Array(4), { onIteration: (i) => i === 3 });
  expect(iterations).toBe(3);
  expect(converged).toBe(false);
});
