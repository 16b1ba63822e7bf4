import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const compiled = join(folder, 'damp');

interface Checked {
  readonly layout?: {
    readonly matches: boolean;
    readonly nets: number;
    readonly differences: readonly string[];
    readonly changed: readonly { readonly file: string; readonly how: string }[];
  };
}

/** The compiled folder, changed. */
function changed(name: string, change: (file: (name: string) => string) => void): string {
  const copy = join(folder, name);
  cpSync(compiled, copy, { recursive: true });
  change((file) => join(copy, file));
  return copy;
}

const verified = async (netlist: string): Promise<Checked & { code: number; first: string }> => {
  const { code, out } = await neuroprint(['verify', '--netlist', netlist]);
  const report = JSON.parse(readFileSync(join(netlist, 'report.json'), 'utf8')) as Checked;
  return { ...report, code, first: out.split('\n')[0]! };
};

beforeAll(async () => {
  await json(['compile', '--network', join(ROOT, 'examples', 'damp.json'), '--out', compiled]);
});

describe('verify reads the layout of a folder back', () => {
  it('and says that it is the netlist, in --json, to a person, in JUnit and on the page', async () => {
    const { asPromised, layout } = await json<Checked & { asPromised: boolean }>(['verify', '--netlist', compiled]);
    expect(asPromised).toBe(true);
    expect(layout).toMatchObject({ matches: true, nets: 12, differences: [], changed: [] });
    const junit = join(folder, 'verify.xml');
    const { out } = await neuroprint(['verify', '--netlist', compiled, '--junit', junit]);
    expect(out).toMatch(
      /^layout +layout\.gds, read back, is the netlist: 12 nets, 12 resistors within 0\.\d+ %, 6 trans/m,
    );
    expect(readFileSync(junit, 'utf8')).toContain('name="the layout is the netlist"><system-out>12 nets, 12 resistors');
    await neuroprint(['report', '--of', compiled]);
    const page = readFileSync(join(compiled, 'report.html'), 'utf8');
    expect(page).toMatch(/<h3>Layout against netlist<\/h3><p>Matches: 12 nets, 12 resistors, 6 transistors/);
    expect(page).toMatch(/<figure class="layout">.*<title>r_l0_i0_c0<\/title>/s);
  });

  it.each<[string, (file: (name: string) => string) => void, RegExp, readonly object[]]>([
    [
      'of another circuit',
      (file) => copyFileSync(join(folder, 'other', 'layout.gds'), file('layout.gds')),
      /^NOT AS PROMISED: layout\.gds is not the netlist: r_l0_i\d_c\d .* ohms\): .* ohms in the layout at x .* \(and \d+ more\)$/,
      [{ file: 'layout.gds', how: 'edited' }],
    ],
    [
      'that is missing',
      (file) => rmSync(file('layout.gds')),
      /^NOT AS PROMISED: layout\.gds is missing, and compile wrote one$/,
      [{ file: 'layout.gds', how: 'missing' }],
    ],
    [
      'that is cut off',
      (file) => writeFileSync(file('layout.gds'), readFileSync(file('layout.gds')).subarray(0, 9000)),
      /^NOT AS PROMISED: layout\.gds: byte \d+: the file is cut off$/,
      [{ file: 'layout.gds', how: 'edited' }],
    ],
    [
      'that is no GDSII at all',
      (file) => writeFileSync(file('layout.gds'), 'ink'),
      /^NOT AS PROMISED: layout\.gds: /,
      [{ file: 'layout.gds', how: 'edited' }],
    ],
  ])('and finds one %s', async (name, change, headline, files) => {
    // the same network with one conductance more
    const other = join(folder, 'other');
    const text = readFileSync(join(ROOT, 'examples', 'damp.json'), 'utf8').replace('-2e-6, 2e-6', '-1.5e-6, 2e-6');
    writeFileSync(join(folder, 'other.json'), text);
    await json(['compile', '--network', join(folder, 'other.json'), '--out', other, '--overwrite']);
    const { layout, code, first } = await verified(changed(name, change));
    expect(code).toBe(3);
    expect(first).toMatch(headline);
    expect(layout).toMatchObject({ matches: false, changed: files });
  });

  it('tells of drawings that somebody has changed, and of a layout that compile did not write', async () => {
    const drawn = changed('drawn', (file) => {
      writeFileSync(file('layout.svg'), '<svg/>');
      rmSync(file('layout.drc'));
    });
    const edited = await verified(drawn);
    expect(edited).toMatchObject({ code: 0, layout: { matches: true } });
    expect(edited.layout!.changed).toEqual([
      { file: 'layout.svg', how: 'edited' },
      { file: 'layout.drc', how: 'missing' },
    ]);
    const bare = join(folder, 'bare');
    await json(['compile', '--network', join(ROOT, 'examples', 'damp.json'), '--out', bare, '--no-layout']);
    expect(await verified(bare)).not.toHaveProperty('layout');
    copyFileSync(join(compiled, 'layout.gds'), join(bare, 'layout.gds'));
    expect((await verified(bare)).layout).toMatchObject({
      matches: true,
      changed: [{ file: 'layout.gds', how: 'not from compile' }],
    });
  });

  it('and the page shows nothing of a verification whose layout has changed since', async () => {
    const copy = changed('since', (file) => writeFileSync(file('layout.gds'), 'ink'));
    await neuroprint(['report', '--of', copy]);
    expect(readFileSync(join(copy, 'report.html'), 'utf8')).toContain('layout.gds is not the file that was verified');
  });
});
