import { InputFileError } from '@neuroprint/core';
import { type InstrumentColumn, type InstrumentTable, readInstrumentTable } from '../curves/instrument-table.ts';
import { meanOfSweeps } from './branches.ts';
import { bareName, voltsOf } from './headers.ts';

/** The measured transfer curve of one printed stage, unloaded; input volts ascending. */
export interface MeasuredCurve {
  readonly stage: string;
  readonly inputVolts: Float64Array;
  readonly outputVolts: Float64Array;
}

/** What was measured of a sheet. */
export interface MeasuredCurves {
  readonly curves: readonly MeasuredCurve[];
  /** Of stages that were swept more than once: sweeps, and their largest difference. */
  readonly hysteresis: readonly { readonly stage: string; readonly sweeps: number; readonly volts: number }[];
  /** What was read, left out and taken for granted, a sentence each. */
  readonly notes: readonly string[];
}

/** What a file of measured curves is read against. */
export interface SheetStages {
  /** Names of the stages of the netlist, such as act_l0_c1. */
  readonly stages: readonly string[];
  /** The largest voltage of the process, of its supplies and inputs. */
  readonly mostVolts: number;
}

/** Points that a curve needs to be one. */
const LEAST_POINTS = 5;
const DIRECTION = /_(fwd|forward|up|bwd|backward|back|down|rev|reverse)$/;
const INPUT = /^(x|v?_?in(put)?(_?v(olts?|oltage)?)?)$/;
const OUTPUT = /^(y|v?_?out(put)?(_?v(olts?|oltage)?)?)$/;

/** Points of a stage in the order of measurement: the column and the row of every output. */
type StageCells = Map<string, { readonly column: InstrumentColumn; readonly row: number }[]>;

/**
 * Reads measured transfer curves: a table with the columns stage, v_in, v_out, or one with v_in and a column for every stage,
 * named as in the netlist (`act_l0_c1`). Headers may have units (`Vin (V)`, `act_l0_c0 [mV]`); millivolts without one are
 * recognised by the supply. Sweeps in both directions are averaged. Throws InputFileError for text, a missing column, a voltage
 * beyond any of the process, and a stage with fewer than five points.
 */
export function readMeasuredCurves(file: string, { stages, mostVolts }: SheetStages): MeasuredCurves {
  const table = readInstrumentTable(file);
  const notes = [...table.notes];
  const input = columnNamed(table, INPUT, 'the input', 'v_in');
  const groups = stageColumn(table) ? byRows(table) : byColumns(table, input, stages);
  const inVolts = (column: InstrumentColumn): Float64Array => {
    const { values, note } = voltsOf(table, column, mostVolts);
    if (note !== undefined) notes.push(note);
    return values;
  };
  const inputVolts = inVolts(input);
  const columns = new Set([...groups.values()].flatMap((cells) => cells.map(({ column }) => column)));
  const outputs = new Map([...columns].map((column) => [column, inVolts(column)]));
  const curves: MeasuredCurve[] = [];
  const hysteresis: { stage: string; sweeps: number; volts: number }[] = [];
  for (const [stage, cells] of groups) {
    for (const { column, row } of cells)
      for (const { name, values } of [input, column])
        if (Number.isNaN(values[row]))
          throw new InputFileError(
            { file, row: table.lines[row]!, column: name },
            'the cell is empty',
            'Remove the point.',
          );
    if (cells.length < LEAST_POINTS)
      throw new InputFileError(
        { file, column: cells[0]!.column.name },
        `${stage} has ${cells.length} points, and ${LEAST_POINTS} are needed`,
        'Measure the whole curve.',
      );
    const mean = meanOfSweeps({
      inputVolts: cells.map(({ row }) => inputVolts[row]!),
      outputVolts: cells.map(({ column, row }) => outputs.get(column)![row]!),
    });
    curves.push({ stage, inputVolts: mean.inputVolts, outputVolts: mean.outputVolts });
    if (mean.sweeps > 1 || mean.hysteresisVolts > 0)
      hysteresis.push({ stage, sweeps: mean.sweeps, volts: mean.hysteresisVolts });
  }
  return { curves, hysteresis, notes };
}

/** The name of a stage as the netlist has it, of an instance (`xact_l0_c0`) as well. */
function stageName(text: string): string {
  return text.replace(/^x(?=act_|inv_|neg_)/, '');
}

function columnNamed(table: InstrumentTable, pattern: RegExp, what: string, usual: string): InstrumentColumn {
  const found = table.columns.filter(({ name }) => pattern.test(bareName(name)));
  if (found.length === 1) return found[0]!;
  throw new InputFileError(
    { file: table.file, column: found[1]?.name ?? usual },
    found.length === 0 ? `no column is named as ${what}` : `is ${what}, as ${found[0]!.name} is`,
    `Name it ${usual}; the columns are: ${[...table.columns, ...table.textColumns].map(({ name }) => name).join(', ')}.`,
  );
}

function stageColumn(table: InstrumentTable) {
  return table.textColumns.find(({ name }) => bareName(name) === 'stage');
}

/** Stages below each other, the name in every row. */
function byRows(table: InstrumentTable): StageCells {
  const column = columnNamed(table, OUTPUT, 'the output', 'v_out');
  const cells: StageCells = new Map();
  stageColumn(table)!.cells.forEach((cell, row) => {
    const stage = stageName(cell);
    cells.set(stage, [...(cells.get(stage) ?? []), { column, row }]);
  });
  return cells;
}

/** A column a stage, or one for each direction (`act_l0_c0_fwd`); where a cell is empty nothing was measured. */
function byColumns(table: InstrumentTable, input: InstrumentColumn, stages: readonly string[]): StageCells {
  const cells: StageCells = new Map();
  for (const column of table.columns) {
    const bare = stageName(bareName(column.name).replace(DIRECTION, ''));
    const stage = stages.find((name) => name.toLowerCase() === bare);
    if (stage === undefined || column === input) continue;
    const rows = [...table.lines.keys()].filter((row) => !Number.isNaN(column.values[row]));
    cells.set(stage, [...(cells.get(stage) ?? []), ...rows.map((row) => ({ column, row }))]);
  }
  if (cells.size > 0) return cells;
  throw new InputFileError(
    { file: table.file },
    'there is no column called stage, and none is named as a stage of the netlist',
    `Give the columns stage, v_in and v_out, or v_in and a column for each of ${stages.join(', ')}; the columns are: ${table.columns.map(({ name }) => name).join(', ')}.`,
  );
}
