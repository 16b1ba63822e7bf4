import { describe, expect, it } from 'vitest';
import type { LadderEvent, TrainingEvent } from '../src/session/session.ts';
import { linear, logarithmic } from '../src/steps/plots/scale.ts';
import { bestStart, NO_PROGRESS, shareDone, told } from '../src/steps/progress.ts';
import { confusionOf } from '../src/steps/results.ts';

function training(restart: number, epoch: number, accuracy: number): TrainingEvent {
  return {
    kind: 'training',
    restart,
    restarts: 3,
    epoch,
    done: epoch,
    total: 400,
    trainLoss: 1 / epoch,
    validLoss: 1 / epoch,
    validAccuracy: accuracy,
    validRmse: undefined,
    printedBand: undefined,
    secondsLeft: undefined,
  };
}

function rung(step: string, accuracy: number): LadderEvent {
  return { kind: 'rung', step, accuracy, rmse: undefined, rmsVoltsFromNetwork: 0, underVariation: undefined };
}

describe('what a step tells', () => {
  it('an epoch belongs to the curve of its start', () => {
    const events = [training(0, 10, 0.5), training(1, 10, 0.6), training(0, 20, 0.7)];
    const { starts } = events.reduce(told, NO_PROGRESS);
    expect(starts.map(({ restart, points }) => [restart, points.map(({ epoch }) => epoch)])).toEqual([
      [0, [10, 20]],
      [1, [10]],
    ]);
  });

  it('a training that goes on from its checkpoint goes back on its curve', () => {
    const events = [training(0, 10, 0.5), training(0, 20, 0.6), training(0, 15, 0.55)];
    const { starts } = events.reduce(told, NO_PROGRESS);
    expect(starts[0]!.points.map(({ epoch }) => epoch)).toEqual([10, 15]);
  });

  it('long curves are thinned and keep their ends', () => {
    const events = Array.from({ length: 2000 }, (_, i) => training(0, i + 1, 0.5));
    const { points } = events.reduce(told, NO_PROGRESS).starts[0]!;
    expect(points.length).toBeLessThanOrEqual(402);
    expect([points[0]!.epoch, points.at(-1)!.epoch]).toEqual([1, 2000]);
  });

  it('the best start has the highest accuracy, or in regression the least error', () => {
    const { starts } = [training(0, 10, 0.9), training(1, 10, 0.95), training(2, 10, 0.8)].reduce(told, NO_PROGRESS);
    expect(bestStart(starts, false)!.restart).toBe(1);
    expect(bestStart(starts, true)!.restart).toBe(2);
    expect(bestStart([], false)).toBeUndefined();
  });

  it('a rung that is measured again takes its own place', () => {
    const events = [rung('network', 0.9), rung('snapped circuit', 0.8), rung('network', 0.91)];
    const { rungs } = events.reduce(told, NO_PROGRESS);
    expect(rungs.map(({ step, accuracy }) => [step, accuracy])).toEqual([
      ['snapped circuit', 0.8],
      ['network', 0.91],
    ]);
  });

  it('a share is known where the whole is', () => {
    expect(shareDone(told(NO_PROGRESS, training(0, 100, 0.5)))).toBe(0.25);
    const work = { kind: 'work', label: 'verify', done: 3, total: 0, note: '', secondsLeft: undefined } as const;
    expect(shareDone(told(NO_PROGRESS, work))).toBeUndefined();
  });
});

describe('pictures', () => {
  it('ticks are on round numbers within the domain', () => {
    const scale = linear([0.62, 1], [100, 0]);
    expect(scale.ticks.map((tick) => tick.toFixed(scale.decimals))).toEqual(['0.7', '0.8', '0.9', '1.0']);
    expect(scale(1)).toBe(0);
  });

  it('losses have a tick at 1, 2 and 5 times every power of ten', () => {
    const scale = logarithmic([0.03, 0.6], [100, 0]);
    expect(scale.ticks.map(Number)).toEqual([0.05, 0.1, 0.2, 0.5]);
    expect([scale(0.03), scale(0.6)].map(Math.round)).toEqual([100, 0]);
  });

  it('a domain of one value has a scale too', () => {
    expect(Number.isFinite(linear([3, 3], [0, 100])(3))).toBe(true);
  });

  it('a confusion matrix counts decisions by true class', () => {
    const view = { classes: ['a', 'b'], labels: [0, 0, 1, 1], decided: [0, 1, 1, 1] };
    expect(confusionOf(view)).toEqual([
      [1, 1],
      [0, 2],
    ]);
  });
});
