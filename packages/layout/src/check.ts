import type { Technology } from '@neuroprint/circuit';
import { UsageError } from '@neuroprint/core';
import { extract } from './extract/extract.ts';
import { readGds } from './gds/read.ts';
import { type LayoutComparison, matchLayout } from './lvs/compare.ts';
import { referenceOf } from './lvs/reference.ts';
import { type Lines, linesOf } from './parasitics/lines.ts';
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
  return matched(file, bytes, netlist, technology, rules).match.comparison;
}

/**
 * The metal between the devices of a layout, from the polygons of its GDSII file. Throws UsageError where they are not the netlist's
 * circuit, because lines between unknown devices say nothing.
 */
export function linesOfLayout(
  file: string,
  bytes: Buffer,
  netlist: { readonly text: string; readonly file: string },
  technology: Technology,
  rules?: string,
): Lines {
  const { extracted, reference, match } = matched(file, bytes, netlist, technology, rules);
  const [difference] = match.comparison.differences;
  if (difference !== undefined)
    throw new UsageError(
      `${file} is not the circuit of ${netlist.file}: ${difference}.`,
      'Make it anew with `neuroprint layout`; --check FILE lists all differences.',
    );
  return linesOf(file, extracted, match, reference, technology);
}

function matched(
  file: string,
  bytes: Buffer,
  netlist: { readonly text: string; readonly file: string },
  technology: Technology,
  rules: string | undefined,
) {
  const extracted = extract(file, readGds(file, bytes), technology);
  const { grid } = processOf(technology, rules);
  const reference = referenceOf(netlist.text, netlist.file, technology);
  const match = matchLayout(extracted, reference, { ohms: SAME_OHMS, metres: grid * METRES_PER_UNIT });
  return { extracted, reference, match };
}
