import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  circles,
  type Dataset,
  generatedCsv,
  inputRanges,
  type MissingPolicy,
  readDataset,
  toVoltageRows,
  UsageError,
  writeFileAtomic,
  yinYang,
} from '@neuroprint/core';
import type { PhysicalJob } from './kirchhoff-jobs.ts';

/** The tables of the paper that are files, in its order; the others are made by rule. */
const FILES = ['iris', 'penguins', 'wine', 'rice', 'wholesale', 'magic'];
const MADE = { 'yin-yang': () => yinYang({ rows: 5000, seed: 0 }), circles: () => circles({ rows: 2000, seed: 0 }) };
export const TABLES = [...FILES, ...Object.keys(MADE)];

/** The path of a table: in `folder`, or, made by its rule, in `made`. Throws UsageError for a table that is not there. */
export function tableFile(name: string, folder: string, made: string): string {
  if (Object.hasOwn(MADE, name)) {
    const file = join(made, `${name}.csv`);
    if (!existsSync(file)) writeFileAtomic(file, generatedCsv(MADE[name as keyof typeof MADE]()));
    return file;
  }
  const file = join(folder, `${name}.csv`);
  if (!existsSync(file))
    throw new UsageError(
      `${folder} holds no table ${name}.csv.`,
      `Tables that are made by rule: ${Object.keys(MADE).join(', ')}.`,
    );
  return file;
}

/** One split of a table as a problem: rows in volts, scaled by the ranges of its training rows. */
export function splitOf(
  file: string,
  seed: number,
  missing: MissingPolicy,
): { data: Dataset; problem: PhysicalJob['problem'] } {
  const data = readDataset(file, { seed, missing });
  const made = Object.hasOwn(MADE, basename(file, '.csv'));
  const inputs = inputRanges(data, made ? { columnsInVolts: 'all' } : { beyondShare: 0 });
  const rows = (part: 'train' | 'valid' | 'test') => toVoltageRows(data, inputs, data.classNames, part);
  const problem = { inputs, classes: data.classNames, train: rows('train'), valid: rows('valid'), test: rows('test') };
  return { data: { ...data, name: basename(file).replace(/\.csv$/, '') }, problem };
}
