import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logSlack } from '../src/eta/monomial.ts';
import { conductanceRatios } from '../src/eta/topology.ts';

test('gates join nothing, channels and resistors do: the published falling stage', () => {
  const ratios = conductanceRatios({
    elements: [
      { kind: 'resistor', nodes: ['vdd', 'src'], ohms: 'R1' },
      { kind: 'resistor', nodes: ['src', 'vss'], ohms: 'R2' },
      { kind: 'resistor', nodes: ['gate', 'vss'], ohms: 'R3' },
      { kind: 'resistor', nodes: ['in', 'gate'], ohms: 'R4' },
      { kind: 'resistor', nodes: ['vdd', 'out'], ohms: 'R5' },
      { kind: 'transistor', drain: 'out', source: 'src', width: 'W', length: 'L' },
    ],
    supplies: ['vdd', 'vss'],
  });
  expect(ratios).toEqual([
    { R3: 1, R4: -1 },
    { R1: 1, R2: -1 },
    { R2: 1, R5: -1 },
    { R5: 1, W: 1, L: -1 },
  ]);
});

test('the log-slack of a constraint is positive where the constraint holds', () => {
  const ohms = fc.double({ min: 1, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(ohms, ohms, ohms, ohms, (a, b, c, d) => {
      const names = ['R1', 'R2', 'R3', 'R4'];
      const slack = (constraint: string) => {
        const { exponents, logConstant } = logSlack(constraint, names);
        return [a, b, c, d].reduce((sum, value, k) => sum + exponents[k]! * Math.log(value), logConstant);
      };
      expect(slack('R1/R2>R3/R4')).toBeCloseTo(Math.log(a / b / (c / d)), 9);
      expect(slack('2e4>R1*R2/R3')).toBeCloseTo(Math.log((2e4 * c) / a / b), 9);
    }),
  );
});

test('a constraint on what is no parameter is refused', () => {
  expect(() => logSlack('R1>R9', ['R1'])).toThrow('there is no parameter R9');
});
