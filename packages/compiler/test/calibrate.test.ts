import type { SolverKind } from '@neuroprint/circuit';
import { Draws, inputRanges, toVoltageRows, type Variation } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { passContext } from '../src/index.ts';
import { CircuitLoss } from '../src/passes/calibrate/circuit-loss.ts';
import { CalibrationParameters } from '../src/passes/calibrate/parameters.ts';
import { Sides } from '../src/passes/calibrate/sides.ts';
import { calibrationRows } from '../src/passes/calibrate/targets.ts';
import { calibratePass } from '../src/passes/calibrate.ts';
import { lower } from '../src/passes/lower.ts';
import { scaleColumns } from '../src/passes/scale-columns.ts';
import { shareInverters } from '../src/passes/share-inverters.ts';
import { dataset, egt, network, roundsHere } from './example.ts';

const data = dataset();
const rows = (split: 'train' | 'valid') => toVoltageRows(data, inputRanges(data), data.classNames, split);
const start = shareInverters(scaleColumns(lower(network(4), egt), egt));

const uneven: Variation = {
  kind: 'uniform',
  relativeSpread: 0.1,
  nonIdealities: [
    { kind: 'smooth', volts: 0.1 },
    { kind: 'noise', volts: 0.05 },
  ],
};

const measured: Variation = { kind: 'uniform', relativeSpread: 0.1, transistors: 'measured' };
const parameters = ['i0', 'vth'];
const covariance = [
  [0.04, 0.0035],
  [0.0035, 0.0006],
];
const spread = { parameters, scale: ['log', 'linear'] as const, covariance, sheetShare: 0.3, source: 'test' };
const spreading = { ...egt, transistors: { egt: { ...egt.transistors.egt!, spread } } };

describe('the loss of the exact circuit', () => {
  it.each([
    ['varied copies', egt, 0.1],
    ['copies with noisy and uneven stages', egt, uneven],
    ['copies with broken parts', egt, { kind: 'uniform', relativeSpread: 0.1, faultRate: 0.2 }],
    ['copies whose transistors differ as measured', spreading, measured],
  ])('has the gradient by every parameter that finite differences give, on %s', (_, technology, variation) => {
    const parameters = new CalibrationParameters(start, technology, 8);
    const wanted = calibrationRows(network(4), { train: rows('train'), valid: rows('valid') }, technology);
    const circuitLoss = new CircuitLoss(technology, wanted.train, { draws: new Draws(4, 'test'), variation });
    const shards = [Int32Array.of(0, 3, 7), Int32Array.of(11)];
    const sides = new Sides();
    const run = (withGradient: boolean) =>
      circuitLoss.run(parameters, shards, { ...sides.of(parameters), first: 0, copies: 2, withGradient });
    const loss = () => run(false).reduce((sum, { tally }) => sum + tally.loss, 0);
    const [first, second] = run(true).map(({ gradient }) => gradient!) as [Float64Array, Float64Array];
    const gradient = first.map((slope, k) => slope + second[k]!);
    gradient.forEach((derivative, k) => {
      const value = parameters.values[k]!;
      const h = 1e-4 * Math.max(0.1, Math.abs(value));
      const at = (by: number): number => {
        parameters.values[k] = value + by;
        return loss();
      };
      const difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      parameters.values[k] = value;
      // each column's smallest conductance stands at the edge of the printable range: one side of it is clamped
      if (Math.abs(Math.abs(value) - 0.1) < 1e-3) return;
      expect(derivative, `parameter ${k}`).toBeCloseTo(difference, 4);
    });
  });
});

describe('calibration', () => {
  const both = { train: rows('train'), valid: rows('valid') };
  const run = (seed: number, more: { calibrationSteps?: number; solver?: SolverKind } = {}) => {
    const options = { rows: both, seed, calibrationSteps: 300, ...more };
    const { output, calibration } = roundsHere(calibratePass, start, passContext(network(4), egt, options));
    return { layered: output!, calibration: calibration! };
  };

  it('finds a better circuit on validation rows under variation, and keeps the best it saw', () => {
    const { calibration } = run(1);
    const scores = calibration.history.map(({ score }) => score);
    const kept = calibration.history.findIndex(({ step }) => step === calibration.bestStep);
    expect(scores[kept]).toBe(Math.max(...scores));
    expect(scores[kept]!).toBeGreaterThan(scores[0]!);
    expect(calibration.history[kept]!.validLoss).toBeLessThan(calibration.history[0]!.validLoss);
  });

  it('gives the same bits for the same seed', () => {
    expect(run(2).layered).toEqual(run(2).layered);
  });

  it('is the same by the kernel and by the plain solver up to what Newton leaves, and says which it was', () => {
    const [simd, typescript] = (['simd', 'typescript'] as const).map((solver) =>
      run(3, { calibrationSteps: 20, solver }),
    ) as [ReturnType<typeof run>, ReturnType<typeof run>];
    expect([simd.calibration.solver, typescript.calibration.solver]).toEqual(['simd', 'typescript']);
    simd.layered.layers.forEach((layer, l) => {
      layer.siemens.forEach((siemens, k) => {
        expect(Math.abs(siemens - typescript.layered.layers[l]!.siemens[k]!)).toBeLessThan(1e-4 / egt.crossbar.minOhms);
      });
    });
  });
});
