import { InputFileError, platform, UsageError } from '@neuroprint/core';
import { valuesOf } from './elements.ts';
import { withQuantFunctions } from './quant.ts';

/** As much of onnxruntime-node as is used here. */
interface Runtime {
  readonly InferenceSession: { create(model: string | Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (type: string, data: unknown, shape: readonly number[]) => RuntimeTensor;
}
interface RuntimeTensor {
  readonly data: ArrayLike<number | bigint | string>;
  readonly dims: readonly number[];
  readonly type: string;
}
interface Port {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}
interface Session {
  readonly inputMetadata: readonly Port[];
  readonly outputMetadata: readonly Port[];
  run(feeds: object, fetches: readonly string[]): Promise<Readonly<Record<string, RuntimeTensor>>>;
}

/** What a model says of rows: the names of their classes, or numbers [rows × columns]. */
export type ModelOutput =
  | { readonly kind: 'labels'; readonly labels: readonly string[] }
  | { readonly kind: 'numbers'; readonly columns: number; readonly values: Float64Array };

/** A model in onnxruntime. */
export interface RunningModel {
  readonly inputNames: readonly string[];
  /** What it says of row-major features. Throws InputFileError where it takes other features or gives what is no answer. */
  run(features: Float64Array, rows: number): Promise<ModelOutput>;
}

/** Rows in one call where the model takes any number. */
const BATCH_ROWS = 1024;

/** onnxruntime-node, or why there is none: it may be absent, or its native library may not load. */
async function loadRuntime(): Promise<Runtime | string> {
  // a name that no compiler looks up
  const name: string = 'onnxruntime-node';
  try {
    const found = (await import(name)) as Partial<Runtime> & { readonly default: Runtime };
    return found.InferenceSession === undefined ? found.default : (found as Runtime);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isAbsent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    return isAbsent ? 'is not installed here' : `does not load here: ${message.split('\n')[0]}`;
  }
}

/** Opens a model in onnxruntime; a text where there is none, such as "is not installed here". Throws InputFileError where it cannot run the model. */
export async function openModel(file: string): Promise<RunningModel | string> {
  const runtime = await loadRuntime();
  if (typeof runtime === 'string') return runtime;
  const model = platform.files.read(file);
  const completed = withQuantFunctions(model);
  // by its name, so that weights in files beside it are found
  const source = completed === model ? file : completed;
  const session = await runtime.InferenceSession.create(source, { logSeverityLevel: 4 }).catch((error: unknown) => {
    throw new InputFileError({ file }, ...reasonOf(error));
  });
  const fetches = answersOf(file, session.outputMetadata);
  return {
    inputNames: session.inputMetadata.map(({ name }) => name),
    run: async (features, rows) => {
      const width = features.length / rows;
      const plan = planOf(file, session.inputMetadata, width);
      const parts: ModelOutput[] = [];
      for (let row = 0; row < rows; row += plan.batch) {
        const count = Math.min(plan.batch, rows - row);
        const feeds = Object.fromEntries(
          plan.inputs.map(({ name, type, from, size, shapeOf }) => {
            // a model of a fixed number of rows gets its last ones filled up with the last row
            const sent = plan.isFixed ? plan.batch : count;
            const cells = new Float64Array(sent * size);
            for (let r = 0; r < sent; r += 1) {
              const start = Math.min(row + r, rows - 1) * width + from;
              cells.set(features.subarray(start, start + size), r * size);
            }
            return [name, new runtime.Tensor(type, valuesOf(type, cells), shapeOf(sent))];
          }),
        );
        const results = await session.run(feeds, [fetches]).catch((error: unknown) => {
          throw new InputFileError({ file }, ...reasonOf(error));
        });
        parts.push(outputOf(file, results[fetches]!, count, plan.isFixed ? plan.batch : count));
      }
      return joined(parts);
    },
  };
}

/** The same where a runtime is needed. Throws UsageError where it is missing. */
export async function requireModel(file: string): Promise<RunningModel> {
  const model = await openModel(file);
  if (typeof model !== 'string') return model;
  throw new UsageError(
    `onnxruntime-node ${model}, and it runs the model that is to be distilled.`,
    'Run `npm install onnxruntime-node`.',
  );
}

/** What onnxruntime's message means, and what to do. */
function reasonOf(error: unknown): [what: string, hint: string] {
  const text = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
  const kernel = /implementation for (\w+)\(/.exec(text)?.[1];
  if (kernel !== undefined)
    return [
      `onnxruntime has no kernel for ${kernel} of this number type`,
      'Export the model in float32: several functions run in no other type.',
    ];
  const operator = /([\w.]+:)?(\w+)\(-?\d+\) is not a registered function\/op/.exec(text);
  if (operator !== null)
    return [
      `onnxruntime does not know the operator ${operator[2]}`,
      'Export the model with the operators of ONNX alone.',
    ];
  return [`onnxruntime does not run it: ${text}`, 'Export the model again.'];
}

/** The one output to ask for: classes, else numbers. A map of probabilities (ZipMap) cannot be read out. */
function answersOf(file: string, ports: readonly Port[]): string {
  const tensors = ports.filter(({ isTensor }) => isTensor);
  const isNumber = ({ type }: Port) => type?.startsWith('float') === true;
  const [numbers, labels] = [tensors.filter(isNumber), tensors.filter((port) => !isNumber(port))];
  const [found, ...others] = labels.length > 0 ? labels : numbers;
  if (found === undefined)
    throw new InputFileError({ file }, 'has no output of classes or numbers', 'Export it without ZipMap.');
  if (others.length > 0 && labels.length !== 1)
    throw new InputFileError(
      { file },
      `has ${others.length + 1} outputs that may be the answer: ${[found, ...others].map(({ name }) => name).join(', ')}`,
      'Export it with one.',
    );
  return found.name;
}

interface Feed {
  readonly name: string;
  readonly type: string;
  /** Columns of the table that it takes. */
  readonly from: number;
  readonly size: number;
  readonly shapeOf: (rows: number) => number[];
}

function planOf(file: string, ports: readonly Port[], width: number) {
  let from = 0;
  let fixed: number | undefined;
  const inputs = ports.map(({ name, type = 'float32', shape = [] }): Feed => {
    if (type === 'string')
      throw new InputFileError({ file }, `takes text as ${name}`, 'Only numbers can be given to a circuit.');
    const isRow = shape.length === 1 && ports.length === 1;
    const rows = isRow ? 1 : shape[0];
    const inner = isRow ? shape : shape.slice(1);
    if (typeof rows === 'number' && rows > 0) fixed = rows;
    const known = inner.filter((n): n is number => typeof n === 'number' && n > 0);
    const least = known.reduce((product, n) => product * n, 1);
    const free = inner.length - known.length;
    const size = free === 0 ? least : ports.length === 1 ? width : least;
    const start = from;
    from += size;
    const dims = free === 0 ? known : inner.map((n) => (typeof n === 'number' && n > 0 ? n : 1));
    if (free > 0) dims[inner.findIndex((n) => !(typeof n === 'number' && n > 0))] = size / least;
    return { name, type, from: start, size, shapeOf: (count) => (isRow ? [...dims] : [count, ...dims]) };
  });
  if (from !== width)
    throw new InputFileError(
      { file },
      `takes ${from} features, and there are ${width}`,
      'Give the table that it was trained on.',
    );
  return { inputs, batch: fixed ?? BATCH_ROWS, isFixed: fixed !== undefined };
}

function outputOf(file: string, tensor: RuntimeTensor, rows: number, sent: number): ModelOutput {
  const columns = tensor.data.length / sent;
  if (!Number.isInteger(columns) || columns === 0)
    throw new InputFileError(
      { file },
      `gives [${tensor.dims.join(', ')}] for ${sent} rows`,
      'A model of a table gives as many rows as it takes.',
    );
  if (!tensor.type.startsWith('float')) {
    if (columns !== 1)
      throw new InputFileError({ file }, `gives ${columns} classes for each row`, 'Export it with one.');
    return { kind: 'labels', labels: Array.from({ length: rows }, (_, i) => String(tensor.data[i])) };
  }
  const values = Float64Array.from({ length: rows * columns }, (_, i) => Number(tensor.data[i]));
  return { kind: 'numbers', columns, values };
}

function joined(parts: readonly ModelOutput[]): ModelOutput {
  const [first] = parts;
  if (first!.kind === 'labels')
    return { kind: 'labels', labels: parts.flatMap((part) => (part.kind === 'labels' ? part.labels : [])) };
  const all = parts.flatMap((part) => (part.kind === 'numbers' ? [...part.values] : []));
  return { kind: 'numbers', columns: first!.columns, values: Float64Array.from(all) };
}
