import { join } from 'node:path';
import { Draws, describeVariation, type NonIdeality, type Variation } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { componentValues, type FlatCircuit, flatten } from '../src/ir/flatten.ts';
import { loadTechnology } from '../src/technology/technology.ts';
import { variedValues } from '../src/variation/copies.ts';
import { drawnFactor, valueFactor } from '../src/variation/factor.ts';
import { OPEN_FACTOR } from '../src/variation/law.ts';
import { reachOf, variationOf } from '../src/variation/model.ts';

const COUNT = 40_000;
const draws = new Draws(3, 'non-idealities');
const uniforms = new Float64Array(COUNT);
draws.fillUniform(0, uniforms);

function factorsOf(part: NonIdeality): number[] {
  return Array.from(uniforms, (u) => drawnFactor(part, u, false));
}

function moments(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { mean, std: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) };
}

describe('the realised statistics of a non-ideality', () => {
  it('uniform s: mean 1, standard deviation s/√3, within 1 ± s', () => {
    const factors = factorsOf({ kind: 'uniform', spread: 0.2 });
    expect(moments(factors).mean).toBeCloseTo(1, 2);
    expect(moments(factors).std).toBeCloseTo(0.2 / Math.sqrt(3), 3);
    expect(Math.max(...factors.map((f) => Math.abs(f - 1)))).toBeLessThanOrEqual(0.2);
  });

  it('gaussian s: mean 1, standard deviation s', () => {
    const { mean, std } = moments(factorsOf({ kind: 'gaussian', spread: 0.1 }));
    expect(mean).toBeCloseTo(1, 2);
    expect(std).toBeCloseTo(0.1, 2);
  });

  it('laplace s: mean 1, standard deviation s·√2, twice as much beyond 3 as a normal of the same deviation', () => {
    const factors = factorsOf({ kind: 'laplace', spread: 0.05 });
    const { mean, std } = moments(factors);
    expect(mean).toBeCloseTo(1, 2);
    expect(std).toBeCloseTo(0.05 * Math.SQRT2, 2);
    expect(factors.filter((f) => Math.abs(f - 1) > 3 * std).length / COUNT).toBeCloseTo(Math.exp(-3 * Math.SQRT2), 2);
  });

  it('drift σ: the logarithm is normal with mean 0 and deviation σ', () => {
    const { mean, std } = moments(factorsOf({ kind: 'drift', sigma: 0.7 }).map(Math.log));
    expect(mean).toBeCloseTo(0, 2);
    expect(std).toBeCloseTo(0.7, 2);
  });

  it('multinomial p₁, p₂: an open resistor, a half and a whole one as often as it says', () => {
    const factors = factorsOf({ kind: 'multinomial', zero: 0.3, half: 0.2 });
    const share = (value: number): number => factors.filter((f) => f === value).length / COUNT;
    expect(share(OPEN_FACTOR)).toBeCloseTo(0.3, 2);
    expect(share(0.5)).toBeCloseTo(0.2, 2);
    expect(share(1)).toBeCloseTo(0.5, 2);
  });

  it('levels n: the nearest of n equal steps, and a write error about it', () => {
    const part = { kind: 'levels', levels: 5, spread: 0.04 } as const;
    const range = { min: 1, max: 9 };
    expect(2.2 * valueFactor(part, 2.2, range, 9)).toBeCloseTo(3, 12);
    expect(1.9 * valueFactor(part, 1.9, range, 9)).toBeCloseTo(1, 12);
    expect(20 * valueFactor(part, 20, range, 20)).toBeCloseTo(9, 12);
    expect(valueFactor(part, 0, range, 9)).toBe(1);
    expect(moments(factorsOf(part)).std).toBeCloseTo(0.04, 2);
  });

  it('mapping: the measured ratio at the share of the largest weight', () => {
    const part = { kind: 'mapping', ratios: [1, 0.5, 0.2], sigma: 0.1 } as const;
    const range = { min: 0, max: 1 };
    expect([0.1, 0.6, 1].map((g) => valueFactor(part, g, range, 1))).toEqual([1, 0.5, 0.2]);
    expect(moments(factorsOf(part).map(Math.log)).std).toBeCloseTo(0.1, 2);
  });
});

