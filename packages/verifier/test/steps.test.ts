import { describe, expect, it } from 'vitest';
import { stepsToPrint } from '../src/blame/steps.ts';
import { cases, circuit, network, technology } from './fixture.ts';

describe('the steps from the network to print', () => {
  it('name the cause of every rung that compile recorded, those of earlier compilers too', () => {
    const rung = (step: string) => ({
      step,
      accuracy: 1,
      underVariation: null,
      rmsVoltsFromNetwork: 0.01,
      decisionAgreement: 1,
      resistors: 6,
      transistors: 6,
      watts: 1e-5,
    });
    const steps = stepsToPrint({
      network,
      technology,
      ladder: [rung('network'), rung('snapped circuit'), rung('recalibrated circuit')],
      expected: cases(),
      simulated: cases(),
      outputs: circuit.outputs,
      meanAccuracy: undefined,
    });
    expect(steps.map(({ step, cause }) => `${step}: ${cause}`)).toEqual([
      'network: as it was trained',
      'snapped circuit: values moved to printable ones',
      'recalibrated circuit: printable values tuned again',
      'ngspice: the netlist as it is written',
    ]);
  });
});
