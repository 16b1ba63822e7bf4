import { decodeText, InputFileError, readBytes, readSheetMark } from '@neuroprint/core';
import { type InstrumentColumn, type InstrumentTable, readInstrumentTable } from '../curves/instrument-table.ts';
import { bareName, voltsOf } from './headers.ts';

/** What a sheet of measured volts is read against. */
export interface SheetNodes {
  readonly inputs: readonly string[];
  /** Nodes that a probe can reach. */
  readonly nodes: readonly string[];
  /** Between the lowest and the highest of the supplies no node leaves. */
  readonly lowVolts: number;
  readonly highVolts: number;
  /** SHA-256 of the netlist. */
  readonly netlistSha256: string;
}

/** Volts that were measured at nodes of a sheet. */
export interface MeasuredVolts {
  /** Row-major [rows × inputs]. */
  readonly inputVolts: Float64Array;
  readonly rows: number;
  /** One for each reading, rows ascending; `line` of the file. */
  readonly readings: readonly {
    readonly row: number;
    readonly node: string;
    readonly volts: number;
    readonly line: number;
  }[];
  /** Whether the file says that it is for this netlist. */
  readonly isMarked: boolean;
  readonly notes: readonly string[];
}

/** Beside inputs and nodes a sheet may have these columns; they are not measured. */
const OTHER =
  /^(case|row|pattern|reason|label|decision|target|prediction|margin_volts|low_volts|expected_volts|high_volts|pass|note|remark|comment|time)$/;
const MEASURED = /^(measured|measured_v(olts)?|volts|v)$/;
/** A probe reads at most so much more than the rails, a share of them. */
const BEYOND_RAILS = 0.05;
const LEAST_READINGS = 3;
const LEAST_ROWS = 2;
/** Readings that are nearer to each other are one number. */
const SAME_VOLTS = 1e-6;

/**
 * Reads the volts measured at a sheet: the table that test-patterns writes with its column measured_volts filled in, or one with a column
 * for every input and every node that was measured, a line for each pattern. An empty cell was not measured. Throws InputFileError,
 * with file and line, for what is no sheet of this netlist.
 */
export function readMeasuredVolts(file: string, sheet: SheetNodes): MeasuredVolts {
  const isMarked = checkMark(file, sheet.netlistSha256);
  const table = readInstrumentTable(file);
  const notes = [...table.notes, ...(isMarked ? [] : ['the file does not say which netlist it was measured for'])];
  const mostVolts = Math.max(Math.abs(sheet.lowVolts), Math.abs(sheet.highVolts));
  const inVolts = (column: InstrumentColumn): Float64Array => {
    const { values, note } = voltsOf(table, column, mostVolts);
    if (note !== undefined) notes.push(note);
    return values;
  };
  const inputs = sheet.inputs.map((input) => inVolts(inputColumn(table, input)));
  const nodeOf = new Map(sheet.nodes.map((node) => [node.toLowerCase(), node]));
  const names = table.textColumns.find(({ name }) => bareName(name) === 'node');
  const columns = names === undefined ? nodeColumns(table, sheet, nodeOf) : [measuredColumn(table)];
  const volts = columns.map(({ column }) => inVolts(column));
  const rowOf = new Map<string, number>();
  const applied: number[][] = [];
  const readings: { row: number; node: string; volts: number; line: number }[] = [];
  table.lines.forEach((line, at) => {
    const given = inputs.map((values) => values[at]!);
    const missing = given.findIndex(Number.isNaN);
    if (missing >= 0)
      throw new InputFileError(
        { file, row: line, column: sheet.inputs[missing]! },
        'the volts that were applied are missing',
        'Fill them in, or remove the line.',
      );
    const key = given.join(' ');
    const row = rowOf.get(key) ?? applied.length;
    if (!rowOf.has(key)) applied.push(given);
    rowOf.set(key, row);
    columns.forEach(({ node: fixed, column }, c) => {
      const node = fixed ?? knownNode(file, line, names!.cells[at]!, nodeOf);
      const value = volts[c]![at]!;
      if (!Number.isNaN(value))
        readings.push({ row, node, volts: checked(file, line, column.name, value, sheet), line });
    });
  });
  const empty = applied.findIndex((_, row) => !readings.some((reading) => reading.row === row));
  if (readings.length > 0 && empty >= 0)
    throw new InputFileError(
      { file, row: table.lines[firstAt(inputs, applied[empty]!)]! },
      `nothing was measured at the inputs ${applied[empty]!.join(', ')} V`,
      'Measure this pattern, or remove its lines.',
    );
  checkEnough(file, readings, applied.length);
  readings.sort((a, b) => a.row - b.row);
  return { inputVolts: Float64Array.from(applied.flat()), rows: applied.length, readings, isMarked, notes };
}

