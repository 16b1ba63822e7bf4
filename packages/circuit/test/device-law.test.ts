import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLaw, compileLaw, LAW_LIBRARY, LAW_SYMBOLS, type LawText, parseLaw } from '../src/index.ts';

const EKV: LawText = {
  let: { u: '(vg - vs - vth) / phi', w: '(vg - vd - vth) / phi' },
  drainAmperes: 'i0 * (W / L) * (ln(1 + exp(u))^gamma - ln(1 + exp(w))^gamma) * (1 + lambda * sqrt((vd - vs)^2 + eps))',
};
const EKV_VALUES = { i0: 1.1e-7, vth: 0.17, phi: 0.0225, gamma: 1.46, lambda: 0.044, eps: 1e-6 };
const SMOOTH: LawText = {
  let: { on: 'sqrt((vg - vth)^2 + 0.01) + vg - vth', bent: '(max(vg, vth) - vth)^2.5 * (1 + temp / 100)' },
  drainAmperes: 'k * W / L * (on * tanh((vd - vs) / on) + min(vd - vs, on) ^ 3 * abs(vd) ^ 3 + bent * (vd - vs))',
};
const SMOOTH_VALUES = { k: 1e-6, vth: -0.3 };
const RANGE = { lowVolts: -2, highVolts: 2, width: 1e-4, length: 2e-5, celsius: 27 };

function valueAt(text: LawText, values: Record<string, number>, at: readonly number[]): number {
  const law = parseLaw(text, Object.keys(values));
  const out = new Float64Array(1);
  const [vg, vd, vs, width, length, celsius] = at as [number, number, number, number, number, number];
  compileLaw(law, [])(vg, vd, vs, width, length, celsius, Object.values(values), out);
  return out[0]!;
}

describe('the text of a device law', () => {
  it.each<[string, LawText, Record<string, number>]>([
    ['with powers of ln(1 + exp(x))', EKV, EKV_VALUES],
    ['with tanh, min, max, abs and the temperature', SMOOTH, SMOOTH_VALUES],
  ])('%s has the derivatives that finite differences have', (_, text, values) => {
    const law = parseLaw(text, Object.keys(values));
    const names = [...LAW_SYMBOLS, ...law.parameterNames];
    const evaluate = compileLaw(law, names);
    const volts = fc.double({ min: -1.2, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(volts, volts, volts, fc.double({ min: 5, max: 45, noNaN: true }), (vg, vd, vs, celsius) => {
        const at = [vg, vd, vs, 1e-4, 3e-5, celsius, ...Object.values(values)];
        const out = new Float64Array(1 + names.length);
        const call = (x: readonly number[]): number => {
          const [a, b, c, width, length, t, ...parameters] = x as [number, number, number, number, number, number];
          evaluate(a, b, c, width, length, t, parameters, out);
          return out[0]!;
        };
        call(at);
        const slopes = out.slice(1);
        names.forEach((_name, k) => {
          const step = 1e-5 * (k < 3 ? 1 : Math.abs(at[k]!));
          const difference = (call(at.with(k, at[k]! + step)) - call(at.with(k, at[k]! - step))) / (2 * step);
          // the current is a difference of up to 1e-3 A
          const rounding = 1e-18 / step;
          expect(Math.abs(slopes[k]! - difference)).toBeLessThan(2e-5 * Math.abs(difference) + rounding + 1e-13);
        });
      }),
      { numRuns: 60, seed: 17 },
    );
  });

  it('is finite and exact far below and far above the threshold', () => {
    expect(valueAt(EKV, EKV_VALUES, [40, 40, 0, 1, 1, 27])).toBeGreaterThan(0);
    const [low, high] = [-0.6, -0.5].map((vg) => valueAt(EKV, EKV_VALUES, [vg, 1, 0, 1, 1, 27]));
    expect(Math.log(high! / low!)).toBeCloseTo((0.1 * EKV_VALUES.gamma) / EKV_VALUES.phi, 6);
    expect(valueAt(EKV, EKV_VALUES, [-40, 1, 0, 1, 1, 27])).toBe(0);
  });

  it('names the parameters it reads where nobody says which there are', () => {
    expect(parseLaw(EKV).parameterNames).toEqual(['vth', 'phi', 'i0', 'gamma', 'lambda', 'eps']);
  });

  it('computes once what value and derivatives share', () => {
    const law = parseLaw(EKV);
    const text = compileLaw(law, ['vg', 'vd', 'vs']).toString();
    expect(text.match(/Math\.exp\(-Math\.abs/g)).toHaveLength(2);
    expect(text.match(/Math\.log\(/g)).toHaveLength(2);
  });

  it.each<[string, LawText, readonly string[] | undefined, RegExp]>([
    [
      'an unknown function',
      { drainAmperes: 'sin(vg)*vd' },
      undefined,
      /drainAmperes, column 1: there is no function sin/,
    ],
    ['a logarithm of two meanings', { drainAmperes: 'vd*log(vg)' }, undefined, /column 4: there is no function log/],
    ['an unknown name', { drainAmperes: 'k*vgs' }, ['k'], /drainAmperes, column 3: there is no vgs/],
    ['a name in other case', { drainAmperes: 'K*vg' }, ['k'], /there is no K, but k/],
    ['a name twice', { let: { k: 'vg' }, drainAmperes: 'k*vd' }, ['k'], /let\.k: k is a parameter too/],
    ['a name that is a symbol', { let: { W: 'vg' }, drainAmperes: 'W' }, [], /let\.W: W is a symbol of every law/],
    ['a cycle', { let: { a: 'b', b: 'a*vg' }, drainAmperes: 'a' }, [], /let\.a, column 1: a cycle: a reads b reads a/],
    ['itself', { let: { a: '2*a' }, drainAmperes: 'a*vg' }, [], /let\.a, column 3: a cycle: a reads a/],
    [
      'a later quantity',
      { let: { a: 'b', b: 'vg' }, drainAmperes: 'a' },
      [],
      /let\.a, column 1: b stands further down/,
    ],
    ['a comparison', { drainAmperes: 'vg > vd ? vg : vd' }, [], /drainAmperes, column \d+: a law has no comparisons/],
    ['too few values', { drainAmperes: 'max(vg)' }, [], /column 1: max takes 2 numbers, and has 1/],
    ['an open bracket', { drainAmperes: '(vg' }, [], /column 4: a bracket is not closed/],
    ['a power of a power', { drainAmperes: 'vg^2^3' }, [], /column 5: .*power of a power/],
    ['a minus behind an operator', { drainAmperes: '2*-vg' }, [], /column 3: .*minus behind an operator/],
    ['a division by 0', { drainAmperes: 'vg/(1-1)' }, [], /column 3: divides by 0/],
    ['no voltage', { drainAmperes: '1' }, [], /depends on no voltage/],
  ])('with %s is refused with the place', (_, text, names, message) => {
    expect(() => parseLaw(text, names)).toThrow(message);
  });

  it('any text is a law or a LawError', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        try {
          parseLaw({ drainAmperes: text });
        } catch (error) {
          expect((error as Error).name).toBe('LawError');
        }
      }),
    );
  });
});

