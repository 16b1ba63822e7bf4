import { type ResistorNetworkFile, UsageError } from '@neuroprint/core';
import { LearningNetwork } from './learn.ts';
import { newStates, nudgeOf, type Rule, solveStates } from './rules.ts';
import type { Study, StudyJob } from './study.ts';
import { RAIL_VOLTS } from './tasks.ts';

/** The content of a ResistorNetwork file: what has learnt, and the rows it learnt from last. */
export function resistorNetworkFile(
  name: string,
  job: StudyJob,
  { network, train }: Study,
): Omit<ResistorNetworkFile, 'kind' | 'version' | 'checksum' | 'inputHashes'> {
  const { graph, driven, outputs } = network.network;
  const inputs = driven.length - RAIL_VOLTS.length;
  const { options, rule, seed, task } = job;
  const rowOf = (values: Float64Array, width: number, row: number): number[] => [
    ...values.subarray(row * width, (row + 1) * width),
  ];
  return {
    name,
    nodes: graph.nodes,
    edges: graph.edges.map(([a, b]) => [a, b] as const),
    scale: network.scale,
    level: [...network.level],
    driven: driven.map((node, k) => ({ node, name: k < inputs ? `in_${k}` : `rail_${RAIL_VOLTS[k - inputs]}` })),
    outputs: outputs.map((node, k) => ({ node, name: `out_${k}` })),
    learning: {
      task: task.kind === 'regression' ? task.name : task.data.name,
      rule,
      nudge: rule === 'gradient' ? 0 : nudgeOf({ rule, nudge: options.nudge }),
      rate: options.rate,
      epochs: options.epochs,
      seed,
    },
    rows: Array.from({ length: train.rows }, (_, row) => ({
      driveVolts: rowOf(train.drive, driven.length, row),
      targetVolts: rowOf(train.targets, outputs.length, row),
    })),
  };
}

export type StateName = 'free' | 'clamped';

/** A state of a network as a circuit: what is driven, with the volts of every row, and what every other node then has. */
export interface StateCircuit {
  readonly resistors: readonly { readonly nodes: readonly [string, string]; readonly ohms: number }[];
  readonly inputs: readonly string[];
  readonly nodes: readonly string[];
  /** [rows × inputs] and [rows × nodes] volts. */
  readonly inputVolts: readonly (readonly number[])[];
  readonly nodeVolts: readonly (readonly number[])[];
}

/**
 * The free or the clamped state of a file's rows, solved exactly. In the clamped state the outputs are driven too, at
 * o_F + η·(target − o_F). Throws UsageError where the file's parts do not fit, and the errors of a network that cannot be.
 */
export function stateCircuit(file: ResistorNetworkFile, state: StateName, nudge?: number): StateCircuit {
  const network = {
    graph: { nodes: file.nodes, edges: file.edges },
    driven: file.driven.map(({ node }) => node),
    outputs: file.outputs.map(({ node }) => node),
  };
  const learning = new LearningNetwork(network, file.scale, Int32Array.from(file.level));
  const misfit = file.rows.findIndex(
    ({ driveVolts, targetVolts }) =>
      driveVolts.length !== network.driven.length || targetVolts.length !== network.outputs.length,
  );
  if (misfit >= 0) throw new UsageError(`rows[${misfit}] does not have a voltage for every source and output.`);
  const names = Array.from({ length: file.nodes }, (_, node) => `n${node}`);
  for (const { node, name } of [...file.driven, ...file.outputs]) names[node] = name;
  const held = state === 'free' ? network.driven : [...network.driven, ...network.outputs];
  const others = names.map((_, node) => node).filter((node) => !held.includes(node));
  const share = nudgeOf({ rule: file.learning.rule as Rule, nudge: nudge ?? (file.learning.nudge || 1) });
  const states = newStates(file.nodes);
  const solved = file.rows.map(({ driveVolts, targetVolts }) => {
    solveStates(learning.solver, Float64Array.from(driveVolts), Float64Array.from(targetVolts), 0, share, states);
    return states[state].slice();
  });
  const { siemens } = learning;
  return {
    resistors: file.edges.map(([a, b], e) => ({ nodes: [names[a]!, names[b]!], ohms: 1 / siemens[e]! })),
    inputs: held.map((node) => names[node]!),
    nodes: others.map((node) => names[node]!),
    inputVolts: solved.map((volts) => held.map((node) => volts[node]!)),
    nodeVolts: solved.map((volts) => others.map((node) => volts[node]!)),
  };
}
