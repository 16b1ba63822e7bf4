import { type NodeTable, selectVolts } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDecisions, compareVoltages, NodesDifferError, wilsonInterval } from '../src/compare.ts';

const table = (nodes: readonly string[], ...rows: number[][]): NodeTable => ({
  nodes,
  rows: rows.length,
  volts: Float64Array.from(rows.flat()),
});

describe('comparing voltages', () => {
  it('names the worst case and node, in whatever order the nodes stand', () => {
    const expected = table(['a', 'b'], [0.1, 0.2], [0.3, 0.4]);
    const simulated = table(['b', 'a'], [0.2, 0.1], [0.4 + 1e-6, 0.3 - 1e-9]);
    const result = compareVoltages(simulated, expected);
    expect(result.maxErrorVolts).toBeCloseTo(1e-6, 12);
    expect(result.worst).toMatchObject({ case: 1, node: 'b', expectedVolts: 0.4 });
    expect(result.nodeErrorVolts.a).toBeCloseTo(1e-9, 12);
  });

  it('takes no node for granted', () => {
    expect(() => compareVoltages(table(['a'], [0]), table(['a', 'b'], [0, 0]))).toThrow(NodesDifferError);
    expect(() => compareVoltages(table(['a', 'c'], [0, 0]), table(['a'], [0]))).toThrow(/c is not expected/);
  });
});

describe('comparing decisions', () => {
  const outputs = Float64Array.of(0.5, 0.2, 0.4, 0.4 + 1e-9, 0.1, 0.9);

  it('counts ties apart', () => {
    const result = compareDecisions(Int32Array.of(0, 1, 1), Int32Array.of(0, 0, 0), outputs, 2, 1e-6);
    expect(result).toEqual({ agreement: 0.5, ties: 1, differing: 1 });
  });

  it('has no agreement to tell where all are ties', () => {
    expect(compareDecisions(Int32Array.of(0), Int32Array.of(1), Float64Array.of(1, 1), 2, 1e-6)).toEqual({
      agreement: null,
      ties: 1,
      differing: 0,
    });
  });
});

describe('the Wilson interval', () => {
  it('is the published one for 8 of 10', () => {
    const [low, high] = wilsonInterval(8, 10);
    expect(low).toBeCloseTo(0.4902, 4);
    expect(high).toBeCloseTo(0.9433, 4);
  });

  it('holds the share and stays between 0 and 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 1000 }), (trials, some) => {
        const successes = some % (trials + 1);
        const [low, high] = wilsonInterval(successes, trials);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(successes / trials + 1e-12);
        expect(high).toBeGreaterThanOrEqual(successes / trials - 1e-12);
      }),
    );
  });
});

describe('selecting nodes', () => {
  it('gives their volts row by row', () => {
    expect([...selectVolts(table(['a', 'b', 'c'], [1, 2, 3], [4, 5, 6]), ['c', 'a'])]).toEqual([3, 1, 6, 4]);
  });
});
