import {
  type Dataset,
  type DatasetOptions,
  MISSING_POLICIES,
  readDataset,
  type TargetDataset,
} from '@neuroprint/core';
import type { ArgumentsOf } from './command.ts';
import { choice, given, parsed, text } from './options.ts';
import { log } from './output.ts';

function columns(describe: string) {
  return parsed(text(describe), (names) => names.split(',').map((name) => name.trim()));
}

/** How a table is read, whatever is done with it. */
export const tableOptions = {
  label: text('Column with the class; without it found by its name, or as the only one with words'),
  split: text('Column with train, valid or test, by default split; without it rows are split 60/20/20 by the seed'),
  missing: choice(
    'Missing values: refuse the table (default), drop such rows, or impute the mean of the training rows',
    MISSING_POLICIES,
  ),
  'missing-values': columns('What means a missing value, such as --missing-values=-999,none; NA, null, ? and the like do'),
  ignore: columns('Columns to leave out, apart by commas'),
  features: columns('Columns to take, apart by commas, whatever they look like; all others are left out'),
  'one-hot': columns('Columns of words whose values become features of their own'),
} as const;

export type TableArguments = ArgumentsOf<typeof tableOptions>;

/** What was asked of the reading; defaults are those of the reader, or of the training of a network. */
export function readingOf({
  label,
  split,
  missing,
  missingValues,
  ignore,
  features,
  oneHot,
}: TableArguments): Pick<
  DatasetOptions,
  'label' | 'split' | 'missing' | 'missingValues' | 'ignore' | 'features' | 'oneHot'
> {
  return given({ label, split, missing, missingValues, ignore, features, oneHot });
}

/** Reads a classification table, and says what was understood and left out. */
export function readClasses(
  file: string,
  argv: TableArguments,
  options: Pick<DatasetOptions, 'seed' | 'resplit' | 'keepConstant'> = {},
): Dataset {
  return said(readDataset(file, { ...readingOf(argv), ...options }));
}

/** Says on standard error how a table was understood, and what of it was left out. */
export function said<D extends Dataset | TargetDataset>(data: D): D {
  for (const note of data.notes) log(`${data.file}: ${note}.`);
  return data;
}
