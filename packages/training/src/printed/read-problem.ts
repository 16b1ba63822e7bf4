import { join } from 'node:path';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import {
  type ColumnsInVolts,
  type Dataset,
  forbiddenIn,
  InputFileError,
  inputRanges,
  type TargetDataset,
  toVoltageRows,
} from '@neuroprint/core';
import { readSurrogate } from '@neuroprint/surrogate';
import type { PortableProblem } from '../jobs.ts';
import { standardLine } from '../output-line.ts';
import { ACTIVATION_CELL, FALLING_CELL } from './problem.ts';

/** What a training is asked to learn, and of what. */
export interface ProblemRequest<D extends Dataset | TargetDataset = Dataset | TargetDataset> {
  readonly data: D;
  readonly technology: string;
  /** Folders of the technologies, and of the surrogates. */
  readonly templates: string;
  readonly surrogates: string;
  readonly seed?: number;
  readonly activation?: 'learned' | 'fixed';
  /** Features whose numbers are volts as they stand. */
  readonly inputVolts?: ColumnsInVolts | undefined;
  /** Share of the training rows beyond each end of an input's range; as inputRanges has it unless given. */
  readonly beyondShare?: number | undefined;
}

/** What a table is to any training: its rows in volts, what they are called, and where they are from. */
export function tableOf<D extends Dataset | TargetDataset>({
  data,
  seed,
  technology,
  inputVolts,
  beyondShare,
}: Omit<ProblemRequest<D>, 'technology' | 'templates' | 'surrogates'> & { readonly technology: Technology }) {
  checkNames(data);
  const inputs = inputRanges(data, { volts: technology.inputVolts, columnsInVolts: inputVolts, beyondShare });
  const classes = 'classNames' in data ? data.classNames : [data.targetName];
  const rows = (split: 'train' | 'valid' | 'test') => toVoltageRows(data, inputs, classes, split);
  return {
    name: data.name,
    inputs,
    classes,
    train: rows('train'),
    valid: rows('valid'),
    test: rows('test'),
    source: {
      dataset: data.name,
      label: data.labelName,
      split: data.splitFrom === 'column' ? `column ${data.splitName}` : `seed ${seed ?? 0}`,
      ...(data.reading === undefined ? {} : { reading: data.reading }),
    },
    inputHashes: { [`${data.name}.csv`]: data.sha256 },
  };
}

/** Throws InputFileError for names that a netlist must not hold: the network could be trained, and never be compiled. */
function checkNames(data: Dataset | TargetDataset): void {
  const names = [
    ...data.featureNames.map((name) => [name, name] as const),
    ...('classNames' in data ? data.classNames : [data.targetName]).map((name) => [name, data.labelName] as const),
  ];
  for (const [name, column] of names) {
    const found = forbiddenIn(name);
    if (found !== undefined)
      throw new InputFileError({ file: data.file, column }, found, 'Give it another name in the table.');
  }
}

/** A table, a technology and its surrogates as a training problem. */
export function readProblem(request: ProblemRequest): PortableProblem {
  const technology = loadTechnology(request.templates, request.technology);
  const [falling, activation] = [FALLING_CELL, ACTIVATION_CELL].map((cell) =>
    readSurrogate(join(request.surrogates, technology.name, cell), { technology: technology.name, cell }),
  );
  const table = tableOf({ ...request, technology });
  const { data } = request;
  return {
    ...table,
    ...('targetName' in data ? { task: standardLine(data.targetName, table.train.labels) } : {}),
    technology,
    falling: falling!,
    activation: activation!,
    inputHashes: {
      ...table.inputHashes,
      'technology.json': technology.hash,
      [`${FALLING_CELL} surrogate`]: falling!.checksum!,
      [`${ACTIVATION_CELL} surrogate`]: activation!.checksum!,
    },
  };
}
