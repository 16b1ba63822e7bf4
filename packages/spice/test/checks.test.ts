import { flatten } from '@neuroprint/circuit';
import {
  type Engine,
  NoConvergenceError,
  type Plot,
  simulateCurves,
  simulateRows,
  simulateVariants,
} from '@neuroprint/spice';
import { describe, expect, it } from 'vitest';
import { randomCircuit, randomDesigns, randomRows, technologyOf } from './circuits.ts';

const technology = technologyOf('egt');
const circuit = randomCircuit(technology, [2, 1], 1);
const rows = randomRows(2, 2, 1);

/** All that ngspice gives of a network unasked: its nodes, by their names and within its instance, and the tag. */
const unasked = [
  'v(_tag)',
  ...flatten(circuit, technology).unknowns.flatMap((node) => [`v(${node})`, `v(xnet.${node})`]),
];

/** An engine that says of every variable what it is told to. */
function liar(volts: (variable: string, point: number) => number, points = 2): Engine {
  return {
    name: 'ngspice',
    version: 'test',
    run: async (deck) => {
      const asked = [...deck.matchAll(/^\.save (.*)$/gm)].flatMap(([, names]) => names!.split(' '));
      const variables = asked.length > 0 ? asked : unasked;
      const values = Float64Array.from({ length: points * variables.length }, (_, i) =>
        volts(variables[i % variables.length]!, Math.floor(i / variables.length)),
      );
      const column = (name: string): Float64Array =>
        Float64Array.from({ length: points }, (_, k) => values[k * variables.length + variables.indexOf(name)]!);
      const plot: Plot = { name: 'lie', variables, points, values, column };
      return [plot];
    },
    close: async () => undefined,
    cpuSeconds: () => 0,
  };
}

describe('a voltage that cannot be', () => {
  it('is refused with its row and node when it is not a number', async () => {
    const engine = liar((name, point) => (name === 'v(out_0)' && point === 1 ? Number.NaN : 0.5));
    await expect(simulateRows(engine, circuit, technology, rows)).rejects.toThrow(/row 1: .*out_0 is NaN/);
  });

  it('is refused when a stage leaves its supplies', async () => {
    const engine = liar((name) => (name === 'v(out_0)' ? 1.01 : 0.5));
    await expect(simulateRows(engine, circuit, technology, rows)).rejects.toThrow(/out_0 of act_l0_c0 is 1.01 V/);
  });

  it('is refused when a sweep ends without a point', async () => {
    await expect(
      simulateRows(
        liar(() => 0.5, 0),
        circuit,
        technology,
        rows,
      ),
    ).rejects.toThrow(/row 0 has no operating point/);
  });

  it('leaves out the variants that end so, where somebody wants to hear of them', async () => {
    const left: number[] = [];
    const engine = liar(() => 0.5, 0);
    const all = simulateVariants(engine, circuit, technology, rows, [circuit, circuit], {
      onNoConvergence: (variant) => left.push(variant),
    });
    for await (const _ of all) expect.unreachable('no variant has voltages');
    expect(left).toEqual([0, 1]);
    const strict = simulateVariants(engine, circuit, technology, rows, [circuit]);
    await expect(strict.next()).rejects.toThrow(NoConvergenceError);
  });

  it('makes the design of a curve fail, and the reason says so', async () => {
    const cell = technology.cells.negweight!;
    const request = {
      technology,
      cell,
      designs: randomDesigns(cell, 1, 1),
      grid: { kind: 'uniform', points: 2, startVolts: -2, stopVolts: 2 },
    } as const;
    const curve = (volts: number) =>
      simulateCurves(
        liar((name) => (name === 'v(_tag)' ? 0 : volts)),
        request,
      );
    expect(await curve(Number.NaN)).toEqual([{ failure: expect.stringContaining('NaN') }]);
    expect(await curve(1.2)).toEqual([{ failure: expect.stringContaining('outside its supplies') }]);
    expect(await curve(0.5)).toMatchObject([
      { inputVolts: Float64Array.of(0.5, 0.5), outputVolts: Float64Array.of(0.5, 0.5) },
    ]);
  });

  it('is not looked for where the voltages do not fill whole rows', async () => {
    await expect(
      simulateRows(
        liar(() => 0.5),
        circuit,
        technology,
        randomRows(1, 3, 1),
      ),
    ).rejects.toThrow(/do not fill/);
  });
});
