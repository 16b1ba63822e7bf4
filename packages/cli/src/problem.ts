import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import { type Dataset, inputRanges, toVoltageRows } from '@neuroprint/core';
import { ACTIVATION_CELL, FALLING_CELL, type PortableProblem } from '@neuroprint/network';
import { readSurrogate } from '@neuroprint/surrogate';
import { TEMPLATES } from './paths.ts';

/** What a training is asked to learn, and of what. */
export interface ProblemRequest {
  readonly data: Dataset;
  readonly labelColumn: string;
  readonly splitColumn: string;
  readonly technology: string;
  readonly surrogates: string;
  readonly seed?: number;
}

/** A table, a technology and its surrogates as a training problem. */
export function readProblem(request: ProblemRequest): PortableProblem {
  const technology = loadTechnology(TEMPLATES, request.technology);
  const { data } = request;
  const [falling, activation] = [FALLING_CELL, ACTIVATION_CELL].map((cell) =>
    readSurrogate(join(request.surrogates, technology.name, cell), { technology: technology.name, cell }),
  );
  const inputs = inputRanges(data);
  const rows = (split: 'train' | 'valid' | 'test') => toVoltageRows(data, inputs, data.classNames, split);
  return {
    name: data.name,
    technology,
    falling: falling!,
    activation: activation!,
    inputs,
    classes: data.classNames,
    train: rows('train'),
    valid: rows('valid'),
    test: rows('test'),
    source: {
      dataset: data.name,
      label: request.labelColumn,
      split: data.splitFrom === 'column' ? `column ${request.splitColumn}` : `seed ${request.seed ?? 0}`,
    },
    inputHashes: {
      [`${data.name}.csv`]: data.sha256,
      'technology.json': technology.hash,
      [`${FALLING_CELL} surrogate`]: falling!.checksum!,
      [`${ACTIVATION_CELL} surrogate`]: activation!.checksum!,
    },
  };
}
