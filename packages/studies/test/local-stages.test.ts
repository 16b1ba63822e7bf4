import { yinYang } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { egt } from '../../training/test/fixtures.ts';
import { learnStages, type StageCurves, StageNetwork, type StageOptions } from '../src/local/stages.ts';
import { StageCircuit } from '../src/local/stages-circuit.ts';

const curves: StageCurves = { activation: [0.55, 0.42, 0.5, 8], falling: [-0.55, 0.42, 0.5, 6] };
const table = yinYang({ rows: 300, seed: 4 });
const names = ['yin', 'yang', 'dot'];
const rows = {
  volts: Float64Array.from(table.rows.flat()),
  labels: Int32Array.from(table.labels, (label) => names.indexOf(label)),
};
const options: StageOptions = {
  hidden: 6,
  feedback: 'mirrored',
  nudge: 0.1,
  twoSided: true,
  epochs: 30,
  seed: 1,
  siemens: [1e-7, 5e-6],
};

describe('a network of stages', () => {
  test('has the gradient of finite differences, up to the nudging current', () => {
    const network = new StageNetwork(curves, 4, 3, options);
    const direction = new Float64Array(network.logSiemens.length);
    network.addDirection(rows, 7, 'gradient', direction);
    const cost = (): number => {
      network.refresh();
      return network.cost(rows, 7);
    };
    const differences = network.logSiemens.map((value, i) => {
      network.logSiemens[i] = value + 1e-5;
      const above = cost();
      network.logSiemens[i] = value - 1e-5;
      const below = cost();
      network.logSiemens[i] = value;
      return (below - above) / 2e-5;
    });
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    const scale = dot(direction, differences) / dot(differences, differences);
    expect(scale).toBeGreaterThan(0);
    differences.forEach((difference, i) => {
      expect(Math.abs(direction[i]! / scale - difference)).toBeLessThan(1e-8);
    });
  });

  test('learns nothing below its last crossbar where nothing leads back', () => {
    const network = new StageNetwork(curves, 4, 3, options);
    const direction = network.direction(rows, 'none');
    expect([...direction.subarray(0, 6 * 6)].every((value) => value === 0)).toBe(true);
    expect(network.compare(rows, 'none')).toMatchObject({ hidden: 0, output: expect.closeTo(1, 6) as number });
  });

  test('finds the gradient by a mirrored crossbar and nudges to both sides, and misses it by one side', () => {
    expect(new StageNetwork(curves, 4, 3, options).compare(rows, 'mirrored').both).toBeGreaterThan(0.9999);
    const oneSided = new StageNetwork(curves, 4, 3, { ...options, twoSided: false, nudge: 1 });
    expect(oneSided.compare(rows, 'mirrored').both).toBeLessThan(0.99);
  });

  test('learns Yin-Yang better with the mirrored crossbar than without any way back', () => {
    const last = (feedback: StageOptions['feedback']) =>
      learnStages(curves, rows, rows, 3, { ...options, feedback }, [30]).history.at(-1)!.trainAccuracy;
    expect(last('mirrored')).toBeGreaterThan(Math.max(0.75, last('none')));
  });

  test('on the exact circuit has the gradient of finite differences, and a rule that is near it', () => {
    const [ohms, length] = [100e3, 54e-6];
    const inverter = { R: ohms, W: 2 * length, L: length };
    const design = {
      activation: { R1: ohms, W1: 2 * length, L1: length, R2: ohms, W2: 2 * length, L2: length },
      falling: inverter,
    };
    const physics = new StageCircuit(egt, design, { inputs: 4, hidden: 6, classes: 3 });
    const real: StageCurves = { activation: [0.52, 0.45, 0.43, 8], falling: [-0.52, 0.45, 0.3, 6] };
    const network = new StageNetwork(real, 4, 3, { ...options, siemens: [1e-7, 2e-6] }, physics);
    const direction = new Float64Array(network.logSiemens.length);
    network.addDirection(rows, 3, 'gradient', direction);
    for (const i of [0, 17, 40, 60]) {
      const value = network.logSiemens[i]!;
      const cost = (by: number): number => {
        network.logSiemens[i] = value + by;
        network.refresh();
        return network.cost(rows, 3);
      };
      const difference = (cost(-1e-4) - cost(1e-4)) / 2e-4;
      cost(0);
      expect(Math.abs(direction[i]! - difference)).toBeLessThan(1e-7);
    }
    expect(
      network.compare({ volts: rows.volts.subarray(0, 80), labels: rows.labels.subarray(0, 20) }, 'mirrored').output,
    ).toBeGreaterThan(0.9);
  });
});
