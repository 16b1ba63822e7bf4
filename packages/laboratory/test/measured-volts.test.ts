import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sheetMark } from '@neuroprint/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMeasuredVolts } from '../src/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'measured-volts-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const HASH = 'a'.repeat(64);
const sheet = {
  inputs: ['in0', 'in1'],
  nodes: ['inv_l0_i0', 'y_l0_c0', 'xact_l0_c0.mid'],
  lowVolts: 0,
  highVolts: 1,
  netlistSha256: HASH,
};
let count = 0;
function read(...lines: string[]) {
  count += 1;
  const file = join(folder, `sheet${count}.csv`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return readMeasuredVolts(file, sheet);
}
const LONG = 'pattern,in0,in1,node,low_volts,expected_volts,high_volts,measured_volts,pass';

describe('measured volts of a sheet', () => {
  it('are read from the bench test sheet with its column filled in; an empty cell was not measured', () => {
    const { readings, rows, inputVolts, isMarked } = read(
      sheetMark(HASH),
      LONG,
      '1,0.1,0.9,y_l0_c0,0.1,0.2,0.3,0.2101,',
      '1,0.1,0.9,inv_l0_i0,0.1,0.2,0.3,,',
      '2,0.5,0.5,y_l0_c0,0.1,0.2,0.3,0.8,yes',
      '2,0.5,0.5,inv_l0_i0,0.1,0.2,0.3,0.4,no',
    );
    expect(isMarked).toBe(true);
    expect(rows).toBe(2);
    expect([...inputVolts]).toEqual([0.1, 0.9, 0.5, 0.5]);
    expect(readings.map(({ row, node, volts, line }) => [row, node, volts, line])).toEqual([
      [0, 'y_l0_c0', 0.2101, 3],
      [1, 'y_l0_c0', 0.8, 5],
      [1, 'inv_l0_i0', 0.4, 6],
    ]);
  });

  it('are read from a column for each node, in the unit of its header; two readings at the same inputs are both kept', () => {
    const { readings, rows, isMarked, notes } = read(
      'in0,in1,y_l0_c0 (mV),xact_l0_c0.mid',
      '0.1,0.9,210.5,0.7',
      '0.5,0.5,800,0.3',
      '0.1,0.9,211,',
    );
    expect(rows).toBe(2);
    expect(readings.map(({ row, node, volts }) => [row, node, Number(volts.toFixed(6))])).toEqual([
      [0, 'y_l0_c0', 0.2105],
      [0, 'xact_l0_c0.mid', 0.7],
      [0, 'y_l0_c0', 0.211],
      [1, 'y_l0_c0', 0.8],
      [1, 'xact_l0_c0.mid', 0.3],
    ]);
    expect(isMarked).toBe(false);
    expect(notes.join()).toContain('does not say which netlist');
  });

  it('are taken for millivolts, and that is said, where no header has a unit and no process has so many volts', () => {
    const { readings, notes } = read('in0,in1,y_l0_c0', '0.1,0.9,210', '0.5,0.5,800', '0.7,0.5,300');
    expect(readings[1]!.volts).toBeCloseTo(0.8, 12);
    expect(notes.join()).toContain('millivolts');
  });

  it.each([
    [
      'of another netlist',
      [sheetMark('b'.repeat(64)), LONG, '1,0,0,y_l0_c0,,,,0.1,'],
      /row 1: is the sheet of another netlist/,
    ],
    ['without an input', ['in0,y_l0_c0', '0,0.1', '1,0.9'], /column in1: there is no such column, and it is an input/],
    ['with an empty input', ['in0,in1,y_l0_c0', '0,1,0.1', '0.5,,0.2', '1,1,0.9'], /row 3, column in1: .*missing/],
    ['with a column that is no node', ['in0,in1,y_l0_c7', '0,0,0.1', '1,1,0.9'], /column y_l0_c7: is no node/],
    [
      'with a row of no node',
      ['in0,in1,node,measured_volts', '0,0,y_l0_c0,0.1', '1,1,y_l9_c0,0.9'],
      /row 3, column node: "y_l9_c0" is no node/,
    ],
    ['without a node', ['in0,in1,decision', '0,0,1', '1,1,2'], /no column is a node/],
    [
      'that was not filled in',
      [LONG, '1,0,0,y_l0_c0,0.1,0.2,0.3,,', '2,1,1,y_l0_c0,0.1,0.2,0.3,,'],
      /nothing was measured: every cell for it is empty/,
    ],
    [
      'with a pattern that was not measured',
      ['in0,in1,y_l0_c0', '0,0,0.1', '1,1,0.9', '0.5,0,', '0,1,0.3'],
      /row 4: nothing was measured at the inputs 0.5, 0 V/,
    ],
    [
      'beyond the rails',
      ['in0,in1,y_l0_c0 (V)', '0,0,0.1', '1,1,1.4', '0,1,0.3'],
      /row 3, column y_l0_c0 \(V\): 1.4 V is beyond the rails/,
    ],
    [
      'in millivolts under a header of volts',
      ['in0,in1,y_l0_c0 (V)', '0,0,100', '1,1,900', '0,1,300'],
      /row 2, column y_l0_c0 \(V\): 100 V is beyond/,
    ],
    [
      'in volts under a header of millivolts',
      ['in0,in1,y_l0_c0 (mV)', '0,0,0.1', '1,1,0.9', '0,1,0.3'],
      /no reading is above .* V/,
    ],
    ['of too few readings', ['in0,in1,y_l0_c0', '0,0,0.1', '1,1,0.9'], /there are 2 readings at 2 patterns/],
    ['of one pattern', ['in0,in1,y_l0_c0,inv_l0_i0,xact_l0_c0.mid', '0,0,0.1,0.5,0.7'], /3 readings at 1 patterns/],
    ['where all is the same', ['in0,in1,y_l0_c0', '0,0,0.5', '1,1,0.5', '0,1,0.5'], /every reading is 0.5 V/],
    [
      'with words',
      ['in0,in1,y_l0_c0 (V)', '0,0,0.1', '1,1,high', '0,1,0.3'],
      /row 3, column y_l0_c0 \(V\): "high" is not a finite number/,
    ],
  ])('are refused %s', (_, lines, message) => {
    expect(() => read(...lines)).toThrow(message);
  });
});
