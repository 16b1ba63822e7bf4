import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAW_LIBRARY } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { cardOf } from '../src/fit/card.ts';
import { fitKind } from '../src/fit/choose.ts';
import { readCurve } from '../src/fit/curve.ts';
import { DeviceModel } from '../src/fit/device-model.ts';
import { readManifest } from '../src/fit/manifest.ts';
import { pointsOf } from '../src/fit/points.ts';
import { DeviceResiduals } from '../src/fit/residuals.ts';
import { deviceSpread, spreadOf } from '../src/fit/spread.ts';
import { amperes, LENGTH, MADE, type MadeDevice, WIDTH, writeDevice, writeManifest } from './fit-made.ts';

const OTFT = fileURLToPath(new URL('../../../../shared/data/otft', import.meta.url));
const folder = (): string => mkdtempSync(join(tmpdir(), 'neuroprint-fit-'));

function fitted(device: MadeDevice, noise = 0) {
  const at = folder();
  const manifest = writeManifest(at, [writeDevice(at, 'd1', device, { noise })]);
  return fitKind(manifest, readManifest(manifest), ['ekv', 'virtual-source', 'level1']);
}

describe('the fit of a made device', () => {
  it('finds its law and its numbers, and no hysteresis or contacts that are not there', () => {
    const kind = fitted(MADE, 0.01);
    expect(kind.chosen).toBe('ekv');
    expect(kind.extras).toEqual({ shift: false, contact: false });
    const fit = kind.devices[0]!.fits.ekv!;
    expect(fit.decades).toBeLessThan(0.01);
    expect(fit.share).toBeLessThan(0.01);
    for (const { name, value, standardError, log } of fit.parameters.slice(0, fit.lawParameters)) {
      const truth = MADE[name as keyof MadeDevice]!;
      const off = log ? Math.abs(Math.log(value / truth)) : Math.abs(value - truth);
      expect(off, name).toBeLessThan(5 * standardError);
    }
    expect(kind.warnings.filter((warning) => !warning.includes('leakage'))).toEqual([]);
  });

  it('tells a shifted gate of the output curves from the law, and says so', () => {
    const kind = fitted({ ...MADE, shift: 4 }, 0.01);
    expect(kind.extras.shift).toBe(true);
    const shift = kind.devices[0]!.fits[kind.chosen]!.parameters.find(({ name }) => name === 'shift')!;
    expect(Math.abs(shift.value - 4)).toBeLessThan(0.1);
    expect(kind.warnings.join('\n')).toMatch(/d1: hysteresis: .* shifted by -4/);
  });

  it('finds contacts in series, which a card has per metre of width', () => {
    const kind = fitted({ ...MADE, contactOhms: 4e5 }, 0.005);
    expect(kind.extras).toEqual({ shift: false, contact: true });
    const card = cardOf(kind);
    expect(card.contactOhmMetres!.value).toBeGreaterThan(0.9 * 4e5 * WIDTH);
    expect(card.contactOhmMetres!.value).toBeLessThan(1.1 * 4e5 * WIDTH);
    expect(kind.warnings.join('\n')).toMatch(/d1: contact resistance/);
  });

  it('makes a card of measured numbers with standard errors, and of an assumed length no measured current', () => {
    const at = folder();
    const head = `polarity: p\ndate: 2026-03-01\nW: ${WIDTH}\nL: { value: ${LENGTH}, why: "nobody measured it" }`;
    const manifest = writeManifest(at, [writeDevice(at, 'd1', MADE, { noise: 0.01 })], head);
    const { parameters, polarity } = cardOf(fitKind(manifest, readManifest(manifest), ['ekv']));
    expect(polarity).toBe('p');
    expect(parameters.vth).toMatchObject({ measured: { date: '2026-03-01' }, unit: 'volts' });
    expect(parameters.i0).toMatchObject({ assumed: true, why: expect.stringContaining('nobody measured it') });
    expect(parameters.eps).toHaveProperty('source');
  });
});

