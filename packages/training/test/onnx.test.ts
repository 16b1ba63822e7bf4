import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idealVoltages } from '@neuroprint/circuit';
import { InputFileError } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classesOf, decisionsOf, endOf } from '../src/import/onnx/meaning.ts';
import { decided } from '../src/import/onnx/output.ts';
import { examineModel } from '../src/import/onnx/read-model.ts';
import { requireModel } from '../src/import/onnx/runtime.ts';
import { evaluatePerceptron } from '../src/import/perceptron.ts';
import { printPerceptron } from '../src/import/print-perceptron.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { ClosedFormCurve, egt, exclusiveOr } from './fixtures.ts';
import {
  LINEAR_CLASSIFIER,
  linearByHand,
  MAPPED,
  oneOutput,
  quantised,
  rectifiedByHand,
  SKLEARN,
  scoresByHand,
  sklearnByHand,
  UNKNOWN,
  withFunction,
} from './onnx-kinds.ts';
import { onnxModel, rawOf, type TestModel } from './onnx-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-onnx-'));
let files = 0;
function written(model: TestModel): string {
  files += 1;
  const file = join(folder, `${files}.onnx`);
  writeFileSync(file, onnxModel(model));
  return file;
}
const first = MAPPED.plain!.constants!.w1!.data as readonly number[];
writeFileSync(join(folder, 'weights.bin'), Buffer.concat([Buffer.alloc(8), rawOf('float', first)]));

const ROWS = 40;
const rows = Float64Array.from({ length: 4 * ROWS }, (_, i) => 1.5 * Math.sin(1 + 7 * i));
const rowOf = (r: number): number[] => [...rows.subarray(4 * r, 4 * r + 4)];
const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values));

describe('a model whose layers map', () => {
  test.each(Object.entries(MAPPED))(
    '%s: gives the scores that it has by hand, and decides as onnxruntime does',
    async (_, model) => {
      const file = written(model);
      const { mapped, refusal } = examineModel(file, 4);
      expect(refusal).toBeUndefined();
      const scores = evaluatePerceptron(mapped!.layers, rows);
      const decided = decisionsOf(file, await (await requireModel(file)).run(rows, ROWS), ['0', '1', '2'], undefined);
      for (let r = 0; r < ROWS; r += 1) {
        const byHand = scoresByHand(rowOf(r));
        byHand.forEach((score, k) => {
          expect(scores[3 * r + k], `row ${r}, score ${k}`).toBeCloseTo(score, 6);
        });
        expect(decided[r], `row ${r}`).toBe(largest(byHand));
      }
    },
  );

  test('weights on the grid of Quant are rounded as it rounds them', async () => {
    const file = written(quantised());
    const { mapped } = examineModel(file, 4);
    const scores = evaluatePerceptron(mapped!.layers, rows);
    const said = await (await requireModel(file)).run(rows, ROWS);
    for (let r = 0; r < ROWS; r += 1)
      scoresByHand(rowOf(r)).forEach((score, k) => {
        expect(scores[3 * r + k]).toBeCloseTo(score, 6);
        expect(said.kind === 'numbers' && said.values[3 * r + k]).toBeCloseTo(score, 5);
      });
  });

  test.each(Object.entries(SKLEARN))(
    'p and 1 − p of one sigmoid are one sum that is compared with 0, %s',
    async (_, model) => {
      const file = written(model);
      const { graph, mapped } = examineModel(file, 4);
      expect(mapped!.layers.map(({ biases }) => biases.length)).toEqual([3, 2]);
      const scores = evaluatePerceptron(mapped!.layers, rows);
      const own = decisionsOf(file, await (await requireModel(file)).run(rows, ROWS), classesOf(graph!)!, undefined);
      for (let r = 0; r < ROWS; r += 1) {
        const isSecond = sklearnByHand(rowOf(r)) > 0;
        expect(scores[2 * r + 1]! > scores[2 * r]!, `row ${r}`).toBe(isSecond);
        expect(own[r], `row ${r}`).toBe(isSecond ? 1 : 0);
      }
    },
  );

  test('a LinearClassifier has its coefficients, and its names of classes', async () => {
    const file = written(LINEAR_CLASSIFIER);
    const { graph, mapped } = examineModel(file, 4);
    expect(classesOf(graph!)).toEqual(['setosa', 'versicolor', 'virginica']);
    const scores = evaluatePerceptron(mapped!.layers, rows);
    const own = decisionsOf(file, await (await requireModel(file)).run(rows, ROWS), classesOf(graph!)!, undefined);
    for (let r = 0; r < ROWS; r += 1) {
      const byHand = linearByHand(rowOf(r));
      byHand.forEach((score, k) => {
        expect(scores[3 * r + k]).toBeCloseTo(score, 6);
      });
      expect(own[r]).toBe(largest(byHand));
    }
  });

  test('one output says whether it ends in a sigmoid, and is decided at a limit', () => {
    const ends = [undefined, 'Sigmoid', 'Tanh'].map((ending) => examineModel(written(oneOutput(ending)), 4));
    expect(ends.map(({ mapped }) => mapped!.single)).toEqual(['linear', 'sigmoid', 'tanh']);
    expect(ends.map(({ graph }) => endOf(graph!))).toEqual(['linear', 'sigmoid', 'tanh']);
    const { layers } = ends[0]!.mapped!;
    const at = (limit: number) => evaluatePerceptron([...layers.slice(0, -1), decided(layers.at(-1)!, limit)], rows);
    for (let r = 0; r < ROWS; r += 1) {
      const scores = at(0.4);
      expect(scores[2 * r + 1]! >= scores[2 * r]!, `row ${r}`).toBe(sklearnByHand(rowOf(r)) >= 0.4);
    }
  });
});

