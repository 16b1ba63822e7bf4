import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecords, turnedRecords } from '../src/tables/records.ts';
import { columnOf, numericColumn, parseTextTable } from '../src/tables/text-table.ts';

const ROWS = 3000;
/** A table of one column beside a letter, apart by semicolons. */
const tableOf = (cell: (row: number) => string, second: (row: number) => string = () => 'x'): string =>
  `a;b\n${Array.from({ length: ROWS }, (_, row) => `${cell(row)};${second(row)}\n`).join('')}`;
const columnA = (text: string) => columnOf(parseTextTable('t.csv', text), 'a');

describe('records', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '7', '.', ',', '"', '\n', ';', 'é', ' '), maxLength: 5 });
  const quoted = (text: string): string =>
    /[",;\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text;

  it('are the same whatever the length of the blocks that are read at once, as text and as bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 2, maxLength: 12 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (rows, lineEnd, blockLength, asBytes) => {
          const text = ['sep=,', ...rows.map((row) => row.map(quoted).join(','))].join(lineEnd);
          const records = readRecords('t', asBytes ? new TextEncoder().encode(text) : text, blockLength);
          const found = Array.from({ length: records.count }, (_, at) =>
            Array.from({ length: records.widths[at]! }, (_cell, k) =>
              at === 0 ? records.first[k] : records.columns[k]!.textAt(at),
            ),
          );
          expect(found).toEqual(rows.map((row) => row.map((one) => (/[",;\n]/.test(one) ? one : one.trim()))));
          const ends = rows.map((row) => 1 + row.join('').split('\n').length - 1);
          const lines = ends.map((_, at) => 1 + ends.slice(0, at + 1).reduce((sum, count) => sum + count, 0));
          expect([...records.lines]).toEqual(lines);
        },
      ),
    );
  });

  it('of a quote that nobody closes are refused with its line, in whatever block', () => {
    const text = `${'a,b\n'.repeat(500)}"open,b\n${'a,b\n'.repeat(500)}`;
    expect(() => readRecords('t', text, 64)).toThrow(/is not a CSV table.*at line 1001/);
    expect(() => readRecords('t', text)).toThrow(/is not a CSV table.*at line 1001/);
  });

  it('have their header after comments that are longer than a block', () => {
    const text = `${'# measured\n'.repeat(50)}x,y\n1,2\n3,4\n`;
    const records = readRecords('t', text, 16);
    expect([records.first, records.comments.length, [...records.lines]]).toEqual([['x', 'y'], 50, [51, 52, 53]]);
  });

  it('are turned where columns stand as rows', () => {
    const records = turnedRecords('t', readRecords('t', 'x,1,2,3\ny,4,5,6\n'));
    expect([records.first, records.count, [...records.lines]]).toEqual([['x', 'y'], 4, [1, 2, 3, 4]]);
    expect(records.columns.map((column) => [1, 2, 3].map((at) => column.numberAt(at)))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(() => turnedRecords('t', readRecords('t', 'x,1,2\ny,4\n'))).toThrow(/row 2: has 2 cells, and others have 3/);
  });
});

describe('a column of many different cells', () => {
  it('has the numbers that are written, and missing values and words where they stand', () => {
    const column = columnA(tableOf((row) => (row === 17 ? '' : row === 2500 ? 'many' : `${row}.25`)));
    const numbers = Array.from({ length: ROWS }, (_, row) => column.numberAt(row));
    expect(numbers).toEqual(Array.from({ length: ROWS }, (_, row) => (row === 17 || row === 2500 ? NaN : row + 0.25)));
    expect([17, 2500, 2999].map((row) => column.textAt(row))).toEqual(['', 'many', '2999.25']);
    expect([16, 17, 2500].map((row) => column.isMissing(row))).toEqual([false, true, false]);
    expect([2999, 2998].map((row) => column.isMissing(row, ['-99', '2999.250']))).toEqual([true, false]);
  });

  it('of words has them as they are', () => {
    const texts = Array.from({ length: ROWS }, (_, row) => `id-${row}`);
    expect(columnA(tableOf((row) => texts[row]!)).texts()).toEqual(texts);
  });

  it('with decimal commas has their numbers, and where others have points none', () => {
    const commas = columnA(tableOf((row) => `${row},50`));
    expect([0, 2999].map((row) => commas.numberAt(row))).toEqual([0.5, 2999.5]);
    const mixed = columnA(tableOf((row) => (row === 2990 ? '1.5' : `${row},50`)));
    expect([mixed.numberAt(7), mixed.textAt(7), mixed.numberAt(2990)]).toEqual([NaN, '7,5', 1.5]);
  });

  it('is asked about where commas may be thousands, and where points may', () => {
    expect(() =>
      parseTextTable(
        't',
        tableOf((row) => `${1 + (row % 900)},${100 + (row % 890)}`),
      ),
    ).toThrow(/row 2, column a: "1,100" may have a thousands separator or a decimal comma/);
    const pointed = (row: number): string => `${1 + (row % 900)}.${100 + (row % 890)}`;
    expect(() =>
      parseTextTable(
        't',
        tableOf(pointed, (row) => `${row % 9},5`),
      ),
    ).toThrow(/row 2, column a: "1.100" may have a thousands separator: b has decimal commas/);
    const one = (row: number): string => (row === 2900 ? '12.5' : pointed(row));
    const { columns } = parseTextTable(
      't',
      tableOf(one, (row) => `${row % 9},5`),
    );
    expect([columns[0]!.numberAt(0), columns[1]!.numberAt(0)]).toEqual([1.1, 0.5]);
  });

  it('without a header has its first row', () => {
    const table = parseTextTable('t', Array.from({ length: ROWS }, (_, row) => `${row}.5;x\n`).join(''));
    expect(numericColumn(table, 'column1')).toEqual(Float64Array.from({ length: ROWS }, (_, row) => row + 0.5));
  });
});
