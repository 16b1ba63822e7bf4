import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultFacts, FaultToleranceKind, readArtifact, sha256, sha256OfFile } from '@neuroprint/core';
import type { NetlistFolder } from '@neuroprint/verifier';
import { FAULT_TOLERANCE } from './run-fault-tolerance.ts';

/** What `fault-tolerance` has written about the faults of this very netlist; undefined where there is nothing, or it is of another. */
export function faultFacts(netlist: NetlistFolder): FaultFacts | undefined {
  const file = join(netlist.folder, FAULT_TOLERANCE);
  if (!existsSync(file)) return undefined;
  const tolerance = readArtifact(file, FaultToleranceKind);
  if (!isOf(netlist, tolerance.inputHashes)) return undefined;
  const { leastAccuracy, meanAccuracy, faults } = tolerance;
  return { leastAccuracy, meanAccuracy, ...(faults[0] === undefined ? {} : { worstFault: faults[0].name }) };
}

function isOf({ folder, netlistText }: NetlistFolder, hashes: Readonly<Record<string, string>>): boolean {
  return (
    hashes['netlist.cir'] === sha256(netlistText) &&
    hashes['circuit.json'] === sha256OfFile(join(folder, 'circuit.json'))
  );
}
