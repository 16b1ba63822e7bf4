import { idealVoltages } from '@neuroprint/circuit';
import {
  type Dataset,
  type Labels,
  type Regression,
  type TargetDataset,
  toVoltageRows,
  untilAborted,
} from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import {
  defaultPowerPrice,
  type PortableProblem,
  readProblem,
  resolveOptions,
  runJobs,
  standardLine,
  type TrainingOptions,
  type TrainingResult,
  teacherOf,
} from '@neuroprint/training';
import { TEMPLATES } from '#host';
import { withProgress } from '../output.ts';
import { terminal } from '../terminal.ts';
import type { Model } from './model.ts';
import { printModel } from './print.ts';

export interface DistilRequest extends Pick<TrainingOptions, 'hidden' | 'draws' | 'epochs' | 'restarts' | 'seed'> {
  readonly technology: string;
  readonly surrogates: string;
  readonly variation: number;
  readonly powerPrice?: number;
  /** Rows within the ranges of the table that the model is asked beside its own. */
  readonly rows?: number;
}

/** Neurons of the hidden layer where neither the user nor the model says how many. */
const HIDDEN = [6];
/** Training rows that the mapped layers must decide as the model to be a start: 30-12-6-1 mapped decides 58 %, and does not recover. */
const LEAST_START = 0.8;
/** Rows that are drawn: so many for each of the table, within limits. */
const DRAWN_PER_ROW = 4;
const [LEAST_DRAWN, MOST_DRAWN] = [400, 4000];

/** Trains a printed network to do as a model does, from the model's own layers where they map; and what the model says of the table. */
export async function distil(
  model: Model,
  request: DistilRequest,
): Promise<TrainingResult & { readonly answers: Labels; readonly drawn: number; readonly isFromLayers: boolean }> {
  const data = model.data!;
  const seed = request.seed ?? 0;
  const read = readProblem({
    ...request,
    seed,
    data,
    templates: TEMPLATES,
    // the model was not made for rows held at rails
    beyondShare: 0,
  });
  const problem = { ...read, ...rowsOf(data, read, model.classes), classes: model.classes };
  const drawn = request.rows ?? Math.min(MOST_DRAWN, Math.max(LEAST_DRAWN, DRAWN_PER_ROW * data.labels.length));
  const { teacher, answers } = await teacherOf(problem, data, model.ask!, { drawn, seed });
  const start = request.hidden === undefined ? startOf(model, problem, answers, request.variation) : undefined;
  const options = resolveOptions({
    ...request,
    hidden: request.hidden ?? HIDDEN,
    start: start?.layers,
    powerPenalty: request.powerPrice ?? defaultPowerPrice(data),
  });
  const job = {
    kind: 'printed',
    problem: { ...problem, teacher, task: start?.task ?? lineOf(model, answers, problem) },
    options,
  } as const;
  const [result] = await withProgress(`distil ${problem.name}`, (onProgress) =>
    untilAborted(
      runJobs([job], 1, undefined, {
        onProgress: ({ done, total, restart, restarts, trainLoss }) =>
          onProgress(done, total, `start ${restart + 1} of ${restarts}, loss ${trainLoss.toFixed(3)}`),
      }),
      terminal().signal,
    ),
  );
  return { ...result!, answers, drawn, isFromLayers: start !== undefined };
}

/** The model's own layers as a network, where that does what the model does already: from less, random starts are better. */
function startOf(model: Model, problem: PortableProblem, answers: Labels, variation: number) {
  if (model.layers === undefined) return undefined;
  const printed = printModel(model, model.layers, problem.inputs, problem, variation);
  if (model.target !== undefined) return printed;
  const { volts, sourceRows } = problem.train;
  const network = { layers: printed.layers, biasVolts: problem.technology.bias.volts };
  const outputs = idealVoltages(network, volts, sourceRows.length).outputs.at(-1)!;
  const said = Int32Array.from(sourceRows, (row) => answers[row]!);
  return accuracy(decisions(outputs, model.classes.length), said) >= LEAST_START ? printed : undefined;
}

/** In regression the line of the targets for what the model predicts, which need not be in the units of the table. */
function lineOf({ target }: Model, answers: Labels, { train }: PortableProblem): Regression | undefined {
  if (target === undefined) return undefined;
  const known = Float64Array.from(train.sourceRows, (row) => answers[row]!);
  return standardLine(target, known);
}

/** The rows of a table, with its classes in the order of the model. */
function rowsOf(data: Dataset | TargetDataset, { inputs }: PortableProblem, classes: readonly string[]) {
  const rows = (part: 'train' | 'valid' | 'test') => toVoltageRows(data, inputs, classes, part);
  return { train: rows('train'), valid: rows('valid'), test: rows('test') };
}
