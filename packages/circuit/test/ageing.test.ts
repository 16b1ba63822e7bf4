import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ageing, Draws, type Variation } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { componentValues, flatten } from '../src/ir/flatten.ts';
import { loadTechnology } from '../src/technology/technology.ts';
import { ResistorAgeing } from '../src/variation/ageing.ts';
import { variedValues } from '../src/variation/copies.ts';
import { isNominal } from '../src/variation/model.ts';
import { egt, randomCircuit, TEMPLATES } from './example.ts';

const law: Ageing = {
  ...{ law: 'power', a: 0.14, shape: 0.53, measuredDays: [0, 37], days: [365, 365] },
  spread: { scale: 'log', covariance: [[0.03]], sheetShare: 0 },
};
const none = { kind: 'uniform', relativeSpread: 0 } as const;

function statistics(values: readonly number[]) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { mean, std: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) };
}

describe('resistors of printed copies', () => {
  const flat = flatten(randomCircuit(egt, [3, 4, 2], 3), egt);
  const nominal = componentValues(flat);
  const grown = (ageing: Ageing, copies: number): { ratios: number[]; others: number[] } => {
    const out = nominal.slice();
    const [ratios, others]: [number[], number[]] = [[], []];
    for (let copy = 0; copy < copies; copy += 1) {
      variedValues(flat, nominal, new Draws(1, 'age'), copy, { ...none, ageing }, out);
      flat.components.forEach(({ unit }, k) => {
        (unit === 'ohms' ? ratios : others).push(out[k]! / nominal[k]!);
      });
    }
    return { ratios, others };
  };

  it('grow by the power law, ln a normal with the measured covariance; widths and lengths stay', () => {
    const { ratios, others } = grown(law, 60);
    const logs = ratios.map((ratio) => Math.log((ratio - 1) / 365 ** 0.53));
    const { mean, std } = statistics(logs);
    expect(ratios.length).toBeGreaterThan(1500);
    expect(mean).toBeCloseTo(Math.log(0.14), 1);
    // cut off at ±3
    expect(std / Math.sqrt(0.03)).toBeCloseTo(0.99, 1);
    expect(new Set(others)).toEqual(new Set([1]));
  });

  it.each<[string, Ageing, (days: number) => number]>([
    ['logarithm', { ...law, law: 'logarithm', shape: 3 }, (days) => 1 + 0.14 * Math.log1p(days / 3)],
    ['saturating', { ...law, law: 'saturating', shape: 20 }, (days) => 1 - 0.14 * Math.expm1(-days / 20)],
  ])('grow by the law %s, all alike where nothing spreads', (_, { spread: __, ...ageing }, expected) => {
    for (const days of [0, 1, 37, 365])
      for (const ratio of grown({ ...ageing, days: [days, days] }, 1).ratios)
        expect(ratio).toBeCloseTo(expected(days), 7);
  });

  it('grow together where sheets have all of the spread in common, each copy on a day of its own', () => {
    const { spread: _, ...alike } = law;
    const oneOf = (ageing: Ageing, copy: number) => grown(ageing, copy + 1).ratios.at(-1)!;
    const together = grown({ ...law, spread: { ...law.spread!, sheetShare: 1 } }, 1).ratios;
    expect(statistics(together).std).toBeLessThan(1e-12);
    const days = [0, 1, 2, 3].map((copy) => oneOf({ ...alike, days: [0, 365] }, copy));
    expect(new Set(days).size).toBe(4);
  });

  it('stay within the ends that designs keep free for them', () => {
    const wide: Ageing = {
      ...law,
      days: [0, 365],
      spread: {
        ...law.spread!,
        covariance: [
          [0.03, -0.01],
          [-0.01, 0.02],
        ],
      },
    };
    const [least, most] = new ResistorAgeing(wide).ends();
    const { ratios } = grown(wide, 200);
    expect(least).toBe(1);
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(1 - 1e-6);
    expect(Math.max(...ratios)).toBeLessThanOrEqual(most);
    expect(Math.max(...ratios)).toBeGreaterThan(0.4 * most);
  });

  it('are nominal on the day of the print only', () => {
    const on = (last: number): Variation => ({ ...none, ageing: { ...law, days: [0, last] } });
    expect(isNominal(on(0))).toBe(true);
    expect(isNominal(on(1))).toBe(false);
  });
});

describe('ageing in technology.json', () => {
  const text = readFileSync(join(TEMPLATES, 'egt', 'technology.json'), 'utf8');
  const changed = (from: string, to: string) => {
    expect(text).toContain(from);
    const root = mkdtempSync(join(tmpdir(), 'neuroprint-ageing-'));
    mkdirSync(join(root, 'egt'));
    writeFileSync(join(root, 'egt', 'technology.json'), text.replace(from, to));
    return () => loadTechnology(root, 'egt');
  };

  it('is read as technology fit --ageing writes it', () => {
    expect(egt.ageing).toMatchObject({ law: 'power', measuredDays: [0, 37], spread: { scale: 'log', sheetShare: 0 } });
  });

  it.each<[string, string, string, RegExp]>([
    [
      'has another law than its text',
      '"law": "power"',
      '"law": "logarithm"',
      /ageing.resistors: ratio is "1 \+ a \* days\^b", and the law logarithm is/,
    ],
    ['lacks a parameter', '"b": {', '"c": {', /ageing.resistors: the law power has no parameter b/],
    [
      'spreads what it does not have',
      '"parameters": ["a"]',
      '"parameters": ["b"]',
      /ageing.resistors: spread is of b, and goes by a/,
    ],
    ['was measured before it was printed', '"measuredDays": [0, 37]', '"measuredDays": [-3, 37]', /measuredDays/],
  ])('is refused where it %s', (_, from, to, message) => {
    expect(changed(from, to)).toThrow(message);
  });
});
