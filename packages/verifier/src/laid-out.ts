import { BatchSolver, componentValues, type FlatCircuit, scoreOutputs } from '@neuroprint/circuit';
import {
  type CaseTable,
  type Circuit,
  type LaidOutReport,
  type NodeTable,
  type Rung,
  regressionOf,
  selectVolts,
} from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import { DEFAULT_TIMEOUT_MILLISECONDS, type Engine, simulateFlat } from '@neuroprint/spice';
import { compareDecisions, rmsDifference } from './compare.ts';
import { NoOperatingPointError } from './exact-rows.ts';
import type { Kept } from './promises.ts';

/** Puts the metal of a layout between the devices of a circuit; unknown nodes stay the first ones, in their order. */
export type Metal = (flat: FlatCircuit) => FlatCircuit;

/**
 * The ngspice program is asked about circuits of so many nodes at most: as distributions build it, it has no KLU, and its time for a row of a
 * crossbar grew from 2 s at 8,256 nodes to 29 at 18,528. The embedded one has KLU.
 */
export const MOST_NODES_WITHOUT_KLU = 20_000;
/** Milliseconds that a run may take for every voltage it looks for, beyond the time of any run. */
const MILLISECONDS_A_VOLTAGE = 1;

/** Volts that are held at a time: a layout has thousands of nodes. */
const MOST_VOLTS = 2_000_000;

interface LaidOutCases extends Pick<CaseTable, 'inputVolts' | 'rows' | 'labels'> {
  /** The same cases without lines, in ngspice. */
  readonly simulated: NodeTable;
  /** The outputs that the network has, row-major [rows × outputs]. */
  readonly promised: Float64Array;
}

/**
 * The circuit of a netlist with the metal lines of its layout on every case, in ngspice and by the exact solver: how far the two differ at any node, how far lines move the nodes
 * of the netlist, and what is decided then. By the exact solver alone where there are more nodes than `mostNodes`: unless given, 20,000 for an ngspice without KLU.
 */
export async function checkLaidOut(
  engine: Engine,
  flat: FlatCircuit,
  circuit: Pick<Circuit, 'outputs' | 'classes' | 'task'>,
  { inputVolts, rows, labels, simulated, promised }: LaidOutCases,
  options: {
    readonly mostNodes?: number | undefined;
    readonly onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<LaidOutReport> {
  const solver = new BatchSolver(flat);
  solver.setValues(componentValues(flat));
  const [size, inputs, width] = [solver.size, flat.inputs.length, circuit.outputs.length];
  const outputs = new Float64Array(rows * width);
  let [maxErrorVolts, largestShiftVolts, node] = [0, 0, simulated.nodes[0]!];
  const numbers = new Map(flat.unknowns.map((name, k) => [name, k]));
  const places = simulated.nodes.map((name) => numbers.get(name)!);
  const most = engine.name === 'embedded' ? Number.POSITIVE_INFINITY : MOST_NODES_WITHOUT_KLU;
  const isSimulated = size <= (options.mostNodes ?? most);
  const many = Math.max(1, Math.floor(MOST_VOLTS / size));
  for (let first = 0; first < rows; first += many) {
    const count = Math.min(many, rows - first);
    const some = inputVolts.slice(first * inputs, (first + count) * inputs);
    const exact = solver.newState(count);
    const [failed] = solver.solve(some, count, exact);
    if (failed !== undefined)
      throw new NoOperatingPointError(
        `With the lines of its layout the circuit has no operating point for row ${first + failed}.`,
        'Give it wider lines, or metal that resists less.',
      );
    const table = isSimulated
      ? await simulateFlat(engine, flat, some, {
          timeoutMilliseconds: DEFAULT_TIMEOUT_MILLISECONDS + count * size * MILLISECONDS_A_VOLTAGE,
        })
      : { nodes: flat.unknowns, rows: count, volts: exact };
    options.onProgress?.(first + count, rows);
    for (let i = 0; i < exact.length; i += 1)
      maxErrorVolts = Math.max(maxErrorVolts, Math.abs(exact[i]! - table.volts[i]!));
    for (let row = 0; row < count; row += 1)
      places.forEach((k, n) => {
        const shift = Math.abs(table.volts[row * size + k]! - simulated.volts[(first + row) * places.length + n]!);
        if (shift > largestShiftVolts) [largestShiftVolts, node] = [shift, simulated.nodes[n]!];
      });
    outputs.set(selectVolts(table, circuit.outputs), first * width);
  }
  const line = regressionOf(circuit);
  const score = scoreOutputs(circuit, outputs, labels);
  const before = selectVolts(simulated, circuit.outputs);
  const decided = decisions(outputs, width);
  return {
    nodes: size - simulated.nodes.length,
    resistors: flat.lines?.length ?? 0,
    crossingFarads: (flat.capacitors ?? []).reduce((sum, { farads }) => sum + farads, 0),
    largestShiftVolts,
    node,
    maxErrorVolts: isSimulated ? maxErrorVolts : null,
    accuracy: score.accuracy,
    ...(score.regression === undefined ? {} : { regression: score.regression }),
    rmsVoltsFromNetwork: rmsDifference(outputs, promised),
    decisionAgreement: line === undefined ? accuracy(decided, decisions(promised, width)) : null,
    decisionsMoved:
      line === undefined
        ? compareDecisions(decided, decisions(before, width), before, width, 2 * maxErrorVolts).differing
        : 0,
  };
}

/** The rung of the same, after that of the circuit without lines in ngspice. */
export function laidOutRung(
  { accuracy: right, regression, rmsVoltsFromNetwork, decisionAgreement, ...found }: LaidOutReport,
  { resistors, transistors }: Rung,
): Rung {
  const { maxErrorVolts: _, decisionsMoved: __, ...lines } = found;
  return {
    step: found.maxErrorVolts === null ? 'exact, as laid out' : 'ngspice, as laid out',
    accuracy: right,
    underVariation: null,
    ...(regression === undefined ? {} : { regression: { ...regression, underVariation: null } }),
    ...{ rmsVoltsFromNetwork, decisionAgreement, resistors, transistors, watts: null, lines },
  };
}

/** What promises are judged by: the circuit with its lines, where there is a layout, because that is what is printed. */
export function withLines(facts: Kept, laidOut: LaidOutReport | undefined): Kept {
  if (laidOut === undefined) return facts;
  const { accuracy: ngspice, decisionAgreement, regression } = laidOut;
  return {
    ...facts,
    decisionAgreement,
    accuracy: { ...facts.accuracy, ngspice },
    ...(facts.regression && { regression: { ...facts.regression, ngspice: regression ?? null } }),
  };
}