describe('a model whose layers do not map', () => {
  const node = (operator: string, inputs: string[], outputs: string[]) => ({ operator, inputs, outputs });
  const chain = MAPPED.plain!;
  const changed = (operator: string, at: number): TestModel => ({
    ...chain,
    nodes: chain.nodes.map((one, i) => (i === at ? { ...one, operator, inputs: one.inputs.slice(0, 1) } : one)),
  });
  test.each<[string, TestModel, RegExp]>([
    ['rectifiers', changed('Relu', 1), /Relu has no printed counterpart: a stage saturates at both ends/],
    ['leaky rectifiers', changed('LeakyRelu', 1), /LeakyRelu has no printed counterpart: a stage/],
    ['pooling', changed('MaxPool', 1), /MaxPool has no printed counterpart/],
    [
      'no matrix and no size',
      {
        nodes: [node('Tanh', ['x'], ['y'])],
        inputs: [{ name: 'x', shape: [undefined, undefined] }],
        outputs: [{ name: 'y', shape: [] }],
      },
      /no constant matrix/,
    ],
    [
      'what follows a softmax',
      { ...chain, nodes: [...chain.nodes.slice(0, 2), node('Softmax', ['h'], ['p']), node('Tanh', ['p'], ['y'])] },
      /Tanh follows a Softmax/,
    ],
    [
      'other widths',
      { ...chain, constants: { ...chain.constants, b1: { shape: [2], data: [1, 2] } } },
      /\[1, 3\] and \[2\] do not fit/,
    ],
    ['another way to round', quantised(undefined, 'HALF_DOWN'), /Quant rounds by HALF_DOWN; ROUND, FLOOR and CEIL/],
    [
      'features divided by their size',
      { ...chain, nodes: [{ ...node('Normalizer', ['x'], ['y']), domain: 'ai.onnx.ml' }] },
      /divides each row by its own size/,
    ],
    [
      'branches around a layer',
      { ...chain, nodes: [...chain.nodes.slice(0, 2), node('Add', ['a', 'h'], ['y'])] },
      /branches around a layer/,
    ],
    [
      'a function that calls itself',
      {
        ...chain,
        nodes: [{ ...node('f', ['x'], ['y']), domain: 'own' }],
        functions: [
          {
            name: 'f',
            domain: 'own',
            inputs: ['a'],
            outputs: ['b'],
            nodes: [{ ...node('f', ['a'], ['b']), domain: 'own' }],
          },
        ],
      },
      /calls itself/,
    ],
    [
      'weights in a file that is not there',
      {
        ...chain,
        constants: {
          ...chain.constants,
          w1: { ...chain.constants!.w1!, external: { location: 'gone.bin', offset: 0 } },
        },
      },
      /gone\.bin, and that file is not beside it/,
    ],
    [
      'weights in a file elsewhere',
      {
        ...chain,
        constants: {
          ...chain.constants,
          w1: { ...chain.constants!.w1!, external: { location: '../weights.bin', offset: 0 } },
        },
      },
      /outside of its folder/,
    ],
    [
      'weights in a file that is too short',
      {
        ...chain,
        constants: {
          ...chain.constants,
          w1: { ...chain.constants!.w1!, external: { location: 'weights.bin', offset: 12 } },
        },
      },
      /has 11 numbers, and its shape asks for 12/,
    ],
    [
      'weights that are no numbers',
      { ...chain, constants: { ...chain.constants, b1: { shape: [3], data: [0, Number.NaN, 0] } } },
      /a weight of it is no finite number/,
    ],
    ['thousands of inputs', { ...chain, inputs: [{ name: 'x', shape: [1, 3, 64, 64] }] }, /12288 values side by side/],
  ])('says so of %s', (_, model, message) => {
    expect(examineModel(written(model)).refusal).toMatch(message);
  });

  test.each(['Relu', 'LeakyRelu', 'Elu', 'Selu', 'Softplus', 'Softsign', 'HardSigmoid', 'Erf'])(
    'runs in onnxruntime all the same: %s',
    async (operator) => {
      const file = written(withFunction(operator));
      expect(examineModel(file, 4).refusal).toMatch(new RegExp(`${operator} has no printed counterpart`));
      const output = await (await requireModel(file)).run(rows, ROWS);
      expect(output).toMatchObject({ kind: 'numbers', columns: 3 });
    },
  );

  test.each(['Softplus', 'Erf', 'Elu'])(
    'is named where onnxruntime has no kernel for it: %s in float64',
    async (operator) => {
      await expect(requireModel(written(withFunction(operator, 'double')))).rejects.toThrow(
        new RegExp(`onnxruntime has no kernel for ${operator} of this number type`),
      );
    },
  );

  test('is named where onnxruntime does not know the operator', async () => {
    await expect(requireModel(written(UNKNOWN))).rejects.toThrow(/onnxruntime does not know the operator Secret/);
  });

  test('runs with Quant between its layers, which onnxruntime alone does not know', async () => {
    const file = written(quantised('Relu'));
    expect(examineModel(file, 4).refusal).toMatch(/Relu has no printed counterpart/);
    const said = await (await requireModel(file)).run(rows, ROWS);
    for (let r = 0; r < ROWS; r += 1)
      rectifiedByHand(rowOf(r)).forEach((score, k) => {
        expect(said.kind === 'numbers' && said.values[3 * r + k], `row ${r}`).toBeCloseTo(score, 5);
      });
  });

  test('is refused with a table of another width', async () => {
    const model = await requireModel(written(chain));
    await expect(model.run(rows.subarray(0, 6), 2)).rejects.toThrow(/takes 4 features, and there are 3/);
  });

  test('is refused where it is no ONNX file, or none at all', () => {
    const file = join(folder, 'text.onnx');
    writeFileSync(file, 'this is no protobuf');
    expect(() => examineModel(file)).toThrow(/is no ONNX file/);
    expect(() => examineModel(file)).toThrow(InputFileError);
    expect(() => examineModel(join(folder, 'nowhere.onnx'))).toThrow(/there is no such file/);
  });
});

