import {
  type Dataset,
  featureMatrix,
  InputFileError,
  readDataset,
  readTargets,
  type TargetDataset,
  UsageError,
} from '@neuroprint/core';
import {
  type Ask,
  classesOf,
  type DenseLayer,
  decided,
  decisionsOf,
  type ExaminedModel,
  endOf,
  examineModel,
  limitOf,
  type ModelOutput,
  openModel,
  type RunningModel,
  requireModel,
  type SingleOutput,
} from '@neuroprint/training';
import { given } from '../options.ts';
import { readingOf, said } from '../table-options.ts';
import { classNamesOf } from './model-classes.ts';

type TableRequest = Parameters<typeof readingOf>[0];

/** What is said about a model on the command line. */
export interface ModelRequest extends TableRequest {
  readonly onnx: string;
  readonly data?: string;
  readonly seed?: number;
  readonly target?: string;
  readonly threshold?: number;
  readonly classes?: string;
  readonly distil: boolean;
}

/** A model, what it means, and how to ask it. */
export interface Model {
  readonly data: Dataset | TargetDataset | undefined;
  readonly examined: ExaminedModel;
  /** Layers that decide or predict as the model does, where they map. */
  readonly layers: readonly DenseLayer[] | undefined;
  /** Names of the outputs; in regression the target. */
  readonly classes: readonly string[];
  readonly target: string | undefined;
  /** The model's own word in onnxruntime; undefined where that is not installed. */
  readonly ask: Ask | undefined;
  /** Why the model itself could not be asked. */
  readonly unasked: string | undefined;
  /** What the reader of the result should know. */
  readonly remarks: readonly string[];
}

const DISTIL =
  'What is no chain of matrices with Tanh or Sigmoid between them is distilled: add --distil and --data, and a network is trained to do as the model does.';

/** Opens a model. Throws UsageError where it is not clear what its outputs mean, InputFileError where it is damaged. */
export async function openRequested(request: ModelRequest): Promise<Model> {
  const { onnx, target } = request;
  const data = tableOf(request);
  const examined = examineModel(onnx, data?.featureNames.length);
  if (!request.distil && examined.refusal !== undefined)
    throw new InputFileError({ file: onnx }, examined.refusal, DISTIL);
  const opened = await (request.distil ? requireModel(onnx) : openModel(onnx));
  const running = typeof opened === 'string' ? undefined : opened;
  if (data !== undefined && running !== undefined) checkOrder(onnx, running, data);
  const meaning = await meaningOf(request, examined, data, running);
  const remarks = [...(examined.mapped?.notes ?? []), ...(meaning.said === undefined ? [] : [meaning.said])];
  const { mapped } = examined;
  const ask: Ask | undefined = running && (async (features, rows) => meaning.read(await running.run(features, rows)));
  return {
    data,
    examined,
    layers: mapped && meaning.layersOf(mapped.layers),
    classes: meaning.classes,
    target,
    ask,
    unasked: typeof opened === 'string' ? opened : undefined,
    remarks,
  };
}

function tableOf({ data, target, distil, ...request }: ModelRequest) {
  if (data === undefined) {
    if (distil || target !== undefined)
      throw new UsageError(
        `${distil ? '--distil' : '--target'} needs the table that the model was trained on.`,
        'Name it with --data.',
      );
    return undefined;
  }
  const reading = { ...readingOf(request), ...given({ seed: request.seed }) };
  if (target === undefined) return said(readDataset(data, reading));
  if (reading.label !== undefined)
    throw new UsageError(`--target ${target} asks for a number, and --label for classes.`, 'Give one of them.');
  return said(readTargets(data, { ...reading, target }));
}

/** Columns given one by one must be named in the order of the table. */
function checkOrder(file: string, { inputNames }: RunningModel, { featureNames }: Dataset | TargetDataset): void {
  const isNamed = inputNames.length > 1 && inputNames.every((name) => featureNames.includes(name));
  const wrong = isNamed ? inputNames.findIndex((name, i) => featureNames[i] !== name) : -1;
  if (wrong < 0) return;
  throw new UsageError(
    `${file} takes ${inputNames.join(', ')}, and the table's columns are in another order: ${featureNames.join(', ')}.`,
    'Give the columns in the order of the model.',
  );
}

/** What the outputs of a model are read as. */
interface Meaning {
  readonly classes: readonly string[];
  readonly said?: string | undefined;
  readonly read: (output: ModelOutput) => Int32Array | Float64Array;
  readonly layersOf: (layers: readonly DenseLayer[]) => readonly DenseLayer[];
}

async function meaningOf(
  { onnx, target, threshold, classes }: ModelRequest,
  { graph, mapped }: ExaminedModel,
  data: Dataset | TargetDataset | undefined,
  running: RunningModel | undefined,
): Promise<Meaning> {
  const probe = data && (await running?.run(featureMatrix(data), data.labels.length));
  const columns = mapped?.layers.at(-1)?.biases.length ?? (probe?.kind === 'numbers' ? probe.columns : undefined);
  const single: SingleOutput | undefined = mapped?.single ?? (columns === 1 && graph ? endOf(graph) : undefined);
  const isSingle = columns === 1;
  if (target !== undefined) {
    if (!isSingle)
      throw new UsageError(
        `${onnx} gives ${columns === undefined ? 'classes' : `${columns} outputs`}, and --target asks for one number.`,
        'Leave out --target.',
      );
    if (threshold !== undefined)
      throw new UsageError(
        `--target ${target} asks for a number, and --threshold for a decision.`,
        'Give one of them.',
      );
    const read: Meaning['read'] = (output) => (output.kind === 'numbers' ? output.values : notANumber(onnx));
    return { classes: [target], read, layersOf: (layers) => predicted(layers, single) };
  }
  if (isSingle && single !== 'sigmoid' && threshold === undefined)
    throw new UsageError(
      `${onnx} has one output that ends in no sigmoid: it may be a number, or the score of two classes.`,
      'Add --target COLUMN where it predicts a number, or --threshold NUMBER from which it means the second class.',
    );
  if (!isSingle && threshold !== undefined)
    throw new UsageError(`--threshold is for a model with one output, and ${onnx} has more.`, 'Leave it out.');
  const table = data as Dataset | undefined;
  const own = (graph && classesOf(graph)) ?? namesIn(probe, table);
  const outputs = isSingle ? 2 : (columns ?? own?.length ?? table!.classNames.length);
  const named = classNamesOf(outputs, own, classes?.split(','), table);
  const names = own ?? Array.from({ length: outputs }, (_, k) => String(k));
  return {
    ...named,
    read: (output) => decisionsOf(onnx, output, names, threshold),
    layersOf: (layers) =>
      isSingle ? [...layers.slice(0, -1), decided(layers.at(-1)!, limitOf(single ?? 'linear', threshold))] : layers,
  };
}

/** Classes that a model gives as text, where all are classes of the table. */
function namesIn(probe: ModelOutput | undefined, data: Dataset | undefined): readonly string[] | undefined {
  if (probe?.kind !== 'labels' || data === undefined) return undefined;
  return probe.labels.every((label) => data.classNames.includes(label)) ? data.classNames : undefined;
}

function notANumber(onnx: string): never {
  throw new UsageError(`${onnx} gives classes, and --target asks for a number.`, 'Leave out --target.');
}

/** A sigmoid or tanh at the end is part of what is predicted. */
function predicted(layers: readonly DenseLayer[], single: SingleOutput | undefined): readonly DenseLayer[] {
  if (single === undefined || single === 'linear') return layers;
  return [...layers.slice(0, -1), { ...layers.at(-1)!, activation: single }];
}
