/** How a sheet of measurements says which netlist it is for, in a comment line above the table. */
const MARK = /^[#%]\s*netlist\.cir sha256 ([0-9a-f]{64})\s*$/;

/** The comment line of a sheet for the netlist with this SHA-256. */
export function sheetMark(sha256: string): string {
  return `# netlist.cir sha256 ${sha256}`;
}

/** The netlist that a sheet says it is for, and the line, from 1, that says so. */
export function readSheetMark(text: string): { readonly sha256: string; readonly line: number } | undefined {
  const lines = text.split(/\r\n|\n|\r/);
  const line = lines.findIndex((one) => MARK.test(one.trim().replace(/^"|[",;]+$/g, '')));
  if (line < 0) return undefined;
  return { sha256: MARK.exec(lines[line]!.trim().replace(/^"|[",;]+$/g, ''))![1]!, line: line + 1 };
}
