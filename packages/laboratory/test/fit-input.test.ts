import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputFileError, type NeuroprintError } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitKind } from '../src/fit/choose.ts';
import { readCurve } from '../src/fit/curve.ts';
import { readTwoColumns } from '../src/fit/curve-file.ts';
import { guessManifest } from '../src/fit/guess.ts';
import { parseManifest, readManifest } from '../src/fit/manifest.ts';
import { branchesOf } from '../src/fit/sweep.ts';
import { LENGTH, MADE, WIDTH, writeDevice, writeManifest } from './fit-made.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-fit-'));
let written = 0;
function file(text: string): string {
  written += 1;
  const path = join(folder, `file${written}.csv`);
  writeFileSync(path, text);
  return path;
}

/** A p-type transfer curve at −40 V, the volts and currents as they stand in the file. */
function curveOf(text: string, more = 'kind: transfer, volts: -40', device = 'polarity: p') {
  const path = file(text);
  const manifest = parseManifest(
    join(folder, 'manifest.yaml'),
    `W: 1e-3\nL: 1e-4\ntransistor: t\n${device}\ndevices:\n  - name: d1\n    curves:\n      - { file: ${path}, ${more} }\n`,
  );
  return readCurve('manifest.yaml', manifest[0]!, manifest[0]!.curves[0]!);
}

const GOOD = Array.from({ length: 41 }, (_, i) => `${-i},${1e-12 + 1e-8 * Math.max(0, i - 5) ** 2}`).join('\n');
const sweepRows = [1, 2, 3, 4].map((v) => `DataValue,${-v},${v}e-9`).join('\n');
const message = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(InputFileError);
    return `${(error as Error).message} | ${(error as NeuroprintError).hint ?? ''}`;
  }
  throw new Error('nothing was refused');
};

describe('a curve is read', () => {
  const expected = { first: Float64Array.of(-1.5, -2), second: Float64Array.of(1e-9, 2.5e-8) };
  it.each([
    ['with commas', '-1.5,1e-9\n-2,2.5e-8\n'],
    ['with blanks after commas', '-1.5,     1e-9\n-2,     2.5E-08'],
    ['with semicolons and decimal commas', '-1,5;1,0e-9\r\n-2,0;2,5e-8\r\n'],
    ['with semicolons, a comma in the currents only', '-1.5;1E-9\n-2.0;2,5E-8'],
    ['with tabs and a header', 'VG (V)\tID (A)\n-1.5\t1e-9\n-2\t2.5e-8'],
    [
      'below settings, among other columns',
      'Model,2450\nNPLC,1\nIndex,VG (V),ID (A),Time (s)\n1,-1.5,1e-9,0\n2,-2,2.5e-8,1',
    ],
    ['in millivolts, by its header', 'VG (mV),ID (A)\n-1500,1e-9\n-2000,2.5e-8'],
    ['with a byte-order mark and comments', '\uFEFF# measured at night\n-1.5 1e-9\n\n-2 2.5e-8'],
  ])('%s', (_, text) => {
    const { first, second } = readTwoColumns(file(text));
    expect(first).toEqual(expected.first);
    expect(second).toEqual(expected.second);
  });

  it('from the columns that the manifest names', () => {
    const { first, second } = readTwoColumns(file('0,-1.5,1e-9\n1,-2,2.5e-8'), [2, 3]);
    expect({ first, second }).toEqual(expected);
  });

  it('whatever sign its author gave the current, in rising order', () => {
    const turned = GOOD.replace(/,/g, ',-');
    expect(curveOf(turned).amperes).toEqual(curveOf(GOOD).amperes);
    expect(curveOf(turned).swept).toEqual(Float64Array.from({ length: 41 }, (_, i) => i));
  });

  it('as it was written, for any numbers', () => {
    const number = fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((v) => (Object.is(v, -0) ? 0 : v));
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 2, maxLength: 20 }), (rows) => {
        const path = file(rows.map(([a, b]) => `${a};${String(b).replace('.', ',')}`).join('\n'));
        const { first, second } = readTwoColumns(path);
        expect([...first]).toEqual(rows.map(([a]) => a));
        expect([...second]).toEqual(rows.map(([, b]) => b));
      }),
      { numRuns: 40 },
    );
  });

  it('there and back as the manifest asks, with the hysteresis; a digitised point out of order is no way back', () => {
    const there = Array.from({ length: 21 }, (_, i) => `${-2 * i},${1e-9 * 10 ** (0.1 * i)}`);
    const back = Array.from({ length: 20 }, (_, i) => `${-2 * (19 - i)},${1e-9 * 10 ** (0.1 * (19 - i) - 0.1)}`);
    const both = [...there, ...back].join('\n');
    expect(message(() => curveOf(both))).toMatch(
      /row 22: mixes sweep directions.* 2\.0 V apart .*sweep: first, second or mean/,
    );
    const curve = curveOf(both, 'kind: transfer, volts: -40, sweep: second');
    expect(curve.swept).toHaveLength(20);
    expect(curve.hysteresisVolts).toBeCloseTo(2, 6);
    expect(curveOf(both, 'kind: transfer, volts: -40, sweep: mean').swept).toHaveLength(20);
    expect(branchesOf(Float64Array.of(0, -1, -3, -2, -4, -5))).toHaveLength(1);
    expect(curveOf(GOOD.split('\n').with(3, '-4,1e-12').with(4, '-3,1e-12').join('\n')).remarks).toEqual([
      '1 point stands out of order',
    ]);
  });
});

