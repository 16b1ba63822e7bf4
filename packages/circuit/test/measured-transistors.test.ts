import { Draws, UsageError, type Variation } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { componentValues, flatten } from '../src/ir/flatten.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import { covarianceRoot } from '../src/technology/covariance.ts';
import { widthSpreads } from '../src/technology/prefactor.ts';
import type { Technology } from '../src/technology/technology.ts';
import type { TransistorSpread } from '../src/technology/transistor.ts';
import { variedValues } from '../src/variation/copies.ts';
import { isNominal, variationOf } from '../src/variation/model.ts';
import { egt, randomCircuit } from './example.ts';

const measured: Variation = { kind: 'uniform', relativeSpread: 0.1, transistors: 'measured' };
const COVARIANCE = [
  [0.04, 0.0035],
  [0.0035, 0.0006],
];
const spread: TransistorSpread = {
  parameters: ['i0', 'vth'],
  scale: ['log', 'linear'],
  covariance: COVARIANCE,
  sheetShare: 0,
  source: 'test',
};
const withSpread = (changes: Partial<TransistorSpread> = {}): Technology => {
  const kinds = Object.entries(egt.transistors).map(([name, kind]) => [
    name,
    { ...kind, spread: { ...spread, ...changes } },
  ]);
  return { ...egt, transistors: Object.fromEntries(kinds) };
};

