import { join } from 'node:path';
import {
  accuracy,
  componentValues,
  decisions,
  ExactSolver,
  flatten,
  idealVoltages,
  type Technology,
} from '@neuroprint/circuit';
import {
  type CaseTable,
  type Dataset,
  parseCaseTable,
  readTextFile,
  toVoltageRows,
  type VerificationReport,
} from '@neuroprint/core';
import { type Engine, parseNetlist, simulateRows } from '@neuroprint/spice';
import { compareDecisions, compareVoltages, type NodeTable, select } from './compare.ts';
import { extractCircuit } from './extract.ts';
import { type NetlistFolder, netlistName } from './folder.ts';
import { type MonteCarloOptions, monteCarlo } from './monteCarlo.ts';

export interface VerifyOptions {
  /** Test rows of this table instead of the cases of expected.csv; what is expected then comes from the exact solver. */
  readonly data?: Dataset;
  readonly monteCarlo?: MonteCarloOptions;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

export interface VerifyResult {
  readonly report: Omit<VerificationReport, 'kind' | 'version' | 'checksum'>;
  /** What was compared: the same cases, expected and simulated. */
  readonly expected: CaseTable;
  readonly simulated: CaseTable;
}

/**
 * Simulates the text of a netlist (parsed, and rendered again) on every case in one run of the simulator, and compares every node
 * with what the exact solver promised, and the decisions with those of the trained network.
 */
export async function verify(
  netlist: NetlistFolder,
  technology: Technology,
  engine: Engine,
  options: VerifyOptions = {},
): Promise<VerifyResult> {
  const { circuit, network } = netlist;
  const printed = extractCircuit(parseNetlist(netlist.netlistText, netlist.netlistFile), circuit, technology);
  const expected = expectedOf(netlist, technology, options.data);
  const classes = circuit.classes.length;
  options.onProgress?.('simulate', 0, 1);
  const simulated: NodeTable = await simulateRows(engine, printed, technology, expected.inputVolts);
  const voltages = compareVoltages(simulated, expected);
  const outputs = select(simulated, circuit.outputs);
  const decided = decisions(outputs, classes);
  const promised = decisions(idealVoltages(network, expected.inputVolts, expected.rows).outputs.at(-1)!, classes);
  const byCircuit = decisions(select(expected, circuit.outputs), classes);
  const kept = compareDecisions(decided, promised, outputs, classes, 2 * voltages.maxErrorVolts);
  const { labels } = expected;
  const share = (decision: Int32Array): number | null => (labels === undefined ? null : accuracy(decision, labels));
  const spread =
    options.monteCarlo === undefined
      ? undefined
      : await monteCarlo(
          engine,
          printed,
          technology,
          expected,
          circuit.outputs,
          options.monteCarlo,
          options.onProgress,
        );
  return {
    report: {
      netlist: netlistName(netlist),
      simulator: { name: engine.name, version: engine.version },
      cases: expected.rows,
      nodes: expected.nodes.length,
      ...voltages,
      decisionAgreement: kept.agreement,
      ties: kept.ties,
      accuracy: { network: share(promised), circuit: share(byCircuit), ngspice: share(decided) },
      ...(spread === undefined ? {} : { monteCarlo: spread }),
      inputHashes: {
        ...netlist.manifest.files,
        ...(options.data === undefined ? {} : { [`${options.data.name}.csv`]: options.data.sha256 }),
      },
    },
    expected,
    simulated: { ...expected, nodes: simulated.nodes, volts: simulated.volts },
  };
}

function expectedOf(netlist: NetlistFolder, technology: Technology, data: Dataset | undefined): CaseTable {
  const { circuit, network, folder } = netlist;
  if (data === undefined) {
    const file = join(folder, 'expected.csv');
    return parseCaseTable(file, readTextFile(file), circuit);
  }
  const { volts, labels, sourceRows } = toVoltageRows(data, network.inputs, network.classes, 'test');
  const flat = flatten(circuit, technology);
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(labels.length);
  solver.solve(volts, labels.length, state);
  return {
    rows: labels.length,
    inputVolts: volts,
    nodes: flat.unknowns,
    volts: state,
    labels,
    sourceRows: sourceRows.map((row) => row + 1),
  };
}