describe('a curve is refused in one sentence where', () => {
  it.each<[string, string, string, RegExp]>([
    ['it has three columns', '1.5,2,3\n2,3,4\n', '', /row 1: has 3 columns, and a curve has two.*columns: \[1, 3\]/],
    [
      'its first row may be names that count',
      '0,1\n-1,3\n-2,4\n',
      '',
      /the first row is 0, 1: these may be names that count/,
    ],
    [
      'it has two sweeps of EasyEXPERT',
      `DataName,Vg,Id\n${sweepRows}\nDataName,Vg,Id\n${sweepRows}`,
      '',
      /row 7: a second sweep begins/,
    ],
    [
      'its header names another unit',
      'VG (V),ID (mA)\n-1,1e-3\n-2,2e-3\n-3,3e-3',
      'unit: A',
      /is in mA by its header, and in A by the manifest.*Write unit: mA/,
    ],
    [
      'it has an overflow',
      GOOD.replace(/-7,.*/, '-7,9.9E37'),
      '',
      /row 8, column column2: 9.9E37 is what instruments write/,
    ],
    ['it has one column', '1.5\n2\n3\n', '', /row 1: has 1 column, and/],
    [
      'it has text in a row',
      GOOD.replace('-7,', 'seven,'),
      '',
      /row 8, column column1: "seven" is not a finite number/,
    ],
    ['a cell is empty', GOOD.replace(/-7,.*/, '-7,'), '', /row 8, column column2: the cell is empty/],
    ['it has one point', '-1,1e-9\n', '', /holds one point/],
    ['it has two points', '-1,1e-9\n-2,1e-8\n', '', /holds 2 points/],
    ['it is empty', '\n', '', /: is empty/],
    ['it has one voltage', '-1,1e-9\n-1,1e-9\n-1,2e-9\n', '', /holds one voltage only, -1 V/],
    [
      'it is in millivolts',
      GOOD.replace(/^(-\d+)/gm, '$1000'),
      '',
      /row 3: -2000 V is beyond any printed device.*millivolts/,
    ],
    [
      'its currents are beyond any device',
      GOOD.replace(/,.*/gm, (c) => `,${Number(c.slice(1)) * 1e6}`),
      '',
      /reaches 12.3 A in the unit A, more than any.*The unit mA or uA or nA would fit: 0.0123 A/,
    ],
    [
      'its currents are below any device',
      GOOD,
      'unit: pA',
      /reaches 1.23e-17 A in the unit pA, less than.*The unit A or mA would fit/,
    ],
    [
      'it conducts at the wrong end',
      GOOD.replace(/^-/gm, ''),
      '',
      /conducts more at 40 V on the gate than at 0 V, and a p-type conducts at the negative end.*Check polarity/,
    ],
    ['the drain has the wrong sign', GOOD, 'volts: 40', /drain of a p-type is held at negative volts/],
    [
      'it turns more than once',
      [0, 1, 2, 1, 0, 1, 2].map((i) => `${-20 * i},${1e-9 * (i + 1)}`).join('\n'),
      '',
      /turns 2 times/,
    ],
  ])('%s', (_, text, more, expected) => {
    const keys = more.startsWith('volts')
      ? `kind: transfer, ${more}`
      : `kind: transfer, volts: -40${more === '' ? '' : `, ${more}`}`;
    expect(message(() => curveOf(text, keys))).toMatch(expected);
  });

  it('there is no such file, or no such column', () => {
    expect(message(() => readTwoColumns(join(folder, 'nowhere.csv')))).toMatch(/nowhere\.csv: there is no such file/);
    expect(message(() => readTwoColumns(file('1.5,2\n2,3\n'), [1, 3]))).toMatch(
      /row 1: has 2 columns, and the manifest asks for column 3/,
    );
  });
});

