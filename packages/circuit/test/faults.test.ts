import { Draws, type Variation } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { brokenStage } from '../src/fast/broken-stage.ts';
import { componentValues, flatten } from '../src/ir/flatten.ts';
import { BatchSolver } from '../src/solver/kernel/batch-solver.ts';
import { variedValues } from '../src/variation/copies.ts';
import { drawnFault, OPEN_OHMS, RESISTOR_FAULTS, SHORT_OHMS, withFaultSites } from '../src/variation/faults.ts';
import { variationOf } from '../src/variation/model.ts';
import { egt, randomCircuit } from './example.ts';
import { MANY_NEGATIVES, opamp } from './negative.ts';

const broken = (faultRate: number): Variation => ({ kind: 'uniform', relativeSpread: 0.1, faultRate });
const whole = flatten(randomCircuit(egt, [4, 3, 3], 1), egt);
const draws = new Draws(3, 'faults');

function valuesOf(copy: number, variation: Variation) {
  const flat = withFaultSites(whole, variation);
  const nominal = componentValues(flat);
  const out = nominal.slice();
  const changed = variedValues(flat, nominal, draws, copy, variation, out);
  return { flat, out, changed };
}

describe('broken parts of a printed copy', () => {
  it('are as many as the rate says, of every kind', () => {
    const uniforms = Float64Array.from({ length: 50_000 }, (_, i) => draws.uniform(9, i));
    const open = uniforms.filter((u) => drawnFault(u, 0.1, RESISTOR_FAULTS) === 'open');
    const short = uniforms.filter((u) => drawnFault(u, 0.1, RESISTOR_FAULTS) === 'short');
    expect(open.length / uniforms.length).toBeCloseTo(0.05, 2);
    expect(short.length / uniforms.length).toBeCloseTo(0.05, 2);
    expect(drawnFault(0.999999, 1, RESISTOR_FAULTS)).toBe('short');
    expect(drawnFault(0, 0, RESISTOR_FAULTS)).toBeUndefined();
  });

  it('leave the others as they are printed without any', () => {
    const { out, changed, flat } = valuesOf(7, broken(0.2));
    const good = valuesOf(7, broken(0)).out;
    const differing = Array.from(good.keys()).filter((k) => out[k] !== good[k]);
    expect(differing).toEqual([...changed].sort((a, b) => a - b));
    expect(changed.length).toBeGreaterThan(3);
    for (const k of changed) if (flat.components[k]!.unit === 'ohms') expect([OPEN_OHMS, SHORT_OHMS]).toContain(out[k]);
  });

  it('move nothing where none is drawn: the resistors of their shorts carry no current', () => {
    const flat = withFaultSites(whole, broken(1e-12));
    const volts = Float64Array.from({ length: 40 }, (_, i) => draws.uniform(11, i));
    const solve = (circuit: typeof whole) => {
      const solver = new BatchSolver(circuit);
      solver.setValues(componentValues(circuit));
      const state = solver.newState(10);
      expect(solver.solve(volts, 10, state)).toEqual([]);
      return state;
    };
    const [a, b] = [solve(whole), solve(flat)];
    expect(Math.max(...a.map((v, i) => Math.abs(v - b[i]!)))).toBeLessThan(1e-9);
  });

  it('are not drawn for resistors that are not printed', () => {
    const variation = broken(1);
    const flat = withFaultSites(whole, variation);
    const nominal = componentValues(flat);
    nominal[0] = Number.POSITIVE_INFINITY;
    const out = nominal.slice();
    variedValues(flat, nominal, draws, 0, variation, out);
    expect(out[0]).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a rate of broken parts that cannot be', () => {
  it.each([-0.1, 1.5, Number.NaN])('%s is refused by name', (rate) => {
    expect(() => variationOf(broken(rate))).toThrow('faultRate');
  });

  it('is refused beside volts in series with the stages, and for op-amps', () => {
    expect(() => variationOf({ ...broken(0.1), nonIdealities: [{ kind: 'noise', volts: 0.1 }] })).toThrow(
      /broken parts do not go together/,
    );
    const flat = flatten(MANY_NEGATIVES.circuit, opamp);
    expect(() => withFaultSites(flat, broken(0.1))).toThrow(/op-amps, whose faults are not known/);
  });
});

describe('the fast model of a broken stage', () => {
  it('says of every fault of every part where the output stays', () => {
    const parts = brokenStage(egt, egt.cells.ptanh!, 1e6);
    const [load1, load2, drive1, drive2] = parts;
    // the whole stage does not get to its supply
    expect(load2!.get('short')).toBeCloseTo(egt.supplies.vdd!, 3);
    expect(drive2!.get('no channel')).toBeCloseTo(egt.supplies.vdd!, 3);
    expect(drive2!.get('drain-source short')).toBeLessThan(0.01);
    // the first inverter stuck high leaves the second one at its low level, whatever that is
    expect(load1!.get('short')).toBe(Number.NEGATIVE_INFINITY);
    expect(drive1!.get('no channel')).toBe(Number.NEGATIVE_INFINITY);
    expect(drive1!.get('drain-source short')).toBeCloseTo(egt.supplies.vdd!, 3);
  });
});