test('a damaged model is refused, whatever was damaged', () => {
  const file = join(folder, 'damaged.onnx');
  const all = [
    ...Object.values(MAPPED),
    ...Object.values(SKLEARN),
    LINEAR_CLASSIFIER,
    quantised(),
    withFunction('Relu'),
  ];
  const models = all.map((model) => onnxModel(model));
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      fc.array(fc.tuple(fc.nat(1e6), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      (model, changes) => {
        const bytes = Uint8Array.from(model);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        writeFileSync(file, bytes);
        try {
          const { mapped, refusal } = examineModel(file, 4);
          expect(mapped === undefined).toBe(refusal !== undefined);
        } catch (error) {
          expect(error).toBeInstanceOf(InputFileError);
        }
      },
    ),
    { numRuns: 500 },
  );
});

const hidden = {
  weights: [
    [1.5, -2, 0.5],
    [-1, 2, 1],
  ],
  biases: [0.2, 0.1, -0.3],
  activation: 'tanh' as const,
};
const output = {
  weights: [
    [1, -1],
    [-0.5, 0.5],
    [0.8, -0.6],
  ],
  biases: [0.1, -0.1],
  activation: 'none' as const,
};

describe('a printed perceptron', () => {
  const problem = exclusiveOr();
  const curves = { falling: new ClosedFormCurve('negweight'), activation: new ClosedFormCurve('ptanh') };

  test('without negative weights has the outputs of the perceptron, through a line', () => {
    const perceptron = [
      {
        weights: [
          [0.9, 0.2],
          [0.3, 0.8],
        ],
        biases: [-0.6, -0.5],
        activation: 'tanh' as const,
      },
      {
        weights: [
          [0.8, 0.1],
          [0.1, 0.9],
        ],
        biases: [0.3, 0.35],
        activation: 'none' as const,
      },
    ];
    const { layers, gains } = printPerceptron(perceptron, problem.inputs, egt, curves, 0.1);
    expect(gains[0]).toBeCloseTo(1, 12);
    const volts = Float64Array.of(0, 0, 1, 0, 0, 1, 1, 1, 0.3, 0.6);
    const { outputs } = idealVoltages({ layers }, volts, 5);
    const [e1, e2] = layers[0]!.activationStages[0]!.eta!;
    const hiddenValues = evaluatePerceptron(perceptron.slice(0, 1), volts);
    outputs[0]!.forEach((v, i) => {
      expect((v - e1) / e2, `hidden ${i}`).toBeCloseTo(hiddenValues[i]!, 6);
    });
  });

  test('is a start that training goes on from', () => {
    const perceptron = [hidden, output];
    const { layers } = printPerceptron(perceptron, problem.inputs, egt, curves, 0.1);
    const { network } = trainNetwork(problem, { start: layers, restarts: 2, epochs: 60, draws: 5 });
    expect(network.layers.map(({ conductancesSiemens }) => conductancesSiemens[0]!.length)).toEqual([3, 2]);
    expect(network.metrics!.accuracy.valid).toBeGreaterThan(0.5);
  });

  test('refuses a table of other features, and a start of other layers', () => {
    const perceptron = [hidden, output];
    expect(() => printPerceptron(perceptron, problem.inputs.slice(1), egt, curves, 0.1)).toThrow(/takes 2 features/);
    const { layers } = printPerceptron(perceptron, problem.inputs, egt, curves, 0.1);
    expect(() => trainNetwork({ ...problem, classes: ['a', 'b', 'c'] }, { start: layers })).toThrow(/other layers/);
  });
});