describe('a manifest is refused, with the line, where', () => {
  const manifest = (text: string) => () => parseManifest('manifest.yaml', text);
  const head = 'polarity: p\ntransistor: t\nW: 1e-3\nL: 1e-4\n';
  const device = (name: string, more = '') =>
    `  - name: ${name}\n${more}    curves:\n      - { file: ${name}.csv, kind: transfer, volts: -5 }\n`;
  it.each<[string, string, RegExp]>([
    ['it is no YAML', 'devices: [', /row \d: is not YAML/],
    ['it is empty', '', /holds no devices.*--guess/],
    [
      'two devices have one name',
      `${head}devices:\n${device('a')}${device('a')}`,
      /row 9: two devices have the name a, in lines 6 and 9/,
    ],
    [
      'one file stands twice in a device',
      `${head}devices:\n${device('a')}      - { file: a.csv, kind: output, volts: -5 }\n`,
      /row 9: a\.csv stands twice in the device a/,
    ],
    [
      'a width is negative',
      `${head.replace('1e-3', '-1e-3')}devices:\n${device('a')}`,
      /W: .*above 0, in metres|W: Invalid/,
    ],
    [
      'nobody gives a length',
      `${head.replace('L: 1e-4\n', '')}devices:\n${device('a')}`,
      /row 5: the device a has no L.*L: \{ value/,
    ],
    [
      'nobody says which polarity',
      `${head.replace('polarity: p\n', '')}devices:\n${device('a')}`,
      /the device a has no polarity/,
    ],
    [
      'a key is unknown',
      `${head}devices:\n${device('a', '    colour: red\n')}`,
      /devices\[0\]: Unrecognized key: "colour"/,
    ],
    [
      'a unit is unknown',
      `${head}devices:\n${device('a').replace('volts: -5', 'volts: -5, unit: kA')}`,
      /devices\[0\]\.curves\[0\]\.unit/,
    ],
    ['a date is none', `${head}date: yesterday\ndevices:\n${device('a')}`, /date: Invalid ISO date/],
  ])('%s', (_, text, expected) => {
    expect(message(manifest(text))).toMatch(expected);
  });

  it('a file is missing, or points are fewer than parameters', () => {
    const at = mkdtempSync(join(tmpdir(), 'neuroprint-fit-'));
    const path = writeManifest(at, [`${device('gone').replace('  - name', '  - name')}    transistor: t`]);
    expect(message(() => fitKind(path, readManifest(path), ['ekv']))).toMatch(/gone\.csv: there is no such file/);
    writeFileSync(
      join(at, 'gone.csv'),
      GOOD.split('\n')
        .slice(0, 41)
        .filter((_, i) => i % 10 === 0)
        .join('\n'),
    );
    expect(message(() => fitKind(path, readManifest(path), ['ekv']))).toMatch(
      /5 points cannot decide 6 parameters of ekv/,
    );
  });

  it('transfer and output curves of a device are in different units, with the one that fits', () => {
    const at = mkdtempSync(join(tmpdir(), 'neuroprint-fit-'));
    const lines = writeDevice(at, 'd1', MADE).replace('volts: -40 }', 'volts: -40, unit: A }');
    const path = writeManifest(at, [lines.replace(/(d1-output-vg40.*) }/, '$1, unit: mA }')]);
    expect(message(() => fitKind(path, readManifest(path), ['ekv']))).toMatch(
      /row \d+: d1: at the same volts d1-output-vg40\.csv has .* in the unit mA, and d1-transfer-vd5\.csv has .*The unit A would fit for d1-output-vg40\.csv/,
    );
  });
});