describe('currents and residuals of a device', () => {
  const at = folder();
  const manifest = writeManifest(at, [writeDevice(at, 'd1', { ...MADE, contactOhms: 1e5, shift: 1 })]);
  const [entry] = readManifest(manifest);
  const points = pointsOf(entry!.curves.map((curve) => readCurve(manifest, entry!, curve)));

  it.each(Object.keys(LAW_LIBRARY) as (keyof typeof LAW_LIBRARY)[])(
    'have the derivatives of finite differences, %s',
    (law) => {
      const model = new DeviceModel(LAW_LIBRARY[law], points, WIDTH, LENGTH, { shift: true, contact: true });
      const problem = new DeviceResiduals(model, points);
      const x = Float64Array.from(model.movable, ({ name, log, minimum, maximum }) =>
        name === 'vth'
          ? 4.7
          : name === 'shift'
            ? 0.5
            : name === 'phi'
              ? 0.9
              : name === 'n'
                ? 40
                : log
                  ? Math.sqrt(minimum * maximum)
                  : minimum + 0.3 * (maximum - minimum),
      );
      const z = problem.startOf(x);
      const [n, m] = [problem.parameters, problem.residuals];
      const jacobian = new Float64Array(n * m);
      const [middle, above, below] = [new Float64Array(m), new Float64Array(m), new Float64Array(m)];
      problem.evaluate(z, middle, jacobian);
      for (let k = 0; k < n; k += 1) {
        const step = 1e-5;
        problem.evaluate(z.with(k, z[k]! + step), above, undefined);
        problem.evaluate(z.with(k, z[k]! - step), below, undefined);
        const largest = Math.max(...jacobian.filter((_, i) => i % n === k).map(Math.abs));
        for (let i = 0; i < m; i += 1) {
          const difference = (above[i]! - below[i]!) / (2 * step);
          expect(Math.abs(difference - jacobian[i * n + k]!), `${model.movable[k]!.name} at ${i}`).toBeLessThan(
            1e-5 * largest + 1e-4 * Math.abs(difference) + 1e-9 * Math.abs(middle[i]!),
          );
        }
      }
    },
  );

  it('with contacts are those of an interval that is halved', () => {
    const model = new DeviceModel(LAW_LIBRARY.ekv, points, WIDTH, LENGTH, { shift: false, contact: true });
    const x = Float64Array.from(model.movable, ({ name }) =>
      name === 'contact' ? 1e5 * WIDTH : name.startsWith('floor') ? 0 : MADE[name as 'i0'],
    );
    for (let i = 0; i < points.count; i += 1) {
      const exact = amperes({ ...MADE, contactOhms: 1e5 }, points.gate[i]!, points.drain[i]!);
      expect(Math.abs(model.current(x, i) - exact)).toBeLessThanOrEqual(1e-9 * Math.abs(exact) + 1e-30);
    }
  });
});

