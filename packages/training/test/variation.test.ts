import { CURVE_LENGTH, curveAt, reachOf, uniformFactor, VariationLaw, variationOf } from '@neuroprint/circuit';
import { Draws, UsageError, type Variation } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { createVariation } from '../src/printed/evaluate.ts';
import { fillUniform } from '../src/printed/kernel/random.ts';
import { resolveOptions } from '../src/printed/options.ts';
import { architectureOf } from '../src/printed/problem.ts';
import { stageCount } from '../src/printed/series.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { withValueFactors } from '../src/printed/variation.ts';
import { exclusiveOr, uneven } from './fixtures.ts';

const architecture = architectureOf(exclusiveOr(), resolveOptions({}));
const DRAWS = 4000;
const SPREAD = 0.1;

const printed = (variation: Partial<Variation>) =>
  createVariation(architecture, DRAWS, { kind: 'uniform', relativeSpread: SPREAD, ...variation }).fill(
    new Draws(11, 'statistics'),
    0,
  );

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const std = (values: ArrayLike<number>) => {
  const m = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - m) ** 2)));
};
/** Entry i of every print. */
const entry = (values: Float64Array, i: number) => {
  const size = values.length / DRAWS;
  return Float64Array.from({ length: DRAWS }, (_, d) => values[d * size + i]!);
};
const correlation = (a: Float64Array, b: Float64Array) => {
  const [ma, mb] = [mean(a), mean(b)];
  return mean(a.map((value, i) => (value - ma) * (b[i]! - mb))) / (std(a) * std(b));
};

describe('the realised statistics of a variation model', () => {
  test('uniform: mean 1, standard deviation s/√3, within 1 ± s', () => {
    const { conductances } = printed({}).layers[0]!;
    expect(mean(conductances)).toBeCloseTo(1, 3);
    expect(std(conductances)).toBeCloseTo(SPREAD / Math.sqrt(3), 3);
    expect(Math.max(...conductances.map((g) => Math.abs(g - 1)))).toBeLessThanOrEqual(SPREAD);
  });

  test('gaussian: standard deviation s but for the cut at three of them', () => {
    const { conductances } = printed({ kind: 'gaussian' }).layers[0]!;
    expect(mean(conductances)).toBeCloseTo(1, 3);
    expect(std(conductances)).toBeCloseTo(0.0993, 3);
    expect(Math.max(...conductances)).toBeLessThanOrEqual(1 + 3 * SPREAD);
    expect(mean(conductances.map((g) => (Math.abs(g - 1) < SPREAD ? 1 : 0)))).toBeCloseTo(0.6827, 2);
  });

  test('lognormal: ln of the factor is normal, and the factor is never negative', () => {
    const { conductances, falling } = printed({ kind: 'lognormal', relativeSpread: 0.3 }).layers[0]!;
    expect(mean(conductances.map(Math.log))).toBeCloseTo(0, 2);
    expect(std(conductances.map(Math.log))).toBeCloseTo(0.298, 2);
    expect(std(falling)).toBeCloseTo(0.298, 2);
    expect(Math.min(...conductances)).toBeGreaterThan(0);
  });

  test('per class: resistors and transistors have spreads of their own', () => {
    const { conductances, falling } = printed({ resistorSpread: 0.02, transistorSpread: 0.3 }).layers[0]!;
    expect(std(conductances)).toBeCloseTo(0.02 / Math.sqrt(3), 4);
    // falling stage: R, W, L
    expect(std(entry(falling, 0).map(Math.exp))).toBeCloseTo(0.02 / Math.sqrt(3), 3);
    for (const i of [1, 2]) expect(std(entry(falling, i).map(Math.exp))).toBeCloseTo(0.3 / Math.sqrt(3), 2);
  });

  test('a common drift correlates the components of a class on a sheet, across layers, and leaves their spread', () => {
    const { layers } = printed({ kind: 'gaussian', commonShare: 0.6 });
    const [a, b] = [entry(layers[0]!.conductances, 0), entry(layers[1]!.conductances, 3)];
    const width = entry(layers[0]!.falling, 1);
    expect(std(a)).toBeCloseTo(SPREAD, 2);
    expect(correlation(a, b)).toBeCloseTo(0.6, 1);
    expect(correlation(a, entry(layers[0]!.falling, 0))).toBeCloseTo(0.6, 1);
    expect(Math.abs(correlation(a, width))).toBeLessThan(0.06);
  });

  test('a spatial gradient correlates neighbours and sets the far ends of the sheet against each other', () => {
    const { conductances } = printed({ kind: 'gaussian', gradientShare: 0.8 }).layers[0]!;
    const { neurons, inputs } = architecture.shapes[0]!;
    const [first, neighbour, far] = [0, 1, (inputs + 1) * neurons].map((i) => entry(conductances, i));
    expect(correlation(first!, neighbour!)).toBeGreaterThan(0.5);
    expect(correlation(first!, far!)).toBeLessThan(correlation(first!, neighbour!) - 0.3);
  });

  test('faults strike crossbar resistors with their probability', () => {
    const { layers } = printed({ stuckOpen: 0.03, stuckShort: 0.01 });
    const conductances = [...layers[0]!.conductances, ...layers[1]!.conductances];
    expect(mean(conductances.map((g) => (g < 0.01 ? 1 : 0)))).toBeCloseTo(0.03, 2);
    expect(mean(conductances.map((g) => (g > 100 ? 1 : 0)))).toBeCloseTo(0.01, 2);
  });

  test.each([
    { kind: 'uniform' },
    { kind: 'gaussian', commonShare: 0.3, gradientShare: 0.3 },
    { kind: 'lognormal', transistorSpread: 0.2, commonShare: 0.5 },
  ] as Partial<Variation>[])('never reaches beyond what designs stay clear of: %o', (model) => {
    const { layers, model: resolved } = printed(model);
    const reach = reachOf(resolved);
    for (const { falling, activation } of layers) {
      const largest = Math.max(...[...falling, ...activation].map((log) => Math.abs(Math.expm1(log))));
      expect(largest).toBeLessThanOrEqual(reach * (1 + 1e-12));
    }
  });
});

