import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDataset, readTargets } from '../src/tables/dataset.ts';
import { parseTextTable, readTextTable } from '../src/tables/text-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-tolerant-'));
let files = 0;
function file(content: string | Uint8Array): string {
  files += 1;
  const path = join(folder, `table${files}.csv`);
  writeFileSync(path, content);
  return path;
}

/** Twelve rows of two classes; numbers that are neither ids nor constant. */
const measured = Array.from({ length: 12 }, (_, i) => ({
  x: (20 + ((7 * i) % 5) / 2).toFixed(1),
  y: (0.5 + ((3 * i) % 7) / 10).toFixed(2),
  label: i % 2 === 0 ? 'wet' : 'dry',
}));
const rowsOf = (separator: string, decimal = '.') =>
  measured.map((row) =>
    [row.x, row.y]
      .map((v) => v.replace('.', decimal))
      .concat(row.label)
      .join(separator),
  );
const usual = ['x,y,label', ...rowsOf(',')].join('\n');
const expected = readDataset(file(usual), { seed: 1 });

/** The same table, whatever it is written like. */
function isTheSame(content: string | Uint8Array, ...notes: RegExp[]): void {
  const data = readDataset(file(content), { seed: 1 });
  expect(data.columns).toEqual(expected.columns);
  expect([...data.labels]).toEqual([...expected.labels]);
  expect(data.featureNames).toEqual(expected.featureNames);
  for (const note of notes) expect(data.notes.join('\n')).toMatch(note);
  if (notes.length === 0) expect(data.notes).toEqual([]);
}

describe('a table is read without being told', () => {
  it('with semicolons', () => isTheSame(['x;y;label', ...rowsOf(';')].join('\n'), /separated by semicolons/));
  it('with semicolons and decimal commas', () =>
    isTheSame(['x;y;label', ...rowsOf(';', ',')].join('\r\n'), /semicolons/, /decimals are written with commas/));
  it('with quoted names after a semicolon', () =>
    isTheSame(['"x";"y";"label"', ...rowsOf(';')].join('\n'), /semicolons/));
  it('with tabs', () => isTheSame(['x\ty\tlabel', ...rowsOf('\t')].join('\n'), /separated by tabs/));
  it('with spaces', () => isTheSame(['x  y   label', ...rowsOf('   ')].join('\n'), /separated by spaces/));
  it("with Excel's line that names the separator", () =>
    isTheSame(['sep=;', 'x;y;label', ...rowsOf(';')].join('\r\n'), /semicolons/));
  it('with quoted decimal commas between commas', () =>
    isTheSame(
      [
        'x,y,label',
        ...measured.map(({ x, y, label }) => `"${x.replace('.', ',')}","${y.replace('.', ',')}",${label}`),
      ].join('\n'),
      /commas/,
    ));
  it('with a byte-order mark', () => isTheSame(`\ufeff${usual}`));
  it('in UTF-16 of either byte order, with and without a mark', () => {
    const little = Buffer.from(usual, 'utf16le');
    isTheSame(little, /UTF-16/);
    isTheSame(Buffer.from(`\ufeff${usual}`, 'utf16le'), /UTF-16/);
    isTheSame(Buffer.from(`\ufeff${usual}`, 'utf16le').swap16(), /UTF-16/);
  });
  it('with a last column that is empty, in rows or in all lines', () => {
    isTheSame(usual.replaceAll('\n', ',\n'), /last column is empty/);
    isTheSame(['x,y,label', ...rowsOf(',').map((row) => `${row},`)].join('\n'), /last column is empty/);
  });
  it('with comment lines above it', () => isTheSame(`# measured in May\n% by hand\n\n${usual}`));
  it('with its header in a comment, as numpy writes it', () => {
    isTheSame(`# ${usual}`, /comment above the first row names the columns/);
  });
  it('with names in Windows-1252', () => {
    const data = readDataset(file(Buffer.from(usual.replace('x,y', 'x (°C),y'), 'latin1')));
    expect(data.featureNames).toEqual(['x (°C)', 'y']);
  });
  it('without a header: columns are called by their place', () => {
    const data = readDataset(file(rowsOf(',').join('\n')), { seed: 1 });
    expect(data.featureNames).toEqual(['column1', 'column2']);
    expect(data.columns).toEqual(expected.columns);
    expect(data.notes).toEqual([
      'the first line is a row: there is no header, and the columns are called column1 to column3',
      'the class is read from the column column3',
    ]);
  });
  it('without a header and with decimal commas in every cell', () => {
    const { header, columns } = parseTextTable('t.csv', '-1,5;1,0e-9\n-2,0;2,5e-8\n-2,5;3,5e-8\n');
    expect(header).toEqual(['column1', 'column2']);
    expect(columns.map((column) => column.texts())).toEqual([
      ['-1.5', '-2.0', '-2.5'],
      ['1.0e-9', '2.5e-8', '3.5e-8'],
    ]);
  });
  it('with a header of numbers, such as wavelengths or those that a data frame counts', () => {
    expect(readTextTable(file('400,410,label\n0.1,0.2,a\n0.1,0.3,b\n')).header).toEqual(['400', '410', 'label']);
    expect(readTextTable(file('0,1,2\n0.1,0.2,7\n0.1,0.3,8\n')).header).toEqual(['0', '1', '2']);
  });
  it('with the row names that R writes', () => {
    isTheSame(
      ['x,y,label', ...rowsOf(',').map((row, i) => `"${i + 1}",${row}`)].join('\n'),
      /lacks a name for the first column/,
      /column1 is left out: it has no name/,
    );
  });
  it('keeps the numbers of lines whatever stands above', () => {
    const bad = `# two\n\n${usual.replace('20.0,0.50', '20.0,many')}`;
    expect(() => readDataset(file(bad))).toThrow(/row 4, column y: "many" is not a finite number/);
  });
});

