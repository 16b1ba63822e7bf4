import { join } from 'node:path';
import type { Technology } from '@neuroprint/circuit';
import {
  fileExists,
  type LayoutCheck,
  LayoutReportKind,
  NeuroprintError,
  platform,
  readArtifact,
  sha256OfFile,
} from '@neuroprint/core';
import { readLayout, withLines } from '@neuroprint/layout';
import type { NetlistFolder, VerifyOptions } from '@neuroprint/verifier';

const FILE = 'layout.gds';
const FILES = [FILE, 'layout.svg', 'layout.json', 'layout.lvs', 'layout.drc', 'layout.cir'];

/**
 * Reads the polygons of the layout in a netlist's folder back, and compares them with the netlist's text; where they are the netlist, with the metal between its devices. Undefined where there is no layout,
 * and compile wrote none. What is missing or cannot be read is no match.
 */
export function layoutCheck(
  netlist: NetlistFolder,
  technology: Technology,
): ReturnType<NonNullable<VerifyOptions['layout']>> {
  const { folder, manifest, netlistText, netlistFile } = netlist;
  const file = join(folder, FILE);
  const there = fileExists(file);
  if (!there && manifest.files[FILE] === undefined) return undefined;
  const changed = FILES.flatMap((name): LayoutCheck['changed'] => {
    const [path, written] = [join(folder, name), manifest.files[name]];
    if (!fileExists(path)) return written === undefined ? [] : [{ file: name, how: 'missing' }];
    if (written === undefined) return [{ file: name, how: 'not from compile' }];
    return sha256OfFile(path) === written ? [] : [{ file: name, how: 'edited' }];
  });
  const wrong = (difference: string): { readonly check: LayoutCheck } => ({
    check: {
      ...{ file: FILE, matches: false, differences: [difference], changed },
      ...{ nets: 0, resistors: 0, transistors: 0, worstOhms: 0, worstMetres: 0 },
    },
  });
  if (!there) return wrong(`${FILE} is missing, and compile wrote one`);
  try {
    const text = { text: netlistText, file: netlistFile };
    const read = readLayout(FILE, platform.files.read(file), text, technology, rulesOf(folder, technology));
    const check = { file: FILE, changed, ...read.comparison };
    if (!check.matches) return { check };
    const lines = read.lines();
    return lines === undefined ? { check } : { check, metal: (flat) => withLines(flat, lines) };
  } catch (error) {
    if (error instanceof NeuroprintError) return wrong(error.message);
    throw error;
  }
}

/** The rules that a layout was drawn by, where the file that says so can be read and names some; else the technology's first. */
function rulesOf(folder: string, technology: Technology): string | undefined {
  const file = join(folder, 'layout.json');
  if (!fileExists(file)) return undefined;
  try {
    const { rules } = readArtifact(file, LayoutReportKind);
    return technology.layout !== undefined && Object.hasOwn(technology.layout.rules, rules) ? rules : undefined;
  } catch (error) {
    if (error instanceof NeuroprintError) return undefined;
    throw error;
  }
}
