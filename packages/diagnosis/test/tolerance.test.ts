import { BatchSolver, componentValues, flatten } from '@neuroprint/circuit';
import { UsageError } from '@neuroprint/core';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirmFaults, faultsOf, faultsToConfirm, judgeFaults, withFault, worstByDevice } from '../src/index.ts';
import { egt, network, randomRows } from './circuits.ts';

const ROWS = 30;
const circuit = network([2, 2, 2]);
const flat = flatten(circuit, egt);
const faults = faultsOf(flat);
const inputVolts = randomRows(ROWS, 2);

function decided(of: typeof flat): number[] {
  const solver = new BatchSolver(of);
  solver.setValues(componentValues(of));
  const state = solver.newState(ROWS);
  solver.solve(inputVolts, ROWS, state);
  const volts = circuit.outputs.map((node) => of.unknowns.indexOf(node));
  return Array.from({ length: ROWS }, (_, row) => {
    const [a, b] = volts.map((at) => state[row * solver.size + at]!);
    return a! >= b! ? 0 : 1;
  });
}

/** The circuit itself says what is right, so that only faults are wrong. */
const labels = Int32Array.from(decided(flat));
const task = { flat, outputs: circuit.outputs, inputVolts, labels };
const judged = judgeFaults(task, faults);

describe('accuracy under every single fault', () => {
  it('is the share of decisions that the circuit with the fault still makes, each by a solver of its own', () => {
    expect(judged.accuracy).toBe(1);
    expect(judged.faults).toHaveLength(faults.length);
    for (const { fault, accuracy, unsolvedRows } of judged.faults.filter((_, k) => k % 7 === 0)) {
      expect(unsolvedRows).toBe(0);
      const right = decided(withFault(flat, fault)).filter((one, row) => one === labels[row]).length;
      expect(accuracy, fault.name).toBeCloseTo(right / ROWS, 12);
    }
  });

  it('has the worst first, and of a stage the worst of its parts', () => {
    const accuracies = judged.faults.map(({ accuracy }) => accuracy);
    expect(accuracies).toEqual(accuracies.toSorted((a, b) => a - b));
    const worst = worstByDevice(judged.faults);
    expect(worst.get('act_l1_c0')!.accuracy).toBe(
      Math.min(...['R1', 'R2', 'drive1', 'drive2'].map((part) => worst.get(`act_l1_c0.${part}`)!.accuracy)),
    );
  });

  it('refuses an output that the circuit has not', () => {
    expect(() => judgeFaults({ ...task, outputs: ['nowhere'] }, faults.slice(0, 1))).toThrow(UsageError);
  });
});

describe('faults in ngspice', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine('auto');
  });
  afterAll(() => engine.close());

  it('have the volts and the decisions of the exact solver: the worst, and a sample of the others that the seed chooses', async () => {
    const chosen = faultsToConfirm(judged.faults, 12, 3);
    expect(chosen).toHaveLength(12);
    expect(chosen.slice(0, 6)).toEqual(judged.faults.slice(0, 6));
    expect(faultsToConfirm(judged.faults, 12, 4).slice(6)).not.toEqual(chosen.slice(6));
    const confirmed = await confirmFaults(engine, task, chosen);
    expect(confirmed).toMatchObject({ faults: 12, unsimulatedFaults: 0, decisionsDiffering: 0 });
    expect(confirmed.maxErrorVolts).toBeLessThan(1e-6);
  });
});
