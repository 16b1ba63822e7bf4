import { join } from 'node:path';
import type { Technology } from '@neuroprint/circuit';
import { type Dataset, type InputRange, inputRanges, readDataset, toVoltageRows } from '@neuroprint/core';
import { readSurrogate, SurrogateModel } from '@neuroprint/surrogate';
import { ACTIVATION_CELL, FALLING_CELL, type TrainingProblem } from '@neuroprint/training';
import { DATA, SURROGATES } from './machine.ts';

/** The tables of the folder kit13. */
export const KIT13 = [
  'acuteinflammation',
  'balancescale',
  'breastcancerwisc',
  'cardiotocography3clases',
  'energyy1',
  'energyy2',
  'iris',
  'mammographic',
  'pendigits',
  'seeds',
  'tictactoe',
  'vertebralcolumn2clases',
  'vertebralcolumn3clases',
];

/** A kit13 table with its own split or one of the seed, its inputs' ranges as in training or given, and what trainNetwork needs to learn it with the shipped surrogates. */
export function kitProblem(
  name: string,
  technology: Technology,
  seed = 0,
  resplit = false,
  given?: readonly InputRange[],
): { readonly data: Dataset; readonly problem: TrainingProblem } {
  const data = readDataset(join(DATA, 'kit13', `${name}.csv`), { seed, resplit });
  return { data, problem: problemOf(data, name, technology, given) };
}

/** A table of classes as trainNetwork needs it, with the shipped surrogates. */
export function problemOf(
  data: Dataset,
  name: string,
  technology: Technology,
  given?: readonly InputRange[],
): TrainingProblem {
  const inputs = given ?? inputRanges(data, { volts: technology.inputVolts });
  const rows = (split: 'train' | 'valid' | 'test') => toVoltageRows(data, inputs, data.classNames, split);
  const surrogate = (cell: string) =>
    SurrogateModel.of(readSurrogate(join(SURROGATES, technology.name, cell), { technology: technology.name, cell }));
  return {
    name,
    technology,
    falling: surrogate(FALLING_CELL),
    activation: surrogate(ACTIVATION_CELL),
    inputs,
    classes: data.classNames,
    train: rows('train'),
    valid: rows('valid'),
    test: rows('test'),
    source: { dataset: name, label: 'label', split: 'column split' },
    inputHashes: {},
  };
}
