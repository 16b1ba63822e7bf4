import { type Circuit, type Device, UsageError } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { checkCircuit } from '../src/ir/check.ts';
import { printCircuit } from '../src/ir/describe.ts';
import { marksOf } from '../src/technology/marks.ts';
import { findCell, loadTechnology } from '../src/technology/technology.ts';
import { egt, randomCircuit, TEMPLATES } from './example.ts';

const good = randomCircuit(egt, [2, 1, 2], 1);
const edited = (edit: (device: Device) => Device | undefined): Circuit => ({
  ...good,
  devices: good.devices.map(edit).filter((device) => device !== undefined),
});

describe('the circuit checker', () => {
  it('accepts a good circuit', () => {
    expect(() => checkCircuit(good, egt)).not.toThrow();
  });

  it.each<[string, Circuit, RegExp]>([
    [
      'a name that is used twice',
      { ...good, devices: [...good.devices, good.devices[0]!] },
      /neg_l0_i0 \(layer 0, row 0: falling stage \(negative weight\)\): the name is used twice/,
    ],
    [
      'a resistance that cannot be printed',
      edited((d) => (d.name === 'r_l0_i0_c0' && d.kind === 'resistor' ? { ...d, ohms: 3 } : d)),
      /r_l0_i0_c0 .*3 ohms cannot be printed/,
    ],
    [
      'a stage value outside of its range',
      edited((d) => (d.name === 'act_l0_c0' && d.kind === 'stage' ? { ...d, values: { ...d.values, W1: 1 } } : d)),
      /act_l0_c0 .*W1 = 1 is outside/,
    ],
    [
      'a stage without a value',
      edited((d) => (d.name === 'act_l0_c0' && d.kind === 'stage' ? { ...d, values: {} } : d)),
      /act_l0_c0 .*R1 has no value/,
    ],
    [
      'a constraint that does not hold',
      edited((d) =>
        d.name === 'neg_l0_i0' && d.kind === 'stage' ? { ...d, values: { R: 2e4, W: 30e-6, L: 120e-6 } } : d,
      ),
      /neg_l0_i0 .*R\*W\/L>20000 does not hold/,
    ],
    [
      'a column that nothing drives',
      edited((d) => (d.kind === 'resistor' && d.nodes[1] === 'z_l0_c0' ? undefined : d)),
      /act_l0_c0 .*its input z_l0_c0 floats/,
    ],
    [
      'a bias resistor that leads to a rail which is no supply',
      edited((d) => (d.name === 'r_l0_bias_c0' && d.kind === 'resistor' ? { ...d, nodes: ['vpos', d.nodes[1]] } : d)),
      /r_l0_bias_c0 .*leads from vpos to z_l0_c0, and neither is an input, a supply, ground or the output of a stage/,
    ],
    [
      'an output that nothing drives',
      edited((d) => (d.name === 'act_l1_c1' ? undefined : d)),
      /output y_l1_c1 is driven by nothing/,
    ],
  ])('refuses %s and names it', (_, circuit, message) => {
    expect(() => checkCircuit(circuit, egt)).toThrow(message);
  });
});

describe('the printer', () => {
  it('writes one device a line with its origin', () => {
    const lines = printCircuit(good).split('\n');
    expect(lines[0]).toBe('circuit random in egt');
    expect(lines[2]).toMatch(
      /^ {2}neg_l0_i0 negweight\(in0 → inv_l0_i0\) R=[\d.e-]+ W=[\d.e-]+ L=[\d.e-]+ {2}; layer 0, row 0: falling stage \(negative weight\)$/,
    );
    expect(lines.at(-2)).toBe('outputs y_l1_c0=class0 y_l1_c1=class1');
  });
});

describe('a technology', () => {
  it('that is not there is an error that lists those there are', () => {
    try {
      loadTechnology(TEMPLATES, 'nope');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).hint).toMatch(/egt, egt-date23/);
    }
  });

  it('names the numbers that nobody has given', () => {
    expect(egt.assumed).toEqual([
      'printing.resistanceStep',
      'printing.gridMetres',
      'printing.minimumWidthMetres',
      'printing.minimumGapMetres',
      'printing.resistorInks.0.sheetOhms',
    ]);
  });

  it('says of each number where it is from, and of a measured one its file, day and standard error', () => {
    expect(
      marksOf({
        law: { source: 'a paper', text: 'x' },
        a: { unit: 'volts', value: 2, measured: { file: 'a.csv', date: '2026-01-02', standardError: 0.1 } },
        b: [{ value: 3, assumed: true, why: 'nobody knows' }],
        spread: { covariance: [[1]], source: 'measured: 4 devices' },
        c: { value: 4 },
      }),
    ).toEqual([
      { path: 'law', kind: 'published', text: 'a paper' },
      { path: 'a', value: 2, unit: 'volts', kind: 'measured', text: 'a.csv, 2026-01-02: ± 0.1' },
      { path: 'b.0', value: 3, kind: 'assumed', text: 'nobody knows' },
      { path: 'spread', kind: 'measured', text: 'measured: 4 devices' },
    ]);
    expect(egt.marks.length).toBeGreaterThan(egt.assumed.length);
    expect(egt.marks.filter(({ kind }) => kind === 'assumed').map(({ path }) => path)).toEqual(egt.assumed);
  });

  it('says which cells it has', () => {
    expect(() => findCell(egt, 'toString')).toThrow(/no cell "toString"/);
  });
});