/** ln i0 − ln of its value and vth − its value, copies after transistors. */
function drawn(technology: Technology, copies: number): (readonly [number, number])[][] {
  const flat = flatten(randomCircuit(technology, [3, 4, 2], 3), technology, { spread: true });
  const nominal = componentValues(flat);
  const out = nominal.slice();
  return Array.from({ length: copies }, (_, copy) => {
    variedValues(flat, nominal, new Draws(4, 'measured'), copy, measured, out);
    return flat.transistors.map(({ parameters: [i0, vth] }) => [
      Math.log(out[i0!]! / nominal[i0!]!),
      out[vth!]! - nominal[vth!]!,
    ]);
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

function covariance(pairs: readonly (readonly [number, number])[]): number[][] {
  const middle = [0, 1].map((i) => mean(pairs.map((pair) => pair[i]!)));
  return [0, 1].map((i) =>
    [0, 1].map((j) => mean(pairs.map((pair) => (pair[i]! - middle[i]!) * (pair[j]! - middle[j]!)))),
  );
}

describe('transistors as they were measured', () => {
  it('have the covariance that the technology has, less what numbers cut off at ±3 lose', () => {
    const pairs = drawn(withSpread(), 600).flat();
    expect(pairs.length).toBeGreaterThan(9000);
    const realised = covariance(pairs);
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [1, 1],
    ] as const)
      expect(Math.abs(realised[i]![j]! / COVARIANCE[i]![j]! - 0.995)).toBeLessThan(0.05);
  });

  it('have the share of a sheet in common', () => {
    const sheets = drawn(withSpread({ sheetShare: 0.6 }), 1500);
    const ofSheets = covariance(sheets.map((sheet) => [mean(sheet.map(([a]) => a)), mean(sheet.map(([, b]) => b))]));
    const share = 0.6 + 0.4 / sheets[0]!.length;
    expect(Math.abs(ofSheets[0]![0]! / COVARIANCE[0]![0]! / share - 1)).toBeLessThan(0.08);
    expect(Math.abs(ofSheets[1]![1]! / COVARIANCE[1]![1]! / share - 1)).toBeLessThan(0.08);
  });

  it('keep widths and lengths unless these have a spread of their own; resistors vary as before', () => {
    const technology = withSpread();
    const flat = flatten(randomCircuit(technology, [3, 4, 2], 3), technology, { spread: true });
    const nominal = componentValues(flat);
    const moved = (variation: number | Variation) => {
      const out = nominal.slice();
      variedValues(flat, nominal, new Draws(4, 'measured'), 0, variation, out);
      const isMoved = (unit: string) => flat.components.some((one, k) => one.unit === unit && out[k] !== nominal[k]);
      return ['ohms', 'metres', 'law'].map(isMoved);
    };
    expect(moved(measured)).toEqual([true, false, true]);
    expect(moved({ ...measured, transistorSpread: 0.05 })).toEqual([true, true, true]);
    expect(moved({ ...measured, relativeSpread: 0 })).toEqual([false, false, true]);
    expect(moved(0.1)).toEqual([true, true, false]);
  });

  it('are no nominal prints, and draw the same parameters whatever else varies', () => {
    expect(isNominal({ ...measured, relativeSpread: 0 })).toBe(false);
    expect(isNominal({ kind: 'uniform', relativeSpread: 0 })).toBe(true);
  });

  it('are refused where the technology has not measured them, where the circuit has none, and with noise of stages', () => {
    const copyOf = (technology: Technology, own: boolean) => () => {
      const flat = flatten(randomCircuit(technology, [3, 4, 2], 3), technology, { spread: own });
      const nominal = componentValues(flat);
      variedValues(flat, nominal, new Draws(4, 'measured'), 0, measured, nominal.slice());
    };
    expect(copyOf(egt, true)).toThrow(/The technology egt has no measured spread of its transistors egt\./);
    expect(copyOf(withSpread(), false)).toThrow(/have no parameters of their own/);
    const noisy = { ...measured, nonIdealities: [{ kind: 'noise', volts: 0.1 } as const] };
    expect(() => variationOf(noisy)).toThrow(UsageError);
  });
});

describe('a width that stands for a strength', () => {
  it('is that of every transistor whose current is proportional to a measured parameter, as the exact circuit finds', () => {
    const technology = withSpread();
    const cell = technology.cells.ptanh!;
    const found = widthSpreads(technology, cell);
    cell.parameters.forEach(({ name }, k) => {
      expect(found[k] !== undefined, name).toBe(name.startsWith('W'));
    });
    expect(found.find((one) => one !== undefined)!.deviation).toBeCloseTo(Math.sqrt(0.04 - 0.0035 ** 2 / 0.0006), 7);
    const flat = flatten(randomCircuit(technology, [3, 4, 2], 3), technology, { spread: true });
    const voltsOf = (factor: (unit: string, parameter: string) => number) => {
      const solver = new ExactSolver(flat);
      solver.setValues(
        componentValues(flat).map((v, k) => v * factor(flat.components[k]!.unit, flat.components[k]!.parameter)),
      );
      const state = solver.newState(1);
      expect(solver.solveRow(Float64Array.of(0.2, 0.5, 0.9), 0, state)).toBe(true);
      return state;
    };
    const stronger = voltsOf((_, parameter) => (parameter === 'i0' ? 1.3 : 1));
    const wider = voltsOf((unit, parameter) => (unit === 'metres' && parameter.startsWith('W') ? 1.3 : 1));
    expect(Math.max(...stronger.map((v, k) => Math.abs(v - wider[k]!)))).toBeLessThan(1e-9);
  });

  it('is none where only a threshold was measured, or where contacts conduct', () => {
    const threshold = withSpread({ parameters: ['vth'], scale: ['linear'], covariance: [[0.0006]] });
    const contacts = withSpread();
    const kinds = Object.entries(contacts.transistors).map(([name, kind]) => [name, { ...kind, contactOhmMetres: 1 }]);
    for (const technology of [threshold, { ...contacts, transistors: Object.fromEntries(kinds) }])
      expect(widthSpreads(technology, technology.cells.ptanh!).every((one) => one === undefined)).toBe(true);
  });
});

describe('the root of a covariance', () => {
  it('times its transpose is the covariance, also where parameters go together or do not vary', () => {
    const matrix = [
      [4, 2, 0],
      [2, 1, 0],
      [0, 0, 0],
    ];
    const root = covarianceRoot(matrix)!;
    matrix.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(root[i]!.reduce((sum, l, k) => sum + l * root[j]![k]!, 0)).toBeCloseTo(value, 7);
      });
    });
  });

  it('is none where three parameters contradict each other', () => {
    const matrix = [
      [1, 0.9, 0.9],
      [0.9, 1, -0.9],
      [0.9, -0.9, 1],
    ];
    expect(covarianceRoot(matrix)).toBeUndefined();
  });
});
