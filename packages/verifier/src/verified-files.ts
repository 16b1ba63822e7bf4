import { basename, join } from 'node:path';
import { fileExists, sha256, sha256OfFile, type VerificationReport } from '@neuroprint/core';
import type { NetlistFolder } from './folder.ts';

/** What a verification rests on and what people edit. */
const FILES = ['circuit.json', 'network.json', 'expected.csv', 'testbench.cir', 'layout.gds'] as const;

/** SHA-256 of what is verified, as it is: the netlist's text, and the files beside it that say what is expected; by name. */
export function verifiedHashes({ folder, netlistFile, netlistText }: NetlistFolder): Record<string, string> {
  const there = FILES.filter((name) => fileExists(join(folder, name)));
  return {
    ...Object.fromEntries(there.map((name) => [name, sha256OfFile(join(folder, name))])),
    [basename(netlistFile)]: sha256(netlistText),
  };
}

/** Names of the files that are not those of a report: it says nothing of the netlist as it is. Empty where it does. */
export function changedSince(
  { inputHashes }: Pick<VerificationReport, 'inputHashes'>,
  netlist: NetlistFolder,
): string[] {
  const simulated = join(netlist.folder, SIMULATED);
  const now: Record<string, string> = {
    ...verifiedHashes(netlist),
    ...(fileExists(simulated) ? { [SIMULATED]: sha256OfFile(simulated) } : {}),
  };
  const names = new Set([...FILES, basename(netlist.netlistFile), SIMULATED]);
  return [...names].filter((name) => now[name] !== inputHashes[name]);
}

/** The voltages that a verification found, beside its report. */
export const SIMULATED = 'simulated.csv';
