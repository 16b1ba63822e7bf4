import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Draws,
  inputRanges,
  makeArtifact,
  type Regression,
  readTargets,
  TrainedNetworkKind,
  toVoltageRows,
} from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { compile, passContext } from '../src/index.ts';
import { withLine } from '../src/output-line.ts';
import { CircuitLoss } from '../src/passes/calibrate/circuit-loss.ts';
import { CalibrationParameters } from '../src/passes/calibrate/parameters.ts';
import { Sides } from '../src/passes/calibrate/sides.ts';
import { calibrationRows } from '../src/passes/calibrate/targets.ts';
import { calibratePass } from '../src/passes/calibrate.ts';
import { lower } from '../src/passes/lower.ts';
import { scaleColumns } from '../src/passes/scale-columns.ts';
import { shareInverters } from '../src/passes/share-inverters.ts';
import { divergence, outputsOf, sensitivitiesOf } from '../src/passes/snap/metric.ts';
import { PrintedValues } from '../src/passes/snap/printed-values.ts';
import { network as classifier, dataset, egt, roundsHere, temporaryFolder } from './example.ts';

const task = { kind: 'regression', target: 'price', interceptUnits: 2, unitsPerVolt: 30 } as const;

/** The example with its first output alone, read by a line. */
const network = (() => {
  const { kind: _, version: __, checksum: ___, ...content } = classifier(4);
  const [first, last] = content.layers as [(typeof content.layers)[0], (typeof content.layers)[0]];
  const only = { ...last, conductancesSiemens: last.conductancesSiemens.map((row) => row.slice(0, 1)) };
  return makeArtifact(TrainedNetworkKind, { ...content, classes: ['price'], task, layers: [first, only] });
})();

const data = (() => {
  const draws = new Draws(2, 'test targets');
  const lines = Array.from({ length: 60 }, (_, i) => {
    const [x, y] = [draws.uniform(i, 0), draws.uniform(i, 1)];
    return `${x},${y},${10 + 8 * x - 5 * y}`;
  });
  const file = join(temporaryFolder(), 'prices.csv');
  writeFileSync(file, `x,y,price\n${lines.join('\n')}\n`);
  return readTargets(file, { target: 'price' });
})();
const rows = (split: 'train' | 'valid') => toVoltageRows(data, inputRanges(data), [], split);
const both = { train: rows('train'), valid: rows('valid') };
const start = shareInverters(scaleColumns(lower(network, egt), egt));

describe('the squared error of the exact circuit', () => {
  it('has the gradient by every parameter that finite differences give, on varied copies', () => {
    const parameters = new CalibrationParameters(start, egt, 1);
    const circuitLoss = new CircuitLoss(egt, calibrationRows(network, both, egt).train, {
      draws: new Draws(4, 'test'),
      variation: 0.1,
    });
    const chosen = Int32Array.of(0, 3, 7, 11);
    const sides = new Sides();
    const run = (withGradient: boolean) =>
      circuitLoss.run(parameters, [chosen], { ...sides.of(parameters), first: 0, copies: 2, withGradient })[0]!;
    const loss = () => run(false).tally.loss;
    const gradient = run(true).gradient!;
    const largest = Math.max(...gradient.map(Math.abs));
    gradient.forEach((derivative, k) => {
      const value = parameters.values[k]!;
      const h = 1e-4 * Math.max(0.1, Math.abs(value));
      const at = (by: number): number => {
        parameters.values[k] = value + by;
        return loss();
      };
      const difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      parameters.values[k] = value;
      if (Math.abs(Math.abs(value) - 0.1) < 1e-3) return;
      expect(Math.abs(derivative - difference), `parameter ${k}`).toBeLessThan(1e-6 * largest);
    });
  });

  it('falls in calibration, towards what the network gives', () => {
    const varied: typeof network = { ...network, variation: { kind: 'uniform', relativeSpread: 0.02 } };
    const options = { rows: both, seed: 1, calibrationSteps: 200 };
    const calibration = roundsHere(calibratePass, start, passContext(varied, egt, options)).calibration!;
    const kept = calibration.history.find(({ step }) => step === calibration.bestStep)!;
    expect(kept.score).toBeGreaterThan(calibration.history[0]!.score);
    expect(kept.validRmse).toBeGreaterThan(0);
    expect(kept.validAccuracy).toBeUndefined();
  });
});