describe('the spread of a population that is made by rule', () => {
  /** ln(i0) and vth, correlated by 0.6; 30 % of the variance is that of the sheet. */
  const SD = [0.2, 0.5] as const;
  const CORRELATION = 0.6;
  const SHARE = 0.3;
  const normals = (draws: Draws, major: number): [number, number] => {
    const [a, b] = [draws.normal(major, 0), draws.normal(major, 1)];
    return [SD[0] * a, SD[1] * (CORRELATION * a + Math.sqrt(1 - CORRELATION ** 2) * b)];
  };

  it('is recovered from fitted curves: correlated, by device and by sheet', () => {
    const at = folder();
    const draws = new Draws(7, 'population');
    const lines: string[] = [];
    const drawn: (readonly number[])[] = [];
    for (let sheet = 0; sheet < 7; sheet += 1) {
      const common = normals(draws, 1000 + sheet);
      for (let d = 0; d < 4; d += 1) {
        const own = normals(draws, 4 * sheet + d);
        const of = (k: 0 | 1) => Math.sqrt(SHARE) * common[k] + Math.sqrt(1 - SHARE) * own[k];
        drawn.push([of(0), of(1)]);
        const device = { ...MADE, i0: MADE.i0 * Math.exp(of(0)), vth: MADE.vth + of(1) };
        lines.push(writeDevice(at, `s${sheet}d${d}`, device, { noise: 0.01, seed: 4 * sheet + d, sheet: `s${sheet}` }));
      }
    }
    const manifest = writeManifest(at, lines);
    const kind = fitKind(manifest, readManifest(manifest), ['ekv']);
    const spread = deviceSpread(kind.devices, kind.chosen)!;
    const [i, v] = ['i0', 'vth'].map((name) => spread.parameters.indexOf(name)) as [number, number];
    const { covariance } = spread;
    // what was printed, not the rule: 28 devices know the rule to 13 % only
    const mean = [0, 1].map((k) => drawn.reduce((sum, row) => sum + row[k]!, 0) / drawn.length);
    const printed = (a: number, b: number): number =>
      drawn.reduce((sum, row) => sum + (row[a]! - mean[a]!) * (row[b]! - mean[b]!), 0) / (drawn.length - 1);
    expect(Math.abs(covariance[v]![v]! / printed(1, 1) - 1)).toBeLessThan(0.05);
    expect(Math.abs(covariance[i]![i]! / printed(0, 0) - 1)).toBeLessThan(0.15);
    const correlation = (c: number, a: number, b: number): number => c / Math.sqrt(a * b);
    expect(
      Math.abs(
        correlation(covariance[i]![v]!, covariance[i]![i]!, covariance[v]![v]!) -
          correlation(printed(0, 1), printed(0, 0), printed(1, 1)),
      ),
    ).toBeLessThan(0.1);
    const none = [
      [0, 0],
      [0, 0],
    ];
    const exact = spreadOf(
      ['i0', 'vth'].map((name) => ({ name, log: false })),
      drawn.map((values, d) => ({ sheet: String(d >> 2), values, errors: none })),
    );
    expect(Math.abs(spread.sheetShare - exact.sheetShare)).toBeLessThan(0.1);
    // what does not differ is not among it
    expect(spread.parameters).toEqual(['i0', 'vth']);
  });

  it('is the covariance less what the errors of the fits add, of 4,000 devices within 5 %', () => {
    const draws = new Draws(3, 'population');
    const devices = Array.from({ length: 4000 }, (_, d) => {
      const common = normals(draws, 10_000 + (d >> 2));
      const own = normals(draws, d);
      const error = [0.1, 0.3].map((sd, k) => sd * draws.normal(d, 7 + k));
      const values = [0, 1].map((k) => Math.sqrt(SHARE) * common[k]! + Math.sqrt(1 - SHARE) * own[k]! + error[k]!);
      return {
        sheet: String(d >> 2),
        values,
        errors: [
          [0.01, 0],
          [0, 0.09],
        ],
      };
    });
    const names = [
      { name: 'i0', log: true },
      { name: 'vth', log: false },
    ];
    const { covariance, sheetShare, takenOff } = spreadOf(names, devices);
    expect(takenOff).toBe(1);
    expect(covariance[0]![0]! / SD[0] ** 2).toBeCloseTo(1, 1);
    expect(covariance[1]![1]! / SD[1] ** 2).toBeCloseTo(1, 1);
    expect(covariance[0]![1]! / (CORRELATION * SD[0] * SD[1])).toBeCloseTo(1, 1);
    expect(Math.abs(sheetShare - SHARE)).toBeLessThan(0.05);
  });

  it('is a covariance also where the errors of the fits are larger than what devices differ by', () => {
    const devices = [
      [0, 0],
      [0.1, 0.1],
      [0.2, 0.1],
    ].map((values) => ({
      values,
      errors: [
        [1, 0],
        [0, 1],
      ],
    }));
    const { covariance, takenOff } = spreadOf(
      [
        { name: 'a', log: false },
        { name: 'b', log: false },
      ],
      devices,
    );
    expect(takenOff).toBeLessThan(0.01);
    expect(covariance[0]![0]!).toBeGreaterThanOrEqual(0);
    expect(covariance[0]![0]! * covariance[1]![1]! - covariance[0]![1]! ** 2).toBeGreaterThanOrEqual(-1e-12);
  });
});

describe.skipIf(!existsSync(OTFT))('measured transistors (where ../shared/data/otft is there)', () => {
  it('p1 is followed to 0.04 decades and 1.3 %, with the gate of its output curves off by 4.3 V', () => {
    const manifest = join(folder(), 'manifest.yaml');
    const entry = (file: string, kind: 'transfer' | 'output', volts: number, unit: 'A' | 'uA') => ({
      ...{ file, kind, volts, unit, path: join(OTFT, file), row: 1 },
    });
    const device = {
      ...{ name: 'p1', transistor: 'otft', polarity: 'p' as const },
      ...{ width: { value: 1e-3 }, length: { value: 5e-5, why: 'not given' } },
      curves: [
        entry('p1-transfer-vd5.csv', 'transfer', -5, 'A'),
        entry('p1-transfer-vd40.csv', 'transfer', -40, 'A'),
        ...[20, 30, 40].map((vg) => entry(`p1-output-vg${vg}.csv`, 'output', -vg, 'uA')),
      ],
    };
    const kind = fitKind(manifest, [device], ['ekv', 'level1']);
    expect(kind.chosen).toBe('level1');
    const fit = kind.devices[0]!.fits.level1!;
    expect(fit.decades).toBeLessThan(0.04);
    expect(fit.share).toBeLessThan(0.0131);
    expect(fit.parameters.find(({ name }) => name === 'shift')!.value).toBeCloseTo(4.3, 0);
  });
});
