import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { columnsOf, readInstrumentTable } from '../src/curves/instrument-table.ts';
import { readHeader } from '../src/curves/quantities.ts';
import { readIvCurves } from '../src/usability/current-curves.ts';

const folder = mkdtempSync(join(tmpdir(), 'instruments-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string, name = 'x.csv'): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
/** A sweep from 0 to 1 V and back, as rows of text; the currents are those of the cycle. */
const sweep = (cycle: number, row: (v: number, i: number, k: number) => string): string[] =>
  Array.from({ length: 21 }, (_, k) => {
    const v = k <= 10 ? k / 10 : (20 - k) / 10;
    return row(v, 1e-6 * v * (1 + 0.1 * cycle), k);
  });

describe('the header of a column', () => {
  it.each([
    ['voltage', 'voltage', 1],
    ['Voltage (V)', 'voltage', 1],
    ['SMU-1 Voltage (V)', 'voltage', 1],
    ['V_in [mV]', 'voltage', 1e-3],
    ['Vgs/V', 'voltage', 1],
    ['AV', 'voltage', 1],
    ['DrainV', 'voltage', 1],
    ['U', 'voltage', 1],
    ['V', 'voltage', 1],
    ['A', 'current', 1],
    ['Vtop', 'voltage', 1],
    ['I_TE', 'current', 1],
    ['Itop', 'current', 1],
    ['Input', 'other', 1],
    ['Iteration', 'other', 1],
    ['Value', 'other', 1],
    ['visit', 'other', 1],
    ['mV', 'voltage', 1e-3],
    ['Spannung (V)', 'voltage', 1],
    ['voltage_mV', 'voltage', 1e-3],
    ['current_cycle3', 'current', 1],
    ['SMU-1 Current (A)', 'current', 1],
    ['I (uA)', 'current', 1e-6],
    ['Id / µA', 'current', 1e-6],
    ['current_nA', 'current', 1e-9],
    ['AI', 'current', 1],
    ['I(2)', 'current', 1],
    ['DrainI', 'current', 1],
    ['Time (s)', 'time', 1],
    ['t (ms)', 'time', 1e-3],
    ['cycle', 'other', 1],
    ['status', 'other', 1],
    ['Index', 'other', 1],
    ['Current density (A/cm2)', 'other', 1],
    ['Current limit (A)', 'other', 1],
    ['compliance', 'other', 1],
    ['abs(Id)', 'other', 1],
    ['log|I|', 'other', 1],
    ['R (Ohm)', 'other', 1],
    ['probe_A', 'other', 1],
    ['Temperature (K)', 'other', 1],
  ])('%s is a %s, times %d', (header, quantity, factor) => {
    expect(readHeader(header)).toMatchObject({ quantity, factor });
  });

  it('never fails, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(readHeader(header).factor).toBeGreaterThan(0);
      }),
    );
  });
});

