import { join } from 'node:path';
import {
  type FaultFacts,
  FaultToleranceKind,
  fileExists,
  readArtifact,
  sha256,
  sha256OfFile,
  TestPatternsKind,
} from '@neuroprint/core';
import type { NetlistFolder } from '@neuroprint/verifier';

/** Files that these commands write beside a netlist. */
export const FAULT_TOLERANCE = 'fault-tolerance.json';
export const TEST_PATTERNS = 'test-patterns.json';

/** What `fault-tolerance` and `test-patterns` have written of this very netlist; undefined where there is nothing, or it is of another. */
export function faultFacts(netlist: NetlistFolder): FaultFacts | undefined {
  const facts = { ...toleranceFacts(netlist), ...coverageFacts(netlist) };
  return Object.keys(facts).length === 0 ? undefined : facts;
}

function toleranceFacts(netlist: NetlistFolder): FaultFacts | undefined {
  const file = join(netlist.folder, FAULT_TOLERANCE);
  if (!fileExists(file)) return undefined;
  const tolerance = readArtifact(file, FaultToleranceKind);
  if (!isOf(netlist, tolerance.inputHashes)) return undefined;
  const { leastAccuracy, meanAccuracy, faults } = tolerance;
  return { leastAccuracy, meanAccuracy, ...(faults[0] === undefined ? {} : { worstFault: faults[0].name }) };
}

function coverageFacts(netlist: NetlistFolder): FaultFacts | undefined {
  const file = join(netlist.folder, TEST_PATTERNS);
  if (!fileExists(file)) return undefined;
  const { coverage, inputHashes } = readArtifact(file, TestPatternsKind);
  return isOf(netlist, inputHashes) ? { coverage } : undefined;
}

function isOf({ folder, netlistText }: NetlistFolder, hashes: Readonly<Record<string, string>>): boolean {
  return (
    hashes['netlist.cir'] === sha256(netlistText) &&
    hashes['circuit.json'] === sha256OfFile(join(folder, 'circuit.json'))
  );
}
