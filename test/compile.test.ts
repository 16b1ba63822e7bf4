import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const DAMP = join(ROOT, 'examples', 'damp.json');
const folder = temporaryFolder();
const out = join(folder, 'damp');

interface Moved {
  readonly device: string;
  readonly byMetres: readonly number[];
}

interface Lines {
  readonly nodes: number;
  readonly resistors: number;
  readonly largestShiftVolts: number;
  readonly node: string;
}

interface Compiled {
  readonly components: { readonly resistors: number; readonly transistors: number; readonly opamps: number };
  readonly ladder: readonly { readonly step: string; readonly rmsVoltsFromNetwork: number }[];
  readonly passes: readonly { readonly name: string }[];
}

describe('a network file written by hand', () => {
  it('compiles without any data, is the circuit that it says, and ngspice finds its voltages', async () => {
    const compiled = await json<Compiled>(['compile', '--network', DAMP, '--out', out]);
    expect(compiled.components).toMatchObject({ transistors: 6, opamps: 0 });
    expect(compiled.ladder.find(({ step }) => step === 'ideal circuit')!.rmsVoltsFromNetwork).toBeLessThan(1e-3);
    expect((await json<{ matches: boolean }>(['lvs', '--netlist', out])).matches).toBe(true);
    const verified = await json<{
      maxErrorVolts: number;
      decisionAgreement: number;
      laidOut: { maxErrorVolts: number };
      ladder: readonly { step: string; lines?: Lines }[];
    }>(['verify', '--netlist', out]);
    expect(verified.maxErrorVolts).toBeLessThan(1e-6);
    expect(verified.decisionAgreement).toBeGreaterThan(0.95);
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as typeof verified;
    expect(report.ladder.map(({ step }) => step)).toEqual([
      'network',
      'ideal circuit',
      'loaded circuit',
      'pruned circuit',
      'scaled circuit',
      'naive circuit',
      'snapped circuit',
      'as laid out',
      'ngspice',
      'ngspice, as laid out',
    ]);
    // the metal of the layout: both solvers have its nodes, and in both it moves the same volts
    const [exact, simulated] = report.ladder.flatMap(({ lines }) => lines ?? []);
    expect(exact!.nodes).toBeGreaterThan(50);
    expect(exact!.largestShiftVolts).toBeGreaterThan(1e-4);
    expect(simulated).toMatchObject({ nodes: exact!.nodes, resistors: exact!.resistors, node: exact!.node });
    expect(Math.abs(simulated!.largestShiftVolts - exact!.largestShiftVolts)).toBeLessThan(1e-6);
    expect(verified.laidOut.maxErrorVolts).toBeLessThan(1e-5);
  });

  it('is the one in docs/manual/files.md', () => {
    const docs = readFileSync(join(ROOT, 'docs', 'manual', 'files.md'), 'utf8');
    expect(docs).toContain(readFileSync(DAMP, 'utf8').trimEnd());
  });

  it('gives the same bytes again, drawings and sheets too, and diff finds nothing', async () => {
    const again = join(folder, 'again');
    await json(['compile', '--network', DAMP, '--out', again]);
    const { files } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as { files: Record<string, string> };
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining([
        'bom.csv',
        'schematic.svg',
        'layout.gds',
        'layout.svg',
        'layout.json',
        'layout.lvs',
        'bench-test-sheet.html',
        'bench-test-sheet.csv',
      ]),
    );
    for (const name of [...Object.keys(files), 'manifest.json'])
      expect(readFileSync(join(again, name), 'utf8'), name).toBe(readFileSync(join(out, name), 'utf8'));
    expect(await json(['diff', out, again])).toMatchObject({ same: true });
  });

  it('writes the layout, whose areas the bill of materials has, and leaves it out where that is asked for', async () => {
    const { layout } = await json<{ layout: unknown }>(['compile', '--network', DAMP, '--out', out, '--overwrite']);
    expect(layout).toMatchObject({ rules: 'inkjet', violations: 0, extracted: { matches: true, resistors: 12 } });
    const { devices } = JSON.parse(readFileSync(join(out, 'layout.json'), 'utf8')) as {
      devices: readonly { name: string; inkSquareMetres: number }[];
    };
    const bom = readFileSync(join(out, 'bom.csv'), 'utf8').trimEnd().split('\n').slice(1);
    expect(bom).toHaveLength(devices.length);
    for (const line of bom) {
      const cells = line.split(',');
      expect(cells[10]).toBe('layout');
      expect(Number(cells[8])).toBeCloseTo(devices.find(({ name }) => name === cells[0])!.inkSquareMetres, 15);
    }
    const bare = join(folder, 'bare');
    await json(['compile', '--network', DAMP, '--out', bare]);
    const without = await json<object>(['compile', '--network', DAMP, '--out', bare, '--overwrite', '--no-layout']);
    expect(without).not.toHaveProperty('layout');
    expect(readdirSync(bare).filter((name) => name.startsWith('layout'))).toEqual([]);
    expect(readFileSync(join(bare, 'bom.csv'), 'utf8')).not.toContain(',layout,');
  });

  it('with calibrate-layout needs a table and a layout, and says which is missing', async () => {
    const ask = ['compile', '--network', DAMP, '--out', join(folder, 'lines'), '--calibrate-layout'];
    const without = await neuroprint(ask);
    expect(without).toMatchObject({
      code: 2,
      err: expect.stringContaining('--calibrate-layout tunes on the rows of a table'),
    });
    const bare = await neuroprint([...ask, '--data', IRIS, '--no-layout']);
    expect(bare).toMatchObject({ code: 2, err: expect.stringContaining('--no-layout leaves that out') });
  });

  it('in a technology without layers says so, and writes the netlist as before', async () => {
    const network = join(folder, 'without-layers.json');
    const values = {
      negweight: { R1: 200, R2: 100, R3: 1e5, R4: 8e4, R5: 1e5, W: 4e-4, L: 2e-5 },
      ptanh: { R1: 1e5, R2: 5e4, W1: 1e-4, L1: 5e-5, W2: 4e-4, L2: 2e-5 },
    };
    const { layers, ...damp } = JSON.parse(readFileSync(DAMP, 'utf8')) as { layers: readonly object[] };
    const stages = {
      fallingStages: [{ cell: 'negweight', values: values.negweight }],
      activationStages: [{ cell: 'ptanh', values: values.ptanh }],
    };
    const other = { ...damp, technology: 'egt-date23', layers: [{ ...layers[0], ...stages }] };
    writeFileSync(network, JSON.stringify(other));
    const { code, out: said } = await neuroprint(['compile', '--network', network, '--out', join(folder, 'no-layers')]);
    expect(code).toBe(0);
    expect(said).toMatch(/^no layout +the technology egt-date23 has no layers$/m);
    expect(readdirSync(join(folder, 'no-layers'))).toEqual(expect.arrayContaining(['netlist.cir', 'manifest.json']));
  });

  it('in preferred numbers has no other resistance, and diff says which changed', async () => {
    const preferred = join(folder, 'e12');
    await json(['compile', '--network', DAMP, '--out', preferred, '--e-series', 'E12']);
    const lines = readFileSync(join(preferred, 'bom.csv'), 'utf8').trimEnd().split('\n').slice(1);
    for (const line of lines) {
      const ohms = line.split(',')[3]!;
      if (ohms !== '')
        expect(['1', '1.2', '1.5', '1.8', '2.2', '2.7', '3.3', '3.9', '4.7', '5.6', '6.8', '8.2']).toContain(
          String(Number(Number(ohms).toExponential().split('e')[0])),
        );
    }
    const diff = await json<{
      same: boolean;
      changed: readonly { relativeChange: number }[];
      added: readonly string[];
    }>(['diff', out, preferred]);
    expect(diff.same).toBe(false);
    expect(diff.added).toEqual([]);
    expect(diff.changed.length).toBeGreaterThan(0);
    const places = (of: string) =>
      new Map(
        (
          JSON.parse(readFileSync(join(of, 'layout.json'), 'utf8')) as {
            devices: readonly { name: string; boxMetres: readonly number[] }[];
          }
        ).devices.map(({ name, boxMetres }) => [name, boxMetres]),
      );
    const [was, is] = [places(out), places(preferred)];
    const { moved, resized } = (diff as unknown as { layout: Record<string, readonly Moved[]> }).layout;
    const elsewhere = [...is].filter(([name, box]) =>
      [0, 1].some((k) => Math.abs(box[k]! - was.get(name)![k]!) > 1e-9),
    );
    expect(moved!.map(({ device }) => device).sort()).toEqual(elsewhere.map(([name]) => name).sort());
    for (const { device, byMetres } of moved!)
      expect(was.get(device)![0]! + byMetres[0]!).toBeCloseTo(is.get(device)![0]!, 9);
    expect(resized!.length).toBeGreaterThan(0);
    const { out: said } = await neuroprint(['diff', out, preferred]);
    expect(said).toMatch(/^layout: .* mm \(area .* %\); of 18 devices \d+ moved, \d+ have another size$/m);
    expect((await neuroprint(['diff', out, out])).out).toMatch(/The layouts are the same/);
  });
});

