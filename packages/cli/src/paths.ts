import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder: templates and shipped surrogates live in it. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const TEMPLATES = join(ROOT, 'spice-templates');
export const SURROGATES = join(ROOT, 'surrogates');

export const VERSION: string = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string })
  .version;
