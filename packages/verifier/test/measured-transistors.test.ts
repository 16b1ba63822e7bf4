import type { Technology } from '@neuroprint/circuit';
import type { Variation } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blame } from '../src/blame/blame.ts';
import { CopySolver } from '../src/copies/copies.ts';
import { judgeCopies } from '../src/copies/copy-pool.ts';
import { monteCarlo } from '../src/copies/monte-carlo.ts';
import { printedSubject } from '../src/subject.ts';
import { cases, circuit, inputVolts, labels, technology as plain } from './fixture.ts';

const variation: Variation = { kind: 'uniform', relativeSpread: 0.05, transistors: 'measured' };
const spread = {
  parameters: ['i0', 'vth'],
  scale: ['log', 'linear'] as const,
  covariance: [
    [0.04, 0.0035],
    [0.0035, 0.0006],
  ],
  sheetShare: 0.3,
  source: 'test',
};
const technology: Technology = {
  ...plain,
  transistors: Object.fromEntries(Object.entries(plain.transistors).map(([name, kind]) => [name, { ...kind, spread }])),
};

describe('copies whose transistors differ as measured', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine('auto');
  });
  afterAll(() => engine.close());

  it('are the same bits whatever the number of threads', async () => {
    const task = { circuit, technology, inputVolts, labels, variation, seed: 5 };
    const plan = { draws: 2100, limit: 0.9 };
    const one = await judgeCopies(task, { ...plan, workers: 1 });
    expect(await judgeCopies(task, { ...plan, workers: 3 })).toEqual(one);
  });

  it('have the same voltage at every node in ngspice, which gets a model for each transistor', async () => {
    const found = await monteCarlo(engine, circuit, technology, cases(), { draws: 5, variation, seed: 2 });
    expect(found.simulatedDraws).toBe(5);
    expect(found.maxErrorVolts).toBeLessThan(1e-9 * technology.bias.volts);
    expect(found.law).toBe('uniform 5 % + transistors as measured');
    const still = { ...variation, relativeSpread: 0 };
    const task = { circuit: printedSubject(circuit, technology, still), technology, inputVolts, labels, seed: 2 };
    const solver = new CopySolver({ ...task, variation: still });
    const volts = [0, 1].map((copy) => {
      solver.merit(copy);
      return solver.state.slice();
    });
    expect(Math.max(...volts[0]!.map((v, i) => Math.abs(v - volts[1]![i]!)))).toBeGreaterThan(0.01);
  });

  it('have their share of the blame: margins of many copies have the standard deviation that it says', async () => {
    const small = { ...spread, covariance: spread.covariance.map((row) => row.map((c) => c / 400)) };
    const quiet: Technology = {
      ...plain,
      transistors: Object.fromEntries(
        Object.entries(plain.transistors).map(([name, kind]) => [name, { ...kind, spread: small }]),
      ),
    };
    const still = { ...variation, relativeSpread: 0 };
    const found = await blame(engine, circuit, quiet, cases(), ['low', 'high'], still);
    expect(found.worstCorner.maxErrorVolts).toBeLessThan(1e-9 * technology.bias.volts);
    expect(found.components.some(({ name }) => name.endsWith('.vth'))).toBe(true);
    const { case: row, stdVolts } = found.decisions[0]!;
    const solver = new CopySolver({ circuit, technology: quiet, inputVolts, labels, variation: still, seed: 3 });
    const margins = Array.from({ length: 1500 }, (_, copy) => {
      solver.merit(copy);
      const volts = solver.outputVolts();
      return volts[2 * row]! - volts[2 * row + 1]!;
    });
    const middle = margins.reduce((sum, m) => sum + m, 0) / margins.length;
    const std = Math.sqrt(margins.reduce((sum, m) => sum + (m - middle) ** 2, 0) / margins.length);
    expect(Math.abs(std / stdVolts - 1)).toBeLessThan(0.06);
  });

  it('are refused in a technology that has not measured them', async () => {
    const asked = monteCarlo(engine, circuit, plain, cases(), { draws: 2, variation, seed: 2 });
    await expect(asked).rejects.toThrow('The technology egt has no measured spread of its transistors egt.');
  });
});
