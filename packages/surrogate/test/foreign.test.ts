import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, expect, test } from 'vitest';
import { SurrogateModel } from '../src/eta/model.ts';
import { trainSurrogate } from '../src/eta/train.ts';
import { ForeignSurrogate } from '../src/exchange/foreign.ts';
import { encodeOnnx } from '../src/exchange/onnx.ts';
import { bytes, integer, message, file as onnxFile, text } from '../src/exchange/protobuf.ts';
import { inverterTable, SPACE, TOPOLOGY } from './inverters.ts';

const folder = mkdtempSync(join(tmpdir(), 'neuroprint-foreign-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'surrogate.onnx');
const { parameters } = SPACE;

function read(data: Uint8Array): ForeignSurrogate {
  writeFileSync(path, data);
  return ForeignSurrogate.read(path, parameters);
}

const { curves: _, ...table } = inverterTable(80);
const { surrogate } = trainSurrogate(table, { seed: 1, topology: TOPOLOGY });

function tensor(name: string, shape: readonly number[], values: readonly number[]): Uint8Array {
  const raw = new Uint8Array(Float32Array.from(values).buffer);
  return message(5, ...shape.map((n) => integer(1, n)), integer(2, 1), text(8, name), bytes(9, raw));
}

function node(operator: string, inputs: readonly string[], output: string, ...attributes: Uint8Array[]): Uint8Array {
  return message(1, ...inputs.map((name) => text(1, name)), text(2, output), text(4, operator), ...attributes);
}

function port(field: number, name: string, columns: number): Uint8Array {
  const shape = message(2, message(1, text(2, 'n')), message(1, integer(1, columns)));
  return message(field, text(1, name), message(2, message(1, integer(1, 1), shape)));
}

/** A perceptron with PReLU, tanh and Gemm, as other frameworks export it. */
function perceptron(last = 'Tanh', outputs = 4): Uint8Array {
  const weights = (n: number) => Array.from({ length: n }, (_, i) => Math.sin(3 * i + 1));
  const transB = message(5, text(1, 'transB'), integer(3, 1), integer(20, 2));
  return onnxFile(
    integer(1, 7),
    message(
      7,
      node('Log', ['x'], 'logs'),
      node('Gemm', ['logs', 'w1', 'b1'], 'h', transB),
      node('PRelu', ['h', 'slope'], 'p'),
      node('Sub', ['one', 'p'], 'q'),
      node('MatMul', ['q', 'w2'], 'm'),
      node(last, ['m'], 'eta'),
      tensor('w1', [5, 3], weights(15)),
      tensor('b1', [5], weights(5)),
      tensor('slope', [5], [0.1, 0.2, 0.3, 0.4, 0.5]),
      tensor('one', [1], [1]),
      tensor(
        'w2',
        [5, outputs],
        weights(5 * outputs).map((w) => 0.05 * w),
      ),
      text(2, 'g'),
      port(11, 'x', 3),
      port(12, 'eta', outputs),
    ),
    message(8, text(1, ''), integer(2, 13)),
  );
}

test('our own ONNX file read back gives the η of the surrogate and its gradient', () => {
  const foreign = read(encodeOnnx(surrogate));
  const own = SurrogateModel.of(surrogate);
  const logs = table.values.slice(0, 30).map(Math.log);
  const weights = Float64Array.from({ length: 40 }, (_, i) => Math.cos(i));
  own.forward(logs, 10).forEach((eta, i) => {
    expect(foreign.forward(logs, 10)[i]).toBeCloseTo(eta, 9);
  });
  const [a, b] = [new Float64Array(30), new Float64Array(30)];
  own.backward(weights, a);
  foreign.backward(weights, b);
  a.forEach((gradient, i) => {
    expect(b[i]).toBeCloseTo(gradient, 7);
  });
});

test('a perceptron with PReLU and Gemm agrees with onnxruntime to 1e-6, and its gradient with finite differences', async () => {
  const data = perceptron();
  const foreign = read(data);
  const values = Float64Array.from(Float32Array.from(table.values.slice(0, 30)));
  const session = await InferenceSession.create(data);
  const result = await session.run({ x: new Tensor('float32', Float32Array.from(values), [10, 3]) });
  foreign.predict(values, 10).forEach((eta, i) => {
    expect(Math.abs(eta - (result.eta!.data as Float32Array)[i]!)).toBeLessThan(1e-6);
  });
  const logs = values.map(Math.log);
  const weights = Float64Array.from({ length: 40 }, (_, i) => Math.cos(i));
  const value = () => foreign.forward(logs, 10).reduce((sum, eta, i) => sum + weights[i]! * eta, 0);
  value();
  const gradient = new Float64Array(30);
  foreign.backward(weights, gradient);
  logs.forEach((held, i) => {
    logs[i] = held + 1e-6;
    const above = value();
    logs[i] = held - 1e-6;
    expect(gradient[i]).toBeCloseTo((above - value()) / 2e-6, 5);
    logs[i] = held;
  });
});

test.each([
  ['a damaged file', encodeOnnx(surrogate).subarray(0, 3000), /is damaged or no ONNX model/],
  ['text', new TextEncoder().encode('no model at all'), /is damaged or no ONNX model/],
  [
    'an operator that is no perceptron',
    perceptron('Softmax'),
    /the operator Softmax is not supported; perceptrons with/,
  ],
  ['five outputs', perceptron('Tanh', 5), /its output has 5 columns, not 4/],
])('%s is refused with one message', (_, data, message1) => {
  expect(() => read(data)).toThrow(message1);
});

test('a surrogate of another cell is refused by its signature', () => {
  writeFileSync(path, encodeOnnx(surrogate));
  expect(() => ForeignSurrogate.read(path, parameters.slice(0, 2))).toThrow(
    /its input is \[rows, 3\], not \[rows, 2\]/,
  );
});
