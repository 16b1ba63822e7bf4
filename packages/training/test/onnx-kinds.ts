import type { TestModel, TestNode, TestTensor } from './onnx-model.ts';

/** One perceptron 4-3-3 as every exporter writes it: what the layers must come to, whatever the file looks like. */
const W1 = [0.5, -1, 0.25, 1.5, 0.75, -0.5, -1.25, 0.5, 1, 0.25, -0.75, 1];
const B1 = [0.25, -0.5, 0.125];
const W2 = [1, -0.5, 0.25, -1, 0.75, 0.5, 0.5, -0.25, -1];
const B2 = [0.125, 0, -0.25];
const transposed = (data: readonly number[], rows: number, columns: number): number[] =>
  Array.from({ length: rows * columns }, (_, at) => data[(at % columns) * rows + Math.floor(at / columns)]!);

/** tanh(x·W1 + B1)·W2 + B2 of one row, by hand. */
export function scoresByHand(x: readonly number[]): number[] {
  const hidden = B1.map((b, k) => Math.tanh(x.reduce((sum, v, i) => sum + v * W1[3 * i + k]!, b)));
  return B2.map((b, k) => hidden.reduce((sum, v, i) => sum + v * W2[3 * i + k]!, b));
}

export const node = (
  operator: string,
  inputs: readonly string[],
  outputs: string | readonly string[],
  more: Partial<TestNode> = {},
): TestNode => ({
  operator,
  inputs,
  outputs: typeof outputs === 'string' ? [outputs] : outputs,
  ...more,
});
export const row = (data: readonly number[], more: Partial<TestTensor> = {}): TestTensor => ({
  shape: [data.length],
  data,
  ...more,
});
const constants = {
  w1: { shape: [4, 3], data: W1 },
  b1: row(B1),
  w2: { shape: [3, 3], data: W2 },
  b2: row(B2),
};
const scores = { name: 'y', shape: [undefined, 3] };
export const affine = (x: string, w: string, b: string, y: string): TestNode => node('Gemm', [x, w, b], y);
const second = [node('Tanh', ['a'], 'h'), affine('h', 'w2', 'b2', 'y')];
const plain = [affine('x', 'w1', 'b1', 'a'), ...second];

/** skl2onnx: an MLPClassifier of two classes from one sigmoid, p and 1 − p, classes as constants. */
const sklearnBinary = (classes: TestTensor, cast: readonly TestNode[]): TestModel => ({
  constants: {
    ...constants,
    v: { shape: [3, 1], data: [1.5, -1, 0.5] },
    c: row([0.25]),
    one: row([1]),
    classes,
    flat: row([-1], { type: 'int64' }),
  },
  nodes: [
    node('Cast', ['x'], 'x32', { integers: { to: 1 } }),
    node('MatMul', ['x32', 'w1'], 'm'),
    node('Add', ['m', 'b1'], 'a'),
    node('Tanh', ['a'], 'h'),
    node('MatMul', ['h', 'v'], 'n'),
    node('Add', ['n', 'c'], 's'),
    node('Sigmoid', ['s'], 'p'),
    node('Sub', ['one', 'p'], 'q'),
    node('Concat', ['q', 'p'], 'probabilities', { integers: { axis: 1 } }),
    node('ArgMax', ['probabilities'], 'k', { integers: { axis: 1 } }),
    node('ArrayFeatureExtractor', ['classes', 'k'], 'found', { domain: 'ai.onnx.ml' }),
    ...cast,
    node('ZipMap', ['probabilities'], 'map', { domain: 'ai.onnx.ml', integers: { classlabels_int64s: [0, 1] } }),
  ],
  outputs: [
    { name: 'label', type: classes.type === 'text' ? 'text' : 'int64', shape: [undefined] },
    { name: 'map', shape: [], isMap: true },
  ],
  domains: ['ai.onnx.ml'],
});

