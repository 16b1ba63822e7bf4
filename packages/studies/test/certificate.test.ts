import { Draws } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certifiedRadius, publishedRadius, smoothedProbabilities } from '../src/bayesmulti/certificate.ts';
import type { Injection } from '../src/bayesmulti/classify.ts';
import { DenseNetwork } from '../src/bayesmulti/dense-network.ts';

/** Every vector of factors 0, ½, 1 for `count` conductances, and its probability. */
function* masks(count: number, { zero, half }: Injection): Generator<{ factors: number[]; probability: number }> {
  const law = [zero, half, 1 - zero - half];
  for (let code = 0; code < 3 ** count; code += 1) {
    const kinds = Array.from({ length: count }, (_, i) => Math.floor(code / 3 ** i) % 3);
    const probability = kinds.reduce((product, kind) => product * law[kind]!, 1);
    if (probability > 0) yield { factors: kinds.map((kind) => kind / 2), probability };
  }
}

/** All sets of `size` of the numbers below `count`. */
function subsets(count: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: count - from }, (_, k) => from + k).flatMap((first) =>
    subsets(count, size - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

describe('smoothedProbabilities', () => {
  it('is the mean over all factors, as far as draws can tell', () => {
    const injection = { zero: 0.3, half: 0.2 };
    const network = new DenseNetwork([1, 1, 2], 'relu');
    network.start(new Draws(3, 'small'), 0);
    const rows = { features: Float64Array.of(-1, 0.5, 2), labels: Int32Array.of(0, 1, 1) };
    const exact = new Float64Array(6);
    for (const { factors, probability } of masks(6, injection)) {
      const parameters = network.parameters.map((p, i) => (p * factors[i]!) / (1 - 0.3 - 0.1));
      const out = network.forward(rows.features, 3, parameters);
      for (let row = 0; row < 3; row += 1) {
        const second = 1 / (1 + Math.exp(out[2 * row]! - out[2 * row + 1]!));
        exact[2 * row]! += probability * (1 - second);
        exact[2 * row + 1]! += probability * second;
      }
    }
    const drawn = smoothedProbabilities(network, rows, [injection, injection], 5000, 0);
    drawn.forEach((p, i) => {
      expect(Math.abs(p - exact[i]!)).toBeLessThan(0.02);
    });
  });
});

describe('certifiedRadius', () => {
  // a neuron of positive weights whose sum decides: by all factors, and whatever the changed weights become
  const weights = [6, 10, 8, 12, 7, 9, 11];
  const probability = (own: readonly number[], injection: Injection): number => {
    let sum = 0;
    for (const { factors, probability: p } of masks(own.length, injection))
      sum += p / (1 + Math.exp(-own.reduce((s, w, i) => s + w * factors[i]!, 0)));
    return sum;
  };
  const worst = (changes: number, injection: Injection): number =>
    Math.min(
      ...subsets(weights.length, changes).map((set) =>
        // the output falls with every weight, so the most negative value is the worst
        probability(
          weights.map((w, i) => (set.includes(i) ? -1000 : w)),
          injection,
        ),
      ),
    );

  it.each([
    [{ zero: 0.78, half: 0 }, 2],
    [{ zero: 0.6, half: 0.2 }, 1],
    [{ zero: 0.45, half: 0.3 }, 0],
  ])('of a neuron under %o is %i: no change of so many decides otherwise, one more does', (injection, certain) => {
    const f = probability(weights, injection);
    const radius = certifiedRadius(2 * f - 1, injection.zero);
    expect(Math.floor(radius)).toBe(certain);
    expect(worst(certain, injection)).toBeGreaterThan(0.5);
    expect(worst(certain + 1, injection)).toBeLessThan(0.5);
  });

  it('holds for whatever function of the conductances', () => {
    const count = 4;
    const table = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 5 ** count,
      maxLength: 5 ** count,
    });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(table, share, share, fc.integer({ min: 1, max: 3 }), share, (outputs, a, b, changes, lift) => {
        const injection = { zero: 0.5 + 0.49 * a, half: 0 };
        injection.half = (1 - injection.zero) * b;
        // what a changed conductance gives is a value of its own: digits 0, ½, 1 as designed, 3 and 4 as changed
        const mean = (changed: number): number => {
          let sum = 0;
          for (const { factors, probability: p } of masks(count, injection)) {
            const digits = factors.map((x, i) => (x === 0 || i >= changed ? 2 * x : 2 + 2 * x));
            const value = outputs[digits.reduce((code, d) => 5 * code + d, 0)]!;
            sum += p * (digits.some((d) => d > 2) ? value : 1 - lift * value);
          }
          return sum;
        };
        const f = mean(0);
        if (changes < certifiedRadius(2 * f - 1, injection.zero)) expect(mean(changes)).toBeGreaterThan(0.5);
      }),
      { numRuns: 300 },
    );
  });

  it('is below 1, whatever the margin, unless p₁ is above ½', () => {
    expect(certifiedRadius(1, 0.5)).toBeCloseTo(1, 12);
    expect(certifiedRadius(1, 0.3)).toBeLessThan(1);
    expect(certifiedRadius(1, 0)).toBe(0);
    expect(certifiedRadius(-0.1, 0.9)).toBe(0);
  });
});

describe('publishedRadius', () => {
  it('is negative for networks of a realistic size, and undefined without zeros', () => {
    expect(publishedRadius(0.95, 2368, { zero: 0.3, half: 0.2 })).toBeLessThan(-100);
    expect(publishedRadius(0.95, 2368, { zero: 0, half: 0.2 })).toBeNaN();
  });

  it('is never above the derived one, and the same where p₂ is 0', () => {
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(share, share, share, fc.integer({ min: 1, max: 5000 }), (f, zero, b, count) => {
        const published = publishedRadius(0.5 + f / 2, count, { zero, half: (1 - zero) * b });
        const derived = certifiedRadius(f, zero);
        expect(Math.min(published, count)).toBeLessThanOrEqual(derived * (1 + 1e-9));
        expect(publishedRadius(0.5 + f / 2, count, { zero, half: 0 })).toBeCloseTo(derived, 9);
      }),
    );
  });

  it('does not hold for halved conductances where p₂ is below 1 − p₁ − p₂', () => {
    const injection = { zero: 0.05, half: 0.1 };
    const f = (weight: number): number => {
      let sum = 0;
      for (const { factors, probability } of masks(1, injection))
        sum += probability / (1 + Math.exp(-100 * (weight * factors[0]! - 0.75)));
      return sum;
    };
    // a factor of ½ counts as no change in the published radius, which is above 0
    expect(publishedRadius(f(1), 1, injection)).toBeGreaterThan(0);
    expect(f(1)).toBeGreaterThan(0.5);
    expect(f(0.5)).toBeLessThan(0.5);
  });
});
