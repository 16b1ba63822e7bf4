import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Draws, philox } from '../src/random.ts';

describe('Philox4x32-10', () => {
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('gives the published answers for counter %j', (counter, key, words) => {
    const out = new Uint32Array(4);
    philox(Uint32Array.from(counter), key[0]!, key[1]!, out);
    expect([...out]).toEqual(words);
  });
});

describe('draws', () => {
  it('depend on seed, purpose, major and minor alone, however they are asked for', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.nat(1000), fc.integer({ min: 1, max: 9 }), (seed, major, count) => {
        const filled = new Float64Array(count);
        new Draws(seed, 'a').fillUniform(major, filled);
        const other = new Draws(seed, 'a');
        for (let i = count - 1; i >= 0; i -= 1) expect(other.uniform(major, i)).toBe(filled[i]);
        expect(filled.every((u) => u >= 0 && u < 1)).toBe(true);
      }),
    );
  });

  it('differ between purposes, seeds and majors', () => {
    const first = (seed: number, purpose: string, major: number) => new Draws(seed, purpose).uniform(major, 0);
    expect(
      new Set([first(1, 'a', 0), first(1, 'b', 0), first(2, 'a', 0), first(1, 'a', 1), first(1 + 2 ** 32, 'a', 0)])
        .size,
    ).toBe(5);
  });

  it('have the mean and variance of their laws', () => {
    const draws = new Draws(5, 'statistics');
    const n = 20_000;
    const uniform = new Float64Array(n);
    draws.fillUniform(0, uniform);
    const normal = Float64Array.from({ length: n }, (_, i) => draws.normal(1, i));
    const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / n;
    const variance = (x: Float64Array) => {
      const m = mean(x);
      return x.reduce((a, b) => a + (b - m) ** 2, 0) / n;
    };
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(variance(uniform)).toBeCloseTo(1 / 12, 2);
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(variance(normal)).toBeCloseTo(1, 1);
  });

  it('permute: every number once', () => {
    expect([...new Draws(1, 'p').permutation(0, 50)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    );
  });
});
