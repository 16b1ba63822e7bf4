import { Draws, type PortTable, type SampleTable } from '@neuroprint/core';
import { levenbergMarquardt } from '@neuroprint/numeric';
import type { CellTopology } from '../src/eta/topology.ts';

/** The falling stage of `egt`: a transistor with a load resistor, source at ground, gate at the input. */
export const SPACE = {
  technology: 'egt',
  cell: 'negweight',
  parameters: [
    { name: 'R', unit: 'ohms', min: 20e3, max: 1e6, scale: 'log' },
    { name: 'W', unit: 'metres', min: 30e-6, max: 800e-6, scale: 'log' },
    { name: 'L', unit: 'metres', min: 10e-6, max: 120e-6, scale: 'log' },
  ],
  constraints: ['R*W/L>20000', '500000>R*W/L'],
} as const;

export const TOPOLOGY: CellTopology = {
  elements: [
    { kind: 'resistor', nodes: ['vdd', 'out'], ohms: 'R' },
    { kind: 'transistor', drain: 'out', gate: 'in', source: '0', width: 'W', length: 'L' },
  ],
  supplies: ['vdd'],
};

/** Drain current per W/L at source voltage 0, by the device equation of docs/physics.md, in amperes. */
function drainCurrent(gate: number, drain: number): number {
  const softplus = (u: number) => Math.log1p(Math.exp(-Math.abs(u))) + Math.max(u, 0);
  const from = softplus((gate - 0.17649) / 0.022472) ** 1.4622;
  const to = softplus((gate - drain - 0.17649) / 0.022472) ** 1.4622;
  return 1.1006e-7 * (from - to) * (1 + 0.04386 * Math.sqrt(drain * drain + 1e-6));
}

/** Output volts of the stage by bisection of (1 − v)/load = I(v); load = R·W/L in ohms. */
function outputVolts(load: number, input: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i += 1) {
    const middle = (low + high) / 2;
    if ((1 - middle) / load > drainCurrent(input, middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const INPUTS = Float64Array.from({ length: 81 }, (_, i) => -0.5 + i / 40);

function fitEta(load: number): Float64Array {
  const curve = INPUTS.map((input) => -outputVolts(load, input));
  const fit = levenbergMarquardt(
    {
      residuals: INPUTS.length,
      parameters: 4,
      evaluate([a, b, c, d], residuals, jacobian) {
        for (let i = 0; i < INPUTS.length; i += 1) {
          const t = Math.tanh((INPUTS[i]! - c!) * d!);
          const slope = b! * (1 - t * t);
          residuals[i] = a! + b! * t - curve[i]!;
          jacobian?.set([1, t, -slope * d!, slope * (INPUTS[i]! - c!)], i * 4);
        }
      },
    },
    Float64Array.of(-0.5, 0.5, 0.35, 8),
  );
  if (!fit.converged) throw new Error(`no fit at R·W/L = ${load}`);
  return fit.x;
}

/** Random designs of the stage, solved by bisection and fitted: a table without a simulator. */
export function inverterTable(rows: number): SampleTable {
  const draws = new Draws(7, 'inverters');
  const values = new Float64Array(rows * 3);
  const eta = new Float64Array(rows * 4);
  const inputVolts = new Float64Array(rows * INPUTS.length);
  const volts = new Float64Array(rows * INPUTS.length);
  for (let row = 0, draw = 0; row < rows; draw += 1) {
    const design = SPACE.parameters.map(({ min, max }, k) => min * (max / min) ** draws.uniform(draw, k));
    const load = (design[0]! * design[1]!) / design[2]!;
    if (load <= 20e3 || load >= 500e3) continue;
    values.set(design, row * 3);
    eta.set(fitEta(load), row * 4);
    inputVolts.set(INPUTS, row * INPUTS.length);
    volts.set(
      INPUTS.map((input) => -outputVolts(load, input)),
      row * INPUTS.length,
    );
    row += 1;
  }
  return { ...SPACE, values, eta, curves: { points: INPUTS.length, inputVolts, volts }, hash: 'a'.repeat(64) };
}

const HELD_POINTS = 9;
const SWEPT_POINTS = 14;

/** Two-dimensional sweeps of the same designs, each at voltages of its own: current into the output that is held. */
export function inverterPorts(rows: number): PortTable {
  const { values, hash } = inverterTable(rows);
  const points = HELD_POINTS * SWEPT_POINTS;
  const column = (value: (row: number, input: number, output: number) => number) =>
    Float64Array.from({ length: rows * points }, (_, i) => {
      const row = Math.floor(i / points);
      const inside = i % points;
      const output = (Math.floor(inside / SWEPT_POINTS) + ((row * 0.755) % 1) - 0.5) / (HELD_POINTS - 1);
      const input = -0.5 + ((inside % SWEPT_POINTS) + ((row * 0.57) % 1) - 0.5) / 6;
      return value(row, input, output);
    });
  return {
    ...SPACE,
    values,
    hash,
    points,
    inputPoints: SWEPT_POINTS,
    inputVolts: column((_, input) => input),
    outputVolts: column((_, __, output) => output),
    outputAmperes: column((row, input, output) => {
      const [ohms, width, length] = values.subarray(row * 3, row * 3 + 3) as unknown as number[];
      return (output - 1) / ohms! + (width! / length!) * drainCurrent(input, output);
    }),
    drainVolts: {},
  };
}
