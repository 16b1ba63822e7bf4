import { type FlatCircuit, flatten } from '@neuroprint/circuit';
import { checkStability } from '@neuroprint/verifier';
import { expect, it } from 'vitest';
import {
  amplifier,
  LATCHING_VOLTS,
  latch,
  MANY_NEGATIVES,
  opamp,
  withSourceResistances,
} from '../../circuit/test/negative.ts';
import { randomCircuit, randomRows, technologyOf } from '../../spice/test/circuits.ts';
import { describeEngines } from '../../spice/test/engines.ts';

const SPREAD = 0.1;

describeEngines('stability', (engine) => {
  const check = (flat: FlatCircuit, inputVolts: Float64Array, outputs: readonly string[]) =>
    checkStability(engine(), flat, { inputVolts, rows: inputVolts.length / flat.inputs.length }, outputs, SPREAD);

  it('of a column with negative conductances is found by eigenvalues, starts and transients', async () => {
    const flat = flatten(MANY_NEGATIVES.circuit, opamp);
    const found = await check(flat, Float64Array.from(MANY_NEGATIVES.inputVolts), ['y']);
    expect(found).toMatchObject({ verdict: 'stable', forAnyCapacitances: false, assumed: true, rows: 1 });
    expect(found.largestRealPart).toBeLessThan(0);
    expect(found.slowestSeconds).toBeCloseTo(-1 / found.largestRealPart!, 15);
    expect(found.settlingSeconds).toBeCloseTo(4.605 * found.slowestSeconds!, 8);
    expect(found.operatingPoints).toMatchObject({ elsewhere: 0 });
    expect(found.operatingPoints.starts).toBeGreaterThan(4);
    expect(found.transients).toMatchObject({ count: 3, elsewhere: 0 });
    expect(found.transients!.waveform.volts.at(-1)).toBeCloseTo(found.transients!.waveform.operatingVolts[0]!, 3);
    expect(found.poles).toEqual({ found: 6, of: 6, relativeDifference: expect.closeTo(0, 9) });
    expect(found.copies).toEqual({ draws: 50, relativeSpread: SPREAD, law: 'uniform 10 %', unstable: 0 });
  });

  it('fails through the resistances of the sources, although the operating point looks right', async () => {
    const circuit = withSourceResistances(MANY_NEGATIVES.circuit, MANY_NEGATIVES.sourceOhms);
    const found = await check(flatten(circuit, opamp), Float64Array.from(MANY_NEGATIVES.inputVolts), ['y']);
    expect(found.verdict).toBe('unstable');
    expect(found.reason).toMatch(
      /leaves its operating point: an eigenvalue is 5\.38e\+5 \/s, and (z|x|minus) runs away/,
    );
    expect(found.slowestSeconds).toBeNull();
    expect(found.transients!.maxDifferenceVolts).toBeGreaterThan(1);
    expect(found.poles).toMatchObject({ found: 12, of: 12 });
    expect(found.poles!.relativeDifference).toBeLessThan(1e-9);
  });

  it('fails where a circuit can stay at more than one point', async () => {
    const found = await check(flatten(latch(), opamp), Float64Array.of(0.1, LATCHING_VOLTS), ['y']);
    expect(found.verdict).toBe('latching');
    expect(found.reason).toMatch(/there are several operating points/);
    expect(found.operatingPoints.elsewhere + found.transients!.elsewhere).toBeGreaterThan(0);
  });

  it('fails where an op-amp has its inputs exchanged', async () => {
    const right = amplifier('rails');
    const devices = right.devices.map((d) => (d.kind === 'opamp' ? { ...d, plus: d.minus, minus: d.plus } : d));
    const found = await check(flatten({ ...right, devices }, opamp), Float64Array.of(0.1), ['y']);
    expect(found.verdict).toBe('unstable');
  });

  it('of a printed network needs no capacitances', async () => {
    const egt = technologyOf('egt');
    const circuit = randomCircuit(egt, [3, 3, 2], 4);
    const found = await check(flatten(circuit, egt), randomRows(5, 3, 4), circuit.outputs);
    expect(found).toMatchObject({
      verdict: 'stable',
      forAnyCapacitances: true,
      rows: 5,
      nodeFarads: null,
      settlingSeconds: null,
      transients: null,
    });
  });
});