describe('the table of an instrument', () => {
  it('stands below settings (KickStart)', () => {
    const settings = ['Test Name,IV Characterizer', 'Model,2450', 'NPLC,1', 'Points,21', 'Start,0', ''];
    const rows = sweep(0, (v, i, k) => `${k + 1},${v},${i},${0.05 * k}`);
    const table = readInstrumentTable(
      file([...settings, 'Index,SMU-1 Voltage (V),SMU-1 Current (A),SMU-1 Time (s)', ...rows].join('\r\n')),
    );
    expect(table.columns.map(({ quantity }) => quantity)).toEqual(['other', 'voltage', 'current', 'time']);
    expect(table.notes).toEqual(['5 lines before the table were skipped']);
    expect(table.lines[0]).toBe(8);
    expect(table.columns[1]!.values[3]).toBe(0.3);
  });

  it('is marked row by row, and appended sweeps begin with its names again (EasyEXPERT)', () => {
    const one = (cycle: number): string[] => [
      'SetupTitle, I/V sweep',
      'TestParameter, Output.List.IntervalTime, 10',
      'Dimension1, 21',
      'DataName, Vtop, Itop, Time',
      ...sweep(cycle, (v, i, k) => `DataValue, ${v}, ${i}, ${k}`),
    ];
    const table = readInstrumentTable(file([...one(0), ...one(1)].join('\n')));
    expect(table.columns.map(({ name }) => name)).toEqual(['Vtop', 'Itop', 'Time']);
    expect(table.sweepStarts).toEqual([21]);
    expect(table.notes).toEqual(['6 lines of settings were skipped (EasyEXPERT)']);
    expect(() => readInstrumentTable(file([...one(0), 'DataName, Vg, Id', 'DataValue, 0, 1'].join('\n')))).toThrow(
      /row 26: a second table begins/,
    );
  });

  it('stands below two headers, with tabs, decimal commas and comments that rows leave out (LabVIEW)', () => {
    const head = [
      ...['LabVIEW Measurement\t', 'Writer_Version\t2', 'Separator\tTab', 'Decimal_Separator\t,', 'Multi_Headings\tNo'],
      ...['X_Columns\tOne', 'Operator\tA. Person', 'Date\t2024/05/06', 'Time\t10:11:12,1314', '***End_of_Header***\t'],
      ...['\t', 'Channels\t2', 'Samples\t21\t21', 'Date\t2024/05/06\t2024/05/06', 'X0\t0,0\t0,0', 'Delta_X\t1,0\t1,0'],
      ...['***End_of_Header***\t\t', 'X_Value\tVoltage\tCurrent\tComment'],
    ];
    const rows = sweep(0, (v, i, k) => [k, v, i].join('\t').replaceAll('.', ','));
    const table = readInstrumentTable(file([...head, ...rows].join('\n'), 'x.lvm'));
    expect(table.columns.map(({ name }) => name)).toEqual(['X_Value', 'Voltage', 'Current']);
    expect(table.columns[1]!.values[5]).toBe(0.5);
    expect(table.lines[0]).toBe(19);
  });

  it('may have a line of units below its names, and none of either', () => {
    const rows = sweep(0, (v, i) => `${1e3 * v},${1e6 * i}`);
    const units = readInstrumentTable(file(['V,I', 'mV,uA', ...rows].join('\n')));
    expect(units.columns.map(({ values }) => values[10])).toEqual([1, 1e-6]);
    const bare = readInstrumentTable(file(rows.join('\n')));
    expect(bare.columns.map(({ name, quantity }) => [name, quantity])).toEqual([
      ['column1', 'other'],
      ['column2', 'other'],
    ]);
    expect(bare.lines[0]).toBe(1);
    expect(bare.notes[0]).toMatch(/there is no header, and the columns are called column1 to column2/);
    expect(columnsOf(bare, 'voltage', ['column1'])[0]!.values[10]).toBe(1000);
  });

  it.each([
    ['semicolons and decimal commas', ';', ',', 'utf8'],
    ['UTF-16', '\t', '.', 'utf16le'],
    ['blanks', ' ', '.', 'utf8'],
  ] as const)('may have %s below its settings', (_, separator, decimal, encoding) => {
    const rows = sweep(0, (v, i) => [v, i].map((n) => String(n).replace('.', decimal)).join(separator));
    const text = ['Gerät: Prüfstand 3', 'Datum: gestern', ['voltage', 'current'].join(separator), ...rows].join('\n');
    const path = join(folder, 'other.txt');
    writeFileSync(path, Buffer.from(text, encoding));
    const { columns, notes, lines } = readInstrumentTable(path);
    expect(columns.map(({ quantity, values }) => [quantity, values[10]])).toEqual([
      ['voltage', 1],
      ['current', 1e-6],
    ]);
    expect(notes).toContain('2 lines before the table were skipped');
    expect(lines[0]).toBe(4);
  });

  it.each([
    ['an overflow code', 'V,I\n0,1\n1,2\n2,9.91E+37\n', /row 4, column I: 9.91E\+37 is what instruments write/],
    ['text among currents', 'V,I\n0,1\n1,2\n2,much\n', /row 4, column I: "much" is not a finite number/],
    ['a short row', 'V,I\n0,1\n1,2\n2\n', /row 4: has 1 cell/],
  ])('is refused with %s', (_, text, message) => {
    expect(() => readInstrumentTable(file(text))).toThrow(message);
  });
});

