import { describe, expect, test } from 'vitest';
import { evaluateNominal } from '../src/printed/evaluate.ts';
import { type ResolvedOptions, resolveOptions, type TrainingOptions } from '../src/printed/options.ts';
import { architectureOf, problemBlocks, type TrainingProblem } from '../src/printed/problem.ts';
import { layersOf, printedStarts, startOf, wantedDigital } from '../src/printed/starts.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { ClosedFormCurve, exclusiveOr } from './fixtures.ts';

/** A falling stage that rises. */
class RisingCurve extends ClosedFormCurve {
  constructor() {
    super('negweight');
  }

  override forward(logValues: Float64Array, rows: number): Float64Array {
    const eta = super.forward(logValues, rows);
    return eta.map((value, at) => (at % 4 === 1 ? -value : value));
  }
}

/** The trainable numbers of every start. */
function startsWith(options: TrainingOptions, problem = exclusiveOr()): number[][] {
  const { starts, resolved } = prepared(options, problem);
  return Array.from({ length: resolved.restarts }, (_, restart) => [...starts(restart).flat]);
}

function prepared(options: TrainingOptions, problem: TrainingProblem) {
  const resolved: ResolvedOptions = resolveOptions(options);
  const architecture = architectureOf(problem, resolved);
  const blocks = problemBlocks(problem, problem.train);
  const printed = wantedDigital(problem, resolved) > 0 ? printedStarts(architecture, problem, resolved) : undefined;
  const starts = (restart: number) =>
    startOf(architecture, blocks, resolved, restart, layersOf(resolved, printed, restart));
  return { resolved, architecture, blocks, starts };
}

describe('the starts of a classifier', () => {
  test('are random and printed digital networks by turns in every loss exponent; the random ones are those of a training without', () => {
    const [mixed, random] = [startsWith({}), startsWith({ digitalStarts: false })];
    const isRandom = mixed.map((start, restart) => start.join() === random[restart]!.join());
    expect(isRandom).toEqual([true, true, false, false, true, true, false, false, true, true, false, false]);
    // a printed network serves every exponent, and no two of them are the same
    const printed = [2, 3, 6, 7, 10, 11].map((restart) => mixed[restart]!.join());
    expect([printed[0], printed[2], printed[4]]).toEqual([printed[1], printed[3], printed[5]]);
    expect(new Set(printed).size).toBe(3);
  });

  test('know something before any training: a printed one decides more rows rightly than any random one', () => {
    const { starts, architecture, blocks, resolved } = prepared({}, exclusiveOr());
    const accuracies = Array.from(
      { length: resolved.restarts },
      (_, restart) => evaluateNominal(architecture, starts(restart), blocks).accuracy,
    );
    expect(Math.max(...[2, 6, 10].map((restart) => accuracies[restart]!))).toBeGreaterThan(
      Math.max(...[0, 1, 4, 5, 8, 9].map((restart) => accuracies[restart]!)),
    );
  });

  test('are the same for the same seed, and others for another', () => {
    expect(startsWith({ seed: 3 })).toEqual(startsWith({ seed: 3 }));
    expect(startsWith({ seed: 4 })[2]).not.toEqual(startsWith({ seed: 3 })[2]);
  });

  test('do not look at the test rows', () => {
    const problem = exclusiveOr();
    const test = { ...problem.test, labels: problem.test.labels.map((label) => 1 - label) };
    expect(startsWith({}, { ...problem, test })).toEqual(startsWith({}, problem));
  });

  test('of a large table are those of every second of its rows', () => {
    const problem = exclusiveOr(2050);
    const half = exclusiveOr(2050).train;
    const every = {
      ...half,
      volts: half.volts.filter((_, at) => Math.floor(at / 2) % 2 === 0),
      labels: half.labels.filter((_, row) => row % 2 === 0),
      sourceRows: half.sourceRows.filter((_, row) => row % 2 === 0),
    };
    const options = { seed: 1, restarts: 3, batchRows: 1e6 };
    expect(startsWith(options, problem)[2]).toEqual(startsWith(options, { ...problem, train: every })[2]);
  });

  test('are no more digital networks than there are turns', () => {
    expect(startsWith({ restarts: 2 })).toEqual(startsWith({ restarts: 2, digitalStarts: false }));
    expect(startsWith({ restarts: 3 })[2]).not.toEqual(startsWith({ restarts: 3, digitalStarts: false })[2]);
  });

  test.each<[string, TrainingOptions, Partial<TrainingProblem>]>([
    ['component values are not trained', { activation: 'fixed' }, {}],
    ['the outputs have targets', {}, { task: { kind: 'regression', target: 'y', unitsPerVolt: 1, interceptUnits: 0 } }],
    ['no stage falls', {}, { falling: new RisingCurve() }],
  ])('are all random where %s', (_, options, change) => {
    const problem = { ...exclusiveOr(), ...change };
    if (problem.task !== undefined) {
      const labels = Float64Array.from(problem.train.labels);
      Object.assign(problem, { classes: ['y'], train: { ...problem.train, labels } });
    }
    expect(startsWith(options, problem)).toEqual(startsWith({ ...options, digitalStarts: false }, problem));
  });

  test('follow the volts that inputs are driven with, so that a process with other volts starts as well', () => {
    const driven = { minimumVolts: 0.2, maximumVolts: 0.8 };
    const problem = exclusiveOr();
    const narrow = {
      ...problem,
      inputs: problem.inputs.map((input) => ({ ...input, ...driven })),
      train: { ...problem.train, volts: problem.train.volts.map((v) => 0.2 + 0.6 * v) },
      valid: { ...problem.valid, volts: problem.valid.volts.map((v) => 0.2 + 0.6 * v) },
    };
    const accuracy = (which: TrainingProblem) => {
      const { starts, architecture, blocks } = prepared({}, which);
      return evaluateNominal(architecture, starts(2), blocks).accuracy;
    };
    expect(Math.abs(accuracy(narrow) - accuracy(problem))).toBeLessThan(0.1);
  });
});

test('a training that was stopped goes on to the same bits with printed starts', () => {
  const options = { epochs: 30, restarts: 4, draws: 2 };
  const problem = exclusiveOr();
  const states: string[] = [];
  const whole = trainNetwork(problem, options, { onState: (state) => states.push(JSON.stringify(state())) });
  const resume = JSON.parse(states[1]!);
  expect(trainNetwork(problem, options, { resume }).network.layers).toEqual(whole.network.layers);
});
