import { type Circuit, InputFileError, numericColumn, parseTextTable } from '@neuroprint/core';

/** Cases with the volts of every node: what a netlist promises. */
export interface ExpectedTable {
  readonly rows: number;
  /** Row-major [rows × inputs]. */
  readonly inputVolts: Float64Array;
  readonly nodes: readonly string[];
  /** Row-major [rows × nodes]. */
  readonly volts: Float64Array;
  readonly labels: Int32Array | undefined;
}

/** Reads expected.csv. Throws InputFileError where it does not fit the circuit. */
export function parseExpected(file: string, text: string, circuit: Circuit): ExpectedTable {
  const table = parseTextTable(file, text);
  const fixed = new Set(['case', 'row', 'label', 'decision', ...circuit.inputs]);
  const nodes = table.header.filter((name) => !fixed.has(name));
  const gather = (names: readonly string[]): Float64Array => {
    const columns = names.map((name) => numericColumn(table, name));
    const out = new Float64Array(table.rows.length * names.length);
    columns.forEach((column, k) => {
      column.forEach((value, row) => {
        out[row * names.length + k] = value;
      });
    });
    return out;
  };
  for (const node of circuit.outputs) {
    if (!nodes.includes(node))
      throw new InputFileError(
        { file, column: node },
        'there is no such column, and it is an output of the circuit',
        'Compile again.',
      );
  }
  return {
    rows: table.rows.length,
    inputVolts: gather(circuit.inputs),
    nodes,
    volts: gather(nodes),
    labels: readLabels(
      table.rows.map((row) => row[table.header.indexOf('label')] ?? ''),
      circuit,
      file,
    ),
  };
}

function readLabels(cells: readonly string[], circuit: Circuit, file: string): Int32Array | undefined {
  if (cells.every((cell) => cell === '')) return undefined;
  return Int32Array.from(cells, (cell, i) => {
    const at = circuit.classes.indexOf(cell);
    if (at < 0) throw new InputFileError({ file, row: i + 2, column: 'label' }, `"${cell}" is no class of the circuit`);
    return at;
  });
}
