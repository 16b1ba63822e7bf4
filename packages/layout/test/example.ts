import { fileURLToPath } from 'node:url';
import { loadTechnology } from '@neuroprint/circuit';
import type { Circuit } from '@neuroprint/core';
import { randomCircuit as drawn } from '../../../bench/src/random-circuit.ts';

const TEMPLATES = fileURLToPath(new URL('../../../spice-templates', import.meta.url));
export const egt = loadTechnology(TEMPLATES, 'egt');
/** Of p-type transistors, at 40 V. */
export const otftTechnology = loadTechnology(TEMPLATES, 'otft');

/** The circuits that the bench lays out too. */
export function randomCircuit(sizes: readonly number[], seed = 1, technology = egt): Circuit {
  return drawn(sizes, seed, technology);
}
