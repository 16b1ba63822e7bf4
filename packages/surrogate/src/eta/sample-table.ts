import {
  type DesignSpace,
  InputFileError,
  numericColumn,
  parseTextTable,
  readTextFile,
  type SampleTable,
  sha256,
  UsageError,
} from '@neuroprint/core';
import { OutsideTrustRegionError, TrustRegion } from './trust-region.ts';

/** A row of a folder of samples, as the sampler reads it; without η where it failed. */
interface CurveRow {
  readonly eta?: unknown;
  readonly inputVolts: Float64Array;
  readonly outputVolts: Float64Array;
  readonly watts?: Float64Array;
}

/** The table with the curves of its rows, `rows` being those of the folder it is from. */
export function withCurves(
  table: SampleTable,
  rows: Iterable<CurveRow>,
  points: number,
  curve: 'falling' | 'rising',
): SampleTable {
  const sign = curve === 'falling' ? -1 : 1;
  const inputVolts = new Float64Array((table.eta.length / 4) * points);
  const volts = new Float64Array(inputVolts.length);
  let watts: Float64Array | undefined = new Float64Array(inputVolts.length);
  let at = 0;
  for (const row of rows) {
    if (row.eta === undefined) continue;
    inputVolts.set(row.inputVolts, at);
    volts.set(
      row.outputVolts.map((v) => sign * v),
      at,
    );
    if (row.watts === undefined) watts = undefined;
    else watts?.set(row.watts, at);
    at += points;
  }
  return { ...table, curves: { points, inputVolts, volts, ...(watts && { watts }) } };
}

const ETA_NAMES = ['eta1', 'eta2', 'eta3', 'eta4'] as const;

/** Fewer rows than this cannot be split into training, validation and test rows that mean anything. */
export const LEAST_ROWS = 50;

/**
 * Reads a table of samples made elsewhere: a column for every parameter of the cell (ohms, metres) and eta1..eta4;
 * further columns are ignored. Where η₂ and η₄ are both negative, both signs are turned, which is the same curve.
 * Throws InputFileError that names row and column for missing columns, cells that are no number, values outside of the
 * cell's ranges or constraints, η₂·η₄ ≤ 0, and fewer than 50 rows.
 */
export function readSampleCsv(
  file: string,
  space: Pick<DesignSpace, 'technology' | 'cell' | 'parameters' | 'constraints'>,
): SampleTable {
  const text = readTextFile(file);
  const table = parseTextTable(file, text);
  const names = space.parameters.map((parameter) => parameter.name);
  const missing = [...names, ...ETA_NAMES].filter((name) => !table.header.includes(name));
  if (missing.length > 0) {
    throw new InputFileError(
      { file, column: missing[0]! },
      `there is no such column${missing.length > 1 ? ` (nor ${missing.slice(1).join(', ')})` : ''}`,
      `Samples of ${space.cell} have the columns ${[...names, ...ETA_NAMES].join(', ')}; values in ohms and metres.`,
    );
  }
  const rows = table.rows.length;
  if (rows < LEAST_ROWS) {
    throw new InputFileError(
      { file },
      `has ${rows} rows, and at least ${LEAST_ROWS} are needed`,
      'Sample more designs.',
    );
  }
  const values = interleave(names.map((name) => numericColumn(table, name)));
  const eta = interleave(ETA_NAMES.map((name) => numericColumn(table, name)));
  checkInside(file, space, values);
  orientEta(file, eta);
  return {
    technology: space.technology,
    cell: space.cell,
    parameters: space.parameters,
    constraints: space.constraints,
    values,
    eta,
    hash: sha256(text),
  };
}

/**
 * Throws UsageError for a table that cannot be learnt from: too few rows, values or η that are not finite, repeated rows
 * (a copy would be trained on and tested on), a component that is the same in every row.
 */
export function checkTable(table: SampleTable): void {
  const of = `${table.technology}/${table.cell}`;
  const width = table.parameters.length;
  const rows = table.eta.length / 4;
  if (rows < LEAST_ROWS) {
    throw new UsageError(
      `A surrogate needs at least ${LEAST_ROWS} samples, and there are ${rows} of ${of}.`,
      'Sample more designs.',
    );
  }
  const broken = table.eta.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0)
    throw new UsageError(
      `Row ${Math.floor(broken / 4)} of the samples of ${of} has no finite ${ETA_NAMES[broken % 4]}.`,
      'Leave out rows whose fit failed.',
    );
  const seen = new Set<string>();
  for (let row = 0; row < rows; row += 1) seen.add(table.values.subarray(row * width, (row + 1) * width).join());
  if (seen.size < rows) {
    throw new UsageError(
      `${rows - seen.size} of the ${rows} rows are repeated: held-out rows would not be held out.`,
      'Leave out the copies.',
    );
  }
  table.parameters.forEach(({ name }, k) => {
    const first = table.values[k]!;
    for (let row = 1; row < rows; row += 1) if (table.values[row * width + k] !== first) return;
    throw new UsageError(
      `${name} is ${first} in every row, so nothing can be learnt about it.`,
      'Sample designs that vary every component.',
    );
  });
}

function interleave(columns: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(columns[0]!.length * columns.length);
  columns.forEach((column, k) => {
    column.forEach((value, row) => {
      out[row * columns.length + k] = value;
    });
  });
  return out;
}

function checkInside(
  file: string,
  space: Pick<DesignSpace, 'cell' | 'parameters' | 'constraints'>,
  values: Float64Array,
) {
  try {
    new TrustRegion(space).assertInside(values);
  } catch (error) {
    if (!(error instanceof OutsideTrustRegionError)) throw error;
    throw new InputFileError(
      { file, row: error.row + 2, column: error.component },
      error.message.replace(/^.*?: /, ''),
      `Give values in ohms and metres, within the ranges of ${space.cell} in technology.json.`,
    );
  }
}

function orientEta(file: string, eta: Float64Array): void {
  for (let at = 0; at < eta.length; at += 4) {
    if (eta[at + 1]! < 0 && eta[at + 3]! < 0) {
      eta[at + 1] = -eta[at + 1]!;
      eta[at + 3] = -eta[at + 3]!;
    }
    const flat = [1, 3].find((k) => !(eta[at + k]! > 0));
    if (flat !== undefined) {
      throw new InputFileError(
        { file, row: at / 4 + 2, column: ETA_NAMES[flat]! },
        `${eta[at + flat]} is not positive`,
        'η₂ and η₄ have the same sign for a curve that switches; leave out rows whose fit failed.',
      );
    }
  }
}
