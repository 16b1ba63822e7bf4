import {
  findCell,
  hasMeasuredTransistors,
  ResistorAgeing,
  reachOf,
  type Technology,
  transistorSpreads,
  widthSpreads,
} from '@neuroprint/circuit';
import {
  type InputRange,
  type Labels,
  type Regression,
  SPLITS,
  type Split,
  type TableReading,
  type TrainedNetwork,
  UsageError,
  type VoltageRows,
  voltsOf,
} from '@neuroprint/core';
import { stageFaults } from './broken.ts';
import type { CurveModel } from './curve.ts';
import { type CellWidths, StageSpace } from './layer/components.ts';
import type { Architecture } from './layer/parameters.ts';
import { conductanceRange } from './layer/weights.ts';
import type { ResolvedOptions } from './options.ts';
import { type Block, blocksOf } from './rows.ts';

/** The cells that a network is made of, by their names in the technology. */
export const FALLING_CELL = 'negweight';
export const ACTIVATION_CELL = 'ptanh';

/** Rows with what a model says of them; its test rows are those of the table. */
export interface Teacher {
  readonly train: VoltageRows<Labels>;
  readonly valid: VoltageRows<Labels>;
  readonly test: VoltageRows<Labels>;
}

/** What is to be learnt, and of what the network may be made. */
export interface TrainingProblem {
  readonly name: string;
  readonly technology: Technology;
  /** Surrogates of the cells `negweight` and `ptanh` of the technology. */
  readonly falling: CurveModel;
  readonly activation: CurveModel;
  readonly inputs: readonly InputRange[];
  /** Names of the outputs: the classes, or the target alone. */
  readonly classes: readonly string[];
  /**
   * In regression: by what line targets become volts for the loss. The line that the trained network is read by is fitted to it.
   * Without it the class is the largest output.
   */
  readonly task?: Regression | undefined;
  readonly train: VoltageRows<Labels>;
  readonly valid: VoltageRows<Labels>;
  readonly test: VoltageRows<Labels>;
  /** What another model says, on these rows and on more: it is learnt in place of the labels, and `metrics` are of the labels all the same. */
  readonly teacher?: Teacher | undefined;
  /** Where the rows are from: file name, class or target column, split column or seed. */
  readonly source: {
    readonly dataset: string;
    readonly label: string;
    readonly split: string;
    readonly reading?: TableReading;
  };
  /** SHA-256 of everything the network is made from (data set, surrogates, technology), by name. */
  readonly inputHashes: Readonly<Record<string, string>>;
}

/** Which widths of the stages stand for a measured prefactor, by parameter of each cell. */
function cellWidths(technology: Technology): CellWidths {
  const of = (cell: string) => widthSpreads(technology, findCell(technology, cell));
  return { falling: of(FALLING_CELL), activation: of(ACTIVATION_CELL) };
}

/** What of a measured spread training draws, and what it leaves to calibration and verification. */
export function measuredInTraining(technology: Technology): string {
  const { falling, activation } = cellWidths(technology);
  const drawn = [...falling, ...activation].filter((one) => one !== undefined).length;
  const all = [FALLING_CELL, ACTIVATION_CELL]
    .flatMap((cell) => findCell(technology, cell).elements)
    .filter(({ kind }) => kind === 'transistor').length;
  const rest = 'in calibration (compile --data) and in verify';
  return drawn === 0
    ? `surrogates know no parameters of the law: their measured spread is not in this training, but ${rest}`
    : `of ${drawn} of ${all} in a pair of stages training draws, as widths, the part of the strength that goes with no other parameter; the rest of their measured spread is ${rest} alone`;
}

