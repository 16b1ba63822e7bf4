import { findCell, type Technology } from '@neuroprint/circuit';
import {
  type InputRange,
  SPLITS,
  type Split,
  type TrainedNetwork,
  UsageError,
  type VoltageRows,
} from '@neuroprint/core';
import { SurrogateModel } from '@neuroprint/surrogate';
import type { CurveModel } from './curve.ts';
import { StageSpace } from './layer/components.ts';
import type { Architecture } from './layer/parameters.ts';
import { conductanceRange } from './layer/weights.ts';
import type { ResolvedOptions } from './options.ts';
import { reachOf } from './variationModel.ts';

/** The cells that a network is made of, by their names in the technology. */
export const FALLING_CELL = 'negweight';
export const ACTIVATION_CELL = 'ptanh';

/** What is to be learnt, and of what the network may be made. */
export interface TrainingProblem {
  readonly name: string;
  readonly technology: Technology;
  /** Surrogates of the cells `negweight` and `ptanh` of the technology. */
  readonly falling: CurveModel;
  readonly activation: CurveModel;
  readonly inputs: readonly InputRange[];
  readonly classes: readonly string[];
  readonly train: VoltageRows;
  readonly valid: VoltageRows;
  readonly test: VoltageRows;
  /** Where the rows are from: file name, class column, split column or seed. */
  readonly source: { readonly dataset: string; readonly label: string; readonly split: string };
  /** SHA-256 of everything the network is made from (data set, surrogates, technology), by name. */
  readonly inputHashes: Readonly<Record<string, string>>;
}

/** The network to be trained. Throws UsageError where data, cells and surrogates do not fit. */
export function architectureOf(problem: TrainingProblem, options: ResolvedOptions): Architecture {
  if (problem.inputs.length === 0) throw new UsageError('A network needs an input.');
  if (problem.classes.length < 2) throw new UsageError('A classifier needs two classes or more.');
  const sizes = [problem.inputs.length, ...options.hidden, problem.classes.length];
  const { technology } = problem;
  for (const curve of [problem.falling, problem.activation]) {
    if (curve instanceof SurrogateModel && curve.surrogate.technology !== technology.name) {
      throw new UsageError(
        `The surrogate of ${curve.surrogate.cell} is of the technology ${curve.surrogate.technology}, and the network is to be made in ${technology.name}.`,
        'Name the folder of the surrogates of this technology.',
      );
    }
  }
  for (const part of SPLITS) checkRows(problem, part);
  const reach = reachOf(options.variation);
  return {
    shapes: sizes.slice(1).map((neurons, l) => ({ inputs: sizes[l]!, neurons })),
    nodeRule: options.nodeRule,
    conductances: conductanceRange(technology.crossbar),
    falling: new StageSpace(findCell(technology, FALLING_CELL), problem.falling, reach),
    activation: new StageSpace(findCell(technology, ACTIVATION_CELL), problem.activation, reach),
    learned: options.activation === 'learned',
    share: options.share,
  };
}

/** The content of a TrainedNetwork file. */
export type NetworkContent = Omit<TrainedNetwork, 'kind' | 'version' | 'checksum'>;

/** Volts that a sensor interface gives may miss 0..1 V by rounding, not by this. */
const VOLTS_SLACK = 0.01;

function checkRows(problem: TrainingProblem, part: Split): void {
  const { inputs } = problem;
  const rows = problem[part];
  if (rows.labels.length === 0) {
    throw new UsageError(`The ${part} part has no rows.`, 'Mark some rows train, valid and test, or give more rows.');
  }
  const at = rows.volts.findIndex((v) => !(v >= -VOLTS_SLACK && v <= 1 + VOLTS_SLACK));
  if (at < 0) return;
  throw new UsageError(
    `Input ${inputs[at % inputs.length]?.name} of row ${Math.floor(at / inputs.length)} of the ${part} part is ${rows.volts[at]} V, and inputs are 0..1 V.`,
    'Scale the features: the ranges of the training rows become 0..1 V.',
  );
}
