import { InputFileError } from '@neuroprint/core';
import type { OnnxGraph } from '@neuroprint/surrogate';
import { inverse, type SingleOutput } from './output.ts';
import type { ModelOutput } from './runtime.ts';

/** Names of the classes that a model itself has, in the order of its outputs. */
export function classesOf({ nodes, constants }: OnnxGraph): readonly string[] | undefined {
  for (const node of nodes) {
    for (const [name, { numbers, texts }] of node.attributes)
      if (/^class_?labels_/.test(name) && Math.max(numbers.length, texts.length) > 1)
        return texts.length > 0 ? texts : numbers.map(String);
    const names = node.operator === 'ArrayFeatureExtractor' ? constants.get(node.inputs[0] ?? '') : undefined;
    if (names !== undefined) return names.texts ?? [...names.data].map(String);
  }
  return undefined;
}

const PASSES = new Set([
  'Identity',
  'Cast',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'QuantizeLinear',
  'DequantizeLinear',
]);

/** The function that the one output of a model ends in, by its last nodes. */
export function endOf({ nodes, outputs }: OnnxGraph): SingleOutput {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let maker = makers.get(outputs[0]?.name ?? '');
  for (let steps = 0; maker !== undefined && PASSES.has(maker.operator) && steps < nodes.length; steps += 1)
    maker = makers.get(maker.inputs[0] ?? '');
  if (maker?.operator === 'Sigmoid') return 'sigmoid';
  return maker?.operator === 'Tanh' ? 'tanh' : 'linear';
}

/** Classes as numbers are spelled in many ways: 1, 1.0. */
export function spelled(name: string): string {
  const text = name.trim();
  return text !== '' && Number.isFinite(Number(text)) ? String(Number(text)) : text;
}

/**
 * The decision of each row: place among `names`, or the largest number, or whether the one number reaches `threshold`. Throws
 * InputFileError for a class that is none of the names.
 */
export function decisionsOf(
  file: string,
  output: ModelOutput,
  names: readonly string[],
  threshold: number | undefined,
): Int32Array {
  if (output.kind === 'labels') {
    const places = new Map(names.map((name, k) => [spelled(name), k]));
    return Int32Array.from(output.labels, (label) => {
      const place = places.get(spelled(label));
      if (place === undefined)
        throw new InputFileError(
          { file },
          `gives the class "${label}", which is none of ${names.join(', ')}`,
          'Name the classes in the order of its outputs with --classes.',
        );
      return place;
    });
  }
  const { columns, values } = output;
  const rows = values.length / columns;
  if (columns === 1) return Int32Array.from(values, (value) => (value >= (threshold ?? 0.5) ? 1 : 0));
  return Int32Array.from({ length: rows }, (_, row) => {
    const scores = values.subarray(row * columns, (row + 1) * columns);
    return scores.reduce((best, score, k) => (score > scores[best]! ? k : best), 0);
  });
}

/** Where the sum before the end of a model stands when its one output is at a limit. */
export function limitOf(single: SingleOutput, threshold: number | undefined): number {
  return threshold === undefined ? 0 : inverse(single, threshold);
}
