import { affine, node, row } from './onnx-kinds.ts';
import type { TestModel } from './onnx-model.ts';

/** Iris by hand: three functions of petal length and width, and scores of setosa, versicolor, virginica. */
export function iris(operator: string, normalised = false): TestModel {
  const corners = [-2.5, -1.6, -4.9];
  const scale = normalised ? 4 : 1;
  return {
    nodes: [
      affine('x', 'w', 'b', normalised ? 'n' : 'a'),
      ...(normalised
        ? [node('BatchNormalization', ['n', 'gain', 'zero', 'zero', 'gain2'], 'a', { floats: { epsilon: 0 } })]
        : []),
      node(operator, ['a'], 'h'),
      affine('h', 'v', 'c', 's'),
      node('Softmax', ['s'], 'y', { integers: { axis: 1 } }),
    ],
    constants: {
      w: { shape: [4, 3], data: [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0].map((w) => w / scale) },
      b: row(corners.map((b) => b / scale)),
      gain: row([8, 8, 8]),
      gain2: row([4, 4, 4]),
      zero: row([0, 0, 0]),
      v: { shape: [3, 3], data: [-4, 0, 0, 0, -3, 1.5, 0, -2, 1] },
      c: row([2, 1, 0.3]),
    },
    outputs: [{ name: 'y', shape: [undefined, 3] }],
  };
}

/** Boosted trees of one question each, with the names of the classes. */
export const TREES: TestModel = (() => {
  // feature, limit, class, weight where the feature is at most the limit, and where it is above
  const stumps = [
    [2, 2.5, 0, 2, -2],
    [3, 0.8, 0, 1, -1],
    [2, 4.85, 1, 1, -1],
    [3, 1.65, 1, 1, -1],
    [2, 2.5, 1, -1, 0.5],
    [2, 4.85, 2, -1, 1],
    [3, 1.65, 2, -1, 1],
  ] as const;
  const trees = stumps.flatMap((_, tree) => [tree, tree, tree]);
  const each = (values: readonly number[]) => stumps.flatMap(() => values);
  return {
    nodes: [
      node('TreeEnsembleClassifier', ['x'], ['label', 'probabilities'], {
        domain: 'ai.onnx.ml',
        integers: {
          nodes_treeids: trees,
          nodes_nodeids: each([0, 1, 2]),
          nodes_featureids: stumps.flatMap(([feature]) => [feature, 0, 0]),
          nodes_truenodeids: each([1, 0, 0]),
          nodes_falsenodeids: each([2, 0, 0]),
          class_treeids: stumps.flatMap((__, tree) => [tree, tree]),
          class_nodeids: each([1, 2]),
          class_ids: stumps.flatMap(([, , k]) => [k, k]),
        },
        floats: {
          nodes_values: stumps.flatMap(([, limit]) => [limit, 0, 0]),
          class_weights: stumps.flatMap(([, , , low, high]) => [low, high]),
        },
        texts: {
          nodes_modes: stumps.flatMap(() => ['BRANCH_LEQ', 'LEAF', 'LEAF']),
          classlabels_strings: ['setosa', 'versicolor', 'virginica'],
          post_transform: 'SOFTMAX',
        },
      }),
    ],
    outputs: [
      { name: 'label', type: 'text', shape: [undefined] },
      { name: 'probabilities', shape: [undefined, 3] },
    ],
    domains: ['ai.onnx.ml'],
  };
})();
