import {
  componentValues,
  ExactSolver,
  type FlatCircuit,
  idealVoltages,
  type OutputScore,
  scoreOutputs,
  type Technology,
} from '@neuroprint/circuit';
import {
  type Dataset,
  Draws,
  InputFileError,
  type Labels,
  numericColumn,
  quantile,
  type RegressionReport,
  readTextTable,
  regressionOf,
  type StabilityReport,
  type TargetDataset,
  type TrainedNetwork,
  toVoltageRows,
  UsageError,
} from '@neuroprint/core';
import { decisions, margins } from '@neuroprint/numeric';
import { type Engine, simulateFlat, transistorModel } from '@neuroprint/spice';
import { compareDecisions, compareVoltages, type NodeTable, select } from '../compare.ts';
import { NoOperatingPointError } from '../exact-rows.ts';
import { checkStability } from '../stability/stability.ts';
import { expandForeign } from './expand.ts';
import { type PortMap, readPortMap } from './map.ts';
import { parseForeign } from './parse.ts';
import { readForeign } from './text.ts';

export interface ForeignRequest {
  readonly netlist: string;
  readonly map: string;
  readonly technology: Technology;
  /** The network whose decisions the netlist should make. */
  readonly network?: TrainedNetwork | undefined;
  /** A table for the network: its test rows are the cases. */
  readonly data?: Dataset | TargetDataset | undefined;
  /** A table of input volts and expected volts by node. */
  readonly expected?: string | undefined;
}

/** What a netlist from elsewhere does. */
export interface ForeignReport {
  readonly netlist: string;
  readonly simulator: { readonly name: string; readonly version: string };
  readonly cases: number;
  readonly nodes: number;
  readonly components: { readonly resistors: number; readonly transistors: number; readonly opamps: number };
  readonly watts: number;
  /** Absent with a single output. */
  readonly marginVolts?: { readonly p5: number };
  /** What the voltages are compared with. */
  readonly comparedWith: 'exact solver' | 'expected table';
  readonly maxErrorVolts: number;
  readonly p99ErrorVolts: number;
  readonly worst: {
    readonly case: number;
    readonly node: string;
    readonly expectedVolts: number;
    readonly simulatedVolts: number;
  };
  /** Between ngspice and the exact solver, which both simulate the text as it is. */
  readonly solverErrorVolts: number;
  readonly decisionAgreement: number | null;
  readonly ties: number;
  readonly stability: StabilityReport;
  readonly accuracy: {
    readonly network: number | null;
    readonly circuit: number | null;
    readonly ngspice: number | null;
  };
  /** Errors and correlations, where the network predicts a target. */
  readonly regression?: Pick<RegressionReport, 'network' | 'circuit' | 'ngspice'>;
}

interface Cases {
  readonly volts: Float64Array;
  readonly rows: number;
  readonly labels?: Labels;
  readonly expected?: NodeTable;
}

const GENERATED_CASES = 64;
/** Of the copies that are looked at for stability. */
const SPREAD = 0.1;

/** Reads a foreign netlist against the allow-list, expanded and with its ports mapped. Nothing is simulated. */
function readForeignCircuit(netlist: string, map: PortMap, technology: Technology): FlatCircuit {
  const model = transistorModel(technology);
  return expandForeign(parseForeign(netlist, readForeign(netlist), model), map, technology, model);
}

/**
 * Simulates somebody else's netlist (parsed, expanded, and written again with names of our own) in ngspice and by the exact
 * solver, and compares its decisions with a network's, or its voltages with a table's.
 */
export async function verifyForeign(request: ForeignRequest, engine: Engine): Promise<ForeignReport> {
  const { technology, network } = request;
  const map = readPortMap(request.map, technology);
  const flat = readForeignCircuit(request.netlist, map, technology);
  const cases = casesOf(request, map, flat);
  const simulated = await simulateFlat(engine, flat, cases.volts);
  const exact = solve(flat, cases);
  const solver = compareVoltages(simulated, exact.table);
  const nodes = map.outputs.map(({ node }) => node);
  const outputs = select(simulated, nodes);
  const score = (volts: Float64Array | undefined): OutputScore =>
    network === undefined || volts === undefined ? { accuracy: null } : scoreOutputs(network, volts, cases.labels);
  const promised = network && idealVoltages(network, cases.volts, cases.rows, technology).outputs.at(-1)!;
  const [ofNetwork, ofCircuit, ofNgspice] = [promised, select(exact.table, nodes), outputs].map(score) as [
    OutputScore,
    OutputScore,
    OutputScore,
  ];
  const decides = nodes.length > 1;
  const kept =
    promised &&
    decides &&
    compareDecisions(
      decisions(outputs, nodes.length),
      decisions(promised, nodes.length),
      outputs,
      nodes.length,
      2 * solver.maxErrorVolts,
    );
  const compared =
    cases.expected === undefined
      ? solver
      : compareVoltages(
          { nodes: cases.expected.nodes, rows: cases.rows, volts: select(simulated, cases.expected.nodes) },
          cases.expected,
        );
  const { maxErrorVolts, p99ErrorVolts, worst } = compared;
  return {
    netlist: request.netlist,
    simulator: { name: engine.name, version: engine.version },
    cases: cases.rows,
    nodes: flat.unknowns.length,
    components: {
      resistors: flat.resistors.length,
      transistors: flat.transistors.length,
      opamps: flat.opamps.length,
    },
    watts: exact.watts,
    ...(decides ? { marginVolts: { p5: quantile(margins(outputs, nodes.length), 0.05) } } : {}),
    comparedWith: cases.expected === undefined ? 'exact solver' : 'expected table',
    maxErrorVolts,
    p99ErrorVolts,
    worst,
    solverErrorVolts: solver.maxErrorVolts,
    decisionAgreement: kept ? kept.agreement : null,
    ties: kept ? kept.ties : 0,
    stability: await checkStability(engine, flat, { inputVolts: cases.volts, rows: cases.rows }, nodes, SPREAD),
    accuracy: { network: ofNetwork.accuracy, circuit: ofCircuit.accuracy, ngspice: ofNgspice.accuracy },
    ...(network === undefined || regressionOf(network) === undefined
      ? {}
      : {
          regression: {
            network: ofNetwork.regression ?? null,
            circuit: ofCircuit.regression ?? null,
            ngspice: ofNgspice.regression ?? null,
          },
        }),
  };
}

