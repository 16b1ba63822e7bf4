import {
  columnOf,
  type DesignSpace,
  InputFileError,
  interleaved,
  numericColumn,
  type Records,
  readFileRecords,
  type SampleTable,
  sha256,
  type TextTable,
  tableOfRecords,
  turnedRecords,
} from '@neuroprint/core';
import { ETA_NAMES, LEAST_ROWS } from './sample-table.ts';
import { OutsideTrustRegionError, TrustRegion } from './trust-region.ts';

type Space = Pick<DesignSpace, 'technology' | 'cell' | 'parameters' | 'constraints'>;

/**
 * Reads a table of samples made elsewhere: a column for every parameter of the cell (ohms, metres) and eta1..eta4, or these in
 * `etaFile`, row for row; further columns are ignored, columns without names are taken in this order where they are as many, and a table
 * with its columns as rows is turned. Where η₂ and η₄ are both
 * negative, both signs are turned, which is the same curve. Values that miss a bound by rounding are put on it. `notes` say what was
 * done. Throws InputFileError that names row and column for missing columns, cells that are no number, values outside of the cell's
 * ranges or constraints, η₂·η₄ ≤ 0, and fewer than 50 rows.
 */
export function readSampleCsv(
  file: string,
  space: Space,
  etaFile?: string,
): SampleTable & { readonly notes: readonly string[] } {
  const names = space.parameters.map((parameter) => parameter.name);
  const all = [...names, ...ETA_NAMES];
  const first = openSamples(file, all, etaFile === undefined ? all : names);
  const second = etaFile === undefined ? first : openSamples(etaFile, all, ETA_NAMES);
  if (second !== first) checkRowsAreAlike(first.table, second.table);
  const missing = [
    ...names.filter((name) => !first.table.header.includes(name)),
    ...ETA_NAMES.filter((name) => !second.table.header.includes(name)),
  ];
  if (missing.length > 0) {
    const inSecond = second !== first && (ETA_NAMES as readonly string[]).includes(missing[0]!);
    throw new InputFileError(
      { file: inSecond ? etaFile! : file, column: missing[0]! },
      `there is no such column${missing.length > 1 ? ` (nor ${missing.slice(1).join(', ')})` : ''}`,
      `Samples of ${space.cell} have the columns ${[...names, ...ETA_NAMES].join(', ')}; values in ohms and metres.${second === first && missing.every((name) => !names.includes(name)) ? ' Where eta1..eta4 are in a file of their own, name it with --eta.' : ''}`,
    );
  }
  const rows = first.table.rowCount;
  if (rows < LEAST_ROWS)
    throw new InputFileError(
      { file },
      `has ${rows} rows, and at least ${LEAST_ROWS} are needed`,
      'Sample more designs.',
    );
  const values = columnsOf(first.table, names);
  const eta = columnsOf(second.table, ETA_NAMES);
  checkInside(first.table, space, values);
  const clamped = clamp(values, space);
  orientEta(second.table, eta);
  return {
    technology: space.technology,
    cell: space.cell,
    parameters: space.parameters,
    constraints: space.constraints,
    values,
    eta,
    hash: second === first ? first.hash : sha256(first.hash + second.hash),
    notes: [
      ...new Set([first, second].flatMap(({ table }) => table.notes.map((note) => `${table.file}: ${note}`))),
      ...(clamped === 0 ? [] : [`${file}: ${clamped} values miss a bound by rounding, and are put on it`]),
    ],
  };
}

/** `order` is that of the columns where the file names none. */
function openSamples(
  file: string,
  names: readonly string[],
  order: readonly string[],
): { readonly table: TextTable; readonly hash: string } {
  const { records, hash } = readFileRecords(file);
  const isName = (cell: string | undefined): boolean => cell !== undefined && names.includes(cell);
  const turned = namesStandInColumn(records, isName);
  const table = inOrder(tableOfRecords(file, turned ? turnedRecords(file, records) : records), order);
  const note = 'its columns stand as rows, and are turned; a row of a message is a column of the file';
  return { table: turned ? { ...table, notes: [...table.notes, note] } : table, hash };
}

