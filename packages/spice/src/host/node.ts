import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { inspectNgspice, NgspiceEngine } from '../engine/ngspice-engine.ts';

/** The templates that technologies share. */
export const COMMON_TEMPLATES = join(
  createRequire(import.meta.url).resolve('@neuroprint/spice-templates/package.json'),
  '../common',
);

/** Templates and their helpers. */
export const environment = Handlebars.create();

/** A template as a function. */
export function compileTemplate(source: string): (context: object) => string {
  return environment.compile(source, { strict: true, noEscape: true, knownHelpersOnly: false });
}

export const EMBEDDED_HINT = 'Run npm install in the project, or install ngspice and use --engine ngspice.';

/** The file of the embedded ngspice. Throws where it is not there. */
export function embeddedFile(): string {
  const path = fileURLToPath(import.meta.resolve('eecircuit-engine'));
  if (!existsSync(path)) throw new Error('its file is missing');
  return path;
}

export { inspectNgspice, NgspiceEngine };