/** The network to be trained. Throws UsageError where data, cells and surrogates do not fit. */
export function architectureOf(problem: TrainingProblem, options: ResolvedOptions): Architecture {
  if (problem.inputs.length === 0) throw new UsageError('A network needs an input.');
  if (problem.task === undefined && problem.classes.length < 2)
    throw new UsageError('A classifier needs two classes or more.');
  if (problem.task !== undefined && problem.classes.length !== 1)
    throw new UsageError('A regression network has one output.');
  if (problem.task !== undefined && options.classWeights === 'balanced')
    throw new UsageError('Targets are no classes, so that they cannot be balanced.');
  const sizes = [problem.inputs.length, ...options.hidden, problem.classes.length];
  const { technology } = problem;
  for (const curve of [problem.falling, problem.activation]) {
    const { surrogate } = curve;
    if (surrogate !== undefined && surrogate.technology !== technology.name) {
      throw new UsageError(
        `The surrogate of ${surrogate.cell} is of the technology ${surrogate.technology}, and the network is to be made in ${technology.name}.`,
        'Name the folder of the surrogates of this technology.',
      );
    }
  }
  for (const part of SPLITS) checkRows(problem, part);
  // a spread that was not measured is refused before anything is trained for it
  if (hasMeasuredTransistors(options.variation)) transistorSpreads(technology);
  const widths = hasMeasuredTransistors(options.variation) ? cellWidths(technology) : undefined;
  const reach = reachOf(options.variation);
  const { ageing } = options.variation;
  const aged = ageing && new ResistorAgeing(ageing).ends();
  return {
    shapes: sizes.slice(1).map((neurons, l) => ({
      inputs: sizes[l]!,
      neurons,
      linear: l === options.hidden.length && endsInColumn(problem, options),
    })),
    conductances: conductanceRange(technology.crossbar),
    biasVolts: technology.bias.volts,
    falling: new StageSpace(findCell(technology, FALLING_CELL), problem.falling, reach, aged, widths?.falling),
    activation: new StageSpace(
      findCell(technology, ACTIVATION_CELL),
      problem.activation,
      reach,
      aged,
      widths?.activation,
    ),
    faults: stageFaults(technology, findCell(technology, FALLING_CELL), findCell(technology, ACTIVATION_CELL)),
    widths,
    learned: options.activation === 'learned',
    share: options.share,
    isRead: problem.task !== undefined,
  };
}

/** Whether the last column is the output itself: in regression, unless the layers to start from end in a stage. */
function endsInColumn({ task }: TrainingProblem, { start }: ResolvedOptions): boolean {
  return task !== undefined && (start === undefined || start.at(-1)!.activationStages.length === 0);
}

/** The content of a TrainedNetwork file. */
export type NetworkContent = Omit<TrainedNetwork, 'kind' | 'version' | 'checksum'>;

/** Volts that a sensor interface gives may miss their range by rounding, not by this share of it. */
const VOLTS_SLACK_SHARE = 0.01;

function checkRows(problem: TrainingProblem, part: Split): void {
  const { inputs } = problem;
  const rows = problem[part];
  if (rows.labels.length === 0) {
    throw new UsageError(`The ${part} part has no rows.`, 'Mark some rows train, valid and test, or give more rows.');
  }
  const { minimum, maximum } = problem.technology.inputVolts;
  const slack = VOLTS_SLACK_SHARE * (maximum - minimum);
  const at = rows.volts.findIndex((v) => !(v >= minimum - slack && v <= maximum + slack));
  if (at < 0) return;
  throw new UsageError(
    `Input ${inputs[at % inputs.length]?.name} of row ${Math.floor(at / inputs.length)} of the ${part} part is ${rows.volts[at]} V, and inputs are ${minimum}..${maximum} V.`,
    `Scale the features: the ranges of the training rows become ${minimum}..${maximum} V.`,
  );
}

/** What a loss of targets is a share of: the variance of the training rows' targets, in V². Undefined where they are classes. */
export function targetVariance({ task, train }: Pick<TrainingProblem, 'task' | 'train'>): number | undefined {
  if (task === undefined) return undefined;
  const volts = voltsOf(task, train.labels);
  const mean = volts.reduce((sum, v) => sum + v, 0) / volts.length;
  return volts.reduce((sum, v) => sum + (v - mean) ** 2, 0) / volts.length;
}

/**
 * Rows of a problem as blocks. Targets become output volts, and the loss of a row the share of the training targets' variance
 * that its squared error is.
 */
export function problemBlocks(
  problem: Pick<TrainingProblem, 'inputs' | 'classes' | 'task' | 'train'>,
  rows: VoltageRows<Labels>,
  classWeights?: ArrayLike<number>,
  order?: Int32Array,
): Block[] {
  const { inputs, classes, task } = problem;
  const variance = targetVariance(problem);
  if (task === undefined || variance === undefined)
    return blocksOf(rows, inputs.length, classes.length, (label) => classWeights?.[label] ?? 1, order);
  return blocksOf({ ...rows, labels: voltsOf(task, rows.labels) }, inputs.length, 1, () => 1 / variance, order);
}
