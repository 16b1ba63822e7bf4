import { type FilePlace, InputFileError } from '../files/errors.ts';
import type { Circuit } from '../schemas/circuit.ts';
import type { Labels } from './dataset.ts';
import { interleaved, type NodeTable } from './node-table.ts';
import { sensorColumns } from './sensor.ts';
import { regressionOf, unitsOf } from './target-line.ts';
import { columnOf, numericColumn, parseTextTable } from './text-table.ts';
import type { InputRange } from './voltage-rows.ts';

/** Cases of a circuit with the volts of every node: what is expected (expected.csv) or was simulated (simulated.csv). */
export interface CaseTable extends NodeTable {
  /** Row-major [rows × inputs]. */
  readonly inputVolts: Float64Array;
  /** Class indices, in regression targets; undefined where the cases come from no table. */
  readonly labels: Labels | undefined;
  /** Rows of that table, counted from 1 without the header; for generated cases their number. */
  readonly sourceRows: Int32Array;
}

const FIXED_COLUMNS = ['case', 'row', 'label', 'decision', 'target', 'prediction'] as const;

type CircuitPorts = Pick<Circuit, 'inputs' | 'outputs' | 'classes' | 'task'>;

/**
 * The table as CSV; the last column is the class with the largest output, or in regression the target that the output means.
 * Numbers are written so that they read back to the same bits. With the network's `sensors` the values of those that are not volts stand
 * beside them, in columns such as `in0: temperature (°C)`.
 */
export function formatCaseTable(table: CaseTable, circuit: CircuitPorts, sensors: readonly InputRange[] = []): string {
  const classes = circuit.classes.map(quoteCell);
  const outputs = circuit.outputs.map((node) => table.nodes.indexOf(node));
  const inputs = circuit.inputs.length;
  const width = table.nodes.length;
  const line = regressionOf(circuit);
  const [known, read] = line === undefined ? ['label', 'decision'] : ['target', 'prediction'];
  const beside = sensorColumns(circuit.inputs, sensors);
  const titles = beside.map(({ title }) => quoteCell(title));
  const lines = [['case', 'row', known, ...circuit.inputs, ...titles, ...table.nodes, read].join(',')];
  for (let at = 0; at < table.rows; at += 1) {
    const volts = table.volts.subarray(at * width, (at + 1) * width);
    const label = table.labels?.[at];
    const inputVolts = table.inputVolts.subarray(at * inputs, (at + 1) * inputs);
    const decision = outputs.reduce((best, node, c) => (volts[node]! > volts[outputs[best]!]! ? c : best), 0);
    lines.push(
      [
        at,
        table.sourceRows[at]!,
        label === undefined ? '' : line === undefined ? classes[label]! : label,
        ...inputVolts,
        ...beside.map(({ valueAt }) => valueAt(inputVolts)),
        ...volts,
        line === undefined ? classes[decision]! : unitsOf(line, [volts[outputs[0]!]!])[0]!,
      ].join(','),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Reads such a table. Throws InputFileError where it does not fit the circuit. */
export function parseCaseTable(file: string, text: string, circuit: CircuitPorts): CaseTable {
  const table = parseTextTable(file, text);
  const fixed = new Set<string>([...FIXED_COLUMNS, ...circuit.inputs]);
  const isSensor = (name: string): boolean => circuit.inputs.some((input) => name.startsWith(`${input}: `));
  const nodes = table.header.filter((name) => !fixed.has(name) && !isSensor(name));
  for (const node of circuit.outputs) {
    if (!nodes.includes(node))
      throw new InputFileError(
        { file, column: node },
        'there is no such column, and it is an output of the circuit',
        'Compile again.',
      );
  }
  const gather = (names: readonly string[]): Float64Array =>
    interleaved(
      names.map((name) => numericColumn(table, name)),
      table.rowCount,
    );
  const known = regressionOf(circuit) === undefined ? 'label' : 'target';
  const cells = table.header.includes(known) ? columnOf(table, known).texts() : [];
  return {
    rows: table.rowCount,
    inputVolts: gather(circuit.inputs),
    nodes,
    volts: gather(nodes),
    labels: cells.every((cell) => cell === '')
      ? undefined
      : known === 'target'
        ? numericColumn(table, known)
        : Int32Array.from(cells, (cell, i) =>
            classIndex(cell, { file, row: table.lines[i]!, column: 'label' }, circuit),
          ),
    sourceRows: Int32Array.from(numericColumn(table, 'row')),
  };
}

function classIndex(cell: string, place: FilePlace, circuit: CircuitPorts): number {
  const at = circuit.classes.indexOf(cell);
  if (at < 0) throw new InputFileError(place, `"${cell}" is no class of the circuit`);
  return at;
}

/** A CSV cell. */
function quoteCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
