import { UsageError } from '@neuroprint/core';

/** A page runs no programs. */
export function hasKlayout(): boolean {
  return false;
}

export function runKlayout(): never {
  throw new UsageError(
    'A page cannot run KLayout.',
    'Take the folder to a machine that has it: neuroprint layout --klayout.',
  );
}