/** Models whose layers map, by what is unusual about them. */
export const MAPPED: Readonly<Record<string, TestModel>> = {
  plain: { nodes: plain, constants, outputs: [scores] },
  'a Transpose on a constant': {
    nodes: [
      node('Transpose', ['t1'], 'w1', { integers: { perm: [1, 0] } }),
      node('MatMul', ['x', 'w1'], 'm'),
      node('Add', ['m', 'b1'], 'a'),
      ...second,
    ],
    constants: {
      t1: { shape: [3, 4], data: transposed(W1, 3, 4) },
      b1: constants.b1,
      w2: constants.w2,
      b2: constants.b2,
    },
    outputs: [scores],
  },
  'batch normalisation': {
    nodes: [
      affine('x', 'w1', 'zero', 'n'),
      node('BatchNormalization', ['n', 'gain', 'b1', 'zero', 'variance'], 'a', { floats: { epsilon: 0 } }),
      ...second,
    ],
    constants: {
      ...constants,
      w1: { shape: [4, 3], data: W1.map((w, i) => w / [2, 0.5, 4][i % 3]!) },
      zero: row([0, 0, 0]),
      gain: row([4, 2, 2]),
      variance: row([4, 16, 0.25]),
    },
    outputs: [scores],
  },
  'a Conv whose kernel is the whole input': {
    inputs: [{ name: 'x', shape: [1, 4, 1, 1] }],
    nodes: [
      node('Sub', ['x', 'mean'], 'z'),
      node('Conv', ['z', 'kernel', 'b1'], 'c'),
      node('Tanh', ['c'], 't'),
      node('Conv', ['t', 'kernel2', 'b2'], 'd'),
      node('Flatten', ['d'], 'f'),
      node('Softmax', ['f'], 'y', { integers: { axis: 1 } }),
    ],
    constants: {
      mean: { shape: [1, 4, 1, 1], data: [0, 0, 0, 0] },
      kernel: { shape: [3, 4, 1, 1], data: transposed(W1, 3, 4) },
      kernel2: { shape: [3, 3, 1, 1], data: transposed(W2, 3, 3) },
      b1: constants.b1,
      b2: constants.b2,
    },
    outputs: [{ name: 'y', shape: [1, 3] }],
  },
  'local functions': {
    nodes: [
      node('Linear', ['x', 'w1', 'b1'], 'a', { domain: 'pkg.torch', floats: { beta: 1 } }),
      node('Tanh', ['a'], 'h'),
      node('Linear', ['h', 'w2', 'b2'], 'y', { domain: 'pkg.torch', floats: { beta: 1 } }),
    ],
    constants: {
      ...constants,
      w1: { shape: [3, 4], data: transposed(W1, 3, 4) },
      w2: { shape: [3, 3], data: transposed(W2, 3, 3) },
    },
    functions: [
      {
        name: 'Linear',
        domain: 'pkg.torch',
        inputs: ['input', 'weight', 'bias'],
        outputs: ['result'],
        attributes: ['beta'],
        nodes: [
          node('transpose', ['weight'], 't', { domain: 'pkg.torch' }),
          node('Gemm', ['input', 't', 'bias'], 'result', { references: { beta: 'beta' } }),
        ],
      },
      {
        name: 'transpose',
        domain: 'pkg.torch',
        inputs: ['self'],
        outputs: ['result'],
        nodes: [node('Transpose', ['self'], 'result', { integers: { perm: [1, 0] } })],
      },
    ],
    domains: ['pkg.torch'],
    outputs: [scores],
  },
  'weights in another file': {
    nodes: plain,
    constants: { ...constants, w1: { ...constants.w1, external: { location: 'weights.bin', offset: 8 } } },
    outputs: [scores],
  },
  'int8 weights with DequantizeLinear': {
    nodes: [node('DequantizeLinear', ['q', 'scale', 'zero'], 'w1'), ...plain],
    constants: {
      b1: constants.b1,
      w2: constants.w2,
      b2: constants.b2,
      q: { shape: [4, 3], data: W1.map((w) => 8 * w - 3), type: 'int8' },
      scale: { shape: [], data: [0.125] },
      zero: { shape: [], data: [-3], type: 'int8' },
    },
    outputs: [scores],
  },
  'float16 weights': {
    nodes: [node('Cast', ['half'], 'w1', { integers: { to: 1 } }), ...plain],
    constants: {
      b1: constants.b1,
      w2: constants.w2,
      b2: constants.b2,
      half: { shape: [4, 3], data: W1, type: 'half' },
    },
    outputs: [scores],
  },
  'a Scaler': {
    nodes: [
      node('Scaler', ['x'], 's', { domain: 'ai.onnx.ml', floats: { offset: [0, 0, 0, 0], scale: [2, 2, 2, 2] } }),
      affine('s', 'w1', 'b1', 'a'),
      ...second,
    ],
    constants: { ...constants, w1: { shape: [4, 3], data: W1.map((w) => w / 2) } },
    domains: ['ai.onnx.ml'],
    outputs: [scores],
  },
  'columns one by one': {
    inputs: ['a1', 'a2', 'a3', 'a4'].map((name) => ({ name, shape: [undefined, 1] })),
    nodes: [node('Concat', ['a1', 'a2', 'a3', 'a4'], 'x', { integers: { axis: -1 } }), ...plain],
    constants,
    outputs: [scores],
  },
  'a view that asks for its shape': {
    nodes: [
      node('Shape', ['x'], 'shape'),
      node('Gather', ['shape', 'first'], 'rows', { integers: { axis: 0 } }),
      node('Unsqueeze', ['rows', 'axes'], 'rows1'),
      node('Concat', ['rows1', 'minus'], 'to', { integers: { axis: 0 } }),
      node('Reshape', ['x', 'to'], 'flat'),
      affine('flat', 'w1', 'b1', 'a'),
      ...second,
    ],
    constants: {
      ...constants,
      first: { shape: [], data: [0], type: 'int64' },
      axes: row([0], { type: 'int64' }),
      minus: row([-1], { type: 'int64' }),
    },
    outputs: [scores],
  },
  'ArgMax at the end': {
    nodes: [
      ...plain.slice(0, -1),
      affine('h', 'w2', 'b2', 's'),
      node('ArgMax', ['s'], 'y', { integers: { axis: -1, keepdims: 0 } }),
    ],
    constants,
    outputs: [{ name: 'y', type: 'int64', shape: [undefined] }],
  },
  'Softmax, Normalizer and ZipMap': {
    nodes: [
      ...plain.slice(0, -1),
      affine('h', 'w2', 'b2', 's'),
      node('Softmax', ['s'], 'p', { integers: { axis: 1 } }),
      node('Normalizer', ['p'], 'n', { domain: 'ai.onnx.ml', texts: { norm: 'L1' } }),
      node('ArgMax', ['n'], 'y', { integers: { axis: 1, keepdims: 0 } }),
      node('ZipMap', ['n'], 'map', { domain: 'ai.onnx.ml', integers: { classlabels_int64s: [0, 1, 2] } }),
    ],
    constants,
    domains: ['ai.onnx.ml'],
    outputs: [
      { name: 'y', type: 'int64', shape: [undefined] },
      { name: 'map', shape: [], isMap: true },
    ],
  },
};

