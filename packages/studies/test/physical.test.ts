import { fileURLToPath } from 'node:url';
import { cellCurve, cellTable, idealVoltages, loadTechnology } from '@neuroprint/circuit';
import { Draws, makeArtifact, TrainedNetworkKind } from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import {
  bandPass,
  blocksOf,
  CellActivation,
  evenSigmoid,
  PhysicalModel,
  resolvePhysicalOptions,
  sigmoid,
  trainCircuit,
  WEIGHT_MAPS,
} from '@neuroprint/training';
import { describe, expect, it } from 'vitest';
import { doPhysicalJob } from '../src/kirchhoff/kirchhoff-jobs.ts';
import { signFlipHistory } from '../src/kirchhoff/sign-flip.ts';
import { physicalLayers, trainPhysical } from '../src/kirchhoff/train-physical.ts';

const opamp = loadTechnology(fileURLToPath(new URL('../../../spice-templates', import.meta.url)), 'opamp');
const inputs = ['x', 'y'].map((name) => ({ name, minimum: 0, maximum: 1 }));

/** Points of the unit square; the class says whether they lie in the middle, which no linear map can tell. */
function rows(purpose: string, count: number) {
  const draws = new Draws(0, purpose);
  const volts = new Float64Array(2 * count);
  draws.fillUniform(0, volts);
  const labels = Int32Array.from({ length: count }, (_, r) =>
    Math.hypot(volts[2 * r]! - 0.5, volts[2 * r + 1]! - 0.5) < 0.35 ? 1 : 0,
  );
  return { volts, labels, sourceRows: labels, clipped: 0 };
}

const problem = {
  inputs,
  classes: ['outside', 'inside'],
  train: rows('train', 120),
  valid: rows('valid', 60),
  test: rows('test', 60),
};

function randomParameters(size: number): Float64Array {
  const draws = new Draws(7, 'parameters');
  return Float64Array.from({ length: size }, (_, k) => 0.2 + draws.uniform(0, k));
}

describe('the gradient', () => {
  const cases = [
    ...(['ml', 'npml', 'spml'] as const).map((mode) => ({ mode })),
    ...WEIGHT_MAPS.map((map) => ({ mode: 'npml' as const, map })),
    { mode: 'npml' as const, nonlinearity: 'band-pass' as const },
  ];
  it.each(cases)('is that of finite differences, %o', (options) => {
    const layers = physicalLayers(2, 2, resolvePhysicalOptions({ ...options, hidden: [3, 2], lambda: 0.3 }));
    for (const loss of ['l2', 'cross-entropy'] as const)
      for (const biasVolts of [1, 0.8]) check(new PhysicalModel(layers, loss, 256, biasVolts));
  });

  it('is that of finite differences with the curve of a cell and in a printed copy', () => {
    const cell = opamp.cells.sigmoid!;
    const layers = physicalLayers(2, 2, resolvePhysicalOptions({ hidden: [3], lambda: 0.3 }));
    const factors = randomParameters(4 * 3 + 5 * 2);
    const copy = {
      factors,
      ratios: randomParameters(5),
      activations: [
        [new CellActivation(cell.name, cellTable(opamp, cell, cell.typical)), evenSigmoid, bandPass],
        [sigmoid, sigmoid],
      ],
    };
    check(new PhysicalModel(layers, 'cross-entropy', 256), copy);
  });

  function check(model: PhysicalModel, copy?: Parameters<PhysicalModel['evaluate']>[3]): void {
    const x = randomParameters(model.size);
    const blocks = blocksOf(problem.train, 2, 2);
    const gradient = new Float64Array(x.length);
    model.evaluate(x, blocks, gradient, copy);
    const at = (vector: Float64Array): number => {
      const { loss, penalty } = model.evaluate(vector, blocks, undefined, copy);
      return loss + penalty;
    };
    x.forEach((_, k) => {
      const h = 1e-5;
      const shifted = (by: number): number => at(x.map((v, i) => (i === k ? v + by : v)));
      const difference = (shifted(h) - shifted(-h)) / (2 * h);
      expect(Math.abs(gradient[k]! - difference)).toBeLessThan(1e-6 * (1 + Math.abs(difference)));
    });
  }
});