describe('printed copies of a circuit', () => {
  const technology = loadTechnology(join(import.meta.dirname, '../../../spice-templates'), 'egt');
  const count = 2000;
  const device = (k: number) => ({
    kind: 'resistor' as const,
    name: `r${k}`,
    nodes: ['a', '0'] as [string, string],
    ohms: 1e6,
    origin: { role: 'crossbar' as const, layer: 0, row: k, column: 0 },
  });
  const flat: FlatCircuit = flatten(
    { inputs: ['a'], devices: Array.from({ length: count }, (_, k) => device(k)) },
    technology,
  );
  const nominal = componentValues(flat);
  const siemens = (variation: number | Variation, index = 0): number[] => {
    const out = new Float64Array(count);
    variedValues(flat, nominal, new Draws(1, 'copies'), index, variation, out);
    return Array.from(out, (ohms) => 1e6 / ohms);
  };

  it('are the same for a spread and for the model that says no more', () => {
    expect(siemens({ kind: 'uniform', relativeSpread: 0.1 })).toEqual(siemens(0.1));
  });

  it('take every kind of the model: gaussian, log-normal, a part in common', () => {
    expect(moments(siemens({ kind: 'gaussian', relativeSpread: 0.1 })).std).toBeCloseTo(0.1, 2);
    expect(moments(siemens({ kind: 'lognormal', relativeSpread: 0.3 }).map(Math.log)).std).toBeCloseTo(0.3, 1);
    const common = siemens({ kind: 'gaussian', relativeSpread: 0.1, commonShare: 1 });
    expect(moments(common).std).toBeCloseTo(0, 12);
    expect(common[0]).not.toBe(siemens({ kind: 'gaussian', relativeSpread: 0.1, commonShare: 1 }, 1)[0]);
  });

  it('multiply the non-idealities of a list', () => {
    const parts: NonIdeality[] = [
      { kind: 'drift', sigma: 0.3 },
      { kind: 'drift', sigma: 0.4 },
    ];
    const { std } = moments(siemens({ kind: 'uniform', relativeSpread: 0, nonIdealities: parts }).map(Math.log));
    expect(std).toBeCloseTo(0.5, 1);
  });

  it('have stuck resistors as often as the model says', () => {
    const open = siemens({ kind: 'uniform', relativeSpread: 0, stuckOpen: 0.1 }).filter((g) => g < 1e-3);
    expect(open.length / count).toBeCloseTo(0.1, 1);
  });
});

describe('variationOf', () => {
  const model = (part: object): Variation =>
    ({ kind: 'uniform', relativeSpread: 0, nonIdealities: [part] }) as unknown as Variation;

  it.each([
    [{ kind: 'multinomial', zero: 0.7, half: 0.5 }, /p1 and p2\) together are more than 1/],
    [{ kind: 'drift', sigma: -0.1 }, /drift: sigma/],
    [{ kind: 'levels', levels: 1, spread: 0 }, /levels: levels/],
    [{ kind: 'uniform', spread: 1.5 }, /uniform: spread/],
  ])('refuses %j', (part, message) => {
    expect(() => variationOf(model(part))).toThrow(message);
  });

  it('says in words what varies, and how far a stage must stay from its edges', () => {
    const drift = model({ kind: 'drift', sigma: 0.1, components: 'all' });
    expect(describeVariation(drift)).toBe('log-normal drift 0.1');
    expect(reachOf(drift)).toBeCloseTo(Math.expm1(0.3), 12);
    expect(reachOf(model({ kind: 'drift', sigma: 0.1 }))).toBe(0);
    expect(describeVariation({ kind: 'uniform', relativeSpread: 0.1 })).toBe('uniform 10 %');
  });
});