describe('numbers that can be read in two ways', () => {
  it.each<[string, string, RegExp]>([
    ['points and commas', usual.replace('20.0', '"1,020.5"'), /row 2, column x: "1,020.5" has thousands separators/],
    ['two commas', usual.replace('20.0', '"1,020,000"'), /"1,020,000" has thousands separators/],
    ['apostrophes', usual.replace('20.0', "1'020.5"), /has thousands separators/],
    [
      'points before a decimal comma',
      ['x;y;label', ...rowsOf(';', ',')].join('\n').replace('20,0', '1.020,5'),
      /"1.020,5" has thousands separators/,
    ],
    [
      'commas that may be either',
      'a;b\n1,234;x\n2,345;y\n',
      /row 2, column a: "1,234" may have a thousands separator or a decimal comma/,
    ],
    [
      'points beside decimal commas',
      'a;b;c\n1,5;1.234;x\n2,5;2.345;y\n',
      /column b: "1.234" may have a thousands separator: a has decimal commas/,
    ],
    ['decimal commas between commas', 'x,label\n5,1,a\n4,9,b\n3,7,a\n', /row 2: has 3 cells, and the header has 2/],
  ])('are refused: %s', (_, text, message) => {
    expect(() => readDataset(file(text))).toThrow(message);
  });

  it('are decimals where another column has decimal commas', () => {
    const { columns } = parseTextTable('t', 'a;b\n1,234;1,5\n2,345;2,5\n');
    expect(columns.map((column) => column.texts())).toEqual([
      ['1.234', '2.345'],
      ['1.5', '2.5'],
    ]);
  });
});

