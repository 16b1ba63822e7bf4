import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentValues, ExactSolver, type FlatCircuit, flatten } from '@neuroprint/circuit';
import { CircuitKind, makeArtifact } from '@neuroprint/core';
import { type Engine, openEngine, parseNetlist, renderLibrary, renderNetlist, simulateFlat } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chain, mixedProcess } from '../../circuit/test/process.ts';
import { readForeignCircuit } from '../src/foreign/circuit.ts';
import { readPortMap } from '../src/foreign/map.ts';
import { checkText } from '../src/foreign/text-check.ts';
import { extractCircuit } from '../src/lvs/extract.ts';
import { checkNothingFloats } from '../src/lvs/floating.ts';

const technology = mixedProcess();
const folder = mkdtempSync(join(tmpdir(), 'neuroprint-kinds-'));
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const map = () =>
  readPortMap(
    write('map.json', JSON.stringify({ inputs: { a: 'a' }, outputs: { q: 'q' }, supplies: { vdd: 'vcc' } })),
    technology,
  );
const read = (name: string, lines: readonly string[]) =>
  readForeignCircuit(write(name, ['* title', ...lines, '.end', ''].join('\n')), map(), technology);

/** An inverter with contacts that resist and a leaking gate, behind a resistor, with an ammeter in its supply. */
const INVERTER = ['Rin a g 1Meg', 'Xn q g 0 square w=100u l={20u}', 'Xp q g top pmos wl=10', 'Vmeter vcc top 0'];

function solved(flat: FlatCircuit, inputVolts: readonly number[]) {
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const state = solver.newState(inputVolts.length);
  expect(solver.solve(Float64Array.from(inputVolts), inputVolts.length, state)).toEqual([]);
  return { solver, state };
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('auto');
});
afterAll(() => engine.close());

describe('a netlist of a process with several kinds of transistors', () => {
  it('is read, of either polarity, and solved as ngspice solves it', async () => {
    const understood = read('inverter.cir', INVERTER);
    const { flat } = understood;
    expect(flat.transistors.map(({ model }) => model)).toEqual(['square', 'pmos']);
    expect(flat.leaks).toHaveLength(3);
    const inputs = Array.from({ length: 21 }, (_, i) => i / 4);
    const { state } = solved(flat, inputs);
    const simulated = await simulateFlat(engine, flat, Float64Array.from(inputs));
    expect(Math.max(...state.map((v, i) => Math.abs(v - simulated.volts[i]!)))).toBeLessThan(1e-6);
    const cases = { inputVolts: Float64Array.from(inputs), rows: inputs.length };
    expect(await checkText(engine, understood, map(), cases, simulated, 1e-6)).toMatchObject({ cases: inputs.length });
    const q = flat.unknowns.indexOf('q');
    const first = state[q]!;
    const last = state[(inputs.length - 1) * flat.unknowns.length + q]!;
    expect(first).toBeGreaterThan(4);
    expect(last).toBeLessThan(1);
  });

  it('has the currents of contacts and gates: what the supply and the input give is what the circuit takes', () => {
    const { flat, branches } = read('inverter.cir', INVERTER);
    for (const input of [0.5, 1.7, 2.4, 4]) {
      const { solver, state } = solved(flat, [input]);
      const volts = Float64Array.of(...state, ...flat.supplyVolts, input);
      const [supply, meter, from] = ['vcc', 'vmeter', 'a'].map((name) => branches().get(name)!(volts));
      expect(meter).toBeCloseTo(supply!, 15);
      expect(from).toBeGreaterThan(1e-8);
      expect((5 * supply! + input * from!) / solver.power()).toBeCloseTo(1, 6);
    }
  });

  it.each([
    ['Xn q g 0 square wl=5', /xn: square needs the parameters w and l \(metres\) and no other/],
    ['Xn q g 0 square w=100u', /xn: square needs the parameters w and l/],
    ['Xn q g 0 square w=-100u l=20u', /xn: w is -.*, and must be positive/],
    ['Xn q g 0 pmos w=100u l=20u', /xn: pmos needs the parameter wl \(W\/L\) and no other/],
    ['Xn q g 0 nothing wl=5', /there is no subcircuit nothing/],
  ])('is refused where it has %s', (line, message) => {
    expect(() => read('wrong.cir', INVERTER.with(1, line))).toThrow(message);
  });

  it('may bring the models along, if each is the right one', () => {
    const { models } = renderLibrary(technology, []);
    expect(read('brought.cir', [...models.split('\n'), ...INVERTER]).flat.transistors).toHaveLength(2);
    const other = models.replace('6.61e-06', '6.62e-06');
    expect(other).not.toBe(models);
    expect(() => read('other.cir', [...other.split('\n'), ...INVERTER])).toThrow(
      /the subcircuit \w+ is not the model of that name of the technology/,
    );
  });

  it('of our own is extracted as the circuit it was made of', () => {
    const circuit = makeArtifact(CircuitKind, {
      ...{ inputHashes: {}, technology: 'mixed', classes: ['one', 'other'] },
      ...{ ...chain(technology), outputs: ['a_2', 'a_3'] },
    });
    const extracted = extractCircuit(parseNetlist(renderNetlist(circuit, technology)), circuit, technology);
    expect(extracted.devices).toEqual(circuit.devices);
    expect(() => checkNothingFloats('netlist.cir', extracted, technology)).not.toThrow();
    expect(flatten(extracted, technology).transistors).toEqual(flatten(circuit, technology).transistors);
  });
});
