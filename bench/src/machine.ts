import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What the figures were measured on. */
export function machine(): string {
  const all = cpus();
  return `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${all.length} × ${all[0]?.model.trim() ?? 'unknown processor'}`;
}

export const TEMPLATES = fileURLToPath(new URL('../../spice-templates', import.meta.url));
export const SURROGATES = fileURLToPath(new URL('../../surrogates', import.meta.url));
export const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
/** The tables that the project is measured on; they are not part of it. */
export const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));
