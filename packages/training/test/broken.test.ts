import { brokenStage, findCell, RESISTOR_FAULTS, TRANSISTOR_FAULTS } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { stick, stickBackward } from '../src/printed/broken.ts';
import { createVariation } from '../src/printed/evaluate.ts';
import { resolveOptions } from '../src/printed/options.ts';
import { architectureOf } from '../src/printed/problem.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { broken, centralDifference, egt, exclusiveOr } from './fixtures.ts';

const architecture = architectureOf(exclusiveOr(), resolveOptions({}));
const DRAWS = 4000;
const share = (values: ArrayLike<number>, holds: (v: number) => boolean) =>
  Array.from(values).filter(holds).length / values.length;

describe('broken parts of prints', () => {
  const rate = 0.2;
  const prints = createVariation(architecture, DRAWS, { ...broken, faultRate: rate }).fill(new Draws(4, 'test'), 2);

  test('are as many resistors of the crossbar as the rate says, half of them open and half short', () => {
    for (const { conductances } of prints.layers) {
      expect(share(conductances, (g) => g < 1e-3)).toBeCloseTo(rate / 2, 2);
      expect(share(conductances, (g) => g > 1e3)).toBeCloseTo(rate / 2, 2);
    }
  });

  test('leave as many stages stuck as the faults of their cell that are felt say', () => {
    const parts = brokenStage(egt, findCell(egt, 'ptanh'), Math.sqrt(egt.crossbar.minOhms * egt.crossbar.maxOhms));
    expect(parts.map((part) => part.size)).toEqual([2, 2, 5, 5]);
    const whole = parts.reduce((product, part) => {
      const felt = [...part.values()].filter((at) => at !== undefined).length / part.size;
      return product * (1 - rate * felt);
    }, 1);
    for (const { activation } of prints.faults!.layers) expect(share(activation, Number.isNaN)).toBeCloseTo(whole, 1);
  });

  test('are the same bits at the same number of a draw, and others at the next', () => {
    const at = (major: number) => {
      const one = createVariation(architecture, 5, broken).fill(new Draws(4, 'test'), major);
      return [one.layers.map(({ conductances }) => [...conductances]), one.faults!.layers.map((l) => [...l.falling])];
    };
    expect(at(3)).toEqual(at(3));
    expect(at(3)).not.toEqual(at(4));
  });

  test('leave the printing spread of what is whole as it is without them', () => {
    const [some, none] = [broken, { ...broken, faultRate: 0 }].map(
      (model) => createVariation(architecture, 50, model).fill(new Draws(4, 'test'), 1).layers[0]!.conductances,
    );
    const same = some!.filter((g, i) => g === none![i]);
    expect(same.length / some!.length).toBeCloseTo(0.9, 1);
  });
});

describe('a stage with a broken part', () => {
  const parts = brokenStage(egt, findCell(egt, 'negweight'), 0);

  test('of one inverter: no load or a short channel hold it low, no channel or a short load high', () => {
    const [load, drive] = parts;
    expect([...load!.keys()]).toEqual([...RESISTOR_FAULTS]);
    expect([...drive!.keys()]).toEqual([...TRANSISTOR_FAULTS]);
    expect(load!.get('short')).toBe(Number.POSITIVE_INFINITY);
    expect(drive!.get('no channel')).toBe(Number.POSITIVE_INFINITY);
    expect(drive!.get('drain-source short')).toBeLessThan(0.05);
    // an ideal source holds its own against a short to ground
    expect(drive!.get('gate-source short')).toBeUndefined();
  });

  test.each(['falling', 'activation'] as const)('%s: has the output of its level and its gradient', (kind) => {
    const eta = Float64Array.from({ length: 12 }, (_, i) => 0.1 + 0.07 * i);
    const stuck = Float64Array.of(Number.NaN, 0.3, Number.NEGATIVE_INFINITY);
    const output = (i: number, v: number) => {
      const held = eta.slice();
      stick(kind, stuck, held);
      const [a, b, c, d] = held.subarray(4 * i, 4 * i + 4);
      return (kind === 'falling' ? -1 : 1) * (a! + b! * Math.tanh((v - c!) * d!));
    };
    for (const v of [-1, 0, 2]) {
      expect(output(1, v)).toBeCloseTo(0.3, 12);
      const [a, b] = [eta[8]!, eta[9]!];
      expect(output(2, v)).toBeCloseTo(kind === 'falling' ? -(a + b) : a - b, 12);
    }
    const sum = () => output(1, 0.4) * 3 + output(2, 0.4) * 5;
    const sign = kind === 'falling' ? -1 : 1;
    // what a loop finds for the constants, whatever it finds for the tanh of a curve without one
    const gradient = Float64Array.of(9, 9, 9, 9, 3 * sign, 7, 7, 7, 5 * sign, 7, 7, 7);
    stickBackward(kind, stuck, gradient);
    expect([...gradient.subarray(0, 4)]).toEqual([9, 9, 9, 9]);
    for (let i = 4; i < 12; i += 1) expect(gradient[i]).toBeCloseTo(centralDifference(eta, i, sum), 8);
  });
});

test('a network can be trained under faults, with the same bits again, and says so', () => {
  const options = { epochs: 30, draws: 6, restarts: 2, variation: broken };
  const { network } = trainNetwork(exclusiveOr(), options);
  expect(network.variation).toEqual(broken);
  expect(network.metrics!.underVariation.law).toContain('10 % of the parts broken');
  expect(trainNetwork(exclusiveOr(), options).network.layers).toEqual(network.layers);
});
