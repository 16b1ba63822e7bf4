import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { componentValues, loadTechnology, type Technology } from '@neuroprint/circuit';
import { type Engine, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latch, opamp } from '../../circuit/test/negative.ts';
import { corners } from '../src/corners.ts';
import { ExactRows } from '../src/exact-rows.ts';
import { cases, circuit, TEMPLATES, technology } from './fixture.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('auto');
});
afterAll(() => engine.close());

function solved(of: ReturnType<typeof latch>, inputVolts: Float64Array) {
  const rows = inputVolts.length / of.inputs.length;
  const exact = new ExactRows(of, opamp, { inputVolts, rows });
  return { ...exact.at(componentValues(exact.solver.flat)), inputVolts, labels: new Int32Array(rows) };
}

/** The technology with a slope that follows the temperature, as kT/q does. */
function warm(): Technology {
  const root = mkdtempSync(join(tmpdir(), 'neuroprint-warm-'));
  for (const from of ['common', 'egt']) cpSync(join(TEMPLATES, from), join(root, 'warm'), { recursive: true });
  const file = join(root, 'warm', 'technology.json');
  const text = readFileSync(file, 'utf8').replace('"name": "egt"', '"name": "warm"');
  const slope = '(phi * (temp + 273.15) / 300.15)"';
  writeFileSync(file, text.replace(/(\(vg - v[sd] - vth\)) \/ phi"/g, `$1 / ${slope}`));
  return loadTechnology(root, 'warm');
}

describe('the temperature', () => {
  it('is a corner where a law reads it: ngspice and the exact solver agree at both ends', async () => {
    const technologyOfLaw = warm();
    const exact = new ExactRows(circuit, technologyOfLaw, cases());
    const nominal = { ...cases(), ...exact.at(componentValues(exact.solver.flat)) };
    const [corner, ...more] = await corners(engine, circuit, technologyOfLaw, nominal, 0.5, {
      all: false,
      celsius: [5, 45],
    });
    expect(more).toEqual([]);
    expect(corner).toMatchObject({ factor: 'temperature', unit: 'celsius', simulatedPoints: 2 });
    expect(corner!.points.map(({ value }) => value)).toEqual([5, 10, 15, 20, 25, 27, 30, 35, 40, 45]);
    expect(corner!.maxErrorVolts).toBeLessThan(1e-7);
    // it moves something: the same circuit, hotter, has other voltages
    const hot = new ExactRows(circuit, { ...technologyOfLaw, celsius: 45 }, cases());
    const { volts } = hot.at(componentValues(hot.solver.flat));
    expect(Math.max(...volts.map((v, i) => Math.abs(v - nominal.volts[i]!)))).toBeGreaterThan(1e-4);
  });

  it.each<[string, readonly [number, number], RegExp]>([
    ['no law knows it', [5, 45], /No transistor of egt says how its current depends on the temperature/],
    ['it is out of range', [5, 900], /A temperature of 900 °C is out of range/],
    ['it is below what there is', [-300, 20], /A temperature of -300 °C is out of range/],
  ])('is refused where %s', async (_, celsius, message) => {
    await expect(corners(engine, circuit, technology, cases(), 0.5, { all: false, celsius })).rejects.toThrow(message);
  });
});

describe('corners', () => {
  it('are compared in ngspice at both ends', async () => {
    const found = await corners(engine, circuit, technology, cases(), 0.5, { all: true });
    expect(found.map(({ simulatedPoints }) => simulatedPoints)).toEqual([2, 2, 2, 1]);
    for (const { maxErrorVolts, notStable } of found) {
      expect(maxErrorVolts).toBeLessThan(1e-7);
      expect(notStable).toBeUndefined();
    }
  });

  it('at which the circuit has a second state are named, and the next ones inwards are compared', async () => {
    // the feedback outweighs the input once that comes through as much
    const weak = latch().devices.map((d) => (d.name === 'r_back' && d.kind === 'resistor' ? { ...d, ohms: 1e6 } : d));
    const second = { ...latch(), outputs: ['y', 'z'], devices: weak };
    const inputVolts = Float64Array.of(0.9, 0.57, 0.1, 0.57);
    const found = await corners(engine, second, opamp, { ...cases(), ...solved(second, inputVolts) }, 0.1, {
      all: true,
    });
    const { notStable, simulatedPoints, maxErrorVolts } = found.find(({ factor }) => factor === 'source resistance')!;
    expect(notStable?.[0]?.value).toBe(1e6);
    expect(notStable?.[0]?.reason).toMatch(/operating point/);
    expect(simulatedPoints).toBe(notStable!.length + 1);
    expect(maxErrorVolts).toBeLessThan(1e-7);
  });
});
