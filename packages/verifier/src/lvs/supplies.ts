import { join } from 'node:path';
import { fileExists, readTextFile, sha256 } from '@neuroprint/core';
import type { NetlistFolder } from '../folder.ts';

const TESTBENCH = 'testbench.cir';

/** Volts at which the testbench of a netlist holds its supplies, by node: what somebody who runs it by hand applies. */
export type HeldVolts = ReadonlyMap<string, number>;

/**
 * Reads the supplies from the text of testbench.cir, so that what is compared with them owes nothing to the technology. `differences`
 * says what is wrong with the testbench itself: it is missing, or was edited since it was compiled.
 */
export function readSupplies({ folder, manifest }: NetlistFolder): {
  readonly held: HeldVolts;
  readonly differences: readonly string[];
} {
  const file = join(folder, TESTBENCH);
  if (!fileExists(file))
    return {
      held: new Map(),
      differences: [`${TESTBENCH} is missing, and nothing says what its supplies are held at`],
    };
  const text = readTextFile(file);
  const held = new Map(
    [...text.matchAll(/^v_\w+ +(\w+) +0 +(\S+)$/gim)].map(([, node, volts]) => [node!.toLowerCase(), Number(volts)]),
  );
  // the row number is a voltage too, and drives nothing of the network
  held.delete('_row');
  const edited = sha256(text) !== manifest.files[TESTBENCH];
  return { held, differences: edited ? [`${TESTBENCH} is not the file that was compiled`] : [] };
}
