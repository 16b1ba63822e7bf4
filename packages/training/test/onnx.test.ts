import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idealVoltages } from '@neuroprint/circuit';
import { InputFileError } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { evaluatePerceptron, readPerceptron } from '../src/import/perceptron.ts';
import { printPerceptron } from '../src/import/print-perceptron.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { ClosedFormCurve, egt, exclusiveOr } from './fixtures.ts';
import { type ChainNode, onnxChain } from './onnx-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-onnx-'));
let files = 0;
function written(nodes: readonly ChainNode[]): string {
  files += 1;
  const file = join(folder, `${files}.onnx`);
  writeFileSync(file, onnxChain(nodes));
  return file;
}

const hidden = { shape: [2, 3], data: [1.5, -2, 0.5, -1, 2, 1] };
const output = { shape: [3, 2], data: [1, -1, -0.5, 0.5, 0.8, -0.6] };
const biases = (data: number[]) => ({ shape: [data.length], data });
const chain: ChainNode[] = [
  { operator: 'Gemm', constants: [hidden, biases([0.2, 0.1, -0.3])] },
  { operator: 'Tanh' },
  { operator: 'MatMul', constants: [output] },
  { operator: 'Add', constants: [biases([0.1, -0.1])] },
  { operator: 'Softmax' },
];

describe('an ONNX perceptron', () => {
  test('is read layer by layer, whatever its matrices are called', () => {
    expect(readPerceptron(written(chain))).toEqual([
      {
        weights: [
          [1.5, -2, 0.5],
          [-1, 2, 1],
        ],
        biases: [0.2, 0.1, -0.3],
        activation: 'tanh',
      },
      {
        weights: [
          [1, -1],
          [-0.5, 0.5],
          [0.8, -0.6],
        ],
        biases: [0.1, -0.1],
        activation: 'none',
      },
    ]);
    const transposed = { shape: [3, 2], data: [1.5, -1, -2, 2, 0.5, 1] };
    const gemm: ChainNode = {
      operator: 'Gemm',
      constants: [transposed, biases([0.2, 0.1, -0.3])],
      integers: { transB: 1 },
    };
    expect(readPerceptron(written([gemm, ...chain.slice(1)]))).toEqual(readPerceptron(written(chain)));
  });

  test('has scaling by constants folded into its weights', () => {
    const scaled = readPerceptron(
      written([
        { operator: 'Sub', constants: [biases([1, 2])] },
        { operator: 'Div', constants: [biases([4, 5])] },
        ...chain,
      ]),
    );
    const rows = Float64Array.of(3, 1, -1, 4);
    const byHand = Float64Array.of((3 - 1) / 4, (1 - 2) / 5, (-1 - 1) / 4, (4 - 2) / 5);
    const plain = readPerceptron(written(chain));
    evaluatePerceptron(scaled, rows).forEach((value, i) => {
      expect(value).toBeCloseTo(evaluatePerceptron(plain, byHand)[i]!, 12);
    });
  });

  test('with one output decides between two classes', () => {
    const [layer] = readPerceptron(
      written([{ operator: 'MatMul', constants: [{ shape: [2, 1], data: [3, -1] }] }, { operator: 'Sigmoid' }]),
    );
    expect(layer).toEqual({
      weights: [
        [-1.5, 1.5],
        [0.5, -0.5],
      ],
      biases: [-0, 0],
      activation: 'none',
    });
  });

  test.each<[string, ChainNode[], RegExp]>([
    ['rectifiers', [chain[0]!, { operator: 'Relu' }, ...chain.slice(2)], /Relu has no printed counterpart: a stage/],
    ['convolutions', [{ operator: 'Conv', constants: [hidden] }, ...chain], /Conv has no printed counterpart/],
    ['no matrix', [{ operator: 'Tanh' }], /no constant matrix/],
    ['what follows a softmax', [...chain, { operator: 'Tanh' }], /Tanh follows a Softmax/],
    ['other widths', [chain[0]!, { operator: 'Add', constants: [biases([1, 2])] }], /2 numbers for 3 columns/],
    [
      'a constant divided by data',
      [{ operator: 'Div', constants: [biases([1, 2])], constantFirst: true }, ...chain],
      /divides a constant/,
    ],
  ])('refuses %s', (_, nodes, message) => {
    expect(() => readPerceptron(written(nodes))).toThrow(message);
    expect(() => readPerceptron(written(nodes))).toThrow(InputFileError);
  });

  test('refuses what is no ONNX file', () => {
    const file = join(folder, 'text.onnx');
    writeFileSync(file, 'this is no protobuf');
    expect(() => readPerceptron(file)).toThrow(/is no ONNX file/);
  });
});

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
    const perceptron = readPerceptron(written(chain));
    const { layers } = printPerceptron(perceptron, problem.inputs, egt, curves, 0.1);
    const { network } = trainNetwork(problem, { start: layers, restarts: 2, epochs: 60, draws: 5 });
    expect(network.layers.map(({ conductancesSiemens }) => conductancesSiemens[0]!.length)).toEqual([3, 2]);
    expect(network.metrics!.accuracy.valid).toBeGreaterThan(0.5);
  });

  test('refuses a table of other features, and a start of other layers', () => {
    const perceptron = readPerceptron(written(chain));
    expect(() => printPerceptron(perceptron, problem.inputs.slice(1), egt, curves, 0.1)).toThrow(/takes 2 features/);
    const { layers } = printPerceptron(perceptron, problem.inputs, egt, curves, 0.1);
    expect(() => trainNetwork({ ...problem, classes: ['a', 'b', 'c'] }, { start: layers })).toThrow(/other layers/);
  });
});
