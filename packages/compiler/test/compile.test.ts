import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatJson, ManifestKind, readArtifact, sha256OfFile } from '@neuroprint/core';
import { describe, expect, it } from 'vitest';
import { type CompileOptions, compile, compileOnThreads } from '../src/compile.ts';
import { dataset, egt, network, temporaryFolder } from './example.ts';

const options = (out: string, more: Partial<CompileOptions> = {}): CompileOptions => ({
  network: network(),
  networkText: formatJson(network()),
  networkFile: 'network.json',
  technology: egt,
  data: undefined,
  out,
  overwrite: false,
  version: 'test',
  ...more,
});

describe('compile', () => {
  it('writes every file of the contract, and the manifest knows their checksums', () => {
    const out = temporaryFolder();
    compile(options(out, { data: dataset(), calibrationSteps: 20 }));
    expect(readdirSync(out).sort()).toEqual([
      'bom.csv',
      'circuit.json',
      'expected.csv',
      'manifest.json',
      'netlist.cir',
      'network.json',
      'testbench.cir',
    ]);
    const manifest = readArtifact(join(out, 'manifest.json'), ManifestKind);
    for (const [name, hash] of Object.entries(manifest.files)) expect(sha256OfFile(join(out, name)), name).toBe(hash);
    expect(manifest.ladder.map((rung) => rung.step)).toEqual([
      'network',
      'ideal circuit',
      'loaded circuit',
      'pruned circuit',
      'scaled circuit',
      'naive circuit',
      'calibrated circuit',
      'snapped circuit',
    ]);
    expect(manifest.cases.from).toBe('test rows');
  });

  it('gives the same bytes for the same input', () => {
    const [a, b] = [temporaryFolder(), temporaryFolder()];
    for (const out of [a, b]) compile(options(out, { data: dataset(), calibrationSteps: 10 }));
    // the table of each run lies in a folder of its own, but its bytes are the same
    for (const name of readdirSync(a))
      expect(readFileSync(join(b, name), 'utf8'), name).toBe(readFileSync(join(a, name), 'utf8'));
  });

  it('gives the same bytes on 1, 2 and 3 threads', async () => {
    const [here, two, three] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    const made = (out: string) => options(out, { data: dataset(300), calibrationSteps: 10 });
    compile(made(here));
    await compileOnThreads(made(two), 2);
    await compileOnThreads(made(three), 3);
    for (const name of readdirSync(here))
      for (const other of [two, three])
        expect(readFileSync(join(other, name), 'utf8'), name).toBe(readFileSync(join(here, name), 'utf8'));
  });

  it('refuses on threads what it refuses here', async () => {
    const [undriven, ...others] = network().layers;
    const broken = { ...undriven!, conductancesSiemens: undriven!.conductancesSiemens.map((row) => row.map(() => 0)) };
    const wrong = options(temporaryFolder(), { network: { ...network(), layers: [broken, ...others] } });
    await expect(compileOnThreads(wrong, 2)).rejects.toThrow('Layer 0, column 0: there is no conductance');
  });

  it('without a table compiles the network as it is, and makes up cases to verify with', () => {
    const { manifest, out } = compile(options(temporaryFolder()));
    expect(manifest.calibration).toBeUndefined();
    expect(manifest.cases).toEqual({ count: 64, from: 'generated inputs', clippedCells: 0 });
    expect(readFileSync(join(out, 'expected.csv'), 'utf8').split('\n')[0]).toMatch(
      /^case,row,label,in0,in1,.*y_l1_c1.*,decision$/,
    );
  });

  it('writes the bill of materials: a line for each printed value with its origin', () => {
    const { out } = compile(options(temporaryFolder()));
    const lines = readFileSync(join(out, 'bom.csv'), 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe(
      'element,device,kind,ohms,width_metres,length_metres,squares,ink,area_square_metres,box_square_metres,geometry_from,nodes,origin',
    );
    const resistor = lines.find((line) => line.startsWith('r_l0_i0_c0,'))!.split(',');
    expect(resistor.slice(10, 13).join()).toMatch(/^value,(in0|inv_l0_i0) z_l0_c0,"layer 0/);
    const [ohms, width, length, squares] = resistor.slice(3, 7).map(Number);
    expect(squares).toBeCloseTo(length! / width!, 6);
    expect((squares! * egt.printing.resistorInks[0]!.sheetOhms) / ohms!).toBeCloseTo(1, 2);
    expect(lines.some((line) => /^act_l0_c0\.drive1,act_l0_c0,transistor,,[\d.e-]+,[\d.e-]+,,,/.test(line))).toBe(true);
  });

  it('takes geometry and areas from what a layout drew, for the elements that it drew', () => {
    const drawn = {
      ink: 'carbon',
      widthMetres: 2e-5,
      lengthMetres: 4e-5,
      areaSquareMetres: 9e-10,
      boxSquareMetres: 5e-9,
    };
    const { out } = compile(
      options(temporaryFolder(), {
        drawings: () => ({
          files: { 'layout.gds': Uint8Array.of(0, 6, 255) },
          elements: new Map([['r_l0_i0_c0', drawn]]),
        }),
      }),
    );
    const lines = readFileSync(join(out, 'bom.csv'), 'utf8').trimEnd().split('\n');
    const cells = lines.find((line) => line.startsWith('r_l0_i0_c0,'))!.split(',');
    expect(cells.slice(4, 11)).toEqual(['0.00002', '0.00004', '2', 'carbon', '9e-10', '5e-9', 'layout']);
    expect(lines.filter((line) => line.includes(',layout,'))).toHaveLength(1);
    expect([...readFileSync(join(out, 'layout.gds'))]).toEqual([0, 6, 255]);
    const { files } = readArtifact(join(out, 'manifest.json'), ManifestKind);
    expect(files['layout.gds']).toBe(sha256OfFile(join(out, 'layout.gds')));
  });

  it('says where the power goes: the blocks of all layers add up to the total', () => {
    const { manifest } = compile(options(temporaryFolder()));
    const blocks = manifest.wattsByLayer.flatMap((layer) => Object.values(layer));
    expect(blocks.reduce((sum, watts) => sum + watts, 0)).toBeCloseTo(manifest.watts, 12);
    expect(manifest.wattsByLayer).toHaveLength(2);
    expect(Math.min(...manifest.wattsByLayer.map(({ activation }) => activation))).toBeGreaterThan(0);
  });

  it('does not write over another compile unless asked', () => {
    const out = temporaryFolder();
    writeFileSync(join(out, 'mine.txt'), '');
    expect(() => compile(options(out))).toThrow(/the folder is not empty/);
    compile(options(out, { overwrite: true }));
  });

  it('makes no folder for what it refuses on the way', () => {
    const [first, ...others] = network().layers;
    const undriven = { ...first!, conductancesSiemens: first!.conductancesSiemens.map(([siemens]) => [siemens!, 0]) };
    const out = join(temporaryFolder(), 'out');
    expect(() => compile(options(out, { network: { ...network(), layers: [undriven, ...others] } }))).toThrow(
      /Layer 0, column 1: there is no conductance at all/,
    );
    expect(existsSync(out)).toBe(false);
  });

  it('that stops while it writes over another leaves no manifest that could be believed', () => {
    const out = temporaryFolder();
    compile(options(out));
    mkdirSync(join(out, 'drawing.svg'));
    expect(() =>
      compile(options(out, { overwrite: true, drawings: () => ({ files: { 'drawing.svg': '' } }) })),
    ).toThrow(/drawing\.svg/);
    expect(readdirSync(out)).not.toContain('manifest.json');
  });

  it('refuses a network of another technology', () => {
    expect(() => compile(options(temporaryFolder(), { network: { ...network(), technology: 'other' } }))).toThrow(
      /trained for the technology other, and egt was asked for/,
    );
  });
});
