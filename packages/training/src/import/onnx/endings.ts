import { numberOf, type OnnxNode, OnnxUnsupported } from '@neuroprint/surrogate';
import { combine } from './affine.ts';
import { scores } from './linear.ts';
import { MOVES } from './shapes.ts';
import type { Data, Label, Value } from './values.ts';

type Inputs = readonly (Value | undefined)[];

/** Operators after which probabilities are as they were, or larger where they were larger. */
const KEEP_ORDER = new Set([
  'Identity',
  'Cast',
  'CastLike',
  'Dropout',
  'ZipMap',
  'Normalizer',
  'Softmax',
  'LogSoftmax',
]);
/** Operators that only rename or reshape a class. */
const KEEP_LABEL = new Set(['Identity', 'Cast', 'CastLike', 'LabelEncoder', ...Object.keys(MOVES)]);

/** Scores as what increases with them. */
const ranked = (data: Data): Data => ({ ...data, isRanked: true });

/** A score that is compared with a limit, as two: the second is larger where the score is above it. */
function above(data: Data, limit: number, sign: 1 | -1): Label {
  if (data.affine.biases.length !== 1)
    throw new OnnxUnsupported(`${data.affine.biases.length} values are compared with a limit`);
  const shift = -sign * limit;
  const affine = combine(data.affine, [[[0, -sign / 2]], [[0, sign / 2]]], [-shift / 2, shift / 2]);
  return { kind: 'label', scores: { ...data, shape: [1, 2], affine } };
}

const COMPARISONS: Readonly<Record<string, 1 | -1>> = { Greater: 1, GreaterOrEqual: 1, Less: -1, LessOrEqual: -1 };

/** What comes after the last layer: probabilities, classes. Undefined where the operator is none of these. */
export function ending(node: OnnxNode, inputs: Inputs): Value | readonly Value[] | undefined {
  const { operator } = node;
  const [first, second] = inputs;
  if (operator === 'ArrayFeatureExtractor' || operator === 'Gather')
    if (first?.kind === 'constant' && second?.kind === 'label') return second;
  if (first?.kind === 'label') return KEEP_LABEL.has(operator) ? first : undefined;
  if (first?.kind !== 'data') return undefined;
  if (first.isRanked === true && (KEEP_ORDER.has(operator) || MOVES[operator] !== undefined)) {
    // a part of the probabilities is another thing than all of them
    const isPart = ['Gather', 'ArrayFeatureExtractor', 'Slice', 'Transpose'].includes(operator);
    return isPart ? undefined : first;
  }
  switch (operator) {
    case 'Softmax':
    case 'LogSoftmax':
    case 'ZipMap':
      return ranked(first);
    case 'Normalizer':
      return normalised(node, first);
    case 'ArgMax': {
      const axis = numberOf(node, 'axis') ?? 0;
      if (axis === 0) throw new OnnxUnsupported('ArgMax looks for the largest of the rows');
      return { kind: 'label', scores: first };
    }
    case 'LinearClassifier':
      return linearClassifier(node, first);
    default: {
      const sign = COMPARISONS[operator];
      if (sign === undefined || second?.kind !== 'constant' || first.isRanked === true) return undefined;
      return above(first, second.data[0]!, sign);
    }
  }
}

/** Probabilities divided by their sum keep their order; features divided by their size are no sum of features. */
function normalised(node: OnnxNode, data: Data): Data {
  const isProbability = data.base.layers.at(-1)?.activation === 'sigmoid' && data.affine.biases.length > 1;
  if (isProbability && node.attributes.get('norm')?.texts[0] !== 'L2') return ranked(data);
  throw new OnnxUnsupported('Normalizer divides each row by its own size, which no resistor does');
}

/** Label and scores; one row of coefficients decides between two classes. */
function linearClassifier(node: OnnxNode, data: Data): readonly Value[] {
  const post = node.attributes.get('post_transform')?.texts[0] ?? 'NONE';
  if (post === 'SOFTMAX_ZERO') throw new OnnxUnsupported('LinearClassifier ends in SOFTMAX_ZERO');
  const found = scores(node, data);
  const label: Label = found.affine.biases.length === 1 ? above(found, 0, 1) : { kind: 'label', scores: found };
  return [label, post === 'NONE' ? label.scores : ranked(label.scores)];
}
