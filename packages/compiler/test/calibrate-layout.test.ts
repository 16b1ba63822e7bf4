import type { FlatCircuit } from '@neuroprint/circuit';
import { Draws, inputRanges, toVoltageRows } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { passContext } from '../src/context.ts';
import { CircuitLoss } from '../src/passes/calibrate/circuit-loss.ts';
import { CalibrationParameters } from '../src/passes/calibrate/parameters.ts';
import { Sides } from '../src/passes/calibrate/sides.ts';
import { calibrationRows } from '../src/passes/calibrate/targets.ts';
import { calibrateLayoutPass } from '../src/passes/calibrate-layout.ts';
import { lower } from '../src/passes/lower.ts';
import { scaleColumns } from '../src/passes/scale-columns.ts';
import { shareInverters } from '../src/passes/share-inverters.ts';
import { PASSES_WITH_LINES, runPasses } from '../src/passes.ts';
import { dataset, egt, network } from './example.ts';

const data = dataset();
const rowsOf = (split: 'train' | 'valid') => toVoltageRows(data, inputRanges(data), data.classNames, split);
const rows = { train: rowsOf('train'), valid: rowsOf('valid') };
const start = shareInverters(scaleColumns(lower(network(4), egt), egt));

/** All devices at the supply are behind one line of so many ohms. */
function supplyBehind(ohms: number): (flat: FlatCircuit) => FlatCircuit {
  return (flat) => {
    const size = flat.unknowns.length;
    const supply = size + flat.driven.indexOf('vdd');
    const moved = (node: number): number => (node < size ? node : node === supply ? size : node + 1);
    return {
      ...flat,
      unknowns: [...flat.unknowns, 'vdd@1,1'],
      metalNodes: 1,
      resistors: flat.resistors.map(({ nodes: [a, b], ...r }) => ({ ...r, nodes: [moved(a), moved(b)] })),
      transistors: flat.transistors.map((t) => ({
        ...t,
        drain: moved(t.drain),
        gate: moved(t.gate),
        source: moved(t.source),
      })),
      lines: [{ nodes: [size, supply + 1], siemens: 1 / ohms }],
    };
  };
}

describe('calibration with the lines of a layout', () => {
  it('has the gradient by every parameter that finite differences give', () => {
    const parameters = new CalibrationParameters(start, egt, 8);
    const { train } = calibrationRows(network(4), rows, egt);
    const metal = supplyBehind(2e4);
    const loss = new CircuitLoss(egt, train, { draws: new Draws(4, 'test'), variation: 0.1, metal });
    const chosen = Int32Array.of(0, 3, 7, 11);
    const request = { ...new Sides().of(parameters), first: 0, copies: 2 };
    const { gradient } = loss.run(parameters, [chosen], { ...request, withGradient: true })[0]!;
    let checked = 0;
    gradient!.forEach((derivative, k) => {
      const value = parameters.values[k]!;
      // at the edge of the printable range one side is clamped
      if (Math.abs(Math.abs(value) - 0.1) < 1e-3) return;
      const h = 1e-4 * Math.max(0.1, Math.abs(value));
      const at = (by: number): number => {
        parameters.values[k] = value + by;
        return loss.run(parameters, [chosen], { ...request, withGradient: false })[0]!.tally.loss;
      };
      const difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      parameters.values[k] = value;
      expect(Math.abs(derivative - difference)).toBeLessThan(1e-5 * Math.max(1, Math.abs(difference)));
      checked += 1;
    });
    expect(checked).toBeGreaterThan(10);
  });

  it('wins back what lines cost, keeps the best layout, and stops where another gains nothing', () => {
    const laidOut: string[] = [];
    const metalOf = (circuit: { readonly checksum: string }) => {
      laidOut.push(circuit.checksum);
      return supplyBehind(2e4);
    };
    const context = passContext(network(4), egt, { rows, metalOf, calibrationSteps: 80 });
    const { output, note, changed } = calibrateLayoutPass.run(start, context);
    const scores = [...note.matchAll(/score (-?[\d.]+)/g)].map(([, score]) => Number(score));
    expect(scores).toHaveLength(laidOut.length);
    expect(new Set(laidOut).size).toBeGreaterThan(1);
    expect(Math.max(...scores)).toBeGreaterThan(scores[0]! + 0.01);
    expect(changed).toBeGreaterThan(0);
    calibrateLayoutPass.check(output!, context, start);
  });

  it('is left out without rows, and where a circuit cannot be laid out', () => {
    const run = (options: Parameters<typeof passContext>[2]) =>
      calibrateLayoutPass.run(start, passContext(network(4), egt, options));
    expect(run({ metalOf: () => undefined }).note).toMatch(/no rows to tune on/);
    expect(run({ rows, metalOf: () => undefined })).toMatchObject({
      output: undefined,
      note: expect.stringMatching(/no layout/),
    });
    const { passes } = runPasses(passContext(network(4), egt), PASSES_WITH_LINES);
    expect(passes.map(({ name }) => name)).toContain('calibrate layout');
  });
});
