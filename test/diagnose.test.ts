import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256, sheetMark } from '../packages/core/src/index.ts';
import { json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const netlist = join(folder, 'damp');

interface Ports {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

interface Result {
  readonly verdict: string;
  readonly headline: string;
  readonly candidates: readonly { readonly alike: readonly (readonly string[])[]; readonly probability: number }[];
  readonly next?: { readonly node: string; readonly inputVolts: readonly number[]; readonly words: string };
  readonly notes: readonly string[];
}

/** A sheet of the first rows of expected.csv, its outputs as `volts` makes them of what is expected. */
function filled(name: string, volts: (expected: number, line: number, output: number) => number): string {
  const [header, ...rows] = readFileSync(join(netlist, 'expected.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const { inputs, outputs } = JSON.parse(readFileSync(join(netlist, 'circuit.json'), 'utf8')) as Ports;
  const lines = rows.slice(0, 8).map((cells, i) => {
    const at = (node: string): number => Number(cells[header!.indexOf(node)]!);
    return [...inputs.map(at), ...outputs.map((node, o) => volts(at(node), i, o).toFixed(4))].join(',');
  });
  const file = join(folder, name);
  const mark = sheetMark(sha256(readFileSync(join(netlist, 'netlist.cir'), 'utf8')));
  writeFileSync(file, `${[mark, [...inputs, ...outputs].join(','), ...lines].join('\n')}\n`);
  return file;
}

const diagnose = (file: string, out: string, ...more: readonly string[]) =>
  neuroprint(['diagnose', '--netlist', netlist, '--measured', file, '--out', join(folder, out), ...more]);

beforeAll(async () => {
  await json(['compile', '--network', join(ROOT, 'examples', 'damp.json'), '--out', netlist]);
});

describe('neuroprint diagnose', () => {
  it('finds nothing on a sheet that is as designed but for the meter, and writes page and table', async () => {
    const file = filled('good.csv', (volts, line) => volts + (line % 2 === 0 ? 4e-4 : -4e-4));
    const { code, out } = await diagnose(file, 'good', '--json');
    const result = JSON.parse(out) as Result;
    expect(code).toBe(0);
    expect(result).toMatchObject({ asPromised: true, verdict: 'within tolerance', candidates: [] });
    expect(result.notes.join()).not.toContain('does not say which netlist');
    for (const name of ['diagnosis.html', 'diagnosis.csv']) expect(existsSync(join(folder, 'good', name))).toBe(true);
  });

  it('says what is broken in its first line and by exit code 3, and marks it', async () => {
    // one output as designed, the other stuck at its supply
    const mixed = filled('mixed.csv', (volts, _, output) => (output === 0 ? volts + 2e-4 : 0.9993));
    const { code, out, err } = await diagnose(mixed, 'mixed');
    expect(code).toBe(3);
    expect(out).toMatch(/^NOT AS PROMISED: Likely broken: /);
    expect(err).toContain('failed: the sheet');
    expect(readFileSync(join(folder, 'mixed', 'diagnosis.html'), 'utf8')).toContain('Where to look');
    expect(readFileSync(join(folder, 'mixed', 'diagnosis.csv'), 'utf8')).toContain('candidate,faults,probability');
  });

  it('refuses a sheet that holds the volts of the design, and one of another netlist', async () => {
    const copied = await diagnose(
      filled('copied.csv', (volts) => volts),
      'copied',
    );
    expect(copied).toMatchObject({ code: 2 });
    const other = join(folder, 'other.csv');
    const text = readFileSync(join(folder, 'copied.csv'), 'utf8');
    writeFileSync(other, text.replace(/sha256 [0-9a-f]{8}/, 'sha256 00000000'));
    const { code, err } = await diagnose(other, 'other');
    expect(code).toBe(2);
    expect(err).toMatch(/other\.csv, row 1: is the sheet of another netlist/);
    expect(existsSync(join(folder, 'other'))).toBe(false);
  });

  it('overwrites nothing unasked, and needs a variation', async () => {
    const file = filled('again.csv', (volts) => volts + 3e-4);
    expect((await diagnose(file, 'good')).code).toBe(2);
    const { code, err } = await diagnose(file, 'none', '--variation', '0');
    expect(code).toBe(2);
    expect(err).toContain('Nothing varies');
  });
});
