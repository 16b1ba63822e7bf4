import { CircuitKind, makeArtifact } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { checkCircuit } from '../src/ir/check.ts';
import { componentValues, flatten, IDEAL_GAIN } from '../src/ir/flatten.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import { egt } from './example.ts';
import { amplifier, columnWithNegatives, opamp, randomOhms } from './negative.ts';

/** The node's voltage by the node rule with signed conductances, v = Σ g·v_i / Σ g. */
function byNodeRule(positive: readonly number[], negative: readonly number[], volts: Float64Array): number {
  const g = [...positive.map((ohms) => 1 / ohms), ...negative.map((ohms) => -1 / ohms)];
  return g.reduce((sum, siemens, i) => sum + siemens * volts[i]!, 0) / g.reduce((sum, siemens) => sum + siemens, 0);
}

const POSITIVE = [1e5, 2e5];
const NEGATIVE = [4e5, 1e6, 3e6];
const VOLTS = Float64Array.of(0.2, 0.9, 0.4, 0.7, 0.1);

function solved(model: 'ideal' | 'gain' | 'rails', positive = POSITIVE, negative = NEGATIVE, volts = VOLTS) {
  const solver = new ExactSolver(flatten(columnWithNegatives(model, positive, negative), opamp));
  solver.setValues(componentValues(solver.flat));
  const state = solver.newState(1);
  expect(solver.solveRow(volts, 0, state)).toBe(true);
  return { solver, state, volts: (node: string) => state[solver.flat.unknowns.indexOf(node)]! };
}

describe('negative conductances by an op-amp', () => {
  it('give the node the voltage of the node rule when the op-amp is ideal', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const positive = randomOhms(seed, 2, 1e5);
      const negative = randomOhms(seed + 100, 3, 1e6);
      const { volts } = solved('ideal', positive, negative);
      expect(Math.abs(volts('z') - byNodeRule(positive, negative, VOLTS))).toBeLessThan(1e-6);
    }
  });

  it('are off by no more than the share of a finite gain', () => {
    const { volts } = solved('gain');
    const error = Math.abs(volts('z') - byNodeRule(POSITIVE, NEGATIVE, VOLTS));
    expect(error).toBeGreaterThan(1e-9);
    expect(error).toBeLessThan(10 / opamp.opamp!.gain);
  });

  it('clip where the output would leave the supplies of the op-amp', () => {
    const solver = new ExactSolver(flatten(amplifier('rails'), opamp));
    solver.setValues(componentValues(solver.flat));
    const rows = Float64Array.of(0, 0.1, 0.3, 0.45, 0.6, 1);
    const state = solver.newState(rows.length);
    expect(solver.solve(rows, rows.length, state)).toEqual([]);
    const x = solver.flat.unknowns.indexOf('x');
    const volts = Array.from(rows, (_, row) => state[row * solver.size + x]!);
    expect(volts[0]).toBeCloseTo(0, 9);
    expect(volts[2]).toBeCloseTo(-3, 3);
    expect(volts[3]).toBeCloseTo(-4.5, 2);
    expect(volts[4]).toBeGreaterThan(opamp.opamp!.lowVolts);
    expect(volts[5]).toBeLessThan(opamp.opamp!.lowVolts + 1e-6);
  });

  it.each(['ideal', 'gain', 'rails'] as const)('have the gradient that finite differences give, %s', (model) => {
    const { solver, state } = solved(model);
    const values = componentValues(solver.flat);
    const weights = Float64Array.from(solver.flat.unknowns, (_, i) => 1 + i);
    const gradient = new Float64Array(values.length);
    solver.addGradient(weights, gradient);
    const loss = (vector: Float64Array): number => {
      solver.setValues(vector);
      expect(solver.solveRow(VOLTS, 0, state)).toBe(true);
      return weights.reduce((sum, weight, i) => sum + weight * state[i]!, 0);
    };
    values.forEach((value, k) => {
      const h = 1e-4 * value;
      const shifted = (by: number): number => loss(values.map((v, i) => (i === k ? v + by : v)));
      const difference = (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / 12 / h;
      const scale = Math.abs(difference * value) + 1e-4;
      expect(Math.abs(gradient[k]! - difference) * value, solver.flat.components[k]!.name).toBeLessThan(1e-5 * scale);
    });
  });

  it('are linearised as finite differences of the currents say', () => {
    const { solver, state } = solved('rails');
    const jacobian = solver.jacobian();
    const n = solver.size;
    const z = solver.flat.unknowns.indexOf('z');
    const x = solver.flat.unknowns.indexOf('x');
    expect(jacobian[z * n + z]).toBeCloseTo(
      POSITIVE.reduce((sum, ohms) => sum + 1 / ohms, 1e-5),
      12,
    );
    expect(jacobian[x * n + z]).toBe(1);
    expect(state[x]).toBeDefined();
    // the factors are still those of the solution
    const gradient = new Float64Array(solver.flat.components.length);
    solver.addGradient(new Float64Array(n).fill(1), gradient);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });

  it('cost the power of both rails', () => {
    const { solver, volts } = solved('rails');
    const { quiescentAmperes, highVolts, lowVolts } = opamp.opamp!;
    expect(solver.power()).toBeGreaterThan(2 * quiescentAmperes * (highVolts - lowVolts));
    expect(volts('y')).toBeGreaterThan(0);
  });

  it('are refused in a technology without an op-amp', () => {
    const circuit = columnWithNegatives('gain', POSITIVE, NEGATIVE);
    expect(() => flatten({ ...circuit, devices: circuit.devices.filter((d) => d.kind !== 'stage') }, egt)).toThrow(
      'The technology egt has no op-amp.',
    );
  });

  it('are refused where two outputs drive one node', () => {
    const circuit = columnWithNegatives('gain', POSITIVE, NEGATIVE);
    const twice = circuit.devices.map((d) => (d.kind === 'opamp' ? { ...d, output: 'in0' } : d));
    const artifact = makeArtifact(CircuitKind, {
      ...circuit,
      technology: 'opamp',
      outputs: ['y', 'y'],
      classes: ['a', 'b'],
      devices: twice,
      inputHashes: {},
    });
    expect(() => checkCircuit(artifact, opamp)).toThrow('its output in0 is driven already');
  });

  it('stand for an ideal op-amp by a gain that nothing can see', () => {
    expect(solved('ideal').solver.flat.opamps.some(({ gain }) => gain === IDEAL_GAIN)).toBe(true);
  });
});
