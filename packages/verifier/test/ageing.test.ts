import type { Variation } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ageing, ageingOf } from '../src/ageing.ts';
import { cases, circuit, technology } from './fixture.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('auto');
});
afterAll(() => engine.close());

const none = { kind: 'uniform', relativeSpread: 0.02 } as const;
const copies = { draws: 6, seed: 1, workers: 1 };

describe('printed copies as they age', () => {
  it('have at every node the same voltages in ngspice and the exact solver, on the days that are asked for', async () => {
    const days = [0, 30, 365];
    const report = await ageing(engine, circuit, technology, cases(), none, { days, copies, limitAccuracy: 0.5 });
    expect(report.asked.map(({ days: day, extrapolated }) => [day, extrapolated])).toEqual([
      [0, false],
      [30, false],
      [365, true],
    ]);
    for (const day of report.asked) {
      expect(day.simulatedDraws).toBe(copies.draws);
      expect(day.maxErrorVolts).toBeLessThan(1e-7);
      expect(day.decisionsDiffering).toBe(0);
    }
    expect(report.measuredDays).toEqual([0, 37]);
    expect(report.points.map(({ days: day }) => day)).toEqual(
      [...report.points.map(({ days: day }) => day)].sort((a, b) => a - b),
    );
    expect(report.points.at(-1)!.days).toBe(365);
  });

  it('say from which day their mean accuracy is too low', async () => {
    // a falling stage that dies: nobody's resistors grow so
    const dying: Variation = {
      ...none,
      ageing: { law: 'saturating', a: 400, shape: 100, measuredDays: [0, 100], days: [0, 100] },
    };
    const request = { days: [300], copies, limitAccuracy: 0.99 };
    const { failsAtDay, points } = await ageing(engine, circuit, technology, cases(), dying, request);
    expect(points[0]!.meanAccuracy).toBe(1);
    expect(failsAtDay).toBeGreaterThan(0);
    expect(failsAtDay).toBeLessThan(300);
    const after = await ageing(engine, circuit, technology, cases(), dying, { ...request, days: [failsAtDay!] });
    expect(after.points.at(-1)!.meanAccuracy).toBeLessThan(0.99);
  });

  it('need a law: of the network, or of the technology', () => {
    const { ageing: _, ...without } = technology;
    expect(ageingOf(technology, none).law).toBe('power');
    expect(() => ageingOf(without, none)).toThrow(/does not say how its resistors age/);
    expect(() => ageingOf({ ...technology, thresholdsAge: true }, none)).toThrow(/thresholds age too/);
  });
});
