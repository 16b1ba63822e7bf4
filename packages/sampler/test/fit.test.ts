import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cellCurve, designSpaceOf, loadTechnology } from '@neuroprint/circuit';
import type { Eta } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitPtanh, ptanh, trapezoidWeights } from '../src/rows/ptanh-fit.ts';
import { StageSolver } from '../src/rows/stage-solver.ts';
import { bendOf, sinhSweep, sweepOf, uniformSweep } from '../src/rows/sweep.ts';
import { DesignMap } from '../src/sequence/design-map.ts';
import { Sobol } from '../src/sequence/sobol.ts';

const TEMPLATES = join(dirname(fileURLToPath(import.meta.url)), '../../../spice-templates');
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const eta = fc.tuple(real(-1, 1), real(0.05, 1.2), real(-1, 1), real(1, 60)) as fc.Arbitrary<Eta>;
const egt = loadTechnology(TEMPLATES, 'egt');
const uniform = uniformSweep(sweepOf(egt, 201));

describe('the ptanh fit', () => {
  it.each(['rising', 'falling'] as const)('recovers the η of an exact %s curve to 1e-9', (curve) => {
    fc.assert(
      fc.property(eta, (truth) => {
        const grid = sinhSweep(sweepOf(egt), { centreVolts: truth[2], widthVolts: 0.5 / truth[3] });
        for (const { inputVolts, weights } of [uniform, grid]) {
          const fit = fitPtanh(
            inputVolts,
            inputVolts.map((v) => ptanh(truth, curve, v)),
            curve,
            weights,
          );
          if (!fit.converged) throw new Error(fit.reason);
          fit.eta.forEach((value, k) => {
            expect(Math.abs(value - truth[k]!)).toBeLessThan(1e-9 * Math.max(1, Math.abs(truth[k]!)));
          });
          expect(fit.residualVolts).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has a negative η₁ for a falling stage with a positive output', () => {
    const output = uniform.inputVolts.map((v) => 0.5 - 0.4 * Math.tanh((v - 0.2) * 6));
    const fit = fitPtanh(uniform.inputVolts, output, 'falling');
    expect(fit).toMatchObject({
      converged: true,
      eta: [expect.closeTo(-0.5, 9), expect.closeTo(0.4, 9), expect.closeTo(0.2, 9), expect.closeTo(6, 9)],
    });
  });

  it('survives noise and says how much of it there was', () => {
    const output = uniform.inputVolts.map((v, i) => 0.5 + 0.4 * Math.tanh((v - 0.2) * 6) + 0.01 * Math.sin(i * i));
    const fit = fitPtanh(uniform.inputVolts, output, 'rising');
    if (!fit.converged) throw new Error(fit.reason);
    expect(fit.residualVolts).toBeGreaterThan(0.005);
    expect(fit.residualVolts).toBeLessThan(0.01);
    expect(fit.eta[2]).toBeCloseTo(0.2, 2);
  });

  it.each<[string, (volts: number, i: number) => number, string]>([
    ['is flat', () => 0.3, 'flat'],
    ['is only noise', (_, i) => Math.sin(1e4 * Math.sin(i)), 'no tanh'],
    ['is a bump', (v) => Math.exp(-v * v * 8), 'no tanh'],
    ['falls where it should rise', (v) => -Math.tanh(v * 5), 'wrong way'],
    ['bends beyond the sweep', (v) => 1 / (1 + Math.exp(-8 * (v - 2.3))), 'outside the sweep'],
    ['has a point that is not finite', (v, i) => (i === 7 ? Number.NaN : v), 'point 7'],
  ])('gives a reason for a curve that %s', (_, curve, reason) => {
    const fit = fitPtanh(uniform.inputVolts, uniform.inputVolts.map(curve), 'rising');
    expect(fit).toEqual({ converged: false, reason: expect.stringContaining(reason) });
  });

  it('gives a reason, or a finite η, for whatever it is fed', () => {
    fc.assert(
      fc.property(fc.array(real(-3, 3), { minLength: 21, maxLength: 21 }), (output) => {
        const { inputVolts } = uniformSweep(sweepOf(egt, 21));
        const fit = fitPtanh(inputVolts, output, 'rising');
        if (fit.converged) expect(fit.eta.every(Number.isFinite) && fit.eta[1] > 0 && fit.eta[3] > 0).toBe(true);
        else expect(fit.reason).not.toBe('');
      }),
    );
  });
});

describe('the sweep', () => {
  it('covers −2…2 V with weights that add up to 4 V', () => {
    const sinh = sinhSweep(sweepOf(egt), { centreVolts: 0.3, widthVolts: 0.05 });
    for (const { inputVolts, weights } of [uniform, sinh]) {
      expect([inputVolts[0], inputVolts.at(-1)]).toEqual([expect.closeTo(-2, 12), expect.closeTo(2, 12)]);
      expect(inputVolts.every((v, i) => i === 0 || v > inputVolts[i - 1]!)).toBe(true);
      expect(weights.reduce((a, b) => a + b)).toBeCloseTo(4, 3);
    }
    expect(trapezoidWeights(uniform.inputVolts).reduce((a, b) => a + b)).toBeCloseTo(4, 12);
  });

  it.each([4, 0, -1, 7.5, Number.NaN, 1e12])('refuses %s points', (points) => {
    expect(() => sweepOf(egt, points)).toThrow('points');
  });

  const cells = ['egt', 'egt-date23'].flatMap((name) => {
    const technology = loadTechnology(TEMPLATES, name);
    return Object.values(technology.cells).map((cell) => [name, cell.name, technology, cell] as const);
  });

  it.each(cells)('puts less than 2e-7 of normalised error into the η of %s/%s', (_, __, technology, cell) => {
    const map = new DesignMap(designSpaceOf(technology, cell));
    const sobol = new Sobol(map.dimensions, 11);
    const unit = new Float64Array(map.dimensions);
    const values = new Float64Array(map.dimensions);
    const stage = new StageSolver(technology, cell);
    const pairs: (readonly [Eta, Eta])[] = [];
    for (let i = 0; i < 60; i += 1) {
      sobol.at(i, unit);
      map.map(unit, values);
      stage.setValues(values);
      const bend = bendOf(stage, cell.curve, sweepOf(egt), egt.bias.volts);
      const [coarse, fine] = [sweepOf(egt), { ...sweepOf(egt), points: 4001 }].map((sweep) => {
        const { inputVolts, weights } = sinhSweep(sweep, bend);
        return fitPtanh(inputVolts, cellCurve(technology, cell, values, inputVolts), cell.curve, weights);
      });
      if (coarse?.converged && fine?.converged) pairs.push([coarse.eta, fine.eta]);
    }
    expect(pairs.length).toBeGreaterThan(55);
    const mse = [0, 1, 2, 3].map((k) => {
      const truth = pairs.map(([, fine]) => fine[k]!);
      const span = Math.max(...truth) - Math.min(...truth);
      return pairs.reduce((sum, [coarse, fine]) => sum + ((coarse[k]! - fine[k]!) / span) ** 2, 0) / pairs.length;
    });
    expect(mse.reduce((a, b) => a + b) / 4).toBeLessThan(2e-7);
  });
});
