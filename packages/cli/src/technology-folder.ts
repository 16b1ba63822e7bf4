import { resolve } from 'node:path';
import { fileExists } from '@neuroprint/core';
import { TEMPLATES } from '#host';

/** The folder of a process: a path, or a name in spice-templates. */
export function technologyFolder(named: string): string {
  const isPath = named.includes('/') || (!fileExists(resolve(TEMPLATES, named)) && fileExists(named));
  return isPath ? resolve(named) : resolve(TEMPLATES, named);
}
