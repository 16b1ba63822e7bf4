import type { TrainedNetwork } from '@neuroprint/core';
import { expect, it } from 'vitest';
import { modelAgreement, modelDecisions, modelDistance } from '../src/model-agreement.ts';

const network = {
  model: {
    file: 'forest.onnx',
    made: 'distilled',
    table: { name: 'iris', sha256: 'a'.repeat(64), decisions: [2, 0, 1, 1] },
  },
} as unknown as TrainedNetwork;
const cases = { sourceRows: Int32Array.of(2, 4, 1) };

it('the decisions of a model are found by the rows of its table, and not for another table or rows that it has not', () => {
  expect(modelDecisions(network, cases, 'a'.repeat(64))).toEqual(Int32Array.of(0, 1, 2));
  expect(modelDecisions(network, cases, 'b'.repeat(64))).toBeUndefined();
  expect(modelDecisions(network, cases, undefined)).toBeUndefined();
  expect(modelDecisions(network, { sourceRows: Int32Array.of(5) }, 'a'.repeat(64))).toBeUndefined();
  expect(modelDecisions({} as TrainedNetwork, cases, 'a'.repeat(64))).toBeUndefined();
});

it('network, circuit and ngspice are each held against the model', () => {
  const decisions = {
    network: Int32Array.of(0, 1, 2),
    circuit: Int32Array.of(0, 1, 1),
    ngspice: Int32Array.of(1, 0, 0),
  };
  expect(modelAgreement(network, Int32Array.of(0, 1, 2), decisions, undefined)).toEqual({
    file: 'forest.onnx',
    network: 1,
    circuit: 2 / 3,
    ngspice: 0,
  });
  expect(modelAgreement(network, undefined, decisions, undefined)).toBeUndefined();
});

it('in regression their distances from what the model predicts are in units of the target, each by its own line', () => {
  const line = { kind: 'regression', target: 'price', interceptUnits: 1, unitsPerVolt: 10 } as const;
  const predicting = {
    task: line,
    model: {
      file: 'forest.onnx',
      made: 'distilled',
      table: { name: 'prices', sha256: 'a'.repeat(64), predictions: [4, 6, 99] },
    },
  } as unknown as TrainedNetwork;
  const rows = { sourceRows: Int32Array.of(2, 1) };
  const volts = {
    network: Float64Array.of(0.5, 0.3),
    circuit: Float64Array.of(0.4, 0.2),
    ngspice: Float64Array.of(0.4, 0.3),
  };
  const found = modelDistance(predicting, { ...line, interceptUnits: 2 }, rows, 'a'.repeat(64), volts)!;
  expect([found.file, found.network, found.circuit]).toEqual(['forest.onnx', 0, 0]);
  expect(found.ngspice).toBeCloseTo(Math.SQRT1_2, 12);
  expect(modelDistance(predicting, line, rows, 'b'.repeat(64), volts)).toBeUndefined();
  expect(modelDistance(network, undefined, rows, 'a'.repeat(64), volts)).toBeUndefined();
});
