import { join } from 'node:path';
import {
  checkSchema,
  formatJson,
  InputFileError,
  parseJson,
  platform,
  readTextFile,
  SurrogateKind,
  writeFileAtomic,
} from '@neuroprint/core';
import { type SurrogateContent, SurrogateModel } from '../eta/model.ts';

const WEIGHTS_FILE = 'weights.bin';

/**
 * Writes a surrogate as a TensorFlow.js layers model: `model.json` and `weights.bin` for `tf.loadLayersModel`. It takes
 * standardised features and gives the standardised outputs of SurrogateKind, because layers have no logarithm; how to
 * get to both, and all else, is in `userDefinedMetadata.neuroprint`. Weights are rounded to float32.
 */
export function writeTfjsModel(folder: string, surrogate: SurrogateContent): void {
  const { layers, ...rest } = surrogate;
  const names = layers.map((_, l) => `dense_${l + 1}`);
  const dense = layers.map(({ weights, biases }, l) => ({
    class_name: 'Dense',
    config: {
      name: names[l],
      trainable: true,
      dtype: 'float32',
      ...(l === 0 ? { batch_input_shape: [null, weights[0]!.length] } : {}),
      units: biases.length,
      activation: l < layers.length - 1 ? 'swish' : 'linear',
      use_bias: true,
    },
  }));
  const specs = layers.flatMap(({ weights, biases }, l) => [
    { name: `${names[l]}/kernel`, shape: [weights[0]!.length, biases.length], dtype: 'float32' },
    { name: `${names[l]}/bias`, shape: [biases.length], dtype: 'float32' },
  ]);
  const numbers = layers.flatMap(({ weights, biases }) => [
    ...weights[0]!.flatMap((_, i) => weights.map((row) => row[i]!)),
    ...biases,
  ]);
  const bytes = new DataView(new ArrayBuffer(4 * numbers.length));
  numbers.forEach((value, i) => {
    bytes.setFloat32(4 * i, value, true);
  });
  const model = {
    format: 'layers-model',
    generatedBy: 'neuroprint',
    convertedBy: null,
    modelTopology: {
      class_name: 'Sequential',
      config: { name: `${surrogate.technology}_${surrogate.cell}`, layers: dense },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: specs }],
    userDefinedMetadata: { neuroprint: rest },
  };
  writeFileAtomic(join(folder, WEIGHTS_FILE), new Uint8Array(bytes.buffer));
  writeFileAtomic(join(folder, 'model.json'), `${formatJson(model)}\n`);
}

/**
 * Reads a surrogate that writeTfjsModel has written, trained further elsewhere or not: the same layers of Dense.
 * Throws InputFileError where a file is damaged or cut off, or holds another kind of model.
 */
export function readTfjsModel(folder: string): SurrogateContent {
  const file = join(folder, 'model.json');
  const model = parseJson(file, readTextFile(file)) as {
    readonly userDefinedMetadata?: { readonly neuroprint?: object };
    readonly weightsManifest?: readonly {
      readonly paths?: readonly string[];
      readonly weights?: readonly { readonly shape: readonly number[]; readonly dtype: string }[];
    }[];
  } | null;
  const rest = model?.userDefinedMetadata?.neuroprint;
  const [manifest, ...more] = model?.weightsManifest ?? [];
  const specs = manifest?.weights ?? [];
  if (rest === undefined || more.length > 0 || specs.length === 0 || specs.length % 2 > 0) {
    throw new InputFileError(
      { file },
      'is no surrogate: a layers model of Dense with userDefinedMetadata.neuroprint is needed',
      'Train one with `surrogate train --engine tfjs`, or give an ONNX model.',
    );
  }
  const path = join(folder, WEIGHTS_FILE);
  const raw = platform.files.read(path);
  const count = specs.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
  if (raw.length !== 4 * count || specs.some(({ dtype }) => dtype !== 'float32'))
    throw new InputFileError(
      { file: path },
      `has ${raw.length} bytes, and ${4 * count} of float32 are needed`,
      'Export it again.',
    );
  let at = 0;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const next = () => view.getFloat32(4 * at++, true);
  const layers = Array.from({ length: specs.length / 2 }, (_, l) => {
    const [inputs = 0, outputs = 0] = specs[2 * l]!.shape;
    const weights = Array.from({ length: outputs }, () => new Array<number>(inputs));
    for (let i = 0; i < inputs; i += 1) for (let o = 0; o < outputs; o += 1) weights[o]![i] = next();
    return { weights, biases: Array.from({ length: specs[2 * l + 1]!.shape[0] ?? 0 }, next) };
  });
  const whole = { kind: SurrogateKind.kind, version: SurrogateKind.version, ...rest, layers };
  const {
    kind: _,
    version: __,
    checksum: ___,
    ...content
  } = checkSchema(file, SurrogateKind.schema, whole) as SurrogateContent &
    Record<'kind' | 'version' | 'checksum', unknown>;
  SurrogateModel.of(content);
  return content;
}