describe('non-idealities in prints', () => {
  test('fall on crossbars unless they say otherwise, each with draws of its own', () => {
    const none = { relativeSpread: 0 };
    const drift = printed({ ...none, nonIdealities: [{ kind: 'drift', sigma: 0.3 }] }).layers[0]!;
    expect(std(drift.conductances.map(Math.log))).toBeCloseTo(0.3, 2);
    expect(Math.max(...drift.falling.map(Math.abs))).toBe(0);
    const both = printed({
      ...none,
      nonIdealities: [
        { kind: 'laplace', spread: 0.05, components: 'all' },
        { kind: 'multinomial', zero: 0.1, half: 0.2 },
      ],
    }).layers[0]!;
    expect(mean(both.conductances.map((g) => (g < 1e-4 ? 1 : 0)))).toBeCloseTo(0.1, 2);
    expect(mean(both.conductances.map((g) => (g > 0.25 && g < 0.75 ? 1 : 0)))).toBeCloseTo(0.2, 1);
    // √2 but for the cut at three scales: E[min(|ℓ|, 3)²] = 2 − 8·e^(−3)
    expect(std(both.falling)).toBeCloseTo(0.05 * Math.sqrt(2 - 8 * Math.exp(-3)), 2);
    expect(Math.max(...both.falling)).toBeLessThanOrEqual(Math.log(1.15));
  });

  test('that depend on the conductance multiply what was drawn, and leave absent resistors alone', () => {
    const model: Variation = {
      kind: 'uniform',
      relativeSpread: 0,
      nonIdealities: [{ kind: 'levels', levels: 3, spread: 0 }],
    };
    const factors = withValueFactors(model, Float64Array.of(1, 2, 1, 2), Float64Array.of(0, 2.2), { min: 1, max: 5 });
    expect(factors[0]).toBe(1);
    expect(2.2 * factors[1]!).toBeCloseTo(2 * 3, 12);
    const drawn = Float64Array.of(1);
    expect(withValueFactors({ ...model, nonIdealities: [] }, drawn, drawn, { min: 1, max: 5 })).toBe(drawn);
  });

  test('can be trained under, the whole list, and network.json says it', () => {
    const variation: Variation = {
      kind: 'uniform',
      relativeSpread: 0.02,
      nonIdealities: [
        { kind: 'levels', levels: 64, spread: 0.01 },
        { kind: 'drift', sigma: 0.1 },
        { kind: 'mapping', ratios: [1, 1, 0.9], sigma: 0 },
      ],
    };
    const { network } = trainNetwork(exclusiveOr(), { epochs: 60, draws: 6, restarts: 2, variation });
    expect(network.variation).toEqual(variation);
    expect(network.metrics!.underVariation.law).toContain('64 levels');
    expect(network.metrics!.underVariation.mean).toBeGreaterThan(0.7);
  });
});

test('a network can be trained under every kind of variation, and says which', () => {
  const variation: Variation = { kind: 'gaussian', relativeSpread: 0.05, commonShare: 0.3, stuckOpen: 0.001 };
  const { network } = trainNetwork(exclusiveOr(), { epochs: 60, draws: 6, restarts: 2, variation });
  expect(network.variation).toEqual(variation);
  expect(network.metrics!.accuracy.test).toBeGreaterThan(0.8);
});

