import { fileURLToPath } from 'node:url';
import { idealVoltages, loadTechnology } from '@neuroprint/circuit';
import { Draws, makeArtifact, type TrainedNetwork, TrainedNetworkKind } from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';
import { describe, expect, it } from 'vitest';
import { circuitOf, layeredOf, type NegativeForm, passContext } from '../src/index.ts';
import { solveCircuit } from '../src/ladder.ts';
import { calibratePass } from '../src/passes/calibrate.ts';
import { checkSettling } from '../src/passes/scale-columns/settling.ts';
import { PrintGrid } from '../src/passes/snap/grid.ts';
import { snap } from '../src/passes/snap.ts';
import { roundsHere } from './example.ts';

const opamp = loadTechnology(fileURLToPath(new URL('../../../spice-templates', import.meta.url)), 'opamp');
const COLUMNS = [
  [2e-6, -1e-6],
  [-1e-6, 2e-6],
  [1e-6, 2e-7],
  [5e-7, 5e-7],
];

function network(first: number[][] = COLUMNS, cell = 'sigmoid'): TrainedNetwork {
  const stage = (name: string) => ({ cell: name, values: opamp.cells[name]!.typical });
  const layer = (conductancesSiemens: number[][], name: string) => ({
    nodeRule: 'kirchhoff' as const,
    conductancesSiemens,
    activationStages: [stage(name)],
    fallingStages: [],
  });
  return makeArtifact(TrainedNetworkKind, {
    name: 'signed',
    technology: 'opamp',
    inputs: ['x', 'y'].map((name) => ({ name, minimum: 0, maximum: 1 })),
    classes: ['left', 'right'],
    layers: [layer(first, cell), layer(COLUMNS, 'sigmoid')],
    variation: { kind: 'uniform', relativeSpread: 0.05 },
    inputHashes: {},
  });
}

const inputVolts = new Float64Array(40);
new Draws(1, 'inputs').fillUniform(0, inputVolts);

function built(of: TrainedNetwork, form: NegativeForm = 'column') {
  const cases = { rows: 20, inputVolts, labels: undefined, sourceRows: new Int32Array(20) };
  const layered = layeredOf(of, opamp, { until: 'scale columns', negativeForm: form, cases });
  return { layered, circuit: circuitOf(layered, of, opamp) };
}

describe('layers with signed conductances', () => {
  it.each([
    ['column', 'sigmoid'],
    ['entry', 'sigmoid'],
    ['column', 'evensigmoid'],
    ['column', 'bandpass'],
  ] as const)('become a circuit with the voltages of the network, one op-amp a %s, %s', (form, cell) => {
    const of = network(COLUMNS, cell);
    const promised = idealVoltages(of, inputVolts, 20, opamp).outputs.at(-1)!;
    const { outputs } = solveCircuit(built(of, form).circuit, opamp, inputVolts);
    outputs.forEach((v, i) => {
      expect(Math.abs(v - promised[i]!)).toBeLessThan(1e-3);
    });
  });

  it('take one op-amp for all negative entries of a column, or one for each', () => {
    const first = [
      [2e-6, 3e-6],
      [-1e-6, -5e-7],
      [1e-6, -5e-7],
      [5e-7, 5e-7],
    ];
    const count = (form: NegativeForm): number =>
      built(network(first), form).circuit.devices.filter(({ kind, origin }) => kind === 'opamp' && origin.layer === 0)
        .length;
    expect(count('column')).toBe(2);
    expect(count('entry')).toBe(3);
  });

  it('are refused where a column is unstable, by name', () => {
    const unstable = [
      [1e-6, 1e-6],
      [1e-6, -2e-6],
      [0, 2e-7],
      [0, 2e-7],
    ];
    expect(() => checkSettling(built(network(unstable)).circuit, opamp, inputVolts, 0)).toThrow(
      'Layer 0, column 1: it is unstable',
    );
  });

  it('are refused where printing makes them unstable', () => {
    const close = [
      [1e-6, 1e-6],
      [1e-6, -9e-7],
      [0, 0],
      [0, 0],
    ];
    const { circuit } = built(network(close));
    expect(() => checkSettling(circuit, opamp, inputVolts, 0.2)).toThrow('when it is printed with the variation');
  });

  it('are refused where an op-amp would leave its supplies, by name', () => {
    const large = [
      [1e-6, 1e-6],
      [1e-6, -2e-6],
      [0, -1e-6],
      [0, 2.02e-6],
    ];
    expect(() => checkSettling(built(network(large)).circuit, opamp, inputVolts, 0)).toThrow(
      /Layer 0, column 1: its op-amp would have to give .* V at row/,
    );
  });

  it('are calibrated on the exact circuit, and stay stable', () => {
    const of = network();
    const labels = decisions(idealVoltages(of, inputVolts, 20, opamp).outputs.at(-1)!, 2);
    const rows = { volts: inputVolts, labels, sourceRows: labels, clipped: 0 };
    const { layered } = built(of);
    const options = { rows: { train: rows, valid: rows }, seed: 0, calibrationSteps: 10 };
    const { output } = roundsHere(calibratePass, layered, passContext(of, opamp, options));
    const circuit = circuitOf(output!, of, opamp);
    expect(() => checkSettling(circuit, opamp, inputVolts, 0.05)).not.toThrow();
    const { outputs } = solveCircuit(circuit, opamp, inputVolts);
    expect(accuracy(decisions(outputs, 2), labels)).toBe(1);
  });

  it('are snapped to printable values, the resistors of their op-amps too', () => {
    const { layered } = built(network());
    const grid = new PrintGrid(opamp);
    const snapped = snap(layered, opamp, grid, inputVolts);
    expect(snapped.rmsVolts).toBeLessThan(0.02);
  });
});
