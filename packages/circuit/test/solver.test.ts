import { Draws } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { componentValues, flatten } from '../src/ir/flatten.ts';
import { deviceLaw } from '../src/solver/device.ts';
import { ExactSolver } from '../src/solver/exact-solver.ts';
import { gridStates, shareOfGrid, wattsGradient, wattsOnGrid } from '../src/technology/stage-watts.ts';
import { loadTechnology } from '../src/technology/technology.ts';
import { date23, egt, randomCircuit, TEMPLATES } from './example.ts';

function randomInputs(rows: number, inputs: number, seed: number): Float64Array {
  const volts = new Float64Array(rows * inputs);
  new Draws(seed, 'test inputs').fillUniform(0, volts);
  return volts;
}

describe('the drain current', () => {
  it('has the derivatives that finite differences give, in every region and for both directions of the current', () => {
    const out = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
    const at = (g: number, d: number, s: number): number => {
      deviceLaw(egt.transistors.egt!).evaluate(g, d, s, 1, 1, 27, out);
      return out.amperes;
    };
    const h = 1e-6;
    for (const gate of [-1, 0.1, 0.18, 0.4, 1]) {
      for (const drain of [-0.3, 0, 0.02, 0.5, 1]) {
        at(gate, drain, 0.05);
        const { byGate, byDrain } = out;
        const scale = Math.abs(byGate) + Math.abs(byDrain) + 1e-14;
        expect(
          Math.abs((at(gate + h, drain, 0.05) - at(gate - h, drain, 0.05)) / (2 * h) - byGate) / scale,
        ).toBeLessThan(1e-5);
        expect(
          Math.abs((at(gate, drain + h, 0.05) - at(gate, drain - h, 0.05)) / (2 * h) - byDrain) / scale,
        ).toBeLessThan(1e-5);
      }
    }
  });

  it('is the same of a kind that was sent to a thread, as plain data', () => {
    const sent = structuredClone(egt.transistors.egt!);
    const [here, there] = [0, 1].map(() => ({ amperes: 0, byGate: 0, byDrain: 0, bySource: 0 }));
    deviceLaw(egt.transistors.egt!).evaluate(0.7, 0.3, 0.1, 1, 1, 27, here!);
    deviceLaw(sent).evaluate(0.7, 0.3, 0.1, 1, 1, 27, there!);
    expect(there).toEqual(here);
  });

  it('is zero without a voltage between drain and source, and changes sign with it', () => {
    const out = { amperes: 1, byGate: 0, byDrain: 0, bySource: 0 };
    deviceLaw(egt.transistors.egt!).evaluate(0.7, 0.3, 0.3, 1, 1, 27, out);
    expect(out.amperes).toBe(0);
    deviceLaw(egt.transistors.egt!).evaluate(0.7, 0.3, 0.5, 1, 1, 27, out);
    expect(out.amperes).toBeLessThan(0);
  });
});

