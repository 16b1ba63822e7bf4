import type { Technology } from '@neuroprint/circuit';
import { extract } from './extract/extract.ts';
import { readGds } from './gds/read.ts';
import { compareLayout, type LayoutComparison } from './lvs/compare.ts';
import { referenceOf } from './lvs/reference.ts';
import { METRES_PER_UNIT, processOf } from './process.ts';

/** Resistances of a layout may be off by this share: a printing step, and the grid. */
const SAME_OHMS = 0.01;

/**
 * Reads the polygons of a GDSII file back as a circuit and compares it with a netlist's text. Throws InputFileError for a file that is no
 * layout, NetlistError for a netlist that cannot be read.
 */
export function checkLayout(
  file: string,
  bytes: Buffer,
  netlist: { readonly text: string; readonly file: string },
  technology: Technology,
  rules?: string,
): LayoutComparison {
  const extracted = extract(file, readGds(file, bytes), technology);
  const { grid } = processOf(technology, rules);
  return compareLayout(extracted, referenceOf(netlist.text, netlist.file, technology), {
    ohms: SAME_OHMS,
    metres: grid * METRES_PER_UNIT,
  });
}
