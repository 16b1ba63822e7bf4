import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEngineering, parseEngineering } from '../src/engineering.ts';

describe('a quantity that a person wrote', () => {
  it.each([
    ['120k', 'Ω', 120e3],
    ['120 kΩ', 'Ω', 120e3],
    ['1.2 MΩ', 'Ω', 1.2e6],
    ['4.7e4', 'Ω', 4.7e4],
    ['30 µm', 'm', 30e-6],
    ['30u', 'm', 30e-6],
    ['5 m', 'm', 5],
    ['−.5 mV', 'V', -0.5e-3],
    ['1e-2 k', 'Ω', 10],
  ])('%s is read in its unit', (text, unit, value) => {
    expect(parseEngineering(text, unit)).toBe(value);
  });

  it.each(['', 'k', '1,200', '12 kV', '1 2', '0x10', 'Infinity', '12 kk'])('"%s" is no resistance', (text) => {
    expect(parseEngineering(text, 'Ω')).toBeUndefined();
  });

  it('reads what is shown back to its digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-15, max: 1e14, noNaN: true }), (value) => {
        expect(parseEngineering(formatEngineering(value, 'm', 6), 'm')! / value).toBeCloseTo(1, 5);
      }),
    );
  });
});
