import { fileURLToPath } from 'node:url';
import { Draws } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { derive } from '../src/law/derive.ts';
import { compileText } from '../src/law/evaluate.ts';
import { LAW_SYMBOLS } from '../src/law/law.ts';
import { compileTape } from '../src/law/tape.ts';
import { loadTechnology } from '../src/technology/technology.ts';

const TEMPLATES = fileURLToPath(new URL('../../../spice-templates', import.meta.url));
const kinds = ['egt', 'egt-date23', 'otft'].flatMap((name) =>
  Object.entries(loadTechnology(TEMPLATES, name).transistors).map(([kind, of]) => ({ name: `${name}/${kind}`, ...of })),
);

describe('a law as a list of steps', () => {
  test.each(kinds)('has every bit of the same law as a function: $name', ({ law, parameters }) => {
    const by = [...LAW_SYMBOLS, ...law.parameterNames];
    const roots = [law.current, ...by.map((symbol) => derive(law.graph, law.current, symbol))];
    const [text, tape] = [compileText(roots, law.parameterNames), compileTape(roots, law.parameterNames)];
    const [wanted, found] = [new Float64Array(roots.length), new Float64Array(roots.length)];
    const draws = new Draws(3, 'volts');
    for (let i = 0; i < 300; i += 1) {
      const [vg, vd, vs] = [0, 1, 2].map((k) => 4 * draws.uniform(k, i) - 2) as [number, number, number];
      text(vg, vd, vs, 1e-4, 1e-5, 25, parameters, wanted);
      tape(vg, vd, vs, 1e-4, 1e-5, 25, parameters, found);
      expect(found).toEqual(wanted);
    }
    expect(wanted.every(Number.isFinite)).toBe(true);
    expect(wanted[0]).not.toBe(0);
  });
});