describe('a proposed manifest', () => {
  it('has device, kind, volts and units of files as people name them, and can be fitted once the sizes are there', () => {
    const at = mkdtempSync(join(tmpdir(), 'neuroprint-fit-'));
    writeDevice(at, 'n7', MADE);
    const { text, guesses, leftOut } = guessManifest([at], at);
    expect(guesses).toContain('n7: p-type, as its volts have it, though its name begins with n');
    expect(leftOut).toEqual([]);
    const devices = parseManifest(join(at, 'manifest.yaml'), text);
    expect(devices).toHaveLength(1);
    expect(devices[0]).toMatchObject({ name: 'n7', transistor: 'n7', polarity: 'p' });
    expect(devices[0]!.curves.map(({ kind, volts, unit }) => `${kind} ${volts} ${unit}`)).toEqual([
      'output -15 A',
      'output -25 A',
      'output -40 A',
      'transfer -40 A',
      'transfer -5 A',
    ]);
    expect(devices[0]!.length.why).toMatch(/placeholder/);
  });

  it('takes the unit of output curves in which they meet the transfer curves', () => {
    const at = mkdtempSync(join(tmpdir(), 'neuroprint-fit-'));
    writeDevice(at, 'd1', MADE);
    for (const vg of [15, 25, 40]) {
      const path = join(at, `d1-output-vg${vg}.csv`);
      const { first, second } = readTwoColumns(path);
      writeFileSync(path, [...first].map((v, i) => `${v};${String(second[i]! * 1e6).replace('.', ',')}`).join('\n'));
    }
    const { text } = guessManifest([at], at);
    expect(text.match(/unit: (\w+)/g)).toEqual(['unit: uA', 'unit: uA', 'unit: uA', 'unit: A', 'unit: A']);
  });

  it('says which files are none, and refuses where all are', () => {
    const at = mkdtempSync(join(tmpdir(), 'neuroprint-fit-'));
    writeFileSync(join(at, 'notes.txt'), 'it rained');
    writeFileSync(join(at, 'a-transfer-vd5.csv'), '1.5,2,3\n2,3,4\n');
    expect(() => guessManifest([at], at)).toThrow(
      /No file of .* is a curve.*a-transfer-vd5\.csv, row 1: has 3 columns.*notes\.txt: the name says neither/,
    );
  });
});

describe('sizes', () => {
  it('of the manifest are those of its devices, unless they have their own', () => {
    const at = mkdtempSync(join(tmpdir(), 'neuroprint-fit-'));
    const path = writeManifest(at, [
      writeDevice(at, 'd1', MADE),
      writeDevice(at, 'd2', MADE).replace('    curves', '    W: 2e-3\n    curves'),
    ]);
    const [first, second] = readManifest(path);
    expect([first!.width.value, second!.width.value, second!.length.value]).toEqual([WIDTH, 2e-3, LENGTH]);
  });
});
