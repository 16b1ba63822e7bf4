import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AGEING_LAWS, type AgeingLaw, compileAgeing } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { ageingEntry, fitAgeing } from '../src/fit/ageing.ts';
import { readAgeing } from '../src/fit/ageing-table.ts';
import { fitSquares } from '../src/fit/resistors.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-ageing-'));
const MEASURED = fileURLToPath(new URL('../../../../shared/data/ageing/printed-resistors-ohms.csv', import.meta.url));
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** Growth as arithmetic, not as the product has it. */
const GROWTH: Readonly<Record<AgeingLaw, (days: number, a: number, shape: number) => number>> = {
  power: (days, a, b) => (days === 0 ? 0 : a * days ** b),
  logarithm: (days, a, tau) => a * Math.log1p(days / tau),
  saturating: (days, a, tau) => a * -Math.expm1(-days / tau),
};
const DAYS = [0, 1, 2, 4, 7, 12, 20, 30, 45, 60];

function made(law: AgeingLaw, a: number, shape: number, spread: number, noise: number, devices = 12): string {
  const draws = new Draws(5, law);
  const own = Array.from({ length: devices }, (_, d) => a * Math.exp(spread * draws.normal(d, 0)));
  const rows = DAYS.map((day, i) => [
    day,
    ...own.map((one, d) =>
      (1e4 * (1 + d) * (1 + GROWTH[law](day, one, shape)) * (1 + noise * draws.normal(d, 2 + i))).toFixed(3),
    ),
  ]);
  return file(`${law}.csv`, [['days', ...own.map((_, d) => `r${d}`)], ...rows].map((row) => row.join()).join('\n'));
}

describe('the ageing of resistors that are made by rule', () => {
  it.each<[AgeingLaw, number, number]>([
    ['power', 0.15, 0.5],
    ['logarithm', 0.4, 4],
    ['saturating', 0.8, 10],
  ])('%s: law, numbers and spread are found again', (law, a, shape) => {
    const choice = fitAgeing(readAgeing(made(law, a, shape, 0.2, 0.005), true), 'resistors');
    const [best] = choice.fits;
    expect(best!.law).toBe(law);
    expect(best!.common).toBe(true);
    expect(Math.abs(best!.shape.value - shape)).toBeLessThan(4 * best!.shape.standardError);
    expect(Math.abs(best!.a.value - a)).toBeLessThan(4 * best!.a.standardError);
    expect(Math.sqrt(best!.spread!.covariance[0]![0]!)).toBeGreaterThan(0.12);
    expect(Math.sqrt(best!.spread!.covariance[0]![0]!)).toBeLessThan(0.3);
    expect(ageingEntry(choice)).toMatchObject({ law, measuredDays: [0, 60] });
  });

  it('may shrink too, and have days that were not measured', () => {
    const path = file(
      'shrinking.csv',
      [
        'days,r0,r1,r2',
        ...DAYS.map(
          (day) =>
            `${day},${1e4 * (1 - 0.05 * Math.log1p(day / 2))},${day === 4 ? '' : 2e4 * (1 - 0.04 * Math.log1p(day / 2))},${3e4 * (1 - 0.06 * Math.log1p(day / 2))}`,
        ),
      ].join('\n'),
    );
    const [best] = fitAgeing(readAgeing(path, true), 'resistors').fits;
    expect(best!.law).toBe('logarithm');
    expect(best!.a.value).toBeCloseTo(-0.05, 3);
    expect(best!.shape.value).toBeCloseTo(2, 3);
    expect(best!.a.log).toBe(false);
  });

  it('of thresholds is a change in volts', () => {
    const path = file(
      'thresholds.csv',
      [
        'hours,t0,t1,t2',
        ...DAYS.map((day) => [24 * day, ...[-1, 0, 0.4].map((v, d) => v + (0.1 + 0.01 * d) * Math.sqrt(day))].join()),
      ].join('\n'),
    );
    const choice = fitAgeing(readAgeing(path, false), 'thresholds');
    expect(choice.fits[0]!.law).toBe('power');
    expect(choice.fits[0]!.shape.value).toBeCloseTo(0.5, 4);
    expect(ageingEntry(choice)).toMatchObject({ voltsAdded: 'a * days^b', measuredDays: [0, 60] });
  });
});

describe('laws of ageing', () => {
  it.each(Object.keys(AGEING_LAWS) as AgeingLaw[])(
    '%s is its arithmetic, with the derivatives of finite differences',
    (law) => {
      const change = compileAgeing(law);
      const [out, above, below] = [new Float64Array(3), new Float64Array(3), new Float64Array(3)];
      for (const days of [0, 0.5, 3, 100]) {
        change(days, 0.3, 1.7, out);
        expect(out[0]!).toBeCloseTo(GROWTH[law](days, 0.3, 1.7), 9);
        expect(out.every(Number.isFinite)).toBe(true);
        for (const [k, step] of [
          [1, 1e-6],
          [2, 1e-6],
        ] as const) {
          change(days, 0.3 + (k === 1 ? step : 0), 1.7 + (k === 2 ? step : 0), above);
          change(days, 0.3 - (k === 1 ? step : 0), 1.7 - (k === 2 ? step : 0), below);
          expect((above[0]! - below[0]!) / (2 * step)).toBeCloseTo(out[k]!, 5);
        }
      }
    },
  );
});

