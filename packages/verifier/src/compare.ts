import { NeuroprintError, type NodeTable, selectColumns } from '@neuroprint/core';
import { margins } from '@neuroprint/numeric';

export interface VoltageComparison {
  readonly maxErrorVolts: number;
  readonly p99ErrorVolts: number;
  readonly worst: {
    readonly case: number;
    readonly node: string;
    readonly expectedVolts: number;
    readonly simulatedVolts: number;
  };
  readonly nodeErrorVolts: Readonly<Record<string, number>>;
}

/** Simulated and expected nodes are not the same ones, so that nothing can be compared. */
export class NodesDifferError extends NeuroprintError {
  override readonly exitCode = 2;
}

/**
 * |simulated − expected| at every node of every case. Throws NodesDifferError where a node is in one of them only, or where a
 * voltage is not there at all: what is NaN agrees with nothing.
 */
export function compareVoltages(simulated: NodeTable, expected: NodeTable): VoltageComparison {
  const wanted = new Set(expected.nodes);
  const columns = new Map(simulated.nodes.map((node, column) => [node, column]));
  const missing = expected.nodes.filter((node) => !columns.has(node));
  const extra = simulated.nodes.filter((node) => !wanted.has(node));
  if (missing.length > 0 || extra.length > 0) {
    throw new NodesDifferError(
      `The netlist and expected.csv name other nodes: ${[...missing.map((n) => `${n} is not in the netlist`), ...extra.map((n) => `${n} is not expected`)].join(', ')}.`,
      'Run lvs to see what was changed in the netlist.',
    );
  }
  const places = expected.nodes.map((node) => columns.get(node)!);
  const volts = selectColumns(simulated.volts, simulated.nodes.length, places);
  const width = expected.nodes.length;
  const errors = new Float64Array(expected.rows * width);
  const largest = new Float64Array(width);
  let worst = 0;
  for (let i = 0; i < errors.length; i += 1) {
    const k = i % width;
    const error = Math.abs(volts[i]! - expected.volts[i]!);
    if (Number.isNaN(error))
      throw new NodesDifferError(
        `Case ${Math.floor(i / width)} has no voltage at ${expected.nodes[k]!}: it has no operating point.`,
      );
    errors[i] = error;
    if (error > errors[worst]!) worst = i;
    largest[k] = Math.max(largest[k]!, error);
  }
  const row = Math.floor(worst / width);
  const node = expected.nodes[worst % width]!;
  return {
    maxErrorVolts: errors[worst]!,
    worst: {
      case: row,
      node,
      expectedVolts: expected.volts[worst]!,
      simulatedVolts: volts[worst]!,
    },
    nodeErrorVolts: Object.fromEntries(expected.nodes.map((name, k) => [name, largest[k]!])),
    p99ErrorVolts: errors.sort()[Math.floor(0.99 * (errors.length - 1))]!,
  };
}

export interface DecisionComparison {
  /** Share of the cases that are no ties in which both decide alike; null where all are ties. */
  readonly agreement: number | null;
  readonly ties: number;
  readonly differing: number;
}

/**
 * Compares decisions. A case is a tie, and is counted apart, where the largest and the second largest output are closer than
 * `tieVolts`: the voltage error alone could turn it.
 */
export function compareDecisions(
  a: Int32Array,
  b: Int32Array,
  outputs: Float64Array,
  classes: number,
  tieVolts: number,
): DecisionComparison {
  const margin = margins(outputs, classes);
  let ties = 0;
  let differing = 0;
  a.forEach((decision, row) => {
    if (margin[row]! <= tieVolts) ties += 1;
    else if (decision !== b[row]) differing += 1;
  });
  const counted = a.length - ties;
  return { agreement: counted === 0 ? null : (counted - differing) / counted, ties, differing };
}

/** Root mean square difference. */
export function rmsDifference(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, volts, i) => sum + (volts - b[i]!) ** 2, 0) / a.length);
}

/** The 95 % Wilson score interval of a share (Wilson 1927). */
export function wilsonInterval(successes: number, trials: number): [number, number] {
  const z = 1.959963984540054;
  const share = successes / trials;
  const centre = (share + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const half =
    (z / (1 + (z * z) / trials)) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