describe('rounding a circuit with a single output', () => {
  it('sees what a change of its values does to the output, to second order', () => {
    const printed = new PrintedValues(start, egt);
    const volts = Float64Array.of(0.1, 0.9, 0.6, 0.2, 0.5, 0.5);
    const { outputs, metric } = sensitivitiesOf(printed, egt, volts);
    const draws = new Draws(3, 'test');
    const size = printed.list.length;
    const move = Float64Array.from({ length: size }, (_, k) => 1e-4 * (2 * draws.uniform(0, k) - 1));
    const moved = printed.with(printed.values().map((value, k) => value * Math.exp(move[k]!)));
    let predicted = 0;
    for (let i = 0; i < size; i += 1)
      for (let j = 0; j < size; j += 1) predicted += 0.5 * move[i]! * metric.of(i, j) * move[j]!;
    const found = divergence(outputs, outputsOf(moved, egt, volts), 1, egt.bias.volts);
    expect(found).toBeGreaterThan(0);
    expect(Math.abs(found / predicted - 1)).toBeLessThan(1e-2);
  });
});

describe('compile', () => {
  const options = (out: string) => ({
    network,
    networkText: JSON.stringify(network),
    networkFile: 'network.json',
    technology: egt,
    out,
    overwrite: false,
    version: 'test',
    calibrationSteps: 50,
  });

  it('gives errors in place of accuracies on every rung, and says how the output is read', () => {
    const { manifest, circuit } = compile({ ...options(join(temporaryFolder(), 'out')), data });
    for (const { accuracy, underVariation, decisionAgreement, regression } of manifest.ladder) {
      expect([accuracy, underVariation, decisionAgreement]).toEqual([null, null, null]);
      expect(regression!.rmse).toBeGreaterThan(0);
    }
    expect(
      manifest.ladder.find(({ step }) => step === 'naive circuit')!.regression!.underVariation!.p95,
    ).toBeGreaterThan(0);
    expect([manifest.task, manifest.marginVolts]).toEqual([circuit.task, undefined]);
  });

  it('works without a table, with nothing to compare with', () => {
    const { manifest } = compile({ ...options(join(temporaryFolder(), 'out')), data: undefined });
    expect(manifest.ladder.every(({ regression, accuracy }) => regression === undefined && accuracy === null)).toBe(
      true,
    );
  });

  it('refuses a table of classes', () => {
    expect(() => compile({ ...options(join(temporaryFolder(), 'out')), data: dataset() })).toThrow(/same task/);
  });
});

describe('the line of a compiled circuit', () => {
  const last = network.layers.at(-1)!;
  const column = {
    ...network,
    layers: [...network.layers.slice(0, -1), { ...last, activationStages: [] }],
  } as typeof network;

  it.each([
    ['of a stage', network],
    ['of a bare column', column],
  ])('is the best for the training rows of printed copies, %s', (_, of) => {
    const context = passContext(of, egt, { rows: both, seed: 1 });
    const layered = shareInverters(scaleColumns(lower(of, egt), egt));
    const nominal = withLine(layered, {
      ...context,
      network: { ...of, variation: { kind: 'uniform', relativeSpread: 0 } },
    });
    const solution = outputsOf(layered, egt, both.train.volts);
    const squares = ({ interceptUnits, unitsPerVolt }: typeof task | Regression): number =>
      both.train.labels.reduce((sum, t, r) => sum + (interceptUnits + unitsPerVolt * solution[r]! - t) ** 2, 0);
    const found = nominal.line!;
    for (const [da, db] of [
      [0.01, 0],
      [-0.01, 0],
      [0, 0.05],
      [0, -0.05],
    ] as const) {
      const other = { ...found, interceptUnits: found.interceptUnits + da, unitsPerVolt: found.unitsPerVolt + db };
      expect(squares(found)).toBeLessThan(squares(other));
    }
  });

  it('stays the network’s where there are no rows', () => {
    expect(withLine(start, passContext(network, egt, {})).line).toBeUndefined();
  });

  it('reads a bare column at the column itself, without a device behind it', () => {
    const circuit = passContext(column, egt, {}).ladder.circuitOf(lower(column, egt));
    expect(circuit.outputs).toEqual(['z_l1_c0']);
    expect(circuit.devices.some(({ origin }) => origin.role === 'activation' && origin.layer === 1)).toBe(false);
  });
});