describe('a table of ageing is refused where', () => {
  const rows = DAYS.map((day) => `${day},${1e4 + day}`).join('\n');
  it.each<[string, string, boolean, RegExp]>([
    ['nothing says when', `ohms,r0\n${rows}`, true, /row 1, column ohms: the first column must say when/],
    ['no device stands in it', 'days\n1\n2\n3\n4\n', true, /has no column for a device/],
    ['days do not rise', 'days,r0\n0,1\n2,1\n2,1\n3,1\n', true, /row 4, column days: is not later/],
    [
      'a date is none',
      'date,r0\n2019-10-22,1\n23.10.2019,1\n2019-10-24,1\n2019-10-25,1\n',
      true,
      /row 3, column date: "23\.10\.2019" is no date/,
    ],
    ['too few measurements', 'days,r0\n0,1\n1,2\n', true, /holds 2 measurements/],
    ['a resistance is not above 0', 'days,r0\n0,1\n1,2\n2,0\n3,4\n', true, /row 4, column r0: 0 is not above 0/],
    ['a device was hardly measured', 'days,r0\n0,1\n1,2\n2,NA\n3,4\n', true, /column r0: holds 3 measurements/],
  ])('%s', (_, text, positive, expected) => {
    expect(() => readAgeing(file('bad.csv', text), positive)).toThrow(expected);
  });
});

describe.skipIf(!existsSync(MEASURED))(
  'six printed resistors over 37 days (where ../shared/data/ageing is there)',
  () => {
    it('grow as the root of the days, or as a logarithm: the criterion does not tell which', () => {
      const { fits } = fitAgeing(readAgeing(MEASURED, true), 'resistors');
      expect(fits[0]).toMatchObject({ law: 'power', common: true });
      expect(fits[1]).toMatchObject({ law: 'logarithm', common: true });
      expect(fits[1]!.criterion - fits[0]!.criterion).toBeLessThan(1);
      expect(fits[0]!.shape.value).toBeCloseTo(0.53, 2);
      expect(fits[0]!.rms).toBeCloseTo(0.042, 3);
    });
  },
);

describe('resistors against squares', () => {
  const squares = [1, 2, 3, 5, 8, 13, 21, 34];
  it('give sheet resistance, contacts and spread of the rule that made them', () => {
    const draws = new Draws(2, 'squares');
    const rows = Array.from({ length: 400 }, (_, i) => {
      const n = squares[i % squares.length]!;
      return `${n},${(1e5 * n + 4e4) * Math.exp(0.05 * draws.normal(i, 0))}`;
    });
    const fit = fitSquares(file('squares.csv', `squares,ohms\n${rows.join('\n')}\n`));
    expect(Math.abs(fit.sheetOhms.value - 1e5)).toBeLessThan(3 * fit.sheetOhms.standardError);
    expect(Math.abs(fit.contactOhms.value - 4e4)).toBeLessThan(3 * fit.contactOhms.standardError);
    expect(Math.abs(fit.spread.value - 0.05)).toBeLessThan(3 * fit.spread.standardError);
    expect(fit.sheetOhms.standardError / 1e5).toBeLessThan(0.005);
    expect(fit.hasContact).toBe(true);
  });

  it('say where contacts are not told from nothing', () => {
    const fit = fitSquares(
      file('none.csv', `squares,ohms\n${squares.map((n, i) => `${n},${1e5 * n * (1 + 0.02 * (-1) ** i)}`).join('\n')}`),
    );
    expect(fit.hasContact).toBe(false);
  });

  it.each<[string, string, RegExp]>([
    ['two resistors', 'squares,ohms\n1,1\n2,2\n', /holds 2 resistors/],
    ['one number of squares', 'squares,ohms\n3,1\n3,2\n3,1\n', /column squares: all resistors have 3 squares/],
    ['a negative resistance', 'squares,ohms\n1,1\n2,-2\n3,3\n', /row 3, column ohms: -2 is not above 0/],
    ['no squares', 'length,ohms\n1,1\n2,2\n3,3\n', /column squares: there is no such column/],
    ['columns that are exchanged', 'squares,ohms\n1,300\n2,100\n3,10\n', /ohms fall with squares/],
  ])('%s are refused', (_, text, expected) => {
    expect(() => fitSquares(file('bad-squares.csv', text))).toThrow(expected);
  });
});