describe.each([
  ['egt', egt],
  ['egt-date23', date23],
])('the exact solver on random networks of %s', (_, technology) => {
  it('finds an operating point for every row, cold or warm, and both are the same', () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const solver = new ExactSolver(flatten(randomCircuit(technology, [4, 3, 3], seed), technology));
      solver.setValues(componentValues(solver.flat));
      const inputs = randomInputs(20, 4, seed);
      const warm = solver.newState(20);
      expect(solver.solve(inputs, 20, warm)).toEqual([]);
      const cold = solver.newState(20);
      for (let row = 19; row >= 0; row -= 1) expect(solver.solveRow(inputs, row, cold)).toBe(true);
      const largest = Math.max(...warm.map((volts, i) => Math.abs(volts - cold[i]!)));
      expect(largest).toBeLessThan(1e-11);
    }
  });

  it('gives the gradient of every component that finite differences give', () => {
    const solver = new ExactSolver(flatten(randomCircuit(technology, [3, 2, 2], 5), technology));
    const values = componentValues(solver.flat);
    const inputs = randomInputs(1, 3, 7);
    const weights = new Float64Array(solver.size);
    new Draws(3, 'loss').fillUniform(0, weights);
    const state = solver.newState(1);
    const loss = (vector: Float64Array): number => {
      solver.setValues(vector);
      expect(solver.solveRow(inputs, 0, state)).toBe(true);
      return weights.reduce((sum, weight, i) => sum + weight * state[i]!, 0);
    };
    loss(values);
    const gradient = new Float64Array(values.length);
    solver.addGradient(weights, gradient);
    values.forEach((value, k) => {
      const h = 1e-4 * value;
      const shifted = (by: number): number => loss(values.map((v, i) => (i === k ? v + by : v)));
      const difference = (8 * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) / 12 / h;
      const scale = Math.abs(difference * value) + 1e-4;
      expect(Math.abs(gradient[k]! - difference) * value, solver.flat.components[k]!.name).toBeLessThan(1e-5 * scale);
    });
  });

  it('gives the gradient of every input that finite differences give', () => {
    const solver = new ExactSolver(flatten(randomCircuit(technology, [3, 2, 2], 5), technology));
    solver.setValues(componentValues(solver.flat));
    const weights = new Float64Array(solver.size);
    new Draws(3, 'loss').fillUniform(0, weights);
    const inputs = randomInputs(1, 3, 7);
    const loss = (volts: Float64Array): number => {
      const state = solver.newState(1);
      expect(solver.solveRow(volts, 0, state)).toBe(true);
      return weights.reduce((sum, weight, i) => sum + weight * state[i]!, 0);
    };
    loss(inputs);
    const gradient = new Float64Array(3);
    solver.addInputGradient(weights, gradient);
    gradient.forEach((slope, k) => {
      const shifted = (by: number): number => loss(inputs.map((v, i) => (i === k ? v + by : v)));
      const difference = (8 * (shifted(1e-4) - shifted(-1e-4)) - (shifted(2e-4) - shifted(-2e-4))) / 12e-4;
      expect(Math.abs(slope - difference)).toBeLessThan(1e-5 * (1 + Math.abs(difference)));
    });
  });

  it('counts as much power as the sources deliver', () => {
    const solver = new ExactSolver(flatten(randomCircuit(technology, [3, 2, 2], 2), technology));
    const values = componentValues(solver.flat);
    solver.setValues(values);
    const state = solver.newState(1);
    solver.solveRow(randomInputs(1, 3, 1), 0, state);
    expect(solver.power()).toBeGreaterThan(0);
    const before = solver.power();
    solver.setValues(
      values.map((value, k) =>
        solver.flat.components[k]!.parameter === 'L'
          ? value
          : solver.flat.components[k]!.unit === 'ohms'
            ? value * 2
            : solver.flat.components[k]!.parameter.startsWith('W')
              ? value / 2
              : value,
      ),
    );
    solver.solveRow(randomInputs(1, 3, 1), 0, state);
    expect(solver.power()).toBeCloseTo(before / 2, 12);
  });
});

describe.each(['egt', 'egt-date23', 'otft'])('the slopes of power in %s', (name) => {
  const technology = loadTechnology(TEMPLATES, name);
  const h = 1e-5;

  it('are for a stage those of its watts over the grid, and from the states of its watts the same', () => {
    for (const cell of ['negweight', 'ptanh'].map((cell) => technology.cells[cell]!)) {
      const logs = Float64Array.from(cell.parameters, ({ name: one }) => Math.log(cell.typical[one]!));
      const share = shareOfGrid(
        technology,
        [0, 0.21, 0.4, 0.93].map((part) => part * technology.bias.volts),
      );
      const states = gridStates(technology, cell);
      const mean = (at: Float64Array, from?: Float64Array) =>
        wattsOnGrid(technology, cell, at, from).reduce((sum, watts, v) => sum + watts * share[v]!, 0);
      const total = mean(logs, states);
      const gradient = wattsGradient(technology, cell, logs, share, states);
      wattsGradient(technology, cell, logs, share).forEach((slope, k) => {
        const at = (step: number) => mean(logs.map((log, i) => (i === k ? log + step : log)));
        expect(Math.abs(slope - (at(h) - at(-h)) / (2 * h)) / total).toBeLessThan(1e-6);
        expect(Math.abs(slope - gradient[k]!) / total).toBeLessThan(1e-7);
      });
    }
  });
});

describe('an open resistor', () => {
  it('is answered with the derivative by its conductance', () => {
    const solver = new ExactSolver(flatten(randomCircuit(egt, [3, 2, 2], 4), egt));
    const values = componentValues(solver.flat);
    const open = solver.flat.components.findIndex((component) => component.name === 'r_l0_i1_c0');
    const inputs = randomInputs(1, 3, 9);
    const output = solver.flat.unknowns.indexOf('y_l1_c0');
    const state = solver.newState(1);
    const at = (ohms: number): number => {
      solver.setValues(values.map((value, k) => (k === open ? ohms : value)));
      solver.solveRow(inputs, 0, state);
      return state[output]!;
    };
    const base = at(Number.POSITIVE_INFINITY);
    const gradient = new Float64Array(values.length);
    solver.addGradient(
      Float64Array.from({ length: solver.size }, (_, i) => (i === output ? 1 : 0)),
      gradient,
    );
    const siemens = 1e-11;
    expect(gradient[open]!).toBeCloseTo((at(1 / siemens) - base) / siemens, -2);
    expect(Math.abs(gradient[open]! / ((at(1 / siemens) - base) / siemens) - 1)).toBeLessThan(1e-3);
  });
});
