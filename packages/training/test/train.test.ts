import { idealVoltages } from '@neuroprint/circuit';
import { makeArtifact, TrainedNetworkKind, type TrainingState, UsageError } from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import { describe, expect, test } from 'vitest';
import { trainBaseline } from '../src/digital.ts';
import type { TrainingProgress } from '../src/printed/course.ts';
import type { TrainingOptions } from '../src/printed/options.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { egt, exclusiveOr } from './fixtures.ts';

const quick: TrainingOptions = { epochs: 150, draws: 6, restarts: 3 };

describe('training', () => {
  const problem = exclusiveOr();
  const result = trainNetwork(problem, { ...quick, seed: 2 });
  const { network } = result;

  test('learns exclusive or so that it also holds when everything printed is 10 % off', () => {
    expect(network.metrics!.accuracy.test).toBeGreaterThan(0.95);
    expect(network.metrics!.underVariation.mean).toBeGreaterThan(0.95);
    expect(network.metrics!.underVariation).toMatchObject({ relativeSpread: 0.1, draws: 100 });
    expect(network.metrics!.underVariation.p5).toBeLessThanOrEqual(network.metrics!.underVariation.mean);
  });

  test('makes a network file that its schema accepts', () => {
    expect(() => makeArtifact(TrainedNetworkKind, network)).not.toThrow();
    expect(network.training).toMatchObject({ seed: 2, draws: 6, activation: 'learned', dataset: 'exclusive-or' });
  });

  test('writes only conductances that can be printed, with bias and pull-down not negative', () => {
    for (const { conductancesSiemens } of network.layers) {
      for (const siemens of conductancesSiemens.flat()) {
        if (siemens === 0) continue;
        expect(Math.abs(siemens)).toBeGreaterThanOrEqual(1 / egt.crossbar.maxOhms);
        expect(Math.abs(siemens)).toBeLessThanOrEqual(1 / egt.crossbar.minOhms);
      }
      expect(
        conductancesSiemens
          .slice(-2)
          .flat()
          .every((siemens) => siemens >= 0),
      ).toBe(true);
    }
  });

  test('promises what the ideal evaluator of the circuit package computes from the file', () => {
    const { volts, labels } = problem.test;
    const outputs = idealVoltages(network, volts, labels.length).outputs.at(-1)!;
    expect(accuracy(decisions(outputs, 2), labels)).toBe(network.metrics!.accuracy.test);
  });

  test('gives the same bits for the same seed and other ones for another', () => {
    expect(trainNetwork(exclusiveOr(), { ...quick, seed: 2 }).network).toEqual(network);
    expect(trainNetwork(exclusiveOr(), { ...quick, seed: 3 }).network.layers).not.toEqual(network.layers);
  });

  test('never looks at the test rows', () => {
    const { volts, labels } = problem.test;
    const other = {
      ...problem,
      test: { ...problem.test, volts: volts.map((v) => 1 - v), labels: labels.map((c) => 1 - c) },
    };
    expect(trainNetwork(other, { ...quick, seed: 2 }).network.layers).toEqual(network.layers);
  });

  test('keeps a history per start and reports progress', () => {
    const seen: TrainingProgress[] = [];
    const { history, epochs } = trainNetwork(
      problem,
      { ...quick, epochs: 20 },
      {
        onProgress: (progress) => seen.push(progress),
      },
    );
    expect(seen[0]).toMatchObject({ restart: 0, restarts: 3, epochs: 20, total: 3 * 4 + 2 * 16 });
    expect(new Set(history.map(({ restart }) => restart)).size).toBe(3);
    expect(epochs).toBeGreaterThanOrEqual(20);
    expect(history.every(({ validLoss }) => Number.isFinite(validLoss))).toBe(true);
    const looks = seen.flatMap((progress) => progress.looks);
    expect(looks.map(({ printedBand: _, ...entry }) => entry)).toEqual(history);
    for (const { printedBand: [least, greatest] = [], validAccuracy } of looks)
      expect(least! <= validAccuracy! && validAccuracy! <= greatest!).toBe(true);
  });

  test('goes on from any of its states to the same bits', () => {
    const options = { ...quick, epochs: 80, powerPenalty: 0.01 };
    const states: TrainingState[] = [];
    const whole = trainNetwork(problem, options, { onState: (state) => states.push(state()) });
    // all starts scouting, and the better ones on their way
    expect(states.some(({ survivors }) => survivors === null)).toBe(true);
    expect(states.at(-1)!.survivors).toHaveLength(2);
    for (const state of [states[0]!, states[Math.floor(states.length / 2)]!, states.at(-1)!]) {
      const resume = JSON.parse(JSON.stringify(state)) as TrainingState;
      const rest = trainNetwork(problem, options, { resume });
      expect(rest.network).toEqual(whole.network);
      expect(rest.history).toEqual(whole.history);
    }
  });

  test('leaves component values typical with a fixed activation', () => {
    const fixed = trainNetwork(problem, { ...quick, epochs: 20, activation: 'fixed' }).network;
    expect(fixed.layers[0]!.activationStages).toEqual(fixed.layers[1]!.activationStages);
    expect(network.layers[0]!.activationStages).not.toEqual(network.layers[1]!.activationStages);
  });

  test('needs fewer falling stages where they cost, and still learns', () => {
    const options = { ...quick, seed: 2, hidden: [4] };
    const [free, dear] = [0, 0.03].map((fallingStagePenalty) =>
      trainNetwork(problem, { ...options, fallingStagePenalty }),
    );
    const negativeRows = dear!.network.layers.flatMap((layer) =>
      layer.conductancesSiemens.filter((row) => row.some((siemens) => siemens < 0)),
    );
    expect(dear!.cost!.fallingStages).toBe(negativeRows.length);
    expect(dear!.cost!.fallingStages).toBeLessThan(free!.cost!.fallingStages);
    expect(dear!.network.metrics!.accuracy.test).toBeGreaterThan(0.9);
  });
});

test('a digital network of the same size solves the same problem', () => {
  const { accuracy: digital, underVariation } = trainBaseline(exclusiveOr(), { seed: 1, restarts: 3 });
  expect(digital.test).toBeGreaterThan(0.95);
  expect(underVariation[0]!.draws).toBe(100);
});

describe('wrong use is refused with the name of what is wrong', () => {
  test.each([
    ['draws', { draws: 0 }],
    ['epochs', { epochs: 1.5 }],
    ['seed', { seed: -1 }],
    ['restarts', { restarts: 0 }],
    ['patience', { patience: Number.NaN }],
    ['hidden', { hidden: [3, 0] }],
    ['variation', { variation: 1 }],
    ['rate', { rate: 0 }],
    ['batchRows', { batchRows: 0 }],
    ['validateEvery', { validateEvery: 2.5 }],
    ['fallingStagePenalty', { fallingStagePenalty: -1 }],
  ] as const)('%s', (name, options) => {
    expect(() => trainNetwork(exclusiveOr(), options)).toThrow(UsageError);
    expect(() => trainNetwork(exclusiveOr(), options)).toThrow(name);
  });

  test('rows that do not fit the inputs, labels that are no class', () => {
    const problem = exclusiveOr();
    const inputs = [...problem.inputs, { name: 'x2', minimum: 0, maximum: 1 }];
    expect(() => trainNetwork({ ...problem, inputs })).toThrow('rows of 3 inputs');
    const train = { ...problem.train, labels: problem.train.labels.map(() => 2) };
    expect(() => trainNetwork({ ...problem, train })).toThrow('none of the 2 classes');
  });
});
