import { constraintHolds, constraintSlack, parseConstraint } from '@neuroprint/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DesignBox, DesignPolytope, ImpossibleConstraintsError } from '../src/technology/design-space.ts';

const ohms = (name: string, min: number, max: number) => ({ name, unit: 'ohms', min, max, scale: 'log' }) as const;
const DATE23: DesignBox = {
  parameters: [
    ohms('R1', 10, 500),
    ohms('R2', 5, 250),
    ohms('R3', 1e4, 5e5),
    ohms('R4', 8e3, 4e5),
    ohms('R5', 1e4, 5e5),
  ],
  constraints: ['R1>R2', 'R3>R4', 'R1/R2>R3/R4'],
};
const EGT: DesignBox = {
  parameters: [ohms('R', 2e4, 1e6), ohms('W', 3e-5, 8e-4), ohms('L', 1e-5, 1.2e-4)],
  constraints: ['R*W/L>20000', '500000>R*W/L'],
};
const share = fc.double({ min: 0, max: 1, noNaN: true });
const shares = (n: number) => fc.array(share, { minLength: n, maxLength: n });

function designAt(polytope: DesignPolytope, at: readonly number[]): Float64Array {
  const logs = new Float64Array(polytope.dimensions);
  polytope.logsAt(at, logs);
  return logs.map((log, k) => polytope.valueOfLog(k, log));
}

describe('a constraint', () => {
  it('becomes a half space of logarithms', () => {
    const constraint = parseConstraint('R*W/L>20000');
    expect(Object.fromEntries(constraint.exponents)).toEqual({ R: 1, W: 1, L: -1 });
    expect(constraintSlack(constraint, { R: 1e5, W: 4e-5, L: 1e-4 })).toBeCloseTo(Math.log(2), 12);
    expect(constraintHolds(constraint, { R: 1e5, W: 4e-5, L: 1e-4 })).toBe(true);
    expect(constraintHolds(constraint, { R: 1e5, W: 1e-5, L: 1e-4 })).toBe(false);
  });

  it('cancels a parameter that stands on both sides', () => {
    expect([...parseConstraint('R1*R2>R2*5').exponents.keys()]).toEqual(['R1']);
  });

  it.each(['R1', 'R1>R2>R3', 'R1>', '>R1', '*R1>R2', 'R1>-3', 'R1>0', 'R1+R2>R3', 'R1>R2;quit', 'r1>R2', 'R1>1e999'])(
    'that reads %j is refused',
    (text) => {
      expect(() => parseConstraint(text)).toThrow(/constraint/);
    },
  );
});

describe('a design polytope', () => {
  it.each([
    ['published', DATE23],
    ['default', EGT],
  ])('maps every point of the unit cube into the %s space, corners included', (_, space) => {
    const polytope = new DesignPolytope(space);
    fc.assert(
      fc.property(shares(polytope.dimensions), (at) => polytope.contains(designAt(polytope, at))),
      { numRuns: 2000 },
    );
    for (let corner = 0; corner < 2 ** polytope.dimensions; corner += 1) {
      const at = space.parameters.map((__, k) => (corner >> k) & 1);
      expect(polytope.contains(designAt(polytope, at))).toBe(true);
    }
  });

  it('reaches every valid design: shares and logs are inverse to each other', () => {
    const polytope = new DesignPolytope(DATE23);
    const free = fc.tuple(...DATE23.parameters.map(({ min, max }) => fc.double({ min, max, noNaN: true })));
    fc.assert(
      fc.property(free, (values) => {
        fc.pre(polytope.contains(values));
        const back = new Float64Array(polytope.dimensions);
        const logs = new Float64Array(polytope.dimensions);
        polytope.sharesAt(values.map(Math.log), back);
        polytope.logsAt(back, logs);
        logs.forEach((log, k) => {
          expect(Math.abs(log - Math.log(values[k]!))).toBeLessThan(1e-9);
        });
      }),
    );
  });

  it('keeps what a later constraint forbids out of an earlier range', () => {
    // R1 > 1000·R3 and R3 ≥ 2 leave R1 > 2000, though no constraint bounds R1 by a number
    const polytope = new DesignPolytope({
      parameters: [ohms('R1', 1, 4000), ohms('R2', 1, 10), ohms('R3', 2, 50)],
      constraints: ['R1/R3>1000'],
    });
    expect(Math.exp(polytope.conditionalRange(0, [])[0])).toBeCloseTo(2000, 6);
  });

  it('differentiates its map as finite differences do', () => {
    const polytope = new DesignPolytope(DATE23);
    const weights = Float64Array.from([0.3, -1.2, 0.7, 2.1, -0.4]);
    const f = (at: readonly number[]) => {
      const logs = new Float64Array(5);
      polytope.logsAt(at, logs);
      return logs.reduce((sum, x, k) => sum + weights[k]! * Math.sin(x), 0);
    };
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.05, max: 0.95, noNaN: true }), { minLength: 5, maxLength: 5 }), (at) => {
        const logs = new Float64Array(5);
        polytope.logsAt(at, logs);
        const gradient = new Float64Array(5);
        polytope.backward(
          at,
          logs,
          logs.map((x, k) => weights[k]! * Math.cos(x)),
          gradient,
        );
        gradient.forEach((g, k) => {
          const h = 1e-6;
          const side = (step: number) => f(at.map((s, j) => (j === k ? s + step : s)));
          const [left, right] = [(f(at) - side(-h)) / h, (side(h) - f(at)) / h];
          fc.pre(Math.abs(left - right) < 1e-3); // the map has kinks where another bound takes over
          expect(Math.abs(g - (side(h) - side(-h)) / (2 * h))).toBeLessThan(1e-5 * (1 + Math.abs(g)));
        });
      }),
    );
  });

  it('names the constraints that contradict each other', () => {
    const space = { parameters: EGT.parameters, constraints: ['W>L', 'R>30000', 'L>W*2'] };
    expect(() => new DesignPolytope(space)).toThrow('no component values satisfy W>L and L>W*2');
  });

  it('names the ranges that a constraint contradicts', () => {
    const attempt = () => new DesignPolytope({ parameters: EGT.parameters, constraints: ['W>R'] });
    expect(attempt).toThrow(ImpossibleConstraintsError);
    expect(attempt).toThrow('no component values satisfy W>R within the ranges of R, W');
  });

  it('refuses a constraint on something that is no parameter', () => {
    expect(() => new DesignPolytope({ parameters: EGT.parameters, constraints: ['Q>R'] })).toThrow(
      'there is no parameter Q',
    );
  });

  it('maps every cube point validly for random monomial constraints, or says that the space is empty', () => {
    const term = fc.constantFrom('R1', 'R2', 'R3', '2', '0.5', '100');
    const product = fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => terms.join('/'));
    const constraint = fc.tuple(product, product).map(([left, right]) => `${left}>${right}`);
    const parameters = [ohms('R1', 1, 50), ohms('R2', 0.1, 30), ohms('R3', 5, 7)];
    fc.assert(
      fc.property(fc.array(constraint, { maxLength: 4 }), shares(3), (constraints, at) => {
        let polytope: DesignPolytope;
        try {
          polytope = new DesignPolytope({ parameters, constraints });
        } catch (error) {
          expect(error).toBeInstanceOf(ImpossibleConstraintsError);
          return;
        }
        expect(polytope.contains(designAt(polytope, at))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
