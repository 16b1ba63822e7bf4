import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasKlayout, runKlayout } from '../packages/layout/src/klayout.ts';
import { json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const netlist = join(folder, 'damp');
const own = (name: string): string => join(netlist, 'layout', name);

interface Report {
  readonly violations: readonly unknown[];
  readonly extracted: { readonly matches: boolean; readonly resistors: number; readonly transistors: number };
  readonly layers: readonly { readonly name: string; readonly areaSquareMetres: number }[];
  readonly bitmaps?: {
    readonly columns: number;
    readonly layers: readonly {
      readonly name: string;
      readonly areaSquareMetres: number;
      readonly polygonSquareMetres: number;
    }[];
  };
  readonly written: readonly string[];
}

beforeAll(async () => {
  await json(['compile', '--network', join(ROOT, 'examples', 'damp.json'), '--out', netlist]);
});

describe('neuroprint layout', () => {
  it('writes a layout that keeps the rules and is the circuit, with the scripts that check it', async () => {
    const report = await json<Report>(['layout', '--netlist', netlist]);
    expect(report.violations).toEqual([]);
    expect(report.extracted).toMatchObject({ matches: true, resistors: 12, transistors: 6 });
    for (const name of ['layout.gds', 'layout.svg', 'layout.lvs', 'layout.drc', 'layout.cir', 'layout.json'])
      expect(existsSync(own(name))).toBe(true);
    const svg = readFileSync(own('layout.svg'), 'utf8');
    expect(svg).toContain('<title>r_l0_i0_c0</title>');
    expect(svg).toContain('humidity');
    const { layers } = JSON.parse(readFileSync(own('layout.json'), 'utf8')) as Report;
    expect(layers.find(({ name }) => name === 'resistive')!.areaSquareMetres).toBeGreaterThan(1e-8);
  });

  it('writes the same bytes again', async () => {
    const out = join(folder, 'again');
    const { written } = await json<Report>(['layout', '--netlist', netlist, '--out', out]);
    expect(written).toHaveLength(6);
    for (const name of ['layout.gds', 'layout.svg', 'layout.json'])
      expect(readFileSync(join(out, name)).equals(readFileSync(own(name)))).toBe(true);
  });

  it('writes bitmaps of every layer at the drops asked for, and says what they cover', async () => {
    const out = join(folder, 'drops');
    const args = [
      '--formats',
      'bmp,tiff',
      '--drop-spacing',
      '10um,5um',
      '--edge-compensation',
      '2.5um',
      '--margin',
      '1mm',
    ];
    const { bitmaps, layers } = await json<Report>(['layout', '--netlist', netlist, '--out', out, ...args]);
    expect(bitmaps).toMatchObject({
      dropSpacingMetres: [1e-5, 5e-6],
      edgeCompensationMetres: 2.5e-6,
      marginMetres: 1e-3,
      inverted: false,
    });
    for (const { name, areaSquareMetres, polygonSquareMetres } of bitmaps!.layers) {
      expect(existsSync(join(out, `layout-${name}.tiff`))).toBe(true);
      expect(readFileSync(join(out, `layout-${name}.bmp`)).readInt32LE(18)).toBe(bitmaps!.columns);
      const { areaSquareMetres: full } = layers.find((layer) => layer.name === name)!;
      expect(polygonSquareMetres).toBeLessThan(full);
      expect(Math.abs(areaSquareMetres / polygonSquareMetres - 1)).toBeLessThan(0.1);
    }
  });

  it('does not write over files, and refuses what it does not know', async () => {
    const refused = async (...args: string[]) => {
      const { code, err } = await neuroprint(['layout', '--netlist', netlist, ...args]);
      expect(code).toBe(2);
      return err;
    };
    expect(await refused()).toMatch(/the folder is not empty/);
    expect(await refused('--formats', 'gds,oasis')).toMatch(/--formats has "oasis", and there are: gds, svg/);
    expect(await refused('--rules', 'laser')).toMatch(/has no rules "laser"\.\s+It has: inkjet, otft/);
    expect(await refused('--mirror')).toMatch(/--mirror is for bitmaps, and --formats has none: bmp, tiff/);
    expect(await refused('--formats', 'bmp', '--drop-spacing', '20')).toMatch(/"20", and lengths are numbers with um/);
    expect(await refused('--formats', 'bmp', '--drop-spacing', '9um,9um,9um')).toMatch(/one along x and one along y/);
    expect(await refused('--formats', 'bmp', '--margin', '0.0001um')).toMatch(/a length is whole nanometres/);
    const coarse = await refused('--formats', 'bmp', '--drop-spacing', '25um', '--out', join(folder, 'coarse'));
    expect(coarse).toMatch(/With drops every 25 µm the layer \w+ would lose lines narrower than 25 µm/);
    const broken = join(folder, 'broken.gds');
    writeFileSync(broken, readFileSync(own('layout.gds')).subarray(0, 5000));
    expect(await refused('--check', broken)).toMatch(/broken\.gds: byte \d+: the file is cut off/);
    expect(await refused('--check', join(folder, 'none.gds'))).toMatch(/none\.gds/);
  });

  it('says that a layout is another circuit, and ends with 3', async () => {
    // the netlist of the same circuit with one value changed
    const edited = join(netlist, 'edited.cir');
    const text = readFileSync(join(netlist, 'netlist.cir'), 'utf8');
    const line = /^(r_l0_i0_c0 \S+ \S+ )(\S+)$/m.exec(text)!;
    writeFileSync(edited, text.replace(line[0], `${line[1]}${Number(line[2]) * 1.1}`));
    const { code, out } = await neuroprint(['layout', '--netlist', edited, '--check', own('layout.gds')]);
    expect(code).toBe(3);
    expect(out).toMatch(/the polygons are not the netlist: 1 differences\n {2}r_l0_i0_c0 /);
    const drawn = await neuroprint(['layout', '--netlist', edited, '--out', join(folder, 'edited')]);
    expect(drawn.code).toBe(3);
    expect(drawn.out).toMatch(/^NOT a layout of damp[\s\S]*nothing is written; --with-violations/);
    expect(existsSync(join(folder, 'edited', 'layout.gds'))).toBe(false);
  });
});

it('a circuit with op-amps has five pads for each package, their own supplies joined to pads at the edge', async () => {
  const network = join(ROOT, 'packages', 'compiler', 'test', 'golden', 'op-amps-by-column', 'network.json');
  const out = join(folder, 'op-amps');
  await json(['compile', '--network', network, '--out', out]);
  const svg = readFileSync(join(out, 'layout.svg'), 'utf8');
  for (const pad of ['ground', 'vdd', 'op-amps +5 V', 'op-amps -5 V', 'left', 'right'])
    expect(svg, pad).toContain(`>${pad}</text>`);
  const bought = readFileSync(join(out, 'bom.csv'), 'utf8').match(/^(\S+),\1,op-amp,/gm)!;
  expect(bought.length).toBeGreaterThan(2);
  const ofPackages = svg.match(/>\S+ (V−|out|−|\+|V\+)<\/text>/g)!;
  const { parts } = JSON.parse(readFileSync(join(out, 'layout.json'), 'utf8')) as {
    parts: { 'op-amps': { count: number } };
  };
  expect(ofPackages).toHaveLength(5 * parts['op-amps'].count);
});

describe.skipIf(!hasKlayout())('KLayout (where the program klayout is installed)', () => {
  it('reads the same circuit from the polygons, and finds no violation of the rules', async () => {
    const out = join(folder, 'otft');
    await json<Report>(['layout', '--netlist', netlist, '--rules', 'otft', '--out', out]);
    expect(runKlayout(join(out, 'layout.lvs')).text).toBe('LVS clean');
    expect(runKlayout(join(out, 'layout.drc')).text).toBe('0 violations');
  });

  it('finds a circuit of another netlist, and rules that are broken', async () => {
    const schematic = join(folder, 'other.cir');
    const text = readFileSync(own('layout.cir'), 'utf8');
    writeFileSync(
      schematic,
      text.replace(/^(R0 \S+ \S+) (\S+)/m, (_, head, ohms) => `${head} ${Number(ohms) * 1.1}`),
    );
    expect(runKlayout(own('layout.lvs'), { schematic }).text).toBe('LVS differs');
    const strict = join(folder, 'strict.drc');
    const script = readFileSync(own('layout.drc'), 'utf8');
    writeFileSync(strict, script.replaceAll('(20.um)', '(21.um)'));
    const { clean, text: said } = runKlayout(strict, {
      input: own('layout.gds'),
      report: join(folder, 'strict.lyrdb'),
    });
    expect(clean).toBe(false);
    expect(said).toMatch(/bottom: smallest width: \d+/);
  });
});
