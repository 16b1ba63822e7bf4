import {
  Draws,
  InputFileError,
  interleaved,
  type Labels,
  numericColumn,
  readTextTable,
  toVoltageRows,
  UsageError,
} from '@neuroprint/core';
import type { ForeignCircuit } from './circuit.ts';
import type { PortMap } from './map.ts';
import type { ForeignRequest } from './verify-foreign.ts';

/** Where a column of a table is read: the volts of a node by its place in the flat circuit, or a current. */
export interface Reading {
  readonly name: string;
  readonly unit: 'V' | 'A';
  /** From the volts of all nodes at one row: unknown ones, then driven ones. */
  read(volts: Float64Array): number;
}

/** What a netlist is simulated at, and what is known of the answers. */
export interface ForeignCases {
  /** Row-major [rows × inputs]. */
  readonly inputVolts: Float64Array;
  readonly rows: number;
  /** Classes by their place in the map's outputs, or targets. */
  readonly labels?: Labels;
  /** Expected values by column. */
  readonly expected: readonly (Reading & { readonly values: Float64Array })[];
}

const GENERATED_CASES = 64;

/** The rows of a table, those of a network's data set, or random ones for a network. Throws InputFileError, UsageError. */
export function casesOf(request: ForeignRequest, map: PortMap, circuit: ForeignCircuit): ForeignCases {
  const { network, data, expected } = request;
  if (network !== undefined) checkFits(map, network);
  if (expected !== undefined) return tableCases(expected, request.label ?? 'label', map, circuit);
  if (network === undefined)
    throw new UsageError(
      'There is nothing to compare the netlist with.',
      'Give --network network.json, or --expected with a table of input and node voltages (of inputs alone to see what the netlist does).',
    );
  if (data !== undefined) {
    const { volts, labels } = toVoltageRows(data, network.inputs, network.classes, 'test');
    return { inputVolts: volts, rows: labels.length, labels, expected: [] };
  }
  const inputVolts = new Float64Array(GENERATED_CASES * map.inputs.length);
  new Draws(0, 'foreign cases').fillUniform(0, inputVolts);
  return { inputVolts, rows: GENERATED_CASES, expected: [] };
}

/** Inputs and outputs of the map are those of the network, in its order. */
function checkFits(map: PortMap, network: NonNullable<ForeignRequest['network']>): void {
  const check = (what: 'inputs' | 'outputs', wanted: readonly string[]): void => {
    const found = map[what].map(({ name }) => name);
    const missing = wanted.filter((name) => !found.includes(name));
    const extra = found.filter((name) => !wanted.includes(name));
    const misfit = (message: string, hint?: string): never => {
      throw new InputFileError({ file: map.file }, `${what}: ${message}`, hint);
    };
    if (missing.length > 0) misfit(`${missing.join(', ')} of the network is not mapped`);
    if (extra.length > 0) misfit(`the network has no ${extra.join(', ')}`);
    if (wanted.some((name, i) => name !== found[i]))
      misfit(`the order must be the network's`, `Write ${wanted.join(', ')}.`);
  };
  check(
    'inputs',
    network.inputs.map(({ name }) => name),
  );
  check('outputs', network.classes);
}

/** How a column is read: an output of the map, `i(…)`, or a node of the netlist. Throws InputFileError where there is none. */
export function readingOf(
  name: string,
  map: PortMap,
  circuit: ForeignCircuit,
  at: { file: string; column?: string },
): Reading {
  const output = map.outputs.find((one) => one.name === name);
  const branch = output?.branch ?? /^i\((.+)\)$/i.exec(name)?.[1]?.toLowerCase();
  if (branch !== undefined) {
    const read = circuit.branches().get(branch);
    if (read === undefined)
      throw new InputFileError(
        at,
        `there is no current i(${branch})`,
        `There are: ${[...circuit.branches().keys()].map((key) => `i(${key})`).join(', ')}.`,
      );
    return { name, unit: 'A', read };
  }
  const place = circuit.node(output?.node ?? name.toLowerCase().replace(/\)$/, ''));
  if (place === undefined) throw new InputFileError(at, 'is no input of the map, and the netlist has no such node');
  return { name, unit: 'V', read: (volts) => volts[place]! };
}

/** Columns by the names of the map for inputs and outputs, by the names of the netlist for other nodes and currents. */
function tableCases(file: string, label: string, map: PortMap, circuit: ForeignCircuit): ForeignCases {
  const table = readTextTable(file);
  const rows = table.rowCount;
  const inputVolts = interleaved(
    map.inputs.map(({ name }) => numericColumn(table, name)),
    rows,
  );
  const inputs = new Set(map.inputs.map(({ name }) => name));
  const labelCells = table.columns[table.header.indexOf(label)];
  const expected = table.header
    .filter((name) => !inputs.has(name) && name !== label)
    .map((name) => ({ ...readingOf(name, map, circuit, { file, column: name }), values: numericColumn(table, name) }));
  if (labelCells === undefined) return { inputVolts, rows, expected };
  const names = map.outputs.map(({ name }) => name);
  const labels = Int32Array.from({ length: rows }, (_, row) => {
    const found = names.indexOf(labelCells.textAt(row));
    if (found >= 0) return found;
    throw new InputFileError(
      { file, column: label },
      `"${labelCells.textAt(row)}" (row ${row + 1}) is no output of the map`,
      `There are: ${names.join(', ')}.`,
    );
  });
  return { inputVolts, rows, labels, expected };
}
