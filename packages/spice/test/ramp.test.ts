import { flatten } from '@neuroprint/circuit';
import type { Engine } from '@neuroprint/spice';
import { expect, it } from 'vitest';
import { simulateRows } from '../src/analyses/rows.ts';
import { simulateFlat } from '../src/render/flat-deck.ts';
import { NetworkDeck } from '../src/render/network-deck.ts';
import { sweepFromZero } from '../src/render/ramp.ts';
import { randomCircuit, randomRows, TECHNOLOGIES, technologyOf } from './circuits.ts';
import { describeEngines, largestDifference } from './engines.ts';

describeEngines('a ramp of all sources from 0 V', (engine) => {
  it.each(TECHNOLOGIES)('leads to the operating points that a cold start finds, %s', async (name) => {
    const technology = technologyOf(name);
    const circuit = randomCircuit(technology, [4, 3, 3], 5);
    const rows = randomRows(6, 4, 5);
    const cold = await simulateRows(engine(), circuit, technology, rows);
    const plot = await sweepFromZero(engine(), circuit, technology, rows, 0);
    expect(plot.points).toBe(6);
    const ramped = new Float64Array(cold.volts.length);
    new NetworkDeck(circuit, technology, rows).copy('test', plot, 0, ramped);
    expect(largestDifference(ramped, cold.volts)).toBeLessThan(1e-8);
  });

  it.each(TECHNOLOGIES)('helps a circuit from elsewhere that has no cold start, %s', async (name) => {
    const technology = technologyOf(name);
    const flat = flatten(randomCircuit(technology, [4, 3, 3], 5), technology);
    const rows = randomRows(6, 4, 5);
    const real = engine();
    // finds nothing while the supplies are on from the first point
    const stubborn = {
      name: real.name,
      version: real.version,
      run: (deck: string) => (/^b_s0 /m.test(deck) ? real.run(deck) : Promise.resolve([])),
    } as Engine;
    const cold = await simulateFlat(real, flat, rows);
    const ramped = await simulateFlat(stubborn, flat, rows);
    expect(largestDifference(ramped.volts, cold.volts)).toBeLessThan(1e-8);
  });
});
