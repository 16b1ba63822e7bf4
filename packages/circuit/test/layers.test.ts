import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTechnology } from '../src/technology/technology.ts';
import { egt, TEMPLATES } from './example.ts';

type Json = Record<string, unknown> & { layers: Record<string, unknown>[] };

/** `egt` with a technology.json that was changed. */
function changed(change: (file: Json) => void) {
  const root = mkdtempSync(join(tmpdir(), 'neuroprint-layers-'));
  cpSync(join(TEMPLATES, 'egt'), join(root, 'egt'), { recursive: true });
  const path = join(root, 'egt', 'technology.json');
  const file = JSON.parse(readFileSync(path, 'utf8')) as Json;
  change(file);
  writeFileSync(path, JSON.stringify(file));
  return loadTechnology(root, 'egt');
}

describe('the layers and rules of a technology', () => {
  it('are plain numbers once they are loaded, and what is assumed of them stands apart', () => {
    const { layers, rules, assumed } = egt.layout!;
    expect(layers.map(({ role }) => role)).toContain('crossover dielectric');
    expect(Object.keys(rules)).toEqual(['inkjet', 'otft']);
    expect(rules.otft!.widthMetres.bottom).toBe(12e-6);
    expect(rules.otft!.via).toEqual({ cut: true, enclosureMetres: 6e-6 });
    expect(assumed).toContain('rules.inkjet.gridMetres');
    expect(assumed).not.toContain('rules.otft.gridMetres');
    expect(egt.assumed.some((path) => /^(layers|rules)/.test(path))).toBe(false);
  });

  it('may be missing: there is no layout then', () => {
    const technology = changed((file) => {
      Reflect.deleteProperty(file, 'layers');
      Reflect.deleteProperty(file, 'rules');
    });
    expect(technology.layout).toBeUndefined();
  });

  it.each<[string, (file: Json) => void, RegExp]>([
    ['rules without layers', (file) => Reflect.deleteProperty(file, 'layers'), /rules are given and layers are not/],
    ['no rules', (file) => Object.assign(file, { rules: {} }), /layers are given and rules are not/],
    ['a name twice', ({ layers }) => Object.assign(layers[1]!, { name: 'bottom' }), /the name bottom is given twice/],
    [
      'a layer on the labels of another',
      ({ layers }) => Object.assign(layers[1]!, { gds: { layer: 1, datatype: 1 } }),
      /the GDSII layer 1\/1 is given twice/,
    ],
    ['two bottom metals', ({ layers }) => Object.assign(layers[3]!, { role: 'bottom metal' }), /the role bottom metal/],
    ['no title', ({ layers }) => layers.pop(), /there is no title/],
    [
      'an ink that is not printed',
      ({ layers }) => Object.assign(layers.find(({ ink }) => ink !== undefined)!, { ink: 'gold' }),
      /printing\.resistorInks has no gold, but resistive/,
    ],
    ['a metal with an ink', ({ layers }) => Object.assign(layers[0]!, { ink: 'resistive' }), /bottom: a resistor/],
    [
      'a width without a source',
      (file) => Object.assign(file, { rules: { own: { gridMetres: { value: 1e-6 } } } }),
      /rules\.own\.\w+/,
    ],
  ])('refuse %s', (_, change, message) => {
    expect(() => changed(change)).toThrow(message);
  });
});