describe('the class column', () => {
  it.each(['class', 'Target', 'species', 'diagnosis', 'quality'])('is found by its name %s, and said', (name) => {
    const data = readDataset(file(usual.replace('label', name)));
    expect(data.labelName).toBe(name);
    expect(data.notes).toContain(`the class is read from the column ${name}`);
  });
  it('is the only one that holds words', () => {
    expect(readDataset(file(usual.replace('label', 'weather'))).labelName).toBe('weather');
  });
  it('is asked for where two may be it, or none', () => {
    const two = usual
      .replace('label', 'species')
      .replaceAll(/(wet|dry)$/gm, '$1,1')
      .replace('species', 'species,target');
    expect(() => readDataset(file(two))).toThrow(/may be in species or in target/);
    expect(readDataset(file(two), { ignore: ['target'] }).labelName).toBe('species');
    const none = usual.replace('label', 'z').replaceAll('wet', '1').replaceAll('dry', '0');
    expect(() => readDataset(file(none))).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/--label; the columns are: x, y, z/) as string }),
    );
  });
  it('of many different numbers is rather a target', () => {
    const rows = Array.from({ length: 150 }, (_, i) => `${(i * i) % 11}.5,${1000 + i / 7}`);
    const many = ['x,target', ...rows].join('\n');
    expect(() => readDataset(file(many))).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/column target: has 150 different numbers/) as string,
        hint: expect.stringContaining('train --target "target"') as string,
      }),
    );
    expect(readTargets(file(many)).labels).toHaveLength(150);
  });
  it('with a class of fewer than three rows is refused, and named where the table says its split', () => {
    const rare = `${usual}\n21.5,0.7,foggy\n21.5,0.9,foggy\n`;
    expect(() => readDataset(file(rare))).toThrow(/column label: a class has fewer than 3 rows: "foggy" \(2\)/);
    const parts = ['Train', 'Train', 'val', 'TEST', 'validation', 'training'];
    const split = rare
      .trim()
      .split('\n')
      .map((row, i) => `${row},${i === 0 ? 'split' : i > 12 ? 'test' : parts[i % 6]}`)
      .join('\n');
    const { notes } = readDataset(file(split));
    expect(notes).toEqual(['classes with fewer than 3 rows: "foggy" (2)', 'no training row is of class foggy']);
  });
});

describe('columns that are no measurements', () => {
  const withColumn = (name: string, cell: (row: number) => string) =>
    usual
      .split('\n')
      .map((row, i) => `${i === 0 ? name : cell(i - 1)},${row}`)
      .join('\n');
  it.each<[string, string, (row: number) => string, RegExp]>([
    ['an index without a name', '', (i) => String(i), /column1 is left out: it has no name/],
    ['a number that counts', 'id', (i) => String(i + 1), /id is left out: it counts the rows/],
    ['a number that counts in another order', 'id', (i) => String(100 + ((5 * i) % 12)), /it counts the rows/],
    ['a constant', 'batch', () => '4', /batch is left out: it is 4 in every row/],
    ['a constant word', 'room', () => 'B', /room is left out: it is B in every row/],
    ['nothing', 'remark', () => '', /remark is left out: it is empty/],
  ])('are left out with a note: %s', (_, name, cell, note) => isTheSame(withColumn(name, cell), note));

  it('are left out where every row has another whole number, unless they are named', () => {
    const rows = Array.from(
      { length: 24 },
      (_, i) => `${1000 + 37 * ((11 * i) % 24)},${(i % 5) / 2},${i % 2 ? 'a' : 'b'}`,
    );
    const ids = file(['serial,x,label', ...rows].join('\n'));
    const data = readDataset(ids);
    expect(data.featureNames).toEqual(['x']);
    expect(data.notes[0]).toMatch(/serial is left out: it is another whole number in every row, as an id is/);
    expect(data.reading).toEqual({ leftOut: ['serial'] });
    expect(readDataset(ids, { features: ['serial', 'x'] }).featureNames).toEqual(['serial', 'x']);
    expect(readDataset(ids, { inputs: ['serial'] }).featureNames).toEqual(['serial']);
  });

  it('of words are refused with the offer to encode them, and encoded where that is asked for', () => {
    const colours = file(withColumn('colour', (i) => ['red', 'green', 'blue'][i % 3]!));
    expect(() => readDataset(colours, { label: 'label' })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/column colour: holds text \("red", "green", "blue"\)/) as string,
        hint: expect.stringContaining('--one-hot "colour"') as string,
      }),
    );
    const data = readDataset(colours, { oneHot: ['colour'] });
    expect(data.featureNames).toEqual(['colour=blue', 'colour=green', 'colour=red', 'x', 'y']);
    expect(data.columns.slice(0, 3).map((column) => column[0])).toEqual([0, 0, 1]);
    expect(readDataset(colours, { ignore: ['colour'] }).featureNames).toEqual(['x', 'y']);
    const inputs = ['colour=red', 'colour=green', 'colour=blue'];
    expect(readDataset(colours, { inputs }).columns.map((column) => [...column].slice(0, 2))).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
  });

  it('of dates are refused without an offer', () => {
    const dates = file(withColumn('day', (i) => `2024-01-${10 + i}`));
    expect(() => readDataset(dates, { label: 'label' })).toThrow(
      expect.objectContaining({ hint: 'Write numbers, or leave it out with --ignore "day".' }),
    );
  });

  it('a network does not know a category that it was not trained with', () => {
    const colours = file(withColumn('colour', (i) => (i === 4 ? 'mauve' : 'red')));
    expect(() => readDataset(colours, { inputs: ['colour=red', 'x'] })).toThrow(
      /row 6, column colour: the network does not know "mauve"/,
    );
  });

  it('True and False are 1 and 0', () => {
    const data = readDataset(file(withColumn('open', (i) => (i % 3 === 0 ? 'True' : 'FALSE'))));
    expect([...data.columns[0]!].slice(0, 4)).toEqual([1, 0, 0, 1]);
    expect(data.notes).toEqual(['True and False are 1 and 0: open']);
  });

  it('a table of nothing else is refused with what was left out', () => {
    const rows = Array.from({ length: 12 }, (_, i) => `${i},${i % 2 ? 'a' : 'b'}`);
    expect(() => readDataset(file(['id,label', ...rows].join('\n')))).toThrow(
      /no feature column beside label: id counts the rows/,
    );
  });
});