function checkMark(file: string, netlistSha256: string): boolean {
  const mark = readSheetMark(decodeText(file, readBytes(file)).text);
  if (mark !== undefined && mark.sha256 !== netlistSha256)
    throw new InputFileError(
      { file, row: mark.line },
      `is the sheet of another netlist (${mark.sha256.slice(0, 12)}…, and netlist.cir is ${netlistSha256.slice(0, 12)}…)`,
      'Give the folder that the sheet was written for, or write a sheet for this one: neuroprint test-patterns.',
    );
  return mark !== undefined;
}

function inputColumn(table: InstrumentTable, input: string): InstrumentColumn {
  const found = table.columns.filter(({ name }) => bareName(name) === input.toLowerCase());
  if (found.length === 1) return found[0]!;
  throw new InputFileError(
    { file: table.file, column: input },
    found.length === 0 ? 'there is no such column, and it is an input' : 'is there more than once',
    `Give the volts that were applied at every input; the columns are: ${[...table.columns, ...table.textColumns].map(({ name }) => name).join(', ')}.`,
  );
}

function measuredColumn(table: InstrumentTable): { readonly node?: string; readonly column: InstrumentColumn } {
  const found = table.columns.find(({ name }) => MEASURED.test(bareName(name)));
  if (found !== undefined) return { column: found };
  throw new InputFileError(
    { file: table.file, column: 'measured_volts' },
    'there is no such column, or nothing is filled in',
    'Write what the meter showed into measured_volts.',
  );
}

function nodeColumns(
  table: InstrumentTable,
  { inputs, nodes }: SheetNodes,
  nodeOf: ReadonlyMap<string, string>,
): { readonly node?: string; readonly column: InstrumentColumn }[] {
  const inputNames = new Set(inputs.map((input) => input.toLowerCase()));
  const isSensor = (name: string): boolean =>
    inputs.some((input) => name.toLowerCase().startsWith(`${input.toLowerCase()}:`));
  const others = table.columns.filter(
    ({ name }) => !inputNames.has(bareName(name)) && !OTHER.test(bareName(name)) && !isSensor(name),
  );
  const found = others.map((column) => {
    const node = nodeOf.get(bareName(column.name));
    if (node === undefined)
      throw new InputFileError(
        { file: table.file, column: column.name },
        'is no node of the netlist',
        `Its nodes are: ${nodes.join(', ')}.`,
      );
    return { node, column };
  });
  if (found.length > 0) return found;
  throw new InputFileError(
    { file: table.file },
    'no column is a node of the netlist',
    `Give a column for each node that was measured, such as ${nodes.at(-1)!}, or the columns node and measured_volts.`,
  );
}

function knownNode(file: string, line: number, name: string, nodeOf: ReadonlyMap<string, string>): string {
  const node = nodeOf.get(name.trim().toLowerCase());
  if (node !== undefined) return node;
  throw new InputFileError(
    { file, row: line, column: 'node' },
    `"${name}" is no node of the netlist`,
    `Its nodes are: ${[...nodeOf.values()].join(', ')}.`,
  );
}

function checked(
  file: string,
  row: number,
  column: string,
  volts: number,
  { lowVolts, highVolts }: SheetNodes,
): number {
  const slack = BEYOND_RAILS * (highVolts - lowVolts);
  if (volts >= lowVolts - slack && volts <= highVolts + slack) return volts;
  throw new InputFileError(
    { file, row, column },
    `${volts} V is beyond the rails, which are ${lowVolts} and ${highVolts} V`,
    'No node of a sheet gets there: look at the unit and at the probe, and measure again.',
  );
}

function firstAt(inputs: readonly Float64Array[], given: readonly number[]): number {
  return inputs[0]!.findIndex((_, at) => inputs.every((values, k) => values[at] === given[k]));
}

function checkEnough(file: string, readings: MeasuredVolts['readings'], rows: number): void {
  if (readings.length === 0)
    throw new InputFileError(
      { file },
      'nothing was measured: every cell for it is empty',
      'Fill in what the meter shows.',
    );
  if (readings.length < LEAST_READINGS || rows < LEAST_ROWS)
    throw new InputFileError(
      { file },
      `there are ${readings.length} readings at ${rows} patterns, and ${LEAST_READINGS} at ${LEAST_ROWS} are the least that says anything`,
      'Measure more patterns: neuroprint test-patterns chooses them.',
    );
  const volts = readings.map((reading) => reading.volts);
  const [low, high] = [Math.min(...volts), Math.max(...volts)];
  if (high - low < SAME_VOLTS)
    throw new InputFileError(
      { file, row: readings[0]!.line },
      `every reading is ${low} V`,
      'Is the meter connected, is the sheet supplied, and is the right column filled in?',
    );
  const most = Math.max(...volts.map(Math.abs));
  if (most < TINY_VOLTS)
    throw new InputFileError(
      { file, row: readings[0]!.line },
      `no reading is above ${most} V`,
      'Are these volts under a header that says millivolts?',
    );
}

/** Sheets whose readings are all below were read in the wrong unit. */
const TINY_VOLTS = 5e-3;
