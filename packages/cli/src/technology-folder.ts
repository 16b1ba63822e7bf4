import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TEMPLATES } from './paths.ts';

/** The folder of a process: a path, or a name in spice-templates. */
export function technologyFolder(named: string): string {
  const isPath = named.includes('/') || (!existsSync(resolve(TEMPLATES, named)) && existsSync(named));
  return isPath ? resolve(named) : resolve(TEMPLATES, named);
}