describe('what is no table', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    [
      'a spreadsheet',
      Buffer.from('504b030414000600080000002100', 'hex'),
      /is a ZIP archive, as Excel's \.xlsx files are/,
    ],
    ['a page', '<html><body>Not found</body></html>', /is HTML or XML/],
    ['JSON', '[{"a":1,"label":"x"}]', /is JSON/],
    [
      'a pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 376969\n',
      /is a pointer of Git LFS/,
    ],
    ['ARFF', '% iris\n@relation iris\n@data\n1,x\n', /is ARFF/],
    ['bytes', Buffer.from([1, 0, 0, 7]), /is no text: it holds zero bytes/],
  ])('%s is refused by name', (_, content, message) => {
    expect(() => readDataset(file(content))).toThrow(message);
  });
});

describe('missing values', () => {
  it('that nobody named are asked about where a usual mark lies far away', () => {
    expect(readDataset(file(usual.replace('20.0,0.50', '-999,0.50'))).notes).toEqual([
      'x is -999 here and there, far from all else: where that means a missing value, say --missing-values=-999',
    ]);
  });
  const marked = usual.replace('20.0,0.50', '-999.0,0.50').replace('wet\n', 'wet\n');
  it('are marks that the user names', () => {
    expect(readDataset(file(marked)).columns[0]![0]).toBe(-999);
    expect(() => readDataset(file(marked), { missingValues: ['-999'] })).toThrow(
      /row 2, column x: -999.0 means a missing value/,
    );
    const data = readDataset(file(marked), { missingValues: ['-999'], missing: 'drop' });
    expect(data.missing.droppedRows).toBe(1);
    expect(data.reading).toEqual({ missing: 'drop', missingValues: ['-999'] });
  });
  it('in the class are refused, and dropped where rows are', () => {
    const unknown = usual.replace('wet', '?');
    expect(() => readDataset(file(unknown))).toThrow(/row 2, column label: "\?" means a missing value/);
    expect(readDataset(file(unknown), { missing: 'drop' }).classNames).toEqual(['dry', 'wet']);
  });
});
