import { InputFileError } from '../files/errors.ts';
import { Draws } from '../random.ts';
import { columnOf, type TextTable } from './text-table.ts';

export const SPLITS = ['train', 'valid', 'test'] as const;
export type Split = (typeof SPLITS)[number];

/** What people write in a split column, in lower case. */
const WORDS: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  valid: 'valid',
  val: 'valid',
  validation: 'valid',
  dev: 'valid',
  test: 'test',
  testing: 'test',
};

/** Per row 0 train, 1 valid, 2 test, as a column of the table says. Throws InputFileError for anything else. */
export function readSplit(table: TextTable, name: string): Uint8Array {
  const column = columnOf(table, name);
  return new Uint8Array(table.rowCount).map((_, row) => {
    const word = column.textAt(row).toLowerCase();
    const index = Object.hasOwn(WORDS, word) ? SPLITS.indexOf(WORDS[word]!) : -1;
    if (index < 0) {
      throw new InputFileError(
        { file: table.file, row: table.lines[row]!, column: name },
        `"${column.textAt(row)}" is not train, valid or test`,
      );
    }
    return index;
  });
}

/** 60/20/20, the same for the same seed. */
export function randomSplit(rows: number, seed: number): Uint8Array {
  const split = new Uint8Array(rows);
  const [train, valid] = [Math.round(0.6 * rows), Math.round(0.8 * rows)];
  new Draws(seed, 'regression split').permutation(0, rows).forEach((row, place) => {
    split[row] = place < train ? 0 : place < valid ? 1 : 2;
  });
  return split;
}

/** 60/20/20 within each class, the same for the same seed. */
export function stratifiedSplit(labels: Int32Array, classes: number, seed: number): Uint8Array {
  const draws = new Draws(seed, 'split');
  const split = new Uint8Array(labels.length);
  for (let c = 0; c < classes; c += 1) {
    const rows = [...labels.keys()].filter((row) => labels[row] === c);
    const order = draws.permutation(c, rows.length);
    const train = Math.round(rows.length * 0.6);
    const valid = Math.round(rows.length * 0.8);
    order.forEach((from, place) => {
      split[rows[from]!] = place < train ? 0 : place < valid ? 1 : 2;
    });
  }
  return split;
}
