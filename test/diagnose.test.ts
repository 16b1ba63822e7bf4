import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const netlist = join(folder, 'damp');
const sheet = join(netlist, 'bench-test-sheet.csv');

interface Result {
  readonly verdict: string;
  readonly headline: string;
  readonly candidates: readonly { readonly alike: readonly (readonly string[])[]; readonly probability: number }[];
  readonly next?: { readonly node: string; readonly inputVolts: readonly number[]; readonly words: string };
  readonly notes: readonly string[];
}

/** The bench test sheet with its column filled in by `volts` of what is expected of a reading. */
function filled(name: string, volts: (expected: number, line: number) => number): string {
  const lines = readFileSync(sheet, 'utf8').trim().split('\n');
  const head = lines.findIndex((line) => line.startsWith('pattern,'));
  const columns = lines[head]!.split(',');
  const [expected, measured] = ['expected_volts', 'measured_volts'].map((column) => columns.indexOf(column));
  const text = lines.map((line, i) => {
    if (i <= head) return line;
    const cells = line.split(',');
    cells[measured!] = volts(Number(cells[expected!]), i).toFixed(4);
    return cells.join(',');
  });
  const file = join(folder, name);
  writeFileSync(file, `${text.join('\n')}\n`);
  return file;
}

const diagnose = (file: string, out: string, ...more: readonly string[]) =>
  neuroprint(['diagnose', '--netlist', netlist, '--measured', file, '--out', join(folder, out), ...more]);

beforeAll(async () => {
  await json(['compile', '--network', join(ROOT, 'examples', 'damp.json'), '--out', netlist]);
  const few = ['--confirm', '0', '--good-copies', '100', '--faulty-copies', '10', '--most-patterns', '8'];
  await json(['test-patterns', '--netlist', netlist, ...few]);
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
    const dead = filled('dead.csv', () => 0.9993);
    const lines = readFileSync(dead, 'utf8').split('\n');
    // one output as designed, the other stuck at its supply
    const output = lines
      .at(-2)!
      .split(',')
      .find((cell) => cell.startsWith('y_'))!;
    const mixed = filled('mixed.csv', (volts) => volts);
    const text = readFileSync(mixed, 'utf8')
      .split('\n')
      .map((line, i) => (line.includes(output) ? lines[i]! : line));
    writeFileSync(mixed, text.join('\n'));
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
    writeFileSync(other, readFileSync(sheet, 'utf8').replace(/sha256 [0-9a-f]{8}/, 'sha256 00000000'));
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