describe('a law over the range of voltages', () => {
  it.each<[string, LawText, Record<string, number>]>([
    ['the shipped one', EKV, EKV_VALUES],
    ['one whose corners are round', { drainAmperes: '(max(vg, 0)^2 + 1) * (vd - vs)' }, {}],
    ['abs of what is squared', { drainAmperes: 'abs(vd - vs) * (vd - vs)' }, {}],
  ])('%s passes', (_, text, values) => {
    expect(() => checkLaw(parseLaw(text, Object.keys(values)), Object.values(values), RANGE)).not.toThrow();
  });

  it.each<[string, string, RegExp]>([
    ['a corner at equal voltages', 'abs(vd - vs) * (vd - vs) / abs(vd - vs)', /is NaN at vg/],
    [
      'a corner',
      '(vd - vs) * max(vg - 0.31, 0)',
      /derivative by vg is not continuous at vg = 0\.31, .* from 0\.000 to /,
    ],
    ['a step', '(vd - vs) * (vg - 0.123) / abs(vg - 0.123)', /current is not continuous at vg = 0\.123/],
    ['a pole', '(vd - vs) / (vg + 0.1234567)', /is not continuous at vg = -0\.123457/],
    ['the logarithm of a negative number', 'ln(vg) * (vd - vs)', /current is NaN at vg = -2/],
    ['a power of a negative number', '(vd - vs)^1.5', /is NaN at/],
    ['overflow', 'exp(1000*vg)*(vd - vs)', /current is NaN at vg = 1, /],
    ['a current without drain voltage', '1 + vd - vs', /a current flows without a drain voltage/],
    ['no current', '0*vd + vg - vg', /depends on no voltage/],
  ])('%s is refused with the voltages', (_, drainAmperes, message) => {
    expect(() => checkLaw(parseLaw({ drainAmperes }, []), [], RANGE)).toThrow(message);
  });

  it.each(Object.entries(LAW_LIBRARY))('the law %s passes with its starting values', (_, { text, parameters }) => {
    const law = parseLaw(
      text,
      parameters.map(({ name }) => name),
    );
    const values = parameters.map(({ start }) => start);
    for (const highVolts of [1, 40])
      expect(() => checkLaw(law, values, { ...RANGE, lowVolts: -highVolts, highVolts })).not.toThrow();
  });

  it('names the quantity of let that is not finite', () => {
    const text = { let: { ok: 'vg', bad: 'sqrt(ok)' }, drainAmperes: 'bad * (vd - vs)' };
    expect(() => checkLaw(parseLaw(text, []), [], RANGE)).toThrow(/let\.bad: is NaN at vg = -2/);
  });
});
