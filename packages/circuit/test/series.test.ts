import { Draws, type Variation } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { componentValues, flatten } from '../src/ir/flatten.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import { BatchSolver } from '../src/solver/kernel/batch-solver.ts';
import { isNominal, variationOf } from '../src/variation/model.ts';
import { addSmoothCurve, CURVE_LENGTH, curveAt, drawSeries, hasSeries, WAVES } from '../src/variation/series.ts';
import { date23, egt, randomCircuit } from './example.ts';

const none = { kind: 'uniform', relativeSpread: 0 } as const;
const noise: Variation = { ...none, nonIdealities: [{ kind: 'noise', volts: 0.2 }] };
const smooth: Variation = { ...none, nonIdealities: [{ kind: 'smooth', volts: 0.3 }] };
const both: Variation = {
  ...none,
  nonIdealities: [
    { kind: 'smooth', volts: 0.1 },
    { kind: 'drift', sigma: 0.1 },
    { kind: 'noise', volts: 0.05 },
  ],
};
const draws = new Draws(5, 'test series');
const stages = (length: number) => ({ sources: { length }, technology: egt });

function meanAndVariance(values: readonly number[]) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { mean, variance: values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length };
}

describe('the realised statistics of what is in series with a stage', () => {
  it('noise is uniform in ±A/2, new for every stage, row and copy', () => {
    const volts: number[] = [];
    const out = new Float64Array(4);
    for (let copy = 0; copy < 10; copy += 1) {
      const series = drawSeries(stages(4), draws, copy, noise)!;
      for (let row = 0; row < 200; row += 1) {
        series.atRow(row, out);
        volts.push(...out);
      }
    }
    expect(new Set(volts).size).toBe(volts.length);
    const { mean, variance } = meanAndVariance(volts);
    expect(mean).toBeCloseTo(0, 2);
    expect(Math.sqrt(variance)).toBeCloseTo(0.2 / Math.sqrt(12), 3);
    expect(Math.max(...volts.map(Math.abs))).toBeLessThanOrEqual(0.1);
  });

  it('smooth curves span A over 0..1 V, and forget themselves over a width or two of the smoothing', () => {
    const count = 200;
    const curves = drawSeries(stages(count), draws, 0, smooth)!;
    const at = { volts: 0, slope: 0 };
    const value = (stage: number, v: number): number => {
      curveAt(curves, stage * CURVE_LENGTH, v, at);
      return at.volts;
    };
    const products = [0, 0.1, 0.3].map(() => 0);
    for (let stage = 0; stage < count; stage += 1) {
      const volts = Array.from({ length: 401 }, (_, i) => value(stage, i / 400));
      expect(Math.max(...volts)).toBeCloseTo(0.15, 2);
      expect(Math.min(...volts)).toBeCloseTo(-0.15, 2);
      [0, 0.1, 0.3].forEach((d, k) => {
        products[k]! += value(stage, 0.35) * value(stage, 0.35 + d);
      });
    }
    // smoothed twice by a Gaussian of width w, white noise has the correlation e^(−d²/4w²), of which stretching takes some
    const [near, far] = [products[1]! / products[0]!, products[2]! / products[0]!];
    expect(near).toBeLessThan(Math.exp(-0.25));
    expect(near).toBeGreaterThan(0.55);
    expect(far).toBeLessThan(0.2);
  });

  it('a curve has the slope of its volts', () => {
    const curve = new Float64Array(CURVE_LENGTH);
    addSmoothCurve(0.1, (k) => draws.uniform(7, k), curve, 0);
    const series = { curves: curve, periodVolts: 1.6 };
    const [a, b, here] = [
      { volts: 0, slope: 0 },
      { volts: 0, slope: 0 },
      { volts: 0, slope: 0 },
    ];
    for (const v of [-0.2, 0, 0.31, 0.77, 1.1]) {
      curveAt(series, 0, v - 1e-5, a);
      curveAt(series, 0, v + 1e-5, b);
      curveAt(series, 0, v, here);
      expect(here.slope).toBeCloseTo((b.volts - a.volts) / 2e-5, 7);
    }
    expect(CURVE_LENGTH).toBe(1 + 2 * WAVES);
  });

  it('a copy is no nominal one, and a negative amplitude is refused', () => {
    expect(isNominal(noise)).toBe(false);
    expect(hasSeries(smooth)).toBe(true);
    expect(hasSeries(0.1)).toBe(false);
    expect(drawSeries(stages(3), draws, 0, 0.1)).toBeUndefined();
    expect(() => variationOf({ ...none, nonIdealities: [{ kind: 'noise', volts: -1 }] })).toThrow(
      'non-ideality noise: volts',
    );
  });
});

