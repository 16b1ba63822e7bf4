import { describe, expect, test } from 'vitest';
import { atanh, cos, exp, expm1, log, log1p, sin, tanh } from '../src/platform/elementary.ts';
import { Draws } from '../src/random.ts';

const own = { exp, log, log1p, expm1, tanh, atanh, sin, cos };
const NAMES = Object.keys(own) as (keyof typeof own)[];
const SPECIAL = [0, -0, 1, -1, Infinity, -Infinity, NaN, 5e-324, 2 ** -1040, 709.8, -708.5, -745.2, 22, 0.5, 1e300];
const isNode20 = process.versions.node.startsWith('20.');

/** Small and large ones, and those near the turns of sine and cosine. */
function argumentsOf(name: (typeof NAMES)[number]): number[] {
  const draws = new Draws(1, 'arguments');
  const drawn = Array.from({ length: 20_000 }, (_, i) => {
    const u = draws.uniform(0, i);
    const scales = [2, 40, 1500, 2 ** -20];
    return i % 5 < 4 ? (u - 0.5) * scales[i % 5]! : (Math.round(u * 64) - 32) * (Math.PI / 4) * (1 + 1e-12 * (u - 0.5));
  });
  const all = [...SPECIAL, ...drawn];
  if (name === 'atanh') return all.map((x) => (Math.abs(x) > 1 ? 1 / x : x));
  return name === 'log' ? all.map(Math.abs) : all;
}

describe.each(NAMES)('%s', (name) => {
  test.skipIf(!isNode20)('has every bit of that of Node 20, whose engine results are defined by', () => {
    const others = argumentsOf(name).filter((x) => !Object.is(own[name](x), Math[name](x)));
    expect(others).toEqual([]);
  });

  test('is the function of its name on any engine', () => {
    for (const x of argumentsOf(name)) {
      const [found, engine] = [own[name](x), Math[name](x)];
      if (Number.isFinite(engine))
        expect(Math.abs(found - engine)).toBeLessThanOrEqual(2 ** -51 * Math.abs(engine) + 1e-323);
      else expect(found).toBe(engine);
    }
  });
});
