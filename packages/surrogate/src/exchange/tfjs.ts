import { Draws, UsageError } from '@neuroprint/core';
import { mlpParameterCount } from '@neuroprint/numeric';
import type { FitResult, FitRows, Fitter } from '../eta/fit.ts';

/** What is used of `@tensorflow/tfjs`, version 4; `@tensorflow/tfjs-node` has the same. */
interface Tensor {
  dataSync(): ArrayLike<number>;
  dispose(): void;
  sub(other: Tensor): Tensor;
  mul(other: Tensor): Tensor;
  square(): Tensor;
  mean(): Tensor;
}

interface Variable {
  read(): Tensor;
}

interface LayersModel {
  readonly trainableWeights: readonly Variable[];
  apply(input: Tensor, options?: object): Tensor;
  setWeights(weights: readonly Tensor[]): void;
  getWeights(): readonly Tensor[];
}

interface Adam {
  learningRate: number;
  minimize(loss: () => Tensor): Tensor | null;
}

interface Tfjs {
  sequential(): LayersModel & { add(layer: unknown): void };
  readonly layers: { dense(config: object): unknown };
  readonly train: { adam(rate: number): Adam };
  tensor2d(data: Float32Array, shape: readonly [number, number]): Tensor;
  tensor1d(data: Float32Array): Tensor;
  tidy<T>(work: () => T): T;
  getBackend(): string;
  readonly version: { readonly tfjs?: string };
  ready(): Promise<void>;
}

const BATCH_ROWS = 64;
const RATE = 1e-2;
const BIAS_SPREAD = 0.5;

/**
 * Training through TensorFlow.js, where the user has installed it: `@tensorflow/tfjs-node` if it loads, else `@tensorflow/tfjs`.
 * Adam on batches in float32 with the same units, loss and schedule as ours; there is no second-order optimiser in it.
 * Throws UsageError where neither is installed.
 */
export async function tfjsFitter(): Promise<{ readonly name: string; readonly fit: Fitter }> {
  for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs']) {
    const tf = await load(name);
    if (tf === undefined) continue;
    await tf.ready();
    const fit: Fitter = (train, valid, plan, onStep) => {
      const { sizes, seed, adamSteps } = plan;
      const epochs = Math.ceil((ADAM_SHARE * adamSteps * BATCH_ROWS) / train.rows);
      return fitByTfjs(tf, train, valid, { sizes, seed, epochs }, onStep);
    };
    return { name: `${name} ${tf.version.tfjs ?? ''} (${tf.getBackend()})`.replace('  ', ' '), fit };
  }
  throw new UsageError(
    'Neither @tensorflow/tfjs-node nor @tensorflow/tfjs is installed here.',
    'Run `npm install --no-save @tensorflow/tfjs` in the project, or leave out --engine tfjs.',
  );
}

/** Adam alone needs more steps than Adam before BFGS. */
const ADAM_SHARE = 2;

async function load(name: string): Promise<Tfjs | undefined> {
  try {
    const found = (await import(name)) as { readonly default?: Tfjs } & Partial<Tfjs>;
    return (found.sequential === undefined ? found.default : found) as Tfjs | undefined;
  } catch {
    // absent, or its native library failed to install: the next one, or a clear message
    return undefined;
  }
}

function fitByTfjs(
  tf: Tfjs,
  train: FitRows,
  valid: FitRows,
  plan: { readonly sizes: readonly number[]; readonly seed: number; readonly epochs: number },
  onStep: (validationError: number) => void,
): FitResult {
  const { sizes, seed, epochs } = plan;
  const [inputs, outputs] = [sizes[0]!, sizes.at(-1)!];
  const model = tf.sequential();
  sizes.slice(1).forEach((units, l) => {
    const activation = l < sizes.length - 2 ? 'swish' : 'linear';
    model.add(tf.layers.dense({ units, activation, ...(l === 0 ? { inputShape: [inputs] } : {}) }));
  });
  model.setWeights(startTensors(tf, sizes, seed));
  const optimiser = tf.train.adam(RATE);
  const whole = (rows: FitRows) => ({
    x: tf.tensor2d(Float32Array.from(rows.inputs), [rows.rows, inputs]),
    y: tf.tensor2d(Float32Array.from(rows.targets), [rows.rows, outputs]),
    w: tf.tensor2d(Float32Array.from(rows.weights), [rows.rows, outputs]),
  });
  const loss = ({ x, y, w }: ReturnType<typeof whole>) => model.apply(x).sub(y).square().mul(w).mean();
  const held = whole(valid);
  const draws = new Draws(seed, 'surrogate-batches');
  const batches = Math.ceil(train.rows / BATCH_ROWS);
  let best: FitResult = { parameters: parametersOf(model, sizes), validationError: Infinity };
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const order = draws.permutation(epoch, train.rows);
    for (let b = 0; b < batches; b += 1) {
      const chosen = order.subarray(b * BATCH_ROWS, (b + 1) * BATCH_ROWS);
      optimiser.learningRate = 0.5 * RATE * (1 + Math.cos((Math.PI * (epoch + b / batches)) / epochs));
      tf.tidy(() => {
        const batch = whole(pick(train, chosen, inputs, outputs));
        optimiser.minimize(() => loss(batch));
      });
    }
    const error = tf.tidy(() => loss(held).dataSync()[0]!);
    onStep(error);
    if (error < best.validationError) best = { parameters: parametersOf(model, sizes), validationError: error };
  }
  for (const tensor of [held.x, held.y, held.w]) tensor.dispose();
  return best;
}

function pick(rows: FitRows, chosen: Int32Array, inputs: number, outputs: number): FitRows {
  const take = (data: Float64Array, width: number) =>
    Float64Array.from(
      { length: chosen.length * width },
      (_, i) => data[chosen[Math.floor(i / width)]! * width + (i % width)]!,
    );
  return {
    inputs: take(rows.inputs, inputs),
    targets: take(rows.targets, outputs),
    weights: take(rows.weights, outputs),
    rows: chosen.length,
  };
}

/** Kernels [inputs, outputs] and biases, drawn as ours are. */
function startTensors(tf: Tfjs, sizes: readonly number[], seed: number): Tensor[] {
  const draws = new Draws(seed, 'surrogate-weights');
  return sizes.slice(1).flatMap((outputs, l) => {
    const inputs = sizes[l]!;
    const kernel = Float32Array.from({ length: inputs * outputs }, (_, i) => draws.normal(l, i) / Math.sqrt(inputs));
    const isLast = l === sizes.length - 2;
    const bias = Float32Array.from({ length: outputs }, (_, o) =>
      isLast ? 0 : BIAS_SPREAD * draws.normal(l, inputs * outputs + o),
    );
    return [tf.tensor2d(kernel, [inputs, outputs]), tf.tensor1d(bias)];
  });
}

/** The weights in the layout of Mlp. */
function parametersOf(model: LayersModel, sizes: readonly number[]): Float64Array {
  const parameters = new Float64Array(mlpParameterCount(sizes));
  const weights = model.getWeights().map((tensor) => tensor.dataSync());
  let at = 0;
  sizes.slice(1).forEach((outputs, l) => {
    const inputs = sizes[l]!;
    const [kernel, bias] = [weights[2 * l]!, weights[2 * l + 1]!];
    for (let o = 0; o < outputs; o += 1)
      for (let i = 0; i < inputs; i += 1, at += 1) parameters[at] = kernel[i * outputs + o]!;
    for (let o = 0; o < outputs; o += 1, at += 1) parameters[at] = bias[o]!;
  });
  return parameters;
}
