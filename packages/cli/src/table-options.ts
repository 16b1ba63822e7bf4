import {
  type Dataset,
  type DatasetOptions,
  InputFileError,
  MISSING_POLICIES,
  readDataset,
  readTargets,
  regressionOf,
  type TargetDataset,
  type TrainedNetwork,
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
  'missing-values': columns(
    'What means a missing value, such as --missing-values=-999,none; NA, null, ? and the like do',
  ),
  ignore: columns('Columns to leave out, apart by commas'),
  features: columns('Columns to take, apart by commas, whatever they look like; all others are left out'),
  'one-hot': columns('Columns of words whose values become features of their own'),
} as const;

/** The same where a network says how its table was read. */
export const networkTableOptions = {
  ...tableOptions,
  label: text('Column with the class or target; as in training unless given'),
  split: text('Column with train, valid or test; as in training unless given'),
} as const;

/** For commands that find the ranges of inputs; afterwards the network file has them. */
export const inputVoltsOption = parsed(
  text(
    'Columns whose numbers are volts as they stand, apart by commas, or all; others are scaled by their training rows',
  ),
  (names) => (names === 'all' ? names : names.split(',').map((name) => name.trim())),
);

type TableArguments = ArgumentsOf<typeof tableOptions>;
/** What of the reading was asked for. */
export type Reading = Pick<
  DatasetOptions,
  'label' | 'split' | 'missing' | 'missingValues' | 'ignore' | 'features' | 'oneHot'
>;

/** What was asked of the reading; defaults are those of the reader, or of the training of a network. */
export function readingOf({ label, split, missing, missingValues, ignore, features, oneHot }: TableArguments): Reading {
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

/**
 * Reads a table as that of a network was read: its inputs as the network names them, its class or target, and its split. Throws
 * InputFileError for columns that the network does not know: this is another table.
 */
export function readDatasetFor(network: TrainedNetwork, file: string, asked: Reading = {}): Dataset | TargetDataset {
  const { training } = network;
  const split = asked.split ?? training?.split.match(/^column (.+)$/)?.[1];
  const inputs = network.inputs.map(({ name }) => name);
  const { missing, missingValues, leftOut = [] } = training?.reading ?? {};
  const line = regressionOf(network);
  const { label, ignore: _, features, oneHot, ...reading } = asked;
  const options = {
    seed: training?.seed ?? 0,
    inputs,
    ...given({ missing, missingValues, split }),
    ...reading,
  };
  const data =
    line === undefined
      ? readDataset(file, { ...options, ...given({ label: label ?? training?.label }) })
      : readTargets(file, { ...options, target: label ?? line.target });
  const isRead = (column: string): boolean => inputs.some((name) => name === column || name.startsWith(`${column}=`));
  const strange = [...(features ?? []), ...(oneHot ?? [])].find((column) => !isRead(column));
  if (strange !== undefined)
    throw new InputFileError(
      { file, column: strange },
      'the network does not read it',
      'Leave out --features and --one-hot: the network says what it reads.',
    );
  const unread = data.unread.filter((name) => !leftOut.includes(name) && asked.ignore?.includes(name) !== true);
  if (unread.length > 0)
    throw new InputFileError(
      { file },
      `the network does not read the columns ${unread.join(', ')}: this is not the table that it was trained on`,
      `Give that table, or leave these columns out with --ignore "${unread.join(',')}".`,
    );
  return said(data);
}

/** Says on standard error how a table was understood, and what of it was left out. */
export function said<D extends Dataset | TargetDataset>(data: D): D {
  for (const note of data.notes) log(`${data.file}: ${note}.`);
  return data;
}
