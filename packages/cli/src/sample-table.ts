import { statSync } from 'node:fs';
import { findCell, loadTechnology, ptanhCurve } from '@neuroprint/circuit';
import { InputFileError, type SampleTable, UsageError } from '@neuroprint/core';
import { readSamples } from '@neuroprint/sampler';
import { readSampleCsv, withCurves } from '@neuroprint/surrogate';
import { TEMPLATES } from '#host';
import { log } from './output.ts';

/** Samples as a folder that `sample` wrote, or as a CSV from elsewhere, which needs technology and cell to be understood. */
export function readSampleTable(path: string, technology: string, cell: string | undefined, eta?: string): SampleTable {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new InputFileError({ file: path }, 'there is no such file or folder', 'Run sample first, or check the path.');
  if (stats.isDirectory()) {
    if (eta !== undefined)
      throw new UsageError(`--eta is for files, and ${path} is a folder that holds its own.`, 'Leave it out.');
    return readFolder(path);
  }
  const process = loadTechnology(TEMPLATES, technology);
  const { name, parameters, constraints } = findCell(process, cell ?? 'negweight');
  const { notes, ...table } = readSampleCsv(path, { technology, cell: name, parameters, constraints }, eta);
  for (const note of notes) log(`${note}.`);
  return table;
}

/** The rows that converged, with their curves as p(v). */
function readFolder(path: string): SampleTable {
  const folder = readSamples(path);
  const { table, samples } = folder;
  const curve = ptanhCurve(findCell(loadTechnology(TEMPLATES, table.technology), table.cell));
  return withCurves(table, folder.rows(), samples.sweep.points, curve);
}