describe('activations', () => {
  it('of symmetrised networks do not know the sign of a voltage', () => {
    const volts = Float64Array.of(-3, -0.2, 0.2, 3);
    const [out, slope] = [new Float64Array(4), new Float64Array(4)];
    evenSigmoid.apply(volts, 4, out, slope);
    expect([out[0], out[1]]).toEqual([out[3], out[2]]);
    expect(slope[0]).toBe(-slope[3]!);
  });

  it('of the even cell do not either, within a millivolt', () => {
    const cell = opamp.cells.evensigmoid!;
    const activation = new CellActivation(cell.name, cellTable(opamp, cell, cell.typical));
    const volts = Float64Array.of(-0.9, -0.5, -0.3, 0.3, 0.5, 0.9);
    const [out, slope] = [new Float64Array(6), new Float64Array(6)];
    activation.apply(volts, 6, out, slope);
    for (let k = 0; k < 3; k += 1) expect(Math.abs(out[k]! - out[5 - k]!)).toBeLessThan(1e-3);
    expect(out[0]).toBeGreaterThan(out[2]! + 0.5);
  });

  it('that are cells have the exact curve between the points of their table', () => {
    const cell = opamp.cells.sigmoid!;
    const volts = Float64Array.of(0.1001, 0.4437, 0.4713, 0.5119, 0.9003, 3.7771);
    const [out, slope] = [new Float64Array(6), new Float64Array(6)];
    cellTable(opamp, cell, cell.typical).apply(volts, 6, out, slope);
    const values = Float64Array.from(cell.parameters, ({ name }) => cell.typical[name]!);
    cellCurve(opamp, cell, values, volts).forEach((v, k) => {
      expect(Math.abs(out[k]! - v)).toBeLessThan(1e-6);
    });
  });
});

describe('training', () => {
  it('learns what a linear map cannot, with every mode', () => {
    const linear = doPhysicalJob({ kind: 'readout', problem, readout: 'linearMap', seed: 0 });
    for (const mode of ['ml', 'npml', 'spml'] as const) {
      const { accuracy: reached } = trainPhysical(problem, { mode, hidden: [4], restarts: 2, iterations: 150 });
      expect(reached.test).toBeGreaterThan(linear.accuracy.test + 0.1);
    }
  });

  it('keeps Σg near 1 where the penalty asks for it', () => {
    const { totals } = trainPhysical(problem, { hidden: [3], lambda: 10, restarts: 1, iterations: 80 });
    for (const total of totals.flat()) expect(Math.abs(total - 1)).toBeLessThan(0.5);
  });

  it('gives only positive conductances where the map does', () => {
    const { conductances } = trainPhysical(problem, { hidden: [3], map: 'exp', restarts: 1, iterations: 40 });
    for (const g of conductances) expect(Math.min(...g)).toBeGreaterThan(0);
  });

  it('follows the sums of the output nodes', () => {
    const { loss, totals } = signFlipHistory(problem, { hidden: [3], lambda: 0.1 });
    expect(totals).toHaveLength(2);
    expect(loss.at(-1)).toBeLessThan(loss[0]!);
  });

  it.each([
    [{ lambda: -1 }, 'lambda is -1'],
    [{ hidden: [0] }, 'hidden is 0'],
    [{ map: 'cubic' as never }, 'map is cubic'],
    [{ mode: 'mlp' as never }, 'mode is mlp'],
    [{ restarts: 0 }, 'restarts is 0'],
  ])('refuses %o', (options, message) => {
    expect(() => trainPhysical(problem, options)).toThrow(message);
  });
});

const quick = { hidden: [3], restarts: 1, iterations: 40, draws: 1 };

function circuitProblem() {
  const source = { dataset: 'disc', label: 'label', split: 'made' };
  return { ...problem, name: 'disc', technology: opamp, source, inputHashes: {} };
}

describe('networks with op-amps', () => {
  it('keep Σg of every column at its least share of Σ|g|', () => {
    const { shares } = trainCircuit(circuitProblem(), { ...quick, leastShare: 0.4 });
    expect(Math.min(...shares.flat())).toBeGreaterThan(0.4 - 1e-9);
  });

  it('decide as the file says, with the exact curves of the cells', () => {
    const { network } = trainCircuit(circuitProblem(), quick);
    const file = makeArtifact(TrainedNetworkKind, network);
    const { volts, labels } = problem.test;
    const outputs = idealVoltages(file, volts, labels.length, opamp).outputs.at(-1)!;
    expect(accuracy(decisions(outputs, 2), labels)).toBeCloseTo(network.metrics!.accuracy.test, 12);
    expect(file.layers.every(({ fallingStages }) => fallingStages.length === 0)).toBe(true);
  });

  it.each([
    [{ lambda: -0.1 }, 'lambda is -0.1'],
    [{ variation: 1 }, 'variation is 1'],
    [{ leastShare: 1 }, 'leastShare is 1'],
    [{ draws: 0 }, 'draws is 0'],
    [{ cell: 'step' as never }, 'cell is step'],
  ])('refuse %o', (options, message) => {
    expect(() => trainCircuit(circuitProblem(), options)).toThrow(message);
  });
});
