import { compileLaw, spiceModel } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';
import { buildDeck } from '@neuroprint/spice';
import { expect, it } from 'vitest';
import { randomKind } from '../../circuit/test/random-law.ts';
import { formatNumber } from '../src/render/templates.ts';
import { describeEngines } from './engines.ts';

const LAWS = 60;

describeEngines('random laws', (engine) => {
  it('are worth in ngspice what they are worth in TypeScript', async () => {
    const kinds = Array.from({ length: LAWS }, (_, seed) => randomKind(seed)).filter((kind) => kind !== undefined);
    expect(kinds.length).toBeGreaterThan(LAWS / 2);
    const volts = (i: number) => Array.from({ length: 3 }, (_, k) => 3 * new Draws(i, 'bias').uniform(0, k) - 1.5);
    const body = kinds.flatMap((kind, i) => {
      const { parameters, lines } = spiceModel(kind, { celsius: 27, volts: [-1.5, 1.5], number: formatNumber });
      const [vg, vd, vs] = volts(i);
      expect(parameters).toEqual(['wl']);
      return [
        `.subckt ${kind.name} drain gate source wl=1`,
        ...lines,
        `.ends ${kind.name}`,
        `xt${i} d${i} g${i} s${i} ${kind.name} wl=2`,
        ...[`vd${i} d${i} 0 ${vd}`, `vg${i} g${i} 0 ${vg}`, `vs${i} s${i} 0 ${vs}`, `.save i(vd${i})`],
      ];
    });
    const options = '.options reltol=1e-12 vntol=1e-13 abstol=1e-16 itl1=500 gminsteps=0 srcsteps=0';
    const [plot] = await engine().run(buildDeck(body.join('\n'), ['op', 'write result.raw'], options));
    kinds.forEach((kind, i) => {
      const [vg, vd, vs] = volts(i) as [number, number, number];
      const sign = kind.polarity === 'n' ? 1 : -1;
      const out = new Float64Array(1);
      compileLaw(kind.law, [])(sign * vg, sign * vd, sign * vs, 2, 1, 27, kind.parameters, out);
      const expected = sign * out[0]!;
      const found = -plot!.column(`i(vd${i})`)[0]!;
      expect(Math.abs(found - expected), JSON.stringify(kind.law.text)).toBeLessThan(1e-9 * Math.abs(expected) + 1e-13);
    });
  });
});
