import { componentValues } from '@neuroprint/circuit';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latch, opamp } from '../../circuit/test/negative.ts';
import { corners } from '../src/corners.ts';
import { ExactRows } from '../src/exact-rows.ts';
import { cases, circuit, technology } from './fixture.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('auto');
});
afterAll(() => engine.close());

function solved(of: ReturnType<typeof latch>, inputVolts: Float64Array) {
  const rows = inputVolts.length / of.inputs.length;
  const exact = new ExactRows(of, opamp, { inputVolts, rows });
  return { ...exact.at(componentValues(exact.solver.flat)), inputVolts, labels: new Int32Array(rows) };
}

describe('corners', () => {
  it('are compared in ngspice at both ends', async () => {
    const found = await corners(engine, circuit, technology, cases(), 0.5);
    expect(found.map(({ simulatedPoints }) => simulatedPoints)).toEqual([2, 2, 2, 1]);
    for (const { maxErrorVolts, notStable } of found) {
      expect(maxErrorVolts).toBeLessThan(1e-7);
      expect(notStable).toBeUndefined();
    }
  });

  it('at which the circuit has a second state are named, and the next ones inwards are compared', async () => {
    // the feedback outweighs the input once that comes through as much
    const weak = latch().devices.map((d) => (d.name === 'r_back' && d.kind === 'resistor' ? { ...d, ohms: 1e6 } : d));
    const second = { ...latch(), outputs: ['y', 'z'], devices: weak };
    const inputVolts = Float64Array.of(0.9, 0.57, 0.1, 0.57);
    const found = await corners(engine, second, opamp, { ...cases(), ...solved(second, inputVolts) }, 0.1);
    const { notStable, simulatedPoints, maxErrorVolts } = found.find(({ factor }) => factor === 'source resistance')!;
    expect(notStable?.[0]?.value).toBe(1e6);
    expect(notStable?.[0]?.reason).toMatch(/operating point/);
    expect(simulatedPoints).toBe(notStable!.length + 1);
    expect(maxErrorVolts).toBeLessThan(1e-7);
  });
});
