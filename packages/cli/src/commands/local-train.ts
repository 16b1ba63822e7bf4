import { join } from 'node:path';
import {
  formatPercent,
  formatSeconds,
  prepareOutputFolder,
  ResistorNetworkKind,
  stopwatch,
  UsageError,
  writeArtifact,
} from '@neuroprint/core';
import {
  classesOf,
  DEFAULT_SCALE,
  EPOCHS,
  GRAPH,
  NUDGE,
  REGRESSION_NAMES,
  type ResistorNetwork,
  RULES,
  rateOf,
  readGraph,
  regressionTask,
  resistorNetworkFile,
  runStudy,
  SELECTIONS,
  SEPARATION,
  type StudyJob,
  TARGETS,
} from '@neuroprint/studies';
import { type ArgumentsOf, defineCommand, outcome } from '../command.ts';
import { choice, number, overwriteOption, required, seedOption, text, whole } from '../options.ts';
import { readClasses, tableOptions } from '../table-options.ts';

const options = {
  task: choice('A linear regression', REGRESSION_NAMES),
  data: text('CSV with numeric columns and a label column, in its own order'),
  ...tableOptions,
  'per-class': whole('Training rows of a class', { min: 2, max: 1e6, default: 10 }),
  select: choice('Which rows of a class are for training; all others are tests', SELECTIONS, 'random'),
  targets: choice(
    'Mean outputs of the classes, moved apart: those before learning, or anew in every epoch',
    TARGETS,
    'updated',
  ),
  separation: number('By how much they are moved apart', { min: 1, max: 100, default: SEPARATION }),
  rule: choice(
    'How a resistor moves; gradient is the adjoint gradient, not local',
    [...RULES, 'gradient'],
    'voltage-drop',
  ),
  levels: whole('Resistances of a resistor', { min: 2, max: 1e6, default: 1280 }),
  'minimum-ohms': number('The smallest resistance', { min: 1e-3, max: 1e12, default: DEFAULT_SCALE.minimumOhms }),
  'maximum-ohms': number('The largest resistance', { min: 1e-3, max: 1e12, default: DEFAULT_SCALE.maximumOhms }),
  resolution: number('Smallest difference of resistances that the part keeps, ohms', {
    min: 1e-9,
    max: 1e12,
    default: DEFAULT_SCALE.resolutionOhms,
  }),
  nudge: number('Share of its error that an output is clamped nearer by', { min: 1e-6, max: 1, default: NUDGE }),
  rate: number('Share of the range that 1 V² moves a resistor; 0.6 below 400 levels, else 0.3', { min: 0, max: 1e6 }),
  epochs: whole('Times that every training row is shown', { min: 0, max: 1e6, default: EPOCHS }),
  nodes: whole('Nodes of a small world', { min: 3, max: 10_000, default: GRAPH.nodes }),
  neighbours: whole('Its neighbours in the ring', { min: 2, max: 1000, default: GRAPH.neighbours }),
  rewire: number('Share of its edges that lead elsewhere', { min: 0, max: 1, default: GRAPH.rewire }),
  graph: text('CSV with the columns a and b instead: an edge in every row, nodes from 0'),
  inputs: text('Nodes of the inputs, then of 0 V and of 1 V, such as 0,1,2; with --graph'),
  outputs: text('Nodes that are read; with --graph'),
  seed: seedOption,
  out: required(text('Folder for network.json')),
  overwrite: overwriteOption,
} as const;
type Arguments = ArgumentsOf<typeof options>;

/** The sources and outputs on a graph that was given, or the numbers of a graph to be drawn. */
function graphOf({ graph, inputs, outputs, nodes, neighbours, rewire }: Arguments): StudyJob['graph'] {
  if (graph === undefined) {
    if (inputs !== undefined || outputs !== undefined)
      throw new UsageError('--inputs and --outputs are nodes of --graph.', 'Give the graph too, or leave them out.');
    return { nodes, neighbours, rewire };
  }
  if (inputs === undefined || outputs === undefined)
    throw new UsageError(
      '--graph needs --inputs and --outputs.',
      'Name nodes of it, such as --inputs 0,1,2 --outputs 5.',
    );
  const list = (name: string, text: string): number[] =>
    text.split(',').map((part) => {
      const node = part.trim() === '' ? Number.NaN : Number(part);
      if (!Number.isSafeInteger(node)) throw new UsageError(`--${name} is "${text}", and must be nodes such as 0,1,2.`);
      return node;
    });
  return { graph: readGraph(graph), driven: list('inputs', inputs), outputs: list('outputs', outputs) };
}