/** A table without names for its columns, or with numbers that count, has them in the usual order where it has as many. */
function inOrder(table: TextTable, order: readonly string[]): TextTable {
  const isNameless = [0, 1].some((from) =>
    table.header.every((name, k) => name.replace(/^column/, '') === String(k + from)),
  );
  if (!isNameless || table.header.length !== order.length) return table;
  const note = `its columns have no names, and are taken as ${order.join(', ')}, in this order`;
  return {
    ...table,
    header: order,
    notes: [...table.notes.filter((one) => !one.includes('there is no header')), note],
  };
}

/** Whether the first cells of lines are names of columns, and the first line is none of names. */
function namesStandInColumn(
  { count, first, columns }: Records,
  isName: (cell: string | undefined) => boolean,
): boolean {
  if (count === 0 || first.slice(1).some(isName)) return false;
  const below = Array.from({ length: count - 1 }, (_, i) => columns[0]!.textAt(i + 1));
  return [first[0], ...below].filter(isName).length > 1;
}

/** Two files are joined row by row: as many rows, and the same in columns that both have. */
function checkRowsAreAlike(a: TextTable, b: TextTable): void {
  if (a.rowCount !== b.rowCount)
    throw new InputFileError(
      { file: b.file },
      `has ${b.rowCount} rows, and ${a.file} has ${a.rowCount}`,
      'Give files whose rows are the same designs in the same order.',
    );
  for (const name of a.header.filter((one) => b.header.includes(one))) {
    if ((ETA_NAMES as readonly string[]).includes(name))
      throw new InputFileError(
        { file: a.file, column: name },
        `stands in ${b.file} too`,
        'Leave out --eta, or this column.',
      );
    if (a.unnamed.includes(name) || /^column\d+$/.test(name)) continue;
    const [here, there] = [columnOf(a, name), columnOf(b, name)];
    const row = b.lines.findIndex((_, at) => here.textAt(at) !== there.textAt(at));
    if (row >= 0)
      throw new InputFileError(
        { file: b.file, row: b.lines[row]!, column: name },
        `is ${there.textAt(row)}, and ${here.textAt(row)} in ${a.file}`,
        'Give files whose rows are the same designs in the same order.',
      );
  }
}

function columnsOf(table: TextTable, names: readonly string[]): Float64Array {
  return interleaved(
    names.map((name) => numericColumn(table, name)),
    table.rowCount,
  );
}

function checkInside(table: TextTable, space: Space, values: Float64Array): void {
  try {
    new TrustRegion(space).assertInside(values);
  } catch (error) {
    if (!(error instanceof OutsideTrustRegionError)) throw error;
    throw new InputFileError(
      { file: table.file, row: table.lines[error.row]!, column: error.component },
      error.message.replace(/^.*?: /, ''),
      `Give values in ohms and metres, within the ranges of ${space.cell} in technology.json.`,
    );
  }
}

/** Puts what misses a bound by rounding on it. Returns how many values it moved. */
function clamp(values: Float64Array, { parameters }: Space): number {
  let moved = 0;
  values.forEach((value, at) => {
    const { min, max } = parameters[at % parameters.length]!;
    const held = Math.min(max, Math.max(min, value));
    if (held === value) return;
    values[at] = held;
    moved += 1;
  });
  return moved;
}

function orientEta(table: TextTable, eta: Float64Array): void {
  for (let at = 0; at < eta.length; at += 4) {
    if (eta[at + 1]! < 0 && eta[at + 3]! < 0) {
      eta[at + 1] = -eta[at + 1]!;
      eta[at + 3] = -eta[at + 3]!;
    }
    const flat = [1, 3].find((k) => !(eta[at + k]! > 0));
    if (flat !== undefined)
      throw new InputFileError(
        { file: table.file, row: table.lines[at / 4]!, column: ETA_NAMES[flat]! },
        `${eta[at + flat]} is not positive`,
        'η₂ and η₄ have the same sign for a curve that switches; leave out rows whose fit failed.',
      );
  }
}
