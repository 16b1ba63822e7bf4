import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate, parseSpiceNumber } from '../src/text/expression.ts';

describe('SPICE numbers', () => {
  it.each<[string, number | undefined]>([
    ['1k', 1e3],
    ['1meg', 1e6],
    ['1m', 1e-3],
    ['4.7e3', 4700],
    ['2.2kohm', 2200],
    ['.5', 0.5],
    ['-3u', -3e-6],
    ['1kx', undefined],
    ['k', undefined],
    ['0x10', undefined],
    ['1e999', undefined],
    ['', undefined],
  ])('%s', (text, value) => {
    const found = parseSpiceNumber(text);
    if (value === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(value, 12);
  });

  it('any finite number reads back', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), (x) => {
        expect(parseSpiceNumber(String(x).replace('e+', 'e'))).toBe(x);
      }),
    );
  });

  it('any text is a number, an expression or an error, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        try {
          expect(Number.isFinite(evaluate(`{${text}}`, (name) => (name === 'a' ? 2 : undefined)))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(RangeError);
        }
      }),
    );
  });

  it('an expression is worth what it is worth', () => {
    expect(evaluate('{2*(a+1)/-4k}', (name) => (name === 'a' ? 3 : undefined))).toBe(-0.002);
    expect(evaluate("'a'", (name) => (name === 'a' ? 3 : undefined))).toBe(3);
  });
});
