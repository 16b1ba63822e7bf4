import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import { inputRanges, readDataset, toVoltageRows } from '@neuroprint/core';
import { readSurrogate } from '@neuroprint/surrogate';
import type { PortableProblem } from '@neuroprint/training';
import { TEMPLATES } from './machine.ts';

/** A table as a training problem of the technology egt. */
export function problemOf(file: string, surrogates: string): PortableProblem {
  const technology = loadTechnology(TEMPLATES, 'egt');
  const data = readDataset(file);
  const inputs = inputRanges(data, { volts: technology.inputVolts });
  const rows = (split: 'train' | 'valid' | 'test') => toVoltageRows(data, inputs, data.classNames, split);
  const surrogate = (cell: string) =>
    readSurrogate(join(surrogates, technology.name, cell), { technology: technology.name, cell });
  return {
    name: data.name,
    technology,
    falling: surrogate('negweight'),
    activation: surrogate('ptanh'),
    inputs,
    classes: data.classNames,
    train: rows('train'),
    valid: rows('valid'),
    test: rows('test'),
    source: { dataset: data.name, label: 'label', split: 'column split' },
    inputHashes: {},
  };
}
