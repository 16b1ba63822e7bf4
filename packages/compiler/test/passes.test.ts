import type { TrainedNetwork } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { circuitOf, type Layered, layeredOf, PASSES, passContext } from '../src/index.ts';
import { calibratePass } from '../src/passes/calibrate.ts';
import { lower } from '../src/passes/lower.ts';
import { prune } from '../src/passes/prune.ts';
import { scaleColumns } from '../src/passes/scale-columns.ts';
import { shareInverters, shareInvertersPass } from '../src/passes/share-inverters.ts';
import { snapPass } from '../src/passes/snap.ts';
import { egt, network } from './example.ts';

const { minOhms, maxOhms } = egt.crossbar;
const edited = (edit: (layers: TrainedNetwork['layers'][number][]) => void): TrainedNetwork => {
  const copy = structuredClone(network()) as TrainedNetwork;
  edit(copy.layers as TrainedNetwork['layers'][number][]);
  return copy;
};
const withSiemens = (siemens: readonly number[]): Layered => {
  const [first, second] = lower(network(), egt).layers;
  return { layers: [{ ...first!, siemens: Float64Array.from(siemens) }, second!] };
};

describe('the passes', () => {
  it('stand in one array, in this order', () => {
    expect(PASSES.map((pass) => pass.name)).toEqual([
      'lower',
      'prune',
      'scale columns',
      'share inverters',
      'calibrate',
      'snap',
      'place names',
      'emit',
    ]);
  });

  it('each take what the one before gives', () => {
    PASSES.slice(1).forEach((pass, k) => {
      expect(pass.from, pass.name).toBe(PASSES[k]!.to);
    });
  });
});

describe('lowering', () => {
  it('gives every place its own stage and keeps the signed conductances', () => {
    const layered = lower(network(), egt);
    expect(layered.layers[0]!.falling.values).toHaveLength(2);
    expect([...layered.layers[0]!.siemens]).toEqual(network().layers[0]!.conductancesSiemens.flat());
  });

  it.each<[string, Partial<TrainedNetwork>, RegExp]>([
    ['with another bias', { biasVolts: 0.8 }, /trained with a bias of 0\.8 V, and the bias vdd of egt is 1 V/],
    [
      'with an input that goes further',
      { inputs: network().inputs.map((input) => ({ ...input, minimumVolts: 0, maximumVolts: 5 })) },
      /the input \w+ takes 0 to 5 V, and inputs of egt take 0 to 1 V/,
    ],
  ])('refuses a network that was trained %s than the technology has', (_, volts, message) => {
    expect(() => lower({ ...network(), ...volts }, egt)).toThrow(message);
  });

  it.each<[string, TrainedNetwork, RegExp]>([
    [
      'op-amp layers',
      edited((l) => Object.assign(l[0]!, { nodeRule: 'kirchhoff' })),
      /layer 0: the node rule "kirchhoff" needs op-amps, and the technology egt has none/,
    ],
    [
      'a missing row',
      edited((l) => (l[1]!.conductancesSiemens as number[][]).pop()),
      /layer 1: has 3 rows of conductances, and needs 2 inputs, bias and pull-down/,
    ],
    [
      'a ragged row',
      edited((l) => (l[0]!.conductancesSiemens[2] as number[]).pop()),
      /layer 0, row 2: has 1 columns, and row 0 has 2/,
    ],
    [
      'a negative bias',
      edited((l) => ((l[0]!.conductancesSiemens[2] as number[])[1] = -1e-6)),
      /layer 0, row 2, column 1: bias and pull-down cannot be negative/,
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
      /network.json: layer 1: has 2 outputs, and there are 3 classes/,
    );
  });

  it.each(['a "quoted" class', "it's", 'two\nlines', '.control', 'x .include y'])(
    'refuses the class name %j, which must not stand in a netlist',
    (name) => {
      expect(() => lower({ ...network(), classes: ['left', name] }, egt)).toThrow(/classes\[1\]: .* must not stand/);
      expect(() => lower({ ...network(), name }, egt)).toThrow(/name: /);
    },
  );

  it('refuses a conductance that is no number', () => {
    const wrong = edited((l) => ((l[0]!.conductancesSiemens[1] as number[])[0] = Number.NaN));
    expect(() => lower(wrong, egt)).toThrow(/layer 0, row 1, column 0: the conductance is NaN/);
  });
});