function casesOf(request: ForeignRequest, map: PortMap, flat: FlatCircuit): Cases {
  const { network, data, expected } = request;
  if (network !== undefined) checkFits(map, network);
  if (expected !== undefined) return expectedCases(expected, map, flat);
  if (network === undefined)
    throw new UsageError(
      'There is nothing to compare the netlist with.',
      'Give --network network.json, or --expected with a table of input and node voltages.',
    );
  if (data !== undefined) {
    const { volts, labels } = toVoltageRows(data, network.inputs, network.classes, 'test');
    return { volts, rows: labels.length, labels };
  }
  const volts = new Float64Array(GENERATED_CASES * map.inputs.length);
  new Draws(0, 'foreign cases').fillUniform(0, volts);
  return { volts, rows: GENERATED_CASES };
}

/** Inputs and outputs of the map are those of the network, in its order. */
function checkFits(map: PortMap, network: TrainedNetwork): void {
  const check = (what: 'inputs' | 'outputs', wanted: readonly string[]): void => {
    const found = map[what].map(({ name }) => name);
    const missing = wanted.filter((name) => !found.includes(name));
    const extra = found.filter((name) => !wanted.includes(name));
    if (missing.length > 0)
      throw new InputFileError({ file: map.file }, `${what}: ${missing.join(', ')} of the network is not mapped`);
    if (extra.length > 0)
      throw new InputFileError({ file: map.file }, `${what}: the network has no ${extra.join(', ')}`);
    if (wanted.some((name, i) => name !== found[i]))
      throw new InputFileError(
        { file: map.file },
        `${what}: the order must be the network's`,
        `Write ${wanted.join(', ')}.`,
      );
  };
  check(
    'inputs',
    network.inputs.map(({ name }) => name),
  );
  check('outputs', network.classes);
}

/** Columns by the names of the map for inputs and outputs, by the names of the netlist for other nodes. */
function expectedCases(file: string, map: PortMap, flat: FlatCircuit): Cases {
  const table = readTextTable(file);
  const rows = table.rows.length;
  const interleaved = (columns: readonly Float64Array[]): Float64Array =>
    Float64Array.from(
      { length: rows * columns.length },
      (_, i) => columns[i % columns.length]![Math.floor(i / columns.length)]!,
    );
  const volts = interleaved(map.inputs.map(({ name }) => numericColumn(table, name)));
  const inputs = new Set(map.inputs.map(({ name }) => name));
  const output = new Map(map.outputs.map(({ name, node }) => [name, node]));
  const names = table.header.filter((name) => !inputs.has(name));
  const nodes = names.map((name) => output.get(name) ?? name.toLowerCase());
  nodes.forEach((node, k) => {
    if (!flat.unknowns.includes(node))
      throw new InputFileError({ file, column: names[k]! }, 'is no input of the map, and the netlist has no such node');
  });
  if (nodes.length === 0) throw new InputFileError({ file }, 'has no column of a node beside the inputs');
  return {
    volts,
    rows,
    expected: { nodes, rows, volts: interleaved(names.map((name) => numericColumn(table, name))) },
  };
}

function solve(flat: FlatCircuit, cases: Cases) {
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const volts = solver.newState(cases.rows);
  let watts = 0;
  for (let row = 0; row < cases.rows; row += 1) {
    if (row > 0) volts.copyWithin(row * solver.size, (row - 1) * solver.size, row * solver.size);
    if (!solver.solveRow(cases.volts, row, volts))
      throw new NoOperatingPointError(`The exact solver found no operating point for row ${row}.`);
    watts += solver.power() / cases.rows;
  }
  return { watts, table: { nodes: flat.unknowns, rows: cases.rows, volts } };
}
