import { type SampleTable, UsageError } from '@neuroprint/core';

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

export const ETA_NAMES = ['eta1', 'eta2', 'eta3', 'eta4'] as const;

/** Fewer rows than this cannot be split into training, validation and test rows that mean anything. */
export const LEAST_ROWS = 50;

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