describe('what a pass refuses', () => {
  const refused = (act: () => unknown): unknown => {
    try {
      act();
    } catch (error) {
      return error;
    }
    throw new Error('nothing was refused');
  };

  it('says its place in words and as data, and which file it is in', () => {
    const wrong = edited((l) => ((l[1]!.conductancesSiemens[3] as number[])[0] = -1e-6));
    expect(refused(() => lower(wrong, egt, 'mine.json'))).toMatchObject({
      exitCode: 2,
      place: { layer: 1, row: 3, column: 0 },
      message: 'mine.json: layer 1, row 3, column 0: bias and pull-down cannot be negative (-0.000001)',
    });
    expect(refused(() => prune(withSiemens([1e-6, 0, 0, 0, 0, 0, 0, 0]), egt))).toMatchObject({
      exitCode: 2,
      place: { layer: 0, column: 1 },
      message: 'Layer 0, column 1: there is no conductance at all, nothing drives the node.',
    });
  });

  it.each([
    [calibratePass, { siemens: [5, 2 / minOhms] }, /^Layer 1, row 2, column 1: .* ohms cannot be printed$/],
    [calibratePass, { siemens: [4, Number.NaN] }, /^Layer 1, row 2, column 0: the conductance is NaN$/],
    [
      snapPass,
      { siemens: [5, 1 / (1.0035 * minOhms)] },
      /^Layer 1, row 2, column 1: value 0 of crossbar: .* ohms is not printable$/,
    ],
    [shareInvertersPass, { invertersPerEntry: true }, /^Layer 1, row 1: 2 falling stages, and 1 are needed$/],
  ] as const)('or made wrong is found by the check after it', (pass, wrong, message) => {
    const [first, last] = layeredOf(network(), egt, { until: 'snap' }).layers;
    const siemens = last!.siemens.slice();
    siemens.set([1, 1, -1, -1].map((sign) => sign / minOhms));
    if ('siemens' in wrong) siemens[wrong.siemens[0]] = wrong.siemens[1];
    const layers = [first!, { ...last!, ...wrong, siemens }];
    expect(() => pass.check({ layers }, passContext(network(), egt), { layers })).toThrow(message);
  });
});

describe('sharing inverters', () => {
  const falling = (layered: Layered) =>
    circuitOf(layered, network(), egt)
      .devices.filter(({ origin }) => origin.role === 'falling' && origin.layer === 0)
      .map((d) => d.name);
  const negated = withSiemens([-1e-6, -1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6]);

  it('puts one falling stage where every negative entry had its own, and none where no column needs one', () => {
    expect(falling(negated)).toEqual(['neg_l0_i0_c0', 'neg_l0_i0_c1']);
    expect(falling(shareInverters(negated))).toEqual(['neg_l0_i0']);
    expect(falling(shareInverters(withSiemens(new Array(8).fill(1e-6))))).toEqual([]);
  });
});

describe('pruning', () => {
  const column = (siemens: readonly number[]) => withSiemens(siemens.flatMap((g) => [g, 1e-6]));

  it('leaves out what no scale of the column prints beside its largest, and counts it', () => {
    const { layered, removed } = prune(column([1e-6, 1e-9, 0, 5e-7]), egt);
    expect([...layered.layers[0]!.siemens]).toEqual([1e-6, 1e-6, 0, 1e-6, 0, 1e-6, 5e-7, 1e-6]);
    expect(removed).toBe(1);
  });

  it.each<[string, readonly number[], RegExp]>([
    ['a column that nothing drives', [0, 0, 0, 0], /Layer 0, column 0: there is no conductance at all/],
    [
      'a conductance that cannot be printed at any scale',
      [1e-6, -1e-30, 0, 5e-7],
      /Layer 0, row 1, column 0: -1e-30 siemens cannot be printed at any scale/,
    ],
    ['one in the wrong unit', [1e6, 1e-6, 0, 5e-7], /row 1, column 0: 0.000001 siemens cannot be printed at any scale/],
  ])('refuses %s', (_, siemens, message) => {
    expect(() => prune(column(siemens), egt)).toThrow(message);
  });

  it('refuses a column that loses too much', () => {
    const wide = [1e-4, ...new Array(20).fill(9e-7), 0, 0];
    const layer = { ...lower(network(), egt).layers[0]!, inputs: 21, columns: 1, siemens: Float64Array.from(wide) };
    expect(() => prune({ layers: [layer] }, egt)).toThrow(/20 conductances, 15 % of the column/);
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
});