describe.each([
  ['egt', egt],
  ['egt-date23', date23],
])('%s with sources in series with its stages', (_, technology) => {
  const circuit = randomCircuit(technology, [3, 3, 2], 4);
  const flat = flatten(circuit, technology, { series: true });
  const values = componentValues(flat);
  const rows = 9;
  const inputs = new Float64Array(rows * 3);
  new Draws(1, 'test inputs').fillUniform(0, inputs);

  it('has the nominal voltages without volts in them', () => {
    const plain = new ExactSolver(flatten(circuit, technology));
    const solver = new ExactSolver(flat);
    for (const s of [plain, solver]) s.setValues(values);
    const [a, b] = [plain.newState(rows), solver.newState(rows)];
    expect(plain.solve(inputs, rows, a)).toEqual([]);
    expect(solver.solve(inputs, rows, b)).toEqual([]);
    plain.flat.unknowns.forEach((node, k) => {
      const at = flat.unknowns.indexOf(node);
      for (let row = 0; row < rows; row += 1)
        expect(b[row * solver.size + at]).toBeCloseTo(a[row * plain.size + k]!, 9);
    });
  });

  it('every stage gives what its cell gives and the source adds', () => {
    const series = drawSeries(flat, draws, 3, both)!;
    const solver = new ExactSolver(flat);
    solver.setValues(values);
    solver.setSeries(series);
    const state = solver.newState(rows);
    expect(solver.solve(inputs, rows, state)).toEqual([]);
    const added = new Float64Array(flat.sources.length);
    const curve = { volts: 0, slope: 0 };
    for (let row = 0; row < rows; row += 1) {
      series.atRow(row, added);
      const volts = (node: number): number =>
        node < solver.size
          ? state[row * solver.size + node]!
          : inputs[row * 3 + node - solver.size - flat.supplyVolts.length]!;
      flat.sources.forEach(({ input, open, output }, s) => {
        curveAt(series, s * CURVE_LENGTH, volts(input), curve);
        expect(volts(output) - volts(open)).toBeCloseTo(curve.volts + added[s]!, 12);
      });
    }
  });

  it('the kernel solves the same voltages and gradients as the plain solver, whatever rows it is given', () => {
    const series = drawSeries(flat, draws, 3, both)!;
    const solve = (kind: 'simd' | 'typescript', chosen: Int32Array) => {
      const solver = new BatchSolver(flat, kind);
      solver.setValues(values);
      solver.setSeries(series);
      const state = solver.newState(rows);
      const gradient = new Float64Array(values.length);
      const seed = (row: number, byNode: Float64Array): boolean => {
        new Draws(row, 'test loss').fillUniform(0, byNode);
        return true;
      };
      expect(solver.solveRows(inputs, chosen, state, { seed, gradient })).toEqual([]);
      expect(solver.fallbacks).toBe(0);
      return { state, gradient: gradient.map((g, k) => g * values[k]!) };
    };
    const all = Int32Array.from({ length: rows }, (_, row) => row);
    const [a, b] = [solve('typescript', all), solve('simd', all)];
    expect(Math.max(...a.state.map((v, i) => Math.abs(v - b.state[i]!)))).toBeLessThan(1e-10);
    const largest = Math.max(...a.gradient.map(Math.abs));
    expect(Math.max(...a.gradient.map((g, i) => Math.abs(g - b.gradient[i]!))) / largest).toBeLessThan(1e-7);
    const some = solve('simd', Int32Array.of(7, 2));
    for (const row of [2, 7])
      expect(some.state.subarray(row * flat.unknowns.length, (row + 1) * flat.unknowns.length)).toEqual(
        b.state.subarray(row * flat.unknowns.length, (row + 1) * flat.unknowns.length),
      );
  });

  it('the gradient is that of finite differences', () => {
    const solver = new ExactSolver(flat);
    solver.setSeries(drawSeries(flat, draws, 3, both));
    const output = flat.unknowns.indexOf(circuit.outputs[0]!);
    const voltsAt = (vector: Float64Array): number => {
      solver.setValues(vector);
      const state = solver.newState(1);
      expect(solver.solveRow(inputs, 0, state)).toBe(true);
      return state[output]!;
    };
    voltsAt(values);
    const gradient = new Float64Array(values.length);
    const seed = new Float64Array(solver.size);
    seed[output] = 1;
    solver.addGradient(seed, gradient);
    const largest = Math.max(...gradient.map((g, k) => Math.abs(g * values[k]!)));
    values.forEach((value, k) => {
      const moved = (share: number) => values.map((v, i) => (i === k ? value * (1 + share) : v));
      const difference = (voltsAt(moved(1e-4)) - voltsAt(moved(-1e-4))) / 2e-4;
      expect(Math.abs(gradient[k]! * value - difference) / largest).toBeLessThan(1e-5);
    });
  });
});
