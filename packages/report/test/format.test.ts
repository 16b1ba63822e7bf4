import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatArea,
  formatCount,
  formatEngineering,
  formatMetres,
  formatNumber,
  formatOhms,
  formatPercent,
  formatPlural,
  formatRound,
  formatSpread,
  formatVolts,
  formatWatts,
} from '../src/format.ts';

const FACTORS: Readonly<Record<string, number>> = {
  a: -18,
  f: -15,
  p: -12,
  n: -9,
  µ: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
};
/** Tests read better with plain spaces. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

function parse(text: string): number {
  const [, digits, prefix] = /^(−?[\d.]+)\u00a0([afpnµmkMGT]?)V$/.exec(text)!;
  return Number(`${digits!.replace('−', '-')}e${FACTORS[prefix!]}`);
}

describe('engineering notation', () => {
  test.each([
    [4.2e-10, '420 pV'],
    [4.7e-8, '47.0 nV'],
    [-1.2e-3, '−1.20 mV'],
    [0.25, '250 mV'],
    [1, '1.00 V'],
    [999.96, '1.00 kV'],
    [9.9996e-4, '1.00 mV'],
    [1e-7, '100 nV'],
    [0, '0 V'],
    [-0, '0 V'],
    [Number.NaN, 'NaN V'],
    [Infinity, '∞ V'],
    [-Infinity, '−∞ V'],
    [1e-20, '1.00 × 10^−20 V'],
    [5e-324, '4.94 × 10^−324 V'],
  ])('writes %d volts as %s', (volts, text) => {
    expect(plain(formatVolts(volts))).toBe(text);
  });

  test('reads back within the digits that it shows', () => {
    const volts = fc.double({ min: 1e-17, max: 1e14, noNaN: true });
    fc.assert(
      fc.property(volts, fc.boolean(), fc.integer({ min: 3, max: 9 }), (magnitude, negative, digits) => {
        const value = negative ? -magnitude : magnitude;
        const text = formatVolts(value, digits);
        expect(Math.abs(parse(text) - value)).toBeLessThanOrEqual(0.500001 * magnitude * 10 ** (1 - digits));
        expect(text.replace(/[^\d]/g, '').replace(/^0+/, '')).toHaveLength(digits);
      }),
    );
  });

  test('shows one to three digits before the point', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-17, max: 1e14, noNaN: true }), (value) => {
        expect(Math.abs(Number.parseFloat(formatEngineering(value, 'V')))).toBeGreaterThanOrEqual(1);
        expect(Math.abs(Number.parseFloat(formatEngineering(value, 'V')))).toBeLessThan(1000);
      }),
    );
  });
});

test('component values lose needless zeros and keep those that count', () => {
  expect([1e5, 2.345e6, 1e6, 47.5e3, 10].map((ohms) => plain(formatOhms(ohms)))).toEqual([
    '100 kΩ',
    '2.345 MΩ',
    '1 MΩ',
    '47.5 kΩ',
    '10 Ω',
  ]);
  expect([3e-5, 1.2e-3, 5.43e-5].map((metres) => plain(formatMetres(metres)))).toEqual(['30 µm', '1.2 mm', '54.3 µm']);
  expect(plain(formatRound(1e-5, 'V'))).toBe('10 µV');
  expect(plain(formatRound(-2.199, 'V'))).toBe('−2.199 V');
});

test('areas, powers, shares and counts read as people write them', () => {
  expect(plain(formatArea(4.2e-8))).toBe('0.042 mm²');
  expect(plain(formatArea(1.62e-9))).toBe('1620 µm²');
  expect(plain(formatWatts(5.23e-5))).toBe('52.3 µW');
  expect(plain(formatPercent(0.9677))).toBe('96.8 %');
  expect(plain(formatSpread(0.125))).toBe('±12.5 %');
  expect(formatCount(1234567)).toBe('1,234,567');
  expect([formatPlural(1, 'row'), formatPlural(31, 'row')]).toEqual(['1 row', '31 rows']);
  expect([0, 0.99834, 6.1e-7, 2.5e7, -0.5].map((value) => formatNumber(value))).toEqual([
    '0',
    '0.9983',
    '6.10e−7',
    '2.50e7',
    '−0.5',
  ]);
});