describe('readIvCurves', () => {
  const shape = ({ amperes, volts }: { amperes: readonly Float64Array[]; volts: Float64Array }) => [
    amperes.length,
    volts.length,
  ];
  const wide = (extra: string, more: (k: number) => string): string =>
    [`voltage,current_cycle1,current_cycle2${extra}`, ...sweep(0, (v, i, k) => `${v},${i},${1.1 * i}${more(k)}`)].join(
      '\n',
    );

  it.each([
    ['time', ',time', (k: number) => `,${0.1 * k}`],
    ['a count of cycles', ',cycle', () => ',1'],
    ['status words', ',status', () => ',ok'],
    ['a number that is called ID', ',ID', (k: number) => `,${k + 7}`],
    ['status numbers', ',Status', () => ',0'],
    ['the limit that was set', ',Current limit (A)', () => ',0.001'],
  ])('takes currents for cycles and leaves out %s, and says so', (_, extra, more) => {
    const curves = readIvCurves([file(wide(extra, more))]);
    expect(shape(curves)).toEqual([2, 21]);
    expect(curves.amperes).toEqual(readIvCurves([file(wide('', () => ''))]).amperes);
    expect(curves.notes.join()).toContain(`not read: ${extra.slice(1)}`);
  });

  it('splits cycles below each other where the voltage starts again, and by a column that counts them', () => {
    const rows = [0, 1, 2].flatMap((cycle) => sweep(cycle, (v, i) => `${v},${i}`));
    const curves = readIvCurves([file(['Voltage (V),Current (A)', ...rows].join('\n'))]);
    expect(shape(curves)).toEqual([3, 21]);
    expect(curves.amperes.map((cycle) => cycle[10]! * 1e6)).toEqual([1, 1.1, 1.2].map((i) => expect.closeTo(i, 12)));
    expect(curves.notes).toContain('3 sweeps stand below each other, told apart by where the voltage starts again');
    const counted = [3, 5].flatMap((cycle) => sweep(cycle, (v, i) => `${cycle},${v},${i}`));
    expect(shape(readIvCurves([file(['Cycle,V,I', ...counted].join('\n'))]))).toEqual([2, 21]);
    const named = file(['N,V,I', ...counted].join('\n'));
    expect(readIvCurves([named], { cycle: 'N' }).notes).toContain('2 sweeps stand below each other, told apart by N');
  });

  it('takes a sweep through both signs for one cycle, and leaves out a last one that was stopped early', () => {
    const both = Array.from({ length: 41 }, (_, k) => Math.sin((2 * Math.PI * k) / 40).toFixed(3));
    const rows = (count: number): string[] =>
      Array.from({ length: count }, (_, k) => `${both[k % 41]},${1e-6 * Number(both[k % 41]) * (1 + k / 1000)}`);
    expect(() => readIvCurves([file(['V,I', ...rows(41)].join('\n'))])).toThrow(/has 1 cycle/);
    const stopped = readIvCurves([file(['V,I', ...rows(90)].join('\n'))]);
    expect(shape(stopped)).toEqual([2, 41]);
    expect(stopped.notes).toContain('the last 8 rows are less than half a sweep and are left out');
    const later = readIvCurves([file(['V,I', ...rows(110)].join('\n'))]);
    expect(shape(later)).toEqual([3, 41]);
    expect(later.amperes[2]!.filter(Number.isNaN)).toHaveLength(13);
  });

  it('takes pairs of voltage and current for cycles, the shorter with what it has', () => {
    const one = sweep(0, (v, i) => `${v},${i}`);
    const two = sweep(1, (v, i) => `${v + 0.001},${v === 0 ? 0 : (i * (v + 0.001)) / v}`);
    const rows = one.map((row, k) => `${row},${k < 15 ? two[k] : ','}`);
    const curves = readIvCurves([file(['AV(1),AI(1),AV(2),AI(2)', ...rows].join('\n'))]);
    expect(shape(curves)).toEqual([2, 21]);
    expect(curves.notes).toContain('2 pairs of voltage and current are cycles: AV(1), AI(1) to AV(2), AI(2)');
    expect(curves.amperes[1]![10]).toBeCloseTo(1.1 * curves.amperes[0]![10]!, 12);
    expect(curves.amperes[1]!.filter(Number.isNaN)).toHaveLength(6);
    // the other terminal of a device is no second cycle
    const terminals = one.map((row) => `${row},0,0`);
    expect(() => readIvCurves([file(['V1,I1,V2,I2', ...terminals].join('\n'))])).toThrow(
      /I2 is at 0 V where the first cycle is at 0.1 V/,
    );
    const holes = rows.with(3, rows[3]!.replace(/,[^,]*,[^,]*$/, ',,'));
    expect(() => readIvCurves([file(['V1,I1,V2,I2', ...holes].join('\n'))])).toThrow(
      /row 5, column V2: the voltage is empty/,
    );
  });

  it('joins files to one device, at the volts of the first, with their conductances', () => {
    const files = [0, 1].map((cycle) =>
      file(
        ['V,I', ...sweep(cycle, (v, i) => `${v + 0.001 * cycle},${v === 0 ? 0 : (i * (v + 0.001 * cycle)) / v}`)].join(
          '\n',
        ),
        `probe_cycle${cycle}.csv`,
      ),
    );
    const curves = readIvCurves(files);
    expect(curves.name).toBe('probe');
    expect(shape(curves)).toEqual([2, 21]);
    curves.amperes[1]!.forEach((i, k) => {
      expect(i).toBeCloseTo(1.1 * curves.amperes[0]![k]!, 12);
    });
    const other = file(['V,I', ...sweep(0, (v, i) => `${2 * v},${i}`)].join('\n'), 'other.csv');
    expect(() => readIvCurves([files[0]!, other])).toThrow(
      /other.csv, row 3: I is at 0.2 V where the first cycle is at 0.1 V/,
    );
  });

  it('takes the columns and units that are said', () => {
    const rows = [0, 1].flatMap((cycle) => sweep(cycle, (v, i) => `${1e3 * v},${1e6 * i},7`));
    const named = file(['x,y,z', ...rows].join('\n'));
    const curves = readIvCurves([named], { voltage: 'x', current: ['y'], voltsIn: 'mV', amperesIn: 'uA' });
    expect(curves.volts[10]).toBe(1);
    expect(curves.amperes[0]![10]).toBeCloseTo(1e-6, 15);
    const cycles = file(wide('', () => '').replaceAll('current_', ''), 'cycles.csv');
    expect(shape(readIvCurves([cycles], { current: ['cycle*'] }))).toEqual([2, 21]);
  });

  it.each([
    ['one cycle', 'voltage,I\n0,1\n1,2\n', /has 1 cycle/],
    ['text', 'voltage,I1,I2\n0.1,1,much\n', /row 2, column I2: "much" is not a finite number/],
    ['no voltage column', 'x,I1,I2\n0.1,1,2\n', /no column is named as a voltage/],
    ['two voltage columns', 'Vset,Vmeas,I1,I2\n0.1,0.1,1,2\n', /2 columns are voltages: Vset, Vmeas/],
    ['no current column', 'voltage,a,b\n0.1,1,2\n', /no column is named as a current/],
    ['no rows', 'voltage,I1,I2\n', /has a header and no rows/],
    ['a short row', 'voltage,I1,I2\n0.1,1\n', /row 2: has 2 cells, and the header has 3/],
    ['a number too large', 'voltage,I1,I2\n0.1,1,1e999\n', /column I2: "1e999" is not a finite number/],
    ['an empty voltage', 'voltage,I1,I2\n,1,2\n', /the voltage is empty/],
    ['millivolts that look like volts', 'voltage,I1,I2\n4800,1,2\n', /row 2, column voltage: is that 4800 V\?/],
    ['millivolts beside empty cells', 'voltage,I1,I2\n48,,2\n4800,1,2\n', /row 3, column voltage: is that 4800 V\?/],
    ['microamperes beside empty cells', 'V,I1,I2\n1,,2\n2,1e3,2\n', /row 3, column I1: is that 1000 A\?/],
    ['microamperes that look like amperes', 'voltage,I1,I2\n1,1000,2\n', /column I1: is that 1000 A\?/],
    [
      'two currents and two sweeps',
      `V,I1,I2\n${[...sweep(0, (v, i) => `${v},${i},0`), ...sweep(1, (v, i) => `${v},${i},0`)].join('\n')}`,
      /row 23: the voltage starts again, and 2 columns are currents: I1, I2/,
    ],
    ['cycles mixed', 'cycle,V,I\n1,0,0\n2,0,0\n1,1,1\n', /row 4, column cycle: 1 stood further up already/],
    ['a column that is not there', 'V,I1,I2\n0,1,2\n', /has no column of numbers called gate/, { voltage: 'gate' }],
  ])('refuses %s', (_, text, message, choice = {}) => {
    expect(() => readIvCurves([file(text)], choice)).toThrow(message);
  });

  it('reads a file of another system: byte order mark, carriage returns, and no line end', () => {
    const { volts, amperes } = readIvCurves([file('\uFEFFvoltage,I1,I2\r\n0.1,1,2\r\n0.2,3,')]);
    expect([...volts]).toEqual([0.1, 0.2]);
    expect(amperes.map((cycle) => [...cycle])).toEqual([
      [1, 3],
      [2, Number.NaN],
    ]);
  });
});
