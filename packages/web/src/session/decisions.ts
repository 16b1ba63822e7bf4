import { fileExists, parseCaseTable, readTextFile, regressionOf, selectVolts } from '@neuroprint/core';
import { decisions } from '@neuroprint/numeric';
import { readNetlistFolder, SIMULATED } from '@neuroprint/verifier';
import type { DecisionsView } from './session.ts';

/** Of a folder that verify was run on; undefined in regression, and where the rows have no classes. */
export function decisionsOf(path: string): DecisionsView | undefined {
  const { circuit, folder } = readNetlistFolder(path);
  const file = `${folder}/${SIMULATED}`;
  if (regressionOf(circuit) !== undefined || !fileExists(file)) return undefined;
  const table = parseCaseTable(file, readTextFile(file), circuit);
  if (table.labels === undefined) return undefined;
  const decided = decisions(selectVolts(table, circuit.outputs), circuit.outputs.length);
  return { classes: circuit.classes, labels: [...table.labels], decided: [...decided] };
}
