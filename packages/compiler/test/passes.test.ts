import { DesignPolytope } from '@neuroprint/circuit';
import type { TrainedNetwork } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { circuitOf, type Draft, lower, nearestOhms, PASSES, scaleColumns, snap } from '../src/index.ts';
import { egt, network } from './example.ts';

const { minOhms, maxOhms } = egt.crossbar;
const edited = (edit: (layers: TrainedNetwork['layers'][number][]) => void): TrainedNetwork => {
  const copy = structuredClone(network()) as TrainedNetwork;
  edit(copy.layers as TrainedNetwork['layers'][number][]);
  return copy;
};
const withSiemens = (siemens: readonly number[]): Draft => {
  const draft = lower(network(), egt);
  return { layers: [{ ...draft.layers[0]!, siemens: Float64Array.from(siemens) }, draft.layers[1]!] };
};

describe('the passes', () => {
  it('stand in one array, in this order', () => {
    expect(PASSES.map((pass) => pass.name)).toEqual(['scale columns', 'calibrate', 'snap']);
  });
});

describe('lowering', () => {
  it('gives every place its own stage and keeps the signed conductances', () => {
    const draft = lower(network(), egt);
    expect(draft.layers[0]!.falling.values).toHaveLength(2);
    expect([...draft.layers[0]!.siemens]).toEqual(network().layers[0]!.conductancesSiemens.flat());
  });

  it.each<[string, TrainedNetwork, RegExp]>([
    [
      'op-amp layers',
      edited((l) => Object.assign(l[0]!, { nodeRule: 'kirchhoff' })),
      /Layer 0 has the node rule "kirchhoff"/,
    ],
    [
      'a missing row',
      edited((l) => (l[1]!.conductancesSiemens as number[][]).pop()),
      /layer 1: has 3 rows of conductances, and needs 2 inputs, bias and pull-down/,
    ],
    [
      'a ragged row',
      edited((l) => (l[0]!.conductancesSiemens[2] as number[]).pop()),
      /layer 0: row 2 has 1 columns, and row 0 has 2/,
    ],
    [
      'a negative bias',
      edited((l) => ((l[0]!.conductancesSiemens[2] as number[])[1] = -1e-6)),
      /layer 0: row 2, column 1: bias and pull-down cannot be negative/,
    ],
    [
      'too many stages',
      edited((l) => Object.assign(l[0]!, { fallingStages: Array(3).fill(l[0]!.fallingStages[0]) })),
      /layer 0: has 3 stages for 2 places/,
    ],
    [
      'a cell that is not there',
      edited((l) => Object.assign(l[0]!, { fallingStages: [{ ...l[0]!.fallingStages[0]!, cell: 'other' }] })),
      /no cell "other"/,
    ],
    [
      'a stage without a value',
      edited((l) => Object.assign(l[0]!, { fallingStages: [{ ...l[0]!.fallingStages[0]!, values: {} }] })),
      /layer 0: a stage negweight has no value for R/,
    ],
  ])('refuses %s and says where', (_, wrong, message) => {
    expect(() => lower(wrong, egt)).toThrow(message);
  });

  it('refuses a network whose last layer has not one output a class', () => {
    expect(() => lower({ ...network(), classes: ['a', 'b', 'c'] }, egt)).toThrow(
      /last layer has 2 outputs, and there are 3 classes/,
    );
  });

  it('prints an inverter only where a column takes the input negated', () => {
    const devices = (siemens: readonly number[]) =>
      circuitOf(withSiemens(siemens), network(), egt, {}).devices.map((d) => d.name);
    expect(devices([1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6])).not.toContain('neg_l0_i0');
    expect(
      devices([-1e-6, -1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6]).filter((name) => name === 'neg_l0_i0'),
    ).toHaveLength(1);
  });
});

describe('scaling columns', () => {
  it('makes every resistance printable and keeps what a column computes, as far as its range allows', () => {
    const magnitude = fc.double({ min: -9, max: -3, noNaN: true }).map((e) => 10 ** e);
    const entry = fc.oneof(
      fc.constant(0),
      magnitude,
      magnitude.map((g) => -g),
    );
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 4, maxLength: 4 }),
        fc.array(magnitude, { minLength: 4, maxLength: 4 }),
        (signed, plain) => {
          const siemens = [...signed, ...plain];
          const scaled = scaleColumns(withSiemens(siemens), egt).layers[0]!.siemens;
          for (let c = 0; c < 2; c += 1) {
            const before = siemens.filter((_, k) => k % 2 === c);
            const after = [...scaled].filter((_, k) => k % 2 === c);
            after.forEach((g, k) => {
              if (g === 0) return;
              expect(Math.sign(g)).toBe(Math.sign(before[k]!));
              expect(1 / Math.abs(g)).toBeGreaterThanOrEqual(minOhms * (1 - 1e-12));
              expect(1 / Math.abs(g)).toBeLessThanOrEqual(maxOhms * (1 + 1e-12));
            });
            const printable = before.filter((g) => g !== 0).map(Math.abs);
            if (Math.max(...printable) / Math.min(...printable) < maxOhms / minOhms) {
              const factor = after[3]! / before[3]!;
              after.forEach((g, k) => {
                expect(g).toBeCloseTo(before[k]! * factor, 12);
              });
              expect(Math.min(...after.filter((g) => g !== 0).map(Math.abs))).toBeCloseTo(1 / maxOhms, 12);
            }
          }
        },
      ),
    );
  });

  it('refuses a column that nothing drives, and names it', () => {
    expect(() => scaleColumns(withSiemens([1e-6, 0, 1e-6, 0, 1e-6, 0, 1e-6, 0]), egt)).toThrow(
      /Layer 0, column 1 has no conductance at all/,
    );
  });
});

describe('snapping', () => {
  it('moves a resistance to the nearest printable one', () => {
    fc.assert(
      fc.property(fc.double({ min: Math.log(minOhms), max: Math.log(maxOhms), noNaN: true }), (log) => {
        const ohms = Math.exp(log);
        const snapped = nearestOhms(ohms, minOhms, maxOhms, 0.01);
        expect(Math.abs(Math.log(snapped / ohms))).toBeLessThanOrEqual(
          Math.log(1.01) * (ohms > maxOhms * 0.98 ? 1.01 : 0.501),
        );
        expect(nearestOhms(snapped, minOhms, maxOhms, 0.01)).toBe(snapped);
        expect(snapped).toBeLessThanOrEqual(maxOhms);
      }),
    );
  });

  it('puts widths and lengths on the layout grid and keeps every constraint', () => {
    const cell = egt.cells.negweight!;
    const space = new DesignPolytope(cell);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(share, share, share), (shares) => {
        const logs = new Float64Array(3);
        space.logsAt(shares, logs);
        const draft = lower(network(), egt);
        const layer = { ...draft.layers[0]!, falling: { cell: 'negweight', values: [logs.map(Math.exp)] } };
        const [ohms, width, length] = snap({ layers: [layer] }, egt).layers[0]!.falling.values[0]!;
        expect(space.contains([ohms!, width!, length!])).toBe(true);
        for (const metres of [width!, length!])
          expect(Math.abs(metres * 1e6 - Math.round(metres * 1e6))).toBeLessThan(1e-9);
      }),
    );
  });
});
