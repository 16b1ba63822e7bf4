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

/** What the polygons of a layout are as a circuit, against a netlist. */
export interface LayoutReading {
  readonly comparison: LayoutComparison;
  /**
   * The metal between its devices; undefined where the technology does not say how its metals resist. Throws UsageError where it is another circuit: lines
   * between unknown devices say nothing.
   */
  lines(): Lines | undefined;
}

/**
 * Reads the polygons of a GDSII file back as a circuit and compares it with a netlist's text. Throws InputFileError for a file that is no
 * layout, NetlistError for a netlist that cannot be read.
 */
export function readLayout(
  file: string,
  bytes: Uint8Array,
  netlist: { readonly text: string; readonly file: string },
  technology: Technology,
  rules?: string,
): LayoutReading {
  const extracted = extract(file, readGds(file, bytes), technology);
  const { grid } = processOf(technology, rules);
  const reference = referenceOf(netlist.text, netlist.file, technology);
  const match = matchLayout(extracted, reference, { ohms: SAME_OHMS, metres: grid * METRES_PER_UNIT });
  const { comparison } = match;
  const lines = (): Lines | undefined => {
    const [difference] = comparison.differences;
    if (difference !== undefined)
      throw new UsageError(
        `${file} is not the circuit of ${netlist.file}: ${difference}.`,
        'Make it anew with `neuroprint layout`; --check FILE lists all differences.',
      );
    return metalsResist(technology) ? linesOf(file, extracted, match, reference, technology) : undefined;
  };
  return { comparison, lines };
}

/** Whether a technology gives both metals a sheet resistance. */
export function metalsResist({ layout }: Technology): boolean {
  const metals = layout?.layers.filter(({ role }) => role === 'bottom metal' || role === 'top metal') ?? [];
  return metals.length === 2 && metals.every(({ sheetOhms }) => sheetOhms !== undefined && sheetOhms > 0);
}

/** The comparison alone. */
export function checkLayout(...layout: Parameters<typeof readLayout>): LayoutComparison {
  return readLayout(...layout).comparison;
}
