import type { TrainingState } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { excessOf, isWithin, Multipliers } from '../src/printed/cost/budget.ts';
import { CostModel } from '../src/printed/cost/cost.ts';
import { createVariation } from '../src/printed/evaluate.ts';
import { Parameters } from '../src/printed/layer/parameters.ts';
import { resolveOptions } from '../src/printed/options.ts';
import { countFallingStages, keepFallingStages } from '../src/printed/penalty.ts';
import { architectureOf } from '../src/printed/problem.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { centralDifference, egt, exclusiveOr, randomParameters } from './fixtures.ts';

const problem = exclusiveOr();
const architecture = architectureOf(problem, resolveOptions({}));
const model = new CostModel(architecture, egt, problem.train);
const SHORT = { epochs: 150, restarts: 2, draws: 5, variation: 0.05 } as const;

test('the printed area has the gradient of finite differences, but for resistors that are at the edge of being left out', () => {
  const parameters = randomParameters(architecture);
  const prices = { power: 0, area: 0, printedArea: 0.5 };
  const gradient = new Parameters(architecture);
  model.addGradient(parameters, prices, gradient);
  const nats = () => model.nats(parameters, prices);
  parameters.layers.forEach(({ theta, activation }, l) => {
    activation.forEach((_, i) => {
      expect(gradient.layers[l]!.activation[i]).toBeCloseTo(centralDifference(activation, i, nats, 1e-3), 4);
    });
    theta.forEach((value, at) => {
      if (Math.abs(value) < 1.2 * architecture.conductances.min) return;
      expect(gradient.layers[l]!.theta[at]).toBeCloseTo(centralDifference(theta, at, nats, 1e-4), 3);
    });
  });
});

describe('the power of printed copies', () => {
  const parameters = randomParameters(architecture);
  const { watts } = model.measure(parameters);

  test('is that of the network where nothing varies', () => {
    for (const copy of model.copyWatts(parameters, createVariation(architecture, 3, 0)))
      expect(copy / watts).toBeCloseTo(1, 9);
  });

  test('is that of a network with these conductances and component values', () => {
    const prints = createVariation(architecture, 1, 0);
    const moved = randomParameters(architecture);
    prints.layers.forEach(({ conductances, falling, activation }, l) => {
      conductances.fill(1.02);
      const { theta } = moved.layers[l]!;
      for (let at = 0; at < theta.length; at += 1) theta[at]! *= 1.02;
      for (const [kind, factors] of [
        ['falling', falling],
        ['activation', activation],
      ] as const) {
        const { size } = architecture[kind];
        const logs = new Float64Array(size);
        const free = moved.layers[l]![kind];
        const before = new Float64Array(size);
        architecture[kind].logsAt(free, before);
        free[0]! += 0.05;
        architecture[kind].logsAt(free, logs);
        for (let i = 0; i < factors.length; i += 1) factors[i] = logs[i % size]! - before[i % size]!;
      }
    });
    const [copy] = model.copyWatts(parameters, prints);
    const exact = model.measure(moved).watts;
    // node volts of the stages behind are held: most of the change is seen
    expect(Math.abs(copy! - exact) / Math.abs(exact - watts)).toBeLessThan(0.2);
  });
});

test('a multiplier grows while the network is beyond its budget, shrinks below it, and never is negative', () => {
  const multipliers = new Multipliers();
  const cost = { areaSquareMetres: 1, printedSquareMetres: 1, fallingStages: 0, resistors: 1 };
  const budget = { maximumPowerWatts: 1e-5 };
  const base = { power: 0.01, area: 0 };
  const price = (watts: number) => multipliers.update(budget, { ...cost, watts }, base).power;
  const first = price(2e-5);
  expect(price(2e-5)).toBeGreaterThan(first);
  const peak = multipliers.power;
  price(0.5e-5);
  expect(multipliers.power).toBeLessThan(peak);
  for (let n = 0; n < 50; n += 1) price(0.5e-5);
  expect(multipliers.power).toBe(0);
  expect(price(0.5e-5)).toBe(base.power);
});

test('the excess is that of the limit which is missed most, and 0 where all are kept', () => {
  const taken = { watts: 1e-5, copyShare: 1.1, printedSquareMetres: 1e-6, fallingStages: 3 };
  expect(excessOf({ maximumPowerWatts: 2e-5, maximumPrintedSquareMetres: 2e-6, maximumInverters: 3 }, taken)).toBe(0);
  expect(excessOf({ maximumInverters: 1 }, taken)).toBeCloseTo(Math.log(2), 9);
  // copies count: the network alone would keep it
  expect(isWithin({ maximumPowerWatts: 1.05e-5 }, taken)).toBe(false);
  expect(isWithin({ maximumPowerWatts: 1.11e-5 }, taken)).toBe(true);
});

test('of the inputs with falling stages those stay whose negative entries weigh most', () => {
  const parameters = randomParameters(architecture);
  const all = countFallingStages(architecture, parameters);
  expect(all).toBeGreaterThan(2);
  keepFallingStages(architecture, parameters, 2);
  expect(countFallingStages(architecture, parameters)).toBe(2);
  keepFallingStages(architecture, parameters, 0);
  expect(countFallingStages(architecture, parameters)).toBe(0);
});

describe('a training with a budget', () => {
  const free = trainNetwork(problem, SHORT);

  test('keeps its power in 95 of 100 copies, in one run', () => {
    const maximumPowerWatts = 0.4 * free.cost.watts;
    const { cost, budget, network } = trainNetwork(problem, { ...SHORT, budget: { maximumPowerWatts } });
    expect(budget!.kept).toBe(true);
    expect(cost.watts).toBeLessThan(budget!.copyWatts);
    expect(budget!.copyWatts).toBeLessThanOrEqual(maximumPowerWatts);
    expect(network.budget).toEqual({ maximumPowerWatts });
  });

  test('keeps its printed area and its number of inverters', () => {
    const budget = { maximumPrintedSquareMetres: 0.7 * free.cost.printedSquareMetres, maximumInverters: 1 };
    const result = trainNetwork(problem, { ...SHORT, budget });
    expect(result.budget!.kept).toBe(true);
    expect(result.cost.printedSquareMetres).toBeLessThanOrEqual(budget.maximumPrintedSquareMetres);
    expect(result.cost.fallingStages).toBeLessThanOrEqual(1);
  });

  test('says so where it does not keep it, and gives the network that came nearest', () => {
    const tight = trainNetwork(problem, {
      ...SHORT,
      epochs: 40,
      budget: { maximumPowerWatts: 0.12 * free.cost.watts },
    });
    expect(tight.budget!.kept).toBe(false);
    expect(tight.cost.watts).toBeLessThan(free.cost.watts);
  });

  test('goes on from any state to the same bits', () => {
    const options = { ...SHORT, epochs: 60, budget: { maximumPowerWatts: 0.5 * free.cost.watts } };
    const states: TrainingState[] = [];
    const whole = trainNetwork(problem, options, { onState: (state) => states.push(state()) });
    const middle = structuredClone(states[Math.floor(states.length / 2)]!);
    const resumed = trainNetwork(problem, options, { resume: middle });
    expect(resumed.network).toEqual(whole.network);
  });

  test.each([{ maximumPowerWatts: 0 }, { maximumPrintedSquareMetres: Number.NaN }, { maximumInverters: 1.5 }])(
    'refuses %o',
    (budget) => {
      expect(() => trainNetwork(problem, { ...SHORT, budget })).toThrow(Object.keys(budget)[0]);
    },
  );
});