describe('a variation that cannot be is refused with the name of what is wrong', () => {
  test.each([
    [{ relativeSpread: 1 }, 'relativeSpread'],
    [{ transistorSpread: -0.1 }, 'transistorSpread'],
    [{ commonShare: 1.1 }, 'commonShare'],
    [{ commonShare: 0.6, gradientShare: 0.6 }, 'together'],
    [{ stuckOpen: Number.NaN }, 'stuckOpen'],
  ] as const)('%o', (part, text) => {
    const wrong = { kind: 'uniform', relativeSpread: 0.1, ...part } as Variation;
    expect(() => variationOf(wrong)).toThrow(UsageError);
    expect(() => variationOf(wrong)).toThrow(text);
  });
});

describe('what is in series with the stages', () => {
  const architecture = architectureOf(exclusiveOr(), resolveOptions({ hidden: [3] }));
  const volts = (block: number, draw: number, l: number, rows: number) => {
    const prints = createVariation(architecture, 5, uneven).fill(new Draws(2, 'test'), 7);
    const out = new Float64Array(stageCount(architecture.shapes[l]!) * rows);
    prints.series!.noise(l, draw, block, out, rows);
    return out;
  };

  test('is noise in ±A/2, new for every stage, row, block, layer and print', () => {
    const all = [0, 1].flatMap((block) =>
      [0, 1, 2, 3, 4].flatMap((draw) => [0, 1].flatMap((l) => [...volts(block, draw, l, 200)])),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(mean(all)).toBeCloseTo(0, 3);
    expect(Math.sqrt(mean(all.map((v) => v * v)))).toBeCloseTo(0.1 / Math.sqrt(12), 3);
    expect(Math.max(...all.map(Math.abs))).toBeLessThanOrEqual(0.05);
    expect(volts(1, 2, 1, 200)).toEqual(volts(1, 2, 1, 200));
  });

  test('is a curve of its own for every stage and print that spans A', () => {
    const prints = createVariation(architecture, 5, uneven).fill(new Draws(2, 'test'), 7);
    const at = { volts: 0, slope: 0 };
    const spans = prints.series!.curves.flatMap((curves) =>
      Array.from({ length: curves.length / CURVE_LENGTH }, (_, s) => {
        const values = Array.from({ length: 201 }, (_, i) => {
          curveAt({ curves, periodVolts: prints.series!.periodVolts }, s * CURVE_LENGTH, i / 200, at);
          return at.volts;
        });
        return [Math.min(...values), Math.max(...values), values[100]!];
      }),
    );
    expect(spans.length).toBe(5 * (2 + 3 + 3 + 2));
    for (const [low, high] of spans) {
      expect(low).toBeCloseTo(-0.1, 2);
      expect(high).toBeCloseTo(0.1, 2);
    }
    expect(new Set(spans.map(([, , middle]) => middle)).size).toBe(spans.length);
  });

  test('is trained with: the same bits every time, and others than without', () => {
    const options = { hidden: [3], epochs: 4, restarts: 2, draws: 3 };
    const network = (variation: Variation) => trainNetwork(exclusiveOr(), { ...options, variation }).network.layers;
    expect(network(uneven)).toEqual(network(uneven));
    expect(network(uneven)).not.toEqual(network({ kind: 'uniform', relativeSpread: 0.1 }));
  });
});

describe('the age of the prints', () => {
  const ageing = {
    ...{ law: 'power', a: 0.14, shape: 0.53, measuredDays: [0, 37], days: [37, 37] },
    spread: { scale: 'log', covariance: [[0.03]], sheetShare: 0 },
  } as const;

  test('divides conductances and multiplies the resistors of stages by one law, each with numbers of its own', () => {
    const { conductances, falling } = printed({ relativeSpread: 0, ageing }).layers[0]!;
    const grown = (ratios: Float64Array) => ratios.map((ratio) => Math.log((ratio - 1) / 37 ** 0.53));
    for (const logs of [grown(conductances.map((g) => 1 / g)), grown(entry(falling, 0).map(Math.exp))]) {
      expect(mean(logs)).toBeCloseTo(Math.log(0.14), 2);
      expect(std(logs)).toBeCloseTo(Math.sqrt(0.03) * 0.993, 2);
    }
    // a width is no resistor
    expect(std(entry(falling, 1))).toBe(0);
    expect(Math.abs(correlation(entry(conductances, 0), entry(conductances, 1)))).toBeLessThan(0.05);
  });

  test('is one day for a whole print', () => {
    const { spread: _, ...alike } = ageing;
    const { conductances } = printed({ relativeSpread: 0, ageing: { ...alike, days: [0, 365] } }).layers[0]!;
    expect(correlation(entry(conductances, 0), entry(conductances, 1))).toBeCloseTo(1, 9);
    expect(Math.min(...entry(conductances, 0))).toBeLessThan(0.3);
  });

  test('leaves designs that no growth takes out of what the surrogate knows, or says that there are none', () => {
    const aged = (days: readonly [number, number]) =>
      architectureOf(
        exclusiveOr(),
        resolveOptions({ variation: { kind: 'uniform', relativeSpread: SPREAD, ageing: { ...ageing, days } } }),
      );
    const { falling } = aged([0, 365]);
    const { parameters } = falling.cell;
    const most = (values: Record<string, number>) =>
      values.R! * (1 + SPREAD) * (1 + 0.14 * Math.exp(3 * Math.sqrt(0.03)) * 365 ** 0.53);
    const logs = new Float64Array(falling.size);
    falling.logsAt(new Float64Array(falling.size).fill(50), logs);
    expect(most(falling.valuesOf(logs))).toBeLessThanOrEqual(parameters[0]!.max * (1 + 1e-9));
    expect(() => aged([0, 1e6])).toThrow(/resistors that become up to .* times as large with age|wider than the range/);
  });
});

describe('the law of the prints', () => {
  test('is that of the circuits: conductances as factors, bit for bit, stages as logarithms within 1e-11', () => {
    const models: Partial<Variation>[] = [
      {},
      { transistorSpread: 0.2 },
      { kind: 'gaussian' },
      { kind: 'lognormal', commonShare: 0.3 },
      { commonShare: 0.2, gradientShare: 0.5 },
    ];
    for (const model of models) {
      const resolved = variationOf({ kind: 'uniform', relativeSpread: SPREAD, ...model });
      const law = new VariationLaw(resolved);
      const draws = new Draws(11, 'statistics');
      const one = createVariation(architecture, 1, resolved).fill(draws, 0);
      const { inputs, neurons } = architecture.shapes[0]!;
      // the numbers of the first layer's conductances come first, those of the sheet after all factors
      const factors = one.layers.reduce(
        (sum, layer) => sum + layer.conductances.length + layer.falling.length + layer.activation.length,
        0,
      );
      const uniform = new Float64Array(factors + 3);
      fillUniform(draws, 0, uniform);
      const sheet = law.sheet(uniform, factors);
      one.layers[0]!.conductances.forEach((factor, i) => {
        const [row, column] = [Math.floor(i / neurons), i % neurons];
        const x = (2 * ((column + 1) / (neurons + 1))) / architecture.shapes.length - 1;
        const y = (2 * (row + 0.5)) / (inputs + 2) - 1;
        expect(factor).toBe(law.factor(uniform[i]!, sheet, { spread: law.spread(0), transistor: 0, x, y }));
        if (law.isUniform) expect(factor).toBe(uniformFactor(law.spread(0), uniform[i]!));
      });
      const units = architecture.falling.cell.parameters.map(({ unit }) => (unit === 'ohms' ? 0 : 1));
      const first = one.layers.reduce((sum, layer) => sum + layer.conductances.length, 0);
      one.layers[0]!.falling.forEach((log, i) => {
        const transistor = units[i % units.length]!;
        const y = (2 * (Math.floor(i / units.length) + 0.5)) / inputs - 1;
        const place = { spread: law.spread(transistor), transistor, x: -1, y };
        expect(Math.abs(log - law.logFactor(uniform[first + i]!, sheet, place))).toBeLessThan(1e-11);
      });
    }
  });

  test('refuses in words a variation that may leave nothing of a component', () => {
    const variation = { kind: 'gaussian', relativeSpread: 0.4 } as const;
    expect(() => architectureOf(exclusiveOr(), resolveOptions({ variation }))).toThrow(
      /component of the cell negweight can differ by 120 % of its value, so that nothing of it may be left/,
    );
  });

  test('refuses in words a variation that leaves no design', () => {
    const variation = { kind: 'lognormal', relativeSpread: 0.18 } as const;
    expect(() => architectureOf(exclusiveOr(), resolveOptions({ variation }))).toThrow(
      /Under a variation by up to 72 % no component values of the cell negweight keep to R\*W\/L>20000 and 500000>R\*W\/L/,
    );
  });

  test('gives every print a finite factor, even where no network can be trained for it', () => {
    for (const kind of ['uniform', 'gaussian', 'lognormal'] as const) {
      for (const { conductances, falling, activation } of printed({ kind, relativeSpread: 0.45 }).layers) {
        expect(Math.min(...Array.from(conductances.subarray(0, 30_000)))).toBeGreaterThan(0);
        expect([...falling, ...activation].every(Number.isFinite)).toBe(true);
      }
    }
  });
});