/** Quant of QONNX, which no runtime knows: 4-bit weights; with an operator between the layers, and their outputs rounded too. */
export function quantised(operator?: string, rounding = 'ROUND'): TestModel {
  const quant = (inputs: string[], output: string, signed: number) =>
    node('Quant', inputs, output, {
      domain: 'qonnx.custom_op.general',
      integers: { signed, narrow: 0 },
      texts: { rounding_mode: rounding },
    });
  return {
    nodes: [
      quant(['w', 'scale', 'zero', 'bits'], 'w1', 1),
      ...(operator === undefined
        ? plain
        : [
            affine('x', 'w1', 'b1', 'a'),
            node(operator, ['a'], 'r'),
            quant(['r', 'scale', 'zero', 'bits'], 'h', 0),
            affine('h', 'w2', 'b2', 'y'),
          ]),
    ],
    constants: {
      b1: constants.b1,
      w2: constants.w2,
      b2: constants.b2,
      w: { shape: [4, 3], data: W1.map((w) => w + 0.05) },
      scale: { shape: [], data: [0.25] },
      zero: { shape: [], data: [0] },
      bits: { shape: [], data: [4] },
    },
    domains: ['qonnx.custom_op.general'],
    outputs: [scores],
  };
}

/** The same with rectifiers whose outputs are rounded to quarters from 0 to 3.75, by hand. */
export function rectifiedByHand(x: readonly number[]): number[] {
  const hidden = B1.map((b, k) =>
    Math.max(
      0,
      x.reduce((sum, v, i) => sum + v * W1[3 * i + k]!, b),
    ),
  );
  const rounded = hidden.map((h) => Math.min(3.75, Math.round(4 * h) / 4));
  return B2.map((b, k) => rounded.reduce((sum, v, i) => sum + v * W2[3 * i + k]!, b));
}

