import { checkCircuit } from '@neuroprint/circuit';
import { UsageError } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { circuitOf, layeredOf, PASSES, passContext, runPasses } from '../src/index.ts';
import { egt, network } from './example.ts';

const without = (...names: string[]) => PASSES.filter(({ name }) => !names.includes(name));

describe('the caller chooses the passes:', () => {
  it('all of them give the circuit, its files and a rung for every circuit on the way', () => {
    const { circuit, files, ladder, passes } = runPasses(passContext(network(), egt));
    expect(passes.map(({ name }) => name)).toEqual(PASSES.map(({ name }) => name));
    expect(files!['circuit.json']).toContain(circuit!.checksum);
    expect(ladder.map(({ step }) => step)).toEqual([
      'network',
      'ideal circuit',
      'loaded circuit',
      'pruned circuit',
      'scaled circuit',
      'naive circuit',
      'snapped circuit',
    ]);
  });

  it('without sharing every negative entry keeps a falling stage of its own, and the ladder has no such rung', () => {
    const negative = network()
      .layers.flatMap(({ conductancesSiemens }) => conductancesSiemens.flat())
      .filter((siemens) => siemens < 0).length;
    const { circuit, ladder } = runPasses(passContext(network(), egt), without('share inverters'));
    expect(circuit!.devices.filter(({ origin }) => origin.role === 'falling')).toHaveLength(negative);
    expect(ladder.map(({ step }) => step)).not.toContain('naive circuit');
  });

  it('without emitting there is a circuit and no file', () => {
    const { circuit, files } = runPasses(passContext(network(), egt), without('emit'));
    expect(() => checkCircuit(circuit!, egt)).not.toThrow();
    expect(files).toBeUndefined();
  });

  it('build and solve a circuit once, for its rung, its files and its manifest', () => {
    const context = passContext(network(), egt);
    const { circuit, scaled } = runPasses(context);
    expect(context.ladder.circuitOf(scaled!)).toBe(circuit);
    expect(context.ladder.solutionOf(circuit!)).toBe(context.ladder.solutionOf(circuit!));
  });

  it('says what each changed, and that calibration without rows is left out', () => {
    const { passes } = runPasses(passContext(network(), egt));
    const changed = Object.fromEntries(passes.map(({ name, changed }) => [name, changed]));
    expect(changed).toMatchObject({ lower: 16, prune: 0, calibrate: 0, emit: 5 });
    expect(changed['share inverters']).toBeGreaterThan(0);
    expect(passes.find(({ name }) => name === 'calibrate')!.note).toMatch(/left out: there are no rows/);
  });

  it('is refused where a pass is not given what it takes', () => {
    expect(() => runPasses(passContext(network(), egt), without('scale columns'))).toThrow(
      /The pass "share inverters" takes what is scaled, and no pass before it gives that/,
    );
    expect(() => runPasses(passContext(network(), egt), [...PASSES].reverse())).toThrow(UsageError);
  });

  it('asks for the layers after one of them, and nothing after it has run', () => {
    const until = (name: string) => circuitOf(layeredOf(network(), egt, { until: name }), network(), egt);
    const trained = network().layers.flatMap(({ conductancesSiemens }) => conductancesSiemens.flat());
    const ohms = (name: string) =>
      until(name)
        .devices.flatMap((device) => (device.kind === 'resistor' ? [device.ohms] : []))
        .sort((a, b) => a - b);
    ohms('lower').forEach((value, k) => {
      expect(value * trained.map(Math.abs).sort((a, b) => b - a)[k]!).toBeCloseTo(1, 9);
    });
    expect(Math.max(...ohms('scale columns'))).toBeCloseTo(egt.crossbar.maxOhms, 3);
    expect(() => checkCircuit(until('scale columns'), egt)).not.toThrow();
  });

  it.each(['place names', 'recalibrate'])('refuses to give the layers after "%s"', (until) => {
    expect(() => layeredOf(network(), egt, { until })).toThrow(`No pass "${until}" gives layers.`);
  });
});