describe('a class that reads no input, only the bias', () => {
  it('is a column like the others for lvs', async () => {
    const network = JSON.parse(readFileSync(DAMP, 'utf8')) as { layers: { conductancesSiemens: number[][] }[] };
    const rows = network.layers.at(-1)!.conductancesSiemens;
    for (const row of rows.slice(0, -2)) row[0] = 0;
    rows.at(-2)![0] = 1e-6;
    rows.at(-1)![0] = 1e-6;
    const file = join(temporaryFolder(), 'network.json');
    writeFileSync(file, JSON.stringify(network));
    const netlist = join(temporaryFolder(), 'constant');
    await neuroprint(['compile', '--network', file, '--out', netlist]);
    expect(await json(['lvs', '--netlist', netlist])).toEqual({ matches: true, differences: [] });
  });
});

describe('a network file that no circuit can be made of ends with exit code 2 and says where:', () => {
  const text = readFileSync(DAMP, 'utf8');
  const edited = (edit: (text: string) => string): string => {
    const changed = edit(text);
    expect(changed).not.toBe(text);
    const file = join(temporaryFolder(), 'network.json');
    writeFileSync(file, changed);
    return file;
  };

  it.each<[string, (text: string) => string, RegExp]>([
    ['NaN', (t) => t.replace('-2e-6', 'NaN'), /network\.json: is not JSON/],
    ['a number too large for one', (t) => t.replace('-2e-6', '1e999'), /layers\[0\]\.conductancesSiemens\[0\]\[0\]/],
    [
      'a row too few',
      (t) => t.replace('[-1e-6, 1e-6], ', ''),
      /layer 0: has 3 rows of conductances, and needs 2 inputs/,
    ],
    [
      'a conductance that cannot be printed at any scale',
      (t) => t.replace('-1e-6', '-1e-20'),
      /Layer 0, row 1, column 0: -1e-20 siemens cannot be printed at any scale/,
    ],
    [
      'a column that nothing drives',
      (t) => t.replaceAll(/\[(-?[\d.e-]+), (-?[\d.e-]+)\]/g, '[$1, 0]'),
      /Layer 0, column 1: there is no conductance at all/,
    ],
    ['a class name with a quote', (t) => t.replace('"damp"]', '"da\\"mp"]'), /classes\[1\]: .* holds a quote/],
    ['a name over two lines', (t) => t.replace('"name": "damp"', '"name": "da\\nmp"'), /name: .* holds a line break/],
    [
      'a SPICE command as an input',
      (t) => t.replace('"rain"', '".control"'),
      /inputs\[1\]\.name: ".control" holds a SPICE command/,
    ],
    ['a cell that the technology lacks', (t) => t.replace('"ptanh"', '"sigmoid"'), /egt has no cell "sigmoid"/],
    [
      'a stage value out of range',
      (t) => t.replace('"R": 100000', '"R": 1'),
      /neg_l0_i0\S* \(layer 0.*R = 1 is outside of 20000/,
    ],
    [
      "another technology's cells",
      (t) => t.replace('"egt"', '"egt-date23"'),
      /layer 0: a stage negweight has no value for R1/,
    ],
  ])('%s', async (_, edit, message) => {
    const { code, err } = await neuroprint([
      'compile',
      '--network',
      edited(edit),
      '--out',
      join(temporaryFolder(), 'out'),
    ]);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(err).not.toMatch(/\n {4}at |bug in neuroprint/);
  });

  it('a folder with the files of another compile', async () => {
    const used = join(folder, 'used');
    mkdirSync(used);
    writeFileSync(join(used, 'netlist.cir'), '* mine\n');
    const { code, err } = await neuroprint(['compile', '--network', DAMP, '--out', used]);
    expect(err).toMatch(/used: the folder is not empty/);
    expect(code).toBe(2);
    expect(readFileSync(join(used, 'netlist.cir'), 'utf8')).toBe('* mine\n');
  });
});
