import { InputFileError, numericColumn, parseTextTable, readTextFile } from '@neuroprint/core';

/** The measured transfer curve of one printed stage, unloaded; input volts ascending. */
export interface MeasuredCurve {
  readonly stage: string;
  readonly inputVolts: Float64Array;
  readonly outputVolts: Float64Array;
}

/** Points that a curve needs to be one. */
const LEAST_POINTS = 5;
/** No printed stage is measured beyond. */
const MOST_VOLTS = 1000;

/**
 * Reads measured transfer curves from a CSV with the columns stage, v_in, v_out (volts); stages are named as in the
 * netlist (`act_l0_c1`). Throws InputFileError for text, a missing column, a voltage beyond 1 kV, a point that stands there
 * twice, and a stage with fewer than five points.
 */
export function readMeasuredCurves(file: string): MeasuredCurve[] {
  const table = parseTextTable(file, readTextFile(file));
  const stageAt = table.header.indexOf('stage');
  if (stageAt < 0)
    throw new InputFileError(
      { file, column: 'stage' },
      'there is no such column',
      `The columns are: ${table.header.join(', ')}.`,
    );
  const [volts, outputs] = [numericColumn(table, 'v_in'), numericColumn(table, 'v_out')];
  for (const [column, values] of [
    ['v_in', volts],
    ['v_out', outputs],
  ] as const) {
    const row = values.findIndex((v) => Math.abs(v) > MOST_VOLTS);
    if (row >= 0)
      throw new InputFileError(
        { file, row: table.lines[row]!, column },
        `${values[row]} V is beyond any printed stage`,
        'Give volts.',
      );
  }
  const rowsOf = new Map<string, number[]>();
  table.rows.forEach((cells, row) => {
    const stage = cells[stageAt]!.replace(/^x(?=act_|inv_|neg_)/, '');
    rowsOf.set(stage, [...(rowsOf.get(stage) ?? []), row]);
  });
  return [...rowsOf].map(([stage, rows]) => {
    rows.sort((a, b) => volts[a]! - volts[b]!);
    const twice = rows.find((row, k) => k > 0 && volts[row] === volts[rows[k - 1]!]);
    if (twice !== undefined)
      throw new InputFileError(
        { file, row: table.lines[twice]!, column: 'v_in' },
        `${stage} was measured at ${volts[twice]} V twice`,
        'Keep one of the points, with the mean of their v_out.',
      );
    if (rows.length < LEAST_POINTS)
      throw new InputFileError(
        { file, column: 'stage' },
        `${stage} has ${rows.length} points, and ${LEAST_POINTS} are needed`,
        'Measure the whole curve.',
      );
    return {
      stage,
      inputVolts: Float64Array.from(rows, (row) => volts[row]!),
      outputVolts: Float64Array.from(rows, (row) => outputs[row]!),
    };
  });
}