/** An operator that nobody but its author knows. */
export const UNKNOWN: TestModel = {
  nodes: [node('Secret', ['x'], 'y', { domain: 'own' })],
  domains: ['own'],
  outputs: [scores],
};

/** Two classes from one sigmoid, with the names that skl2onnx writes. */
export const SKLEARN: Readonly<Record<string, TestModel>> = {
  'classes as int32': sklearnBinary(row([0, 1], { type: 'int32' }), [
    node('Cast', ['found'], 'float', { integers: { to: 1 } }),
    node('Reshape', ['float', 'flat'], 'flattened'),
    node('Cast', ['flattened'], 'label', { integers: { to: 7 } }),
  ]),
  'classes as text': sklearnBinary(row(['no', 'yes'] as unknown as number[], { type: 'text' }), [
    node('Reshape', ['found', 'flat'], 'label'),
  ]),
};
/** The score whose sign decides in these, by hand. */
export function sklearnByHand(x: readonly number[]): number {
  const hidden = B1.map((b, k) => Math.tanh(x.reduce((sum, v, i) => sum + v * W1[3 * i + k]!, b)));
  return hidden.reduce((sum, v, i) => sum + v * [1.5, -1, 0.5][i]!, 0.25);
}

/** Logistic regression of ai.onnx.ml: linear scores of three classes with names. */
export const LINEAR_CLASSIFIER: TestModel = {
  nodes: [
    node('LinearClassifier', ['x'], ['label', 'scores'], {
      domain: 'ai.onnx.ml',
      floats: { coefficients: transposed(W1, 3, 4), intercepts: B1 },
      integers: { multi_class: 1 },
      texts: { post_transform: 'SOFTMAX', classlabels_strings: ['setosa', 'versicolor', 'virginica'] },
    }),
    node('Normalizer', ['scores'], 'probabilities', { domain: 'ai.onnx.ml', texts: { norm: 'L1' } }),
  ],
  outputs: [
    { name: 'label', type: 'text', shape: [undefined] },
    { name: 'probabilities', shape: [undefined, 3] },
  ],
  domains: ['ai.onnx.ml'],
};
export function linearByHand(x: readonly number[]): number[] {
  return B1.map((b, k) => x.reduce((sum, v, i) => sum + v * W1[3 * i + k]!, b));
}

/** One output: a number, or the score of two classes. */
export function oneOutput(ending?: string): TestModel {
  const name = ending === undefined ? 'y' : 's';
  return {
    nodes: [
      affine('x', 'w1', 'b1', 'a'),
      node('Tanh', ['a'], 'h'),
      affine('h', 'v', 'c', name),
      ...(ending === undefined ? [] : [node(ending, ['s'], 'y')]),
    ],
    constants: { w1: constants.w1, b1: constants.b1, v: { shape: [3, 1], data: [1.5, -1, 0.5] }, c: row([0.25]) },
    outputs: [{ name: 'y', shape: [undefined, 1] }],
  };
}

/** The same perceptron with another function between its layers: what no stage can do. */
export function withFunction(operator: string, type: 'float' | 'double' = 'float'): TestModel {
  const typed = Object.fromEntries(Object.entries(constants).map(([name, tensor]) => [name, { ...tensor, type }]));
  return {
    inputs: [{ name: 'x', type, shape: [undefined, 4] }],
    nodes: [affine('x', 'w1', 'b1', 'a'), node(operator, ['a'], 'h'), affine('h', 'w2', 'b2', 'y')],
    constants: typed,
    outputs: [{ ...scores, type }],
  };
}
