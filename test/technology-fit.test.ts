import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import { beforeAll, describe, expect, it } from 'vitest';
import { LENGTH, MADE, WIDTH, writeDevice, writeManifest } from '../packages/laboratory/test/fit-made.ts';
import { json, neuroprint, ROOT, spawnNeuroprint, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const measured = join(folder, 'measured');
mkdirSync(measured);
const lines = writeDevice(measured, 'd1', MADE, { noise: 0.01 });
const manifest = writeManifest(measured, [lines]);

describe('technology fit', () => {
  it('proposes a manifest, fits it, and writes a card', async () => {
    const out = join(folder, 'fits');
    const guessed = await json<{ manifest: string; guesses: string[] }>([
      'technology',
      'fit',
      '--guess',
      measured,
      '--out',
      out,
    ]);
    expect(guessed.guesses).toContain('d1: p-type, by the sign of its volts');
    const text = readFileSync(guessed.manifest, 'utf8')
      .replace(/W: .*/, `W: ${WIDTH}`)
      .replace(/L: .*/, `L: ${LENGTH}`);
    writeFileSync(guessed.manifest, text);
    const { code, out: said } = await neuroprint([
      'technology',
      'fit',
      '--manifest',
      guessed.manifest,
      '--out',
      out,
      '--overwrite',
    ]);
    expect(code).toBe(0);
    expect(said).toMatch(/d1 \(p-type\): ekv/);
    for (const law of ['ekv', 'virtual-source', 'level1'])
      expect(said).toMatch(new RegExp(`d1 +${law} +0\\.\\d+ decades`));
    const card = JSON.parse(readFileSync(join(out, 'card.json'), 'utf8'));
    expect(card.transistors.d1.polarity).toBe('p');
    expect(card.transistors.d1.parameters.vth.measured.standardError).toBeGreaterThan(0);
  });

  it('ends with 3 where the law does not follow a curve', async () => {
    const at = join(folder, 'odd');
    mkdirSync(at);
    const odd = writeManifest(at, [writeDevice(at, 'd1', MADE, { noise: 0.4 })]);
    const { code, out, err } = await neuroprint(['technology', 'fit', '--manifest', odd, '--laws', 'level1']);
    expect(code).toBe(3);
    expect(out).toMatch(/warning +d1: d1-.* is missed by/);
    expect(err).toMatch(/the law does not follow every curve/);
  });

  it('fits squares and ageing without any transistor', async () => {
    const squares = join(folder, 'squares.csv');
    writeFileSync(squares, 'squares,ohms\n1,101000\n2,203000\n5,505000\n10,1001000\n20,2030000\n');
    const aged = join(folder, 'aged.csv');
    writeFileSync(
      aged,
      `days,r0,r1,r2\n${[0, 1, 3, 8, 20, 40].map((d) => [d, ...[1, 1.1, 1.3].map((f) => 1e4 * f * (1 + 0.1 * f * Math.sqrt(d)))].join()).join('\n')}\n`,
    );
    const { card } = await json<{
      card: { ink: { sheetOhms: { value: number } }; ageing: { resistors: { law: string } } };
    }>([...['technology', 'fit', '--resistors', squares, '--ink', 'resistive', '--ageing', aged]]);
    expect(card.ink.sheetOhms.value / 1e5).toBeCloseTo(1, 1);
    expect(card.ageing.resistors.law).toBe('power');
  });

  it.each<[string, string[], RegExp]>([
    ['nothing to fit', [], /Say what was measured/],
    ['an unknown law', ['--manifest', manifest, '--laws', 'ekv,bsim'], /There is no law "bsim"\./],
    ['an ink without resistors', ['--manifest', manifest, '--ink', 'silver'], /--resistors and --ink go together/],
    ['both manifest and guess', ['--manifest', manifest, '--guess', measured], /say one of them/],
    [
      'two polarities of one kind',
      ['--manifest', twoPolarities()],
      /d1 is p-type and d2 is n-type, and both are of the kind made/,
    ],
    [
      'a process that is not there',
      ['--manifest', manifest, '--laws', 'level1', '--into', join(folder, 'nowhere')],
      /nowhere.technology\.json: there is no such file/,
    ],
  ])('refuses %s', async (_, args, expected) => {
    const { code, err } = await neuroprint(['technology', 'fit', ...args]);
    expect(code).toBe(2);
    expect(err).toMatch(expected);
  });

  it('gives a process the spread of three devices, of which it says nothing that they do not', async () => {
    const at = join(folder, 'three');
    mkdirSync(at);
    const devices = [0.9, 1, 1.2].map((f, d) =>
      writeDevice(
        at,
        `d${d}`,
        { ...MADE, i0: f * MADE.i0, vth: MADE.vth + 2 * (f - 1) + 0.1 * d },
        { noise: 0.005, seed: d, transistor: 'egt' },
      ),
    );
    const process = join(folder, 'spread');
    cpSync(join(ROOT, 'spice-templates', 'egt'), process, { recursive: true });
    const path = join(process, 'technology.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"name": "egt"', '"name": "spread"'));
    const page = join(folder, 'three-fits');
    await json([
      'technology',
      'fit',
      '--manifest',
      writeManifest(at, devices),
      '--laws',
      'ekv',
      '--into',
      process,
      '--out',
      page,
    ]);
    const { spread } = loadTechnology(folder, 'spread').transistors.egt!;
    expect(spread!.parameters).toContain('vth');
    const vth = spread!.parameters.indexOf('vth');
    expect(Math.sqrt(spread!.covariance[vth]![vth]!)).toBeCloseTo(0.4, 1);
    expect(spread!.source).toMatch(/^measured: 3 devices \(d0, d1, d2\), sheets not told apart/);
    expect(readFileSync(join(page, 'report.html'), 'utf8')).toContain('Spread of 3');
  });

  it('puts what was fitted into a process, which says what is measured and leaves everything else as it was', async () => {
    const process = join(folder, 'mine');
    cpSync(join(ROOT, 'spice-templates', 'egt'), process, { recursive: true });
    const path = join(process, 'technology.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"name": "egt"', '"name": "mine"'));
    const before = JSON.parse(readFileSync(path, 'utf8'));
    const own = join(measured, 'egt.yaml');
    writeFileSync(own, readFileSync(manifest, 'utf8').replace('transistor: made', 'transistor: egt'));
    const squares = join(folder, 'inks.csv');
    writeFileSync(squares, 'squares,ohms\n1,101000\n2,203000\n5,505000\n10,1001000\n20,2030000\n');
    const ink = ['--resistors', squares, '--ink', 'resistive'];
    await json(['technology', 'fit', '--manifest', own, '--laws', 'ekv', ...ink, '--into', process]);
    const { transistors, printing, ...after } = JSON.parse(readFileSync(path, 'utf8'));
    expect(transistors.egt.parameters.gamma.value).toBeCloseTo(MADE.gamma, 1);
    expect(printing.resistorInks[0].sheetOhms.measured.file).toBe('inks.csv');
    const { transistors: _, printing: __, ...rest } = before;
    expect(after).toEqual(rest);
    const { marks, assumed, transistors: kinds } = loadTechnology(folder, 'mine');
    expect(kinds.egt!.polarity).toBe('p');
    expect(marks.find((mark) => mark.path === 'transistors.egt.parameters.vth')).toMatchObject({
      kind: 'measured',
      text: expect.stringMatching(/d1-transfer-vd5\.csv.*: ± 0\.0/),
    });
    expect(assumed).not.toContain('printing.resistorInks.0.sheetOhms');
  });
});

