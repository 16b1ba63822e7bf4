import { findCell, type Technology } from '@neuroprint/circuit';
import { Draws, type Variation } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { createVariation } from '../src/printed/evaluate.ts';
import { resolveOptions } from '../src/printed/options.ts';
import { ACTIVATION_CELL, architectureOf, measuredInTraining } from '../src/printed/problem.ts';
import { egt, exclusiveOr } from './fixtures.ts';

const measured: Variation = { kind: 'uniform', relativeSpread: 0.1, transistors: 'measured' };
const [OF_STRENGTH, TOGETHER, OF_THRESHOLD] = [0.0225, 0.0012, 0.0004];
const spread = {
  parameters: ['i0', 'vth'],
  scale: ['log', 'linear'] as const,
  covariance: [
    [OF_STRENGTH, TOGETHER],
    [TOGETHER, OF_THRESHOLD],
  ],
  sheetShare: 0.4,
  source: 'test',
};
const kind = egt.transistors.egt!;
const spreading: Technology = { ...egt, transistors: { egt: { ...kind, spread } } };
const [PRINTS, seed] = [20_000, 5];

function printsOf(technology: Technology, variation: Variation) {
  const architecture = architectureOf({ ...exclusiveOr(), technology }, resolveOptions({ variation }));
  return createVariation(architecture, PRINTS, variation).fill(new Draws(seed, 'test'), 0).layers[0]!;
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

describe('training under a measured spread of transistors', () => {
  const names = findCell(egt, ACTIVATION_CELL).parameters.map(({ name }) => name);
  const column = (factors: Float64Array, name: string) => {
    const [each, at] = [factors.length / PRINTS, names.indexOf(name)];
    return Array.from({ length: PRINTS }, (_, print) => factors[print * each + at]!);
  };

  test('draws the strength as a width: what of it goes with no threshold, and the share of a sheet in common', () => {
    const { activation } = printsOf(spreading, measured);
    const [first, second] = [column(activation, 'W1'), column(activation, 'W2')];
    const alone = OF_STRENGTH - TOGETHER ** 2 / OF_THRESHOLD;
    for (const logs of [first, second]) expect(Math.abs(mean(logs.map((v) => v * v)) / alone - 1)).toBeLessThan(0.04);
    const together = mean(first.map((v, print) => v * second[print]!));
    expect(Math.abs(together / alone - 0.4)).toBeLessThan(0.03);
  });

  test('leaves lengths alone, and resistors as they are without it to the bit', () => {
    const [with_, without] = [
      printsOf(spreading, measured),
      printsOf(egt, { kind: 'uniform', relativeSpread: 0.1, transistorSpread: 0 }),
    ];
    expect(with_.conductances).toEqual(without.conductances);
    expect(new Set(column(with_.activation, 'L1'))).toEqual(new Set([0]));
    const ohms = findCell(egt, ACTIVATION_CELL).parameters.find(({ unit }) => unit === 'ohms')!.name;
    expect(column(with_.activation, ohms)).toEqual(column(without.activation, ohms));
  });

  test('keeps so far from the ends of a width that no draw leaves what the surrogate knows', () => {
    const architecture = architectureOf(
      { ...exclusiveOr(), technology: spreading },
      resolveOptions({ variation: measured }),
    );
    const free = new Float64Array(architecture.activation.size).fill(40);
    const logs = free.slice();
    architecture.activation.logsAt(free, logs);
    const { W1 } = architecture.activation.valuesOf(logs);
    const most = Math.max(...column(printsOf(spreading, measured).activation, 'W1'));
    const { max } = findCell(egt, ACTIVATION_CELL).parameters.find(({ name }) => name === 'W1')!;
    expect(W1! * Math.exp(most)).toBeLessThan(max);
  });

  test('says what it leaves to calibration, and draws nothing where gates conduct', () => {
    expect(measuredInTraining(spreading)).toMatch(/^of 3 of 3 in a pair of stages/);
    const leaking = { ...egt, transistors: { egt: { ...kind, spread, gateSiemens: 1e-9 } } };
    expect(measuredInTraining(leaking)).toMatch(/^surrogates know no parameters/);
    expect(new Set(column(printsOf(leaking, measured).activation, 'W1'))).toEqual(new Set([0]));
  });

  test('is refused where nothing was measured', () => {
    expect(() => architectureOf(exclusiveOr(), resolveOptions({ variation: measured }))).toThrow(
      /has no measured spread of its transistors egt/,
    );
  });
});
