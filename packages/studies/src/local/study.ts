import type { Dataset } from '@neuroprint/core';
import { cosine, DIRECTIONS, type Direction, descentDirection, gradientLearner, ruleDirection } from './gradient.ts';
import { smallWorld } from './graph.ts';
import {
  type ClassEpoch,
  type ClassOptions,
  type Learner,
  LearningNetwork,
  learnClasses,
  learnRegression,
  type RegressionEpoch,
} from './learn.ts';
import { placeTerminals, type ResistorNetwork, type ResistorScale, randomLevels } from './resistors.ts';
import type { RuleOptions } from './rules.ts';
import {
  type ClassTask,
  classTask,
  meansByClass,
  RAIL_VOLTS,
  type RegressionName,
  readoutAccuracy,
  regressionTask,
  type Selection,
  type TaskRows,
} from './tasks.ts';

/** A network of resistors and what it learns; everything follows from this. */
export interface StudyJob {
  /** A small world drawn by the seed, its sources and outputs at random nodes, or a network as it is. */
  readonly graph: { readonly nodes: number; readonly neighbours: number; readonly rewire: number } | ResistorNetwork;
  readonly scale: ResistorScale;
  /** `gradient` is no local rule: Adam on the adjoint gradient of the same resistors, as a reference. */
  readonly rule: RuleOptions['rule'] | 'gradient';
  readonly options: Omit<RuleOptions, 'rule'> & ClassOptions;
  readonly seed: number;
  readonly task:
    | {
        readonly kind: 'regression';
        readonly name: RegressionName;
        readonly trainRows: number;
        readonly testRows: number;
      }
    | { readonly kind: 'classes'; readonly data: Dataset; readonly perClass: number; readonly selection: Selection };
  /** Epochs after which the rules are compared with the gradient; none by default. */
  readonly compareAt?: readonly number[];
}

/** The directions of the rules against the descent of the adjoint gradient. */
interface Comparison {
  readonly epoch: number;
  readonly cosines: Readonly<Record<Direction, number>>;
}

export interface StudyResult {
  /** Root mean square of o − target over test rows, in volts, before and after. */
  readonly errorVolts?: { readonly before: number; readonly after: number };
  /** Of the test rows: without a network, with the network as it was drawn, and after learning. */
  readonly accuracy?: { readonly readout: number; readonly before: number; readonly after: number };
  readonly comparisons: readonly Comparison[];
}

/** A job that was done, with the network that has learnt and the rows it learnt from last. */
export interface Study {
  readonly result: StudyResult;
  readonly network: LearningNetwork;
  readonly train: TaskRows;
  readonly history: readonly (RegressionEpoch | ClassEpoch)[];
}

/** Draws a network, lets it learn, and measures it. Throws UsageError and the errors of a network that cannot be. */
export function runStudy(job: StudyJob): Study {
  const comparisons: Comparison[] = [];
  let train: TaskRows | undefined;
  const follow = (network: LearningNetwork) => (epoch: number, rows: TaskRows) => {
    train = rows;
    if (job.compareAt?.includes(epoch) === true)
      comparisons.push({ epoch, cosines: compare(network, rows, job.options.nudge) });
  };
  const { task, options } = job;
  if (task.kind === 'regression') {
    const rows = regressionTask(task.name, task.trainRows, task.testRows, job.seed);
    const network = build(job, rows.inputs, rows.outputs);
    const history = learnRegression(network, rows, options.epochs, learnerOf(job, network), follow(network));
    const volts = (at: number): number => Math.sqrt(history.at(at)!.testError);
    return {
      result: { errorVolts: { before: volts(0), after: volts(-1) }, comparisons },
      network,
      train: train!,
      history,
    };
  }
  const rows = classTask(task.data, task.perClass, task.selection, job.seed);
  const network = build(job, rows.inputs, rows.classes);
  const history = learnClasses(network, rows, options, learnerOf(job, network), follow(network));
  const accuracy = {
    readout: bareReadout(rows),
    before: history[0]!.testAccuracy,
    after: history.at(-1)!.testAccuracy,
  };
  return { result: { accuracy, comparisons }, network, train: train!, history };
}

function build({ graph, scale, seed }: StudyJob, inputs: number, outputs: number): LearningNetwork {
  const network =
    'graph' in graph
      ? graph
      : placeTerminals(smallWorld({ ...graph, seed }), inputs + RAIL_VOLTS.length, outputs, seed);
  return new LearningNetwork(network, scale, randomLevels(network.graph.edges.length, scale, seed));
}

function learnerOf({ rule, options, seed }: StudyJob, network: LearningNetwork): Learner {
  if (rule === 'gradient') return gradientLearner(network);
  return (rows, epoch) => network.learn(rows, { ...options, rule, seed }, epoch);
}

function compare(network: LearningNetwork, rows: TaskRows, nudge: number): Comparison['cosines'] {
  const descent = descentDirection(network, rows);
  return Object.fromEntries(
    DIRECTIONS.map((name) => [name, cosine(descent, ruleDirection(network, rows, name, nudge))]),
  ) as Record<Direction, number>;
}

/** The nearest class mean on the inputs themselves: what the readout does without any network. */
function bareReadout({ train, test, inputs, classes }: ClassTask): number {
  const features = (drive: Float64Array): Float64Array =>
    drive.filter((_, at) => at % (inputs + RAIL_VOLTS.length) < inputs);
  const means = meansByClass(features(train.drive), train.labels, classes);
  return readoutAccuracy(features(test.drive), test.labels, means);
}