const OTFT = join(ROOT, '..', 'shared', 'data', 'otft');
describe.skipIf(!existsSync(OTFT))(
  'the commands of the page about measured devices (where ../shared/data/otft is there)',
  () => {
    const cwd = temporaryFolder();
    // the body of a group that is skipped is run all the same
    beforeAll(() => {
      mkdirSync(join(cwd, 'measured'));
      for (const name of ['transfer-vd5', 'transfer-vd40', 'output-vg20', 'output-vg30', 'output-vg40'])
        cpSync(join(OTFT, `p1-${name}.csv`), join(cwd, 'measured', `p1-${name}.csv`));
      cpSync(join(OTFT, '..', 'ageing', 'printed-resistors-ohms.csv'), join(cwd, 'aged.csv'));
      cpSync(join(ROOT, 'spice-templates', 'egt'), join(cwd, 'my-process'), { recursive: true });
      writeFileSync(join(cwd, 'squares.csv'), 'squares,ohms\n1,101000\n2,203000\n5,505000\n10,1001000\n20,2030000\n');
    });
    const page = readFileSync(join(ROOT, 'docs', 'manual', 'measured-devices.md'), 'utf8');
    const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'));

    it('are five', () => {
      expect(commands).toHaveLength(5);
    });

    it.each(commands)('%s', (command) => {
      const { code, out, err } = spawnNeuroprint(command.split(/\s+/).slice(2), { cwd });
      expect(code, err).toBe(0);
      if (command.includes('--guess')) for (const line of page.match(/^guessed .*$/gm)!) expect(out).toContain(line);
    });
  },
);

function twoPolarities(): string {
  const path = join(measured, 'two.yaml');
  const other = lines.replace('name: d1', 'name: d2').replace('transistor: made', 'transistor: made\n    polarity: n');
  writeFileSync(path, `polarity: p\nW: 1e-3\nL: 1e-4\ndevices:\n${lines}\n${other}\n`);
  return path;
}
