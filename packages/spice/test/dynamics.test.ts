import { componentValues, ExactSolver, type FlatCircuit, flatten, stabilityOf } from '@neuroprint/circuit';
import { type Start, simulateFrom, simulatePoles, simulateTransients, type Waveform } from '@neuroprint/spice';
import { expect, it } from 'vitest';
import { LATCHING_VOLTS, latch, MANY_NEGATIVES, opamp, withSourceResistances } from '../../circuit/test/negative.ts';
import { describeEngines, largestDifference } from './engines.ts';

const STARTS: readonly Start[] = ['rest', 'low', 'high'];
const farads = opamp.nodeFarads!;

function solved(circuit: typeof MANY_NEGATIVES.circuit, inputs: readonly number[]) {
  const flat = flatten(circuit, opamp);
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const inputVolts = Float64Array.from(inputs);
  const state = solver.newState(1);
  expect(solver.solveRow(inputVolts, 0, state)).toBe(true);
  return { flat, inputVolts, state, stability: stabilityOf(solver) };
}

const last = (flat: FlatCircuit, { volts }: Waveform): Float64Array => volts.slice(-flat.unknowns.length);

describeEngines('a circuit in time', (engine) => {
  it('that is stable comes to its operating point from everywhere', async () => {
    const { flat, inputVolts, state, stability } = solved(MANY_NEGATIVES.circuit, MANY_NEGATIVES.inputVolts);
    const seconds = 40 * stability.slowestSeconds;
    const waves = await simulateTransients(engine(), {
      flat,
      nodeFarads: farads,
      seconds,
      stepSeconds: seconds / 200,
      cases: STARTS.map((start) => ({ inputVolts, start })),
    });
    for (const wave of waves) {
      expect(wave.seconds.at(-1)).toBeCloseTo(seconds, 12);
      expect(largestDifference(last(flat, wave), state)).toBeLessThan(1e-4);
    }
    expect(largestDifference(waves[0]!.volts.slice(0, state.length), state)).toBeGreaterThan(0.1);
  });

  it('that is unstable runs away, though its operating point is found', async () => {
    const circuit = withSourceResistances(MANY_NEGATIVES.circuit, MANY_NEGATIVES.sourceOhms);
    const { flat, inputVolts, state, stability } = solved(circuit, MANY_NEGATIVES.inputVolts);
    const [found] = await simulateFrom(engine(), flat, inputVolts, new Float64Array(flat.unknowns.length));
    expect(largestDifference(found!, state)).toBeLessThan(1e-7);
    const seconds = 40 / stability.largestRealPart;
    const [wave] = await simulateTransients(engine(), {
      flat,
      nodeFarads: farads,
      seconds,
      stepSeconds: seconds / 200,
      cases: [{ inputVolts, start: 'rest' }],
    });
    expect(Math.max(...last(flat, wave!).map(Math.abs))).toBeGreaterThan(0.99 * opamp.opamp!.highVolts);
  });

  it('that latches stays where it was', async () => {
    const { flat, inputVolts } = solved(latch(), [LATCHING_VOLTS]);
    const [low, high] = await simulateTransients(engine(), {
      flat,
      nodeFarads: farads,
      seconds: 2e-4,
      stepSeconds: 1e-6,
      cases: [
        { inputVolts, start: 'low' },
        { inputVolts, start: 'high' },
      ],
    });
    const y = flat.unknowns.indexOf('y');
    expect(last(flat, low!)[y]).toBeLessThan(0.45);
    expect(last(flat, high!)[y]).toBeGreaterThan(0.7);
  });

  it('has the poles that its eigenvalues say', async () => {
    const { flat, inputVolts, state, stability } = solved(MANY_NEGATIVES.circuit, MANY_NEGATIVES.inputVolts);
    const poles = await simulatePoles(
      engine(),
      flat,
      farads,
      Float64Array.from([...state, ...flat.supplyVolts, ...inputVolts]),
    );
    const sorted = (values: Float64Array): Float64Array => values.slice().sort();
    const expected = sorted(stability.eigenvalues.real);
    expect(poles.real).toHaveLength(expected.length);
    sorted(poles.real).forEach((value, i) => {
      expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(1e-9);
    });
  });
});
