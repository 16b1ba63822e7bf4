import { BatchSolver, componentValues, flatten } from '@neuroprint/circuit';
import { openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLaidOut, laidOutRung } from '../src/laid-out.ts';
import { circuit, inputVolts, labels, ROWS, technology } from './fixture.ts';

describe('a circuit with the lines of its layout', () => {
  let engine: Awaited<ReturnType<typeof openEngine>>;
  beforeAll(async () => {
    engine = await openEngine('embedded');
  });
  afterAll(() => engine.close());

  const plain = flatten(circuit, technology);
  // every resistor's first end on 100 kΩ of metal
  const [size, count] = [plain.unknowns.length, plain.resistors.length];
  const moved = (node: number): number => (node < size ? node : node + count);
  const flat = {
    ...plain,
    unknowns: [...plain.unknowns, ...plain.resistors.map((_, k) => `m${k}`)],
    metalNodes: count,
    resistors: plain.resistors.map(({ nodes: [, b], component }, k) => ({
      nodes: [size + k, moved(b)] as const,
      component,
    })),
    transistors: plain.transistors.map((transistor) => {
      const { drain, gate, source } = transistor;
      return { ...transistor, drain: moved(drain), gate: moved(gate), source: moved(source) };
    }),
    lines: plain.resistors.map(({ nodes: [a] }, k) => ({ nodes: [moved(a), size + k] as const, siemens: 1e-5 })),
  };
  const simulated = () => {
    const solver = new BatchSolver(plain);
    solver.setValues(componentValues(plain));
    const volts = solver.newState(ROWS);
    expect(solver.solve(inputVolts, ROWS, volts)).toEqual([]);
    return { nodes: plain.unknowns, rows: ROWS, volts };
  };
  const check = (mostNodes?: number) => {
    const promised = new Float64Array(ROWS * circuit.outputs.length);
    return checkLaidOut(
      engine,
      flat,
      circuit,
      { inputVolts, rows: ROWS, labels, simulated: simulated(), promised },
      { mostNodes },
    );
  };

  it('that has more nodes than ngspice is asked about is judged by the exact solver, and the report says so', async () => {
    const [both, alone] = [await check(), await check(flat.unknowns.length - 1)];
    expect(both.maxErrorVolts).toBeLessThan(1e-6);
    expect(alone.maxErrorVolts).toBeNull();
    expect(alone.largestShiftVolts).toBeGreaterThan(1e-3);
    expect(alone.largestShiftVolts).toBeCloseTo(both.largestShiftVolts, 6);
    expect({ ...alone, maxErrorVolts: 0, largestShiftVolts: 0, rmsVoltsFromNetwork: 0 }).toEqual({
      ...both,
      maxErrorVolts: 0,
      largestShiftVolts: 0,
      rmsVoltsFromNetwork: 0,
    });
    const rung = { resistors: 1, transistors: 1 } as Parameters<typeof laidOutRung>[1];
    expect([both, alone].map((one) => laidOutRung(one, rung).step)).toEqual([
      'ngspice, as laid out',
      'exact, as laid out',
    ]);
  });
});