/** How many sources and outputs the task has. Throws UsageError where a given network has others. */
function checkTerminals(graph: StudyJob['graph'], sources: number, outputs: number): void {
  if (!('graph' in graph)) return;
  const network: ResistorNetwork = graph;
  if (network.driven.length !== sources || network.outputs.length !== outputs)
    throw new UsageError(
      `The task has ${sources} sources (its inputs, then 0 V and 1 V) and ${outputs} outputs; ${network.driven.length} and ${network.outputs.length} nodes are named.`,
      'Name as many with --inputs and --outputs.',
    );
}

function taskOf(argv: Arguments): {
  readonly task: StudyJob['task'];
  readonly sources: number;
  readonly outputs: number;
} {
  if ((argv.task === undefined) === (argv.data === undefined))
    throw new UsageError('Say what to learn: --task or --data, one of them.');
  if (argv.task !== undefined) {
    const inputs = argv.task === 'one-input' ? 1 : 2;
    return { task: regressionTask(argv.task), sources: inputs + 2, outputs: inputs };
  }
  const data = readClasses(argv.data!, argv);
  return {
    task: classesOf(data, argv.perClass, argv.select),
    sources: data.featureNames.length + 2,
    outputs: data.classNames.length,
  };
}

/** `neuroprint local train`: one network of resistors learns. */
export const trainCommand = defineCommand({
  options,
  examples: [
    ['$0 local train --task two-input --out learnt/two-input', 'Two inputs, two outputs'],
    ['$0 local train --data iris.csv --select first --out learnt/iris', 'The first ten rows of a class'],
  ],
  run: (argv) => {
    const { task, sources, outputs } = taskOf(argv);
    const graph = graphOf(argv);
    checkTerminals(graph, sources, outputs);
    const { minimumOhms, maximumOhms, levels, resolution, rule, seed, nudge, epochs, targets, separation } = argv;
    const job: StudyJob = {
      graph,
      scale: { minimumOhms, maximumOhms, levels, resolutionOhms: resolution },
      rule,
      options: { nudge, rate: argv.rate ?? rateOf(levels), epochs, targets, separation },
      seed,
      task,
    };
    const spent = stopwatch();
    const study = runStudy(job);
    const { cpuSeconds } = spent();
    prepareOutputFolder(argv.out, argv.overwrite);
    const name = task.kind === 'regression' ? task.name : task.data.name;
    const inputHashes = task.kind === 'regression' ? {} : { [`${task.data.name}.csv`]: task.data.sha256 };
    const file = join(argv.out, 'network.json');
    writeArtifact(file, ResistorNetworkKind, { ...resistorNetworkFile(name, job, study), inputHashes });
    const { errorVolts, accuracy } = study.result;
    const { edges, nodes } = study.network.network.graph;
    return outcome(
      {
        task: name,
        rule,
        levels,
        nodes,
        edges: edges.length,
        errorVolts,
        accuracy,
        epochs,
        seed,
        cpuSeconds,
        out: argv.out,
      },
      [
        `${name}: ${nodes} nodes, ${edges.length} resistors of ${levels} levels, ${epochs} epochs by ${rule}`,
        ...(errorVolts === undefined
          ? []
          : [
              `error      ${(1e3 * errorVolts.before).toFixed(1)} mV rms before, ${(1e3 * errorVolts.after).toFixed(2)} mV after, on test rows`,
            ]),
        ...(accuracy === undefined
          ? []
          : [
              `accuracy   ${formatPercent(accuracy.after)} on test rows; ${formatPercent(accuracy.before)} before learning, ${formatPercent(accuracy.readout)} by the same readout without a network`,
            ]),
        `${formatSeconds(cpuSeconds)} of processor time`,
        `written    ${file}`,
      ],
    );
  },
});
