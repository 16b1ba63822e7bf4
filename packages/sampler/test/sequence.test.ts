import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { designSpaceOf, ImpossibleConstraintsError, loadTechnology } from '@neuroprint/circuit';
import fc from 'fast-check';
import { SobolSequenceGenerator } from 'sobol';
import { describe, expect, it } from 'vitest';
import { DesignMap } from '../src/sequence/design-map.ts';
import { SOBOL_MAX_DIMENSIONS, Sobol } from '../src/sequence/sobol.ts';

const TEMPLATES = join(dirname(fileURLToPath(import.meta.url)), '../../../spice-templates');
const index = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('the Sobol sequence', () => {
  it('is that of the package sobol for the first 2^14 points of 21 dimensions', () => {
    const oracle = new SobolSequenceGenerator(21);
    const sobol = new Sobol(21);
    const point = new Float64Array(21);
    for (let i = 0; i < 2 ** 14; i += 1) {
      sobol.at(i, point);
      expect(Array.from(point)).toEqual(oracle.nextVector());
    }
  });

  it('gives a point that depends on its index alone', () => {
    fc.assert(
      fc.property(fc.array(index, { minLength: 2, maxLength: 8 }), (indices) => {
        const one = new Sobol(7, 3);
        const all = indices.map((i) => {
          const point = new Float64Array(7);
          one.at(i, point);
          return point;
        });
        const fresh = new Float64Array(7);
        new Sobol(7, 3).at(indices.at(-1)!, fresh);
        expect(fresh).toEqual(all.at(-1));
      }),
    );
  });

  it.each([undefined, 0, 1, 987654321])(
    'hits every dyadic interval once, in every dimension, with the seed %s',
    (seed) => {
      const sobol = new Sobol(SOBOL_MAX_DIMENSIONS, seed);
      const point = new Float64Array(SOBOL_MAX_DIMENSIONS);
      for (const [first, size] of [
        [0, 256],
        [2 ** 20, 1024],
        [2 ** 31, 64],
      ] as const) {
        const hits = Array.from({ length: SOBOL_MAX_DIMENSIONS }, () => new Set<number>());
        for (let i = first; i < first + size; i += 1) {
          sobol.at(i, point);
          point.forEach((x, k) => {
            expect(x >= 0 && x < 1).toBe(true);
            hits[k]!.add(Math.floor(x * size));
          });
        }
        for (const cells of hits) expect(cells.size).toBe(size);
      }
    },
  );

  it('hits every box of area 2^-8 once in its first two dimensions, scrambled as well', () => {
    const sobol = new Sobol(2, 5);
    const point = new Float64Array(2);
    for (let split = 0; split <= 8; split += 1) {
      const cells = new Set<number>();
      for (let i = 0; i < 256; i += 1) {
        sobol.at(i, point);
        cells.add(Math.floor(point[0]! * 2 ** split) * 256 + Math.floor(point[1]! * 2 ** (8 - split)));
      }
      expect(cells.size).toBe(256);
    }
  });

  it('integrates a smooth function more exactly than random points would', () => {
    const errors = [0, 1, 2, 3, 4, 5, 6, 7].map((seed) => {
      const sobol = new Sobol(5, seed);
      const point = new Float64Array(5);
      let sum = 0;
      for (let i = 0; i < 4096; i += 1) {
        sobol.at(i, point);
        sum += point.reduce((product, x) => product * (1 + 0.5 * (x - 0.5)), 1);
      }
      return sum / 4096 - 1;
    });
    const rms = Math.sqrt(errors.reduce((s, e) => s + e * e, 0) / errors.length);
    expect(rms).toBeLessThan(2e-5); // random points: 0.33/√4096 = 5e-3
  });

  it('refuses dimensions and indices that it does not have', () => {
    for (const dimensions of [0, 1.5, Number.NaN, SOBOL_MAX_DIMENSIONS + 1]) {
      expect(() => new Sobol(dimensions)).toThrow('dimensions');
    }
    for (const at of [-1, 0.5, 2 ** 32, Number.NaN]) {
      expect(() => new Sobol(1).at(at, new Float64Array(1))).toThrow('numbered');
    }
  });
});

describe('the design map', () => {
  const cells = ['egt', 'egt-date23'].flatMap((name) => {
    const technology = loadTechnology(TEMPLATES, name);
    return Object.values(technology.cells).map((cell) => [name, cell.name, designSpaceOf(technology, cell)] as const);
  });

  it.each(cells)('keeps every index of %s/%s in the box and inside all constraints', (_, __, space) => {
    const map = new DesignMap(space);
    const unit = new Float64Array(map.dimensions);
    const values = new Float64Array(map.dimensions);
    fc.assert(
      fc.property(index, fc.nat(), (at, seed) => {
        new Sobol(map.dimensions, seed).at(at, unit);
        map.map(unit, values);
        return map.polytope.contains(values);
      }),
      { numRuns: 3000 },
    );
  });

  it('spreads a linear parameter evenly over its conditional range', () => {
    const parameter = (name: string, scale: 'linear' | 'log') =>
      ({ name, unit: 'ohms', min: 1, max: 9, scale }) as const;
    const map = new DesignMap({
      parameters: [parameter('R1', 'linear'), parameter('R2', 'linear')],
      constraints: ['R1>R2'],
    });
    const out = new Float64Array(2);
    map.map([0.5, 0.25], out);
    expect(out[0]).toBeCloseTo(5, 9);
    expect(out[1]).toBeCloseTo(2, 9);
  });

  it('keeps all dyadic intervals of the shares filled, because nothing is rejected', () => {
    const [, , space] = cells[0]!;
    const map = new DesignMap(space);
    const sobol = new Sobol(map.dimensions, 1);
    const unit = new Float64Array(map.dimensions);
    const values = new Float64Array(map.dimensions);
    const shares = new Float64Array(map.dimensions);
    const hits = Array.from({ length: map.dimensions }, () => new Set<number>());
    for (let i = 0; i < 128; i += 1) {
      sobol.at(i, unit);
      map.map(unit, values);
      map.polytope.sharesAt(values.map(Math.log), shares);
      shares.forEach((share, k) => {
        expect(share).toBeCloseTo(unit[k]!, 9);
        hits[k]!.add(Math.floor((share + 1e-12) * 128));
      });
    }
    for (const cellsHit of hits) expect(cellsHit.size).toBe(128);
  });

  it('refuses constraints that leave nothing, and names them', () => {
    const [, , space] = cells[0]!;
    const attempt = () => new DesignMap({ ...space, constraints: ['W>L', 'L>W'] });
    expect(attempt).toThrow(ImpossibleConstraintsError);
    expect(attempt).toThrow('W>L and L>W');
  });
});
