import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type LeastSquaresProblem,
  LevenbergMarquardtWorkspace,
  levenbergMarquardt,
} from '../src/optimisers/levenberg-marquardt.ts';

/** v_out = η₁ + η₂·tanh((v_in − η₃)·η₄) through `points` points of −2..2 V. */
function ptanhFit(target: (v: number) => number, points = 61): LeastSquaresProblem {
  const volts = Float64Array.from({ length: points }, (_, i) => -2 + (4 * i) / (points - 1));
  const wanted = volts.map(target);
  return {
    residuals: points,
    parameters: 4,
    evaluate(x, residuals, jacobian) {
      for (let i = 0; i < points; i += 1) {
        const t = Math.tanh((volts[i]! - x[2]!) * x[3]!);
        residuals[i] = x[0]! + x[1]! * t - wanted[i]!;
        if (jacobian === undefined) continue;
        const s = x[1]! * (1 - t * t);
        jacobian.set([1, t, -s * x[3]!, s * (volts[i]! - x[2]!)], i * 4);
      }
    },
  };
}

test('a ptanh curve gives back the parameters it was made from, to 1e-8', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(unit, unit, unit, unit), ([a, b, c, d]) => {
      const eta = [0.2 + 0.6 * a, 0.1 + 0.4 * b, -0.5 + c, 1 + 12 * d];
      const problem = ptanhFit((v) => eta[0]! + eta[1]! * Math.tanh((v - eta[2]!) * eta[3]!));
      const fit = levenbergMarquardt(problem, Float64Array.of(0.5, 0.3, eta[2]! + 0.1, 4));
      expect(fit.converged).toBe(true);
      // the shallowest curves hardly bend: rounding in the sum of squares leaves them this uncertain
      for (let k = 0; k < 4; k += 1)
        expect(Math.abs(fit.x[k]! - eta[k]!)).toBeLessThan(1e-8 * Math.max(1, Math.abs(eta[k]!)));
    }),
  );
});

test('where residuals remain, fits from different starts agree to 1e-11', () => {
  const problem = ptanhFit((v) => 1 / (1 + Math.exp(-6 * v)) ** 1.7);
  const a = levenbergMarquardt(problem, Float64Array.of(0.5, 0.5, 0.1, 3));
  const b = levenbergMarquardt(problem, Float64Array.of(0.3, 0.2, -0.4, 8));
  expect(a.converged && b.converged).toBe(true);
  expect(a.cost).toBeGreaterThan(1e-4);
  for (let k = 0; k < 4; k += 1) expect(Math.abs(a.x[k]! / b.x[k]! - 1)).toBeLessThan(1e-11);
});

test('every one of many imperfect curves converges, the shallow ones too', () => {
  for (let k = 0; k < 200; k += 1) {
    const steepness = 2 + k / 20;
    const problem = ptanhFit((v) => 1 / (1 + Math.exp(-steepness * (v - 0.04 * (k % 5)))) ** 1.4);
    expect(levenbergMarquardt(problem, Float64Array.of(0.5, 0.4, 0.1, steepness / 2)).converged).toBe(true);
  }
});

test('a workspace that is used again does not change a bit', () => {
  const workspace = new LevenbergMarquardtWorkspace(61, 4);
  const start = Float64Array.of(0.5, 0.5, 0.1, 3);
  const problem = ptanhFit((v) => Math.atan(5 * v) / 3);
  const fresh = levenbergMarquardt(problem, start);
  levenbergMarquardt(
    ptanhFit((v) => Math.sin(v)),
    start,
    { workspace },
  );
  expect(levenbergMarquardt(problem, start, { workspace })).toEqual(fresh);
});

test('Powell’s singular function is solved although its Jacobian loses rank at the minimum', () => {
  const fit = levenbergMarquardt(
    {
      residuals: 4,
      parameters: 4,
      evaluate([a, b, c, d], residuals, jacobian) {
        const [x0, x1, x2, x3] = [a!, b!, c!, d!];
        const [p, q] = [x1 - 2 * x2, Math.sqrt(10) * (x0 - x3)];
        residuals.set([x0 + 10 * x1, Math.sqrt(5) * (x2 - x3), p * p, q * (x0 - x3)]);
        jacobian?.set([1, 10, 0, 0, 0, 0, Math.sqrt(5), -Math.sqrt(5), 0, 2 * p, -4 * p, 0, 2 * q, 0, 0, -2 * q]);
      },
    },
    Float64Array.of(3, -1, 0, 1),
  );
  expect(fit.cost).toBeLessThan(1e-20);
});

test('residuals that are not finite end the fit without convergence', () => {
  const fit = levenbergMarquardt(
    ptanhFit(() => Number.NaN),
    Float64Array.of(0, 1, 0, 1),
  );
  expect(fit.converged).toBe(false);
});
