import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Draws } from '@neuroprint/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { json, neuroprint, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const table = join(folder, 'forty.csv');
const network = join(folder, 'network', 'network.json');
const netlist = join(folder, 'netlist');

/** Forty classes, each a small cloud in four dimensions: more than three neurons can tell apart in print. */
function fortyClasses(): string {
  const draws = new Draws(1, 'forty classes');
  let drawn = 0;
  const uniform = (): number => draws.uniform(0, drawn++);
  const rows = Array.from({ length: 40 }, (_, label) => {
    const centre = [uniform(), uniform(), uniform(), uniform()];
    return ['train', 'train', 'train', 'train', 'valid', 'valid', 'test', 'test'].map(
      (split) => `${centre.map((x) => (x + 0.05 * uniform()).toFixed(4)).join(',')},c${label},${split}\n`,
    );
  });
  return `a,b,c,d,label,split\n${rows.flat().join('')}`;
}

beforeAll(async () => {
  writeFileSync(table, fortyClasses());
  await json(['train', '--data', table, '--out', join(folder, 'network'), '--epochs', '150', '--restarts', '1']);
});

describe('forty classes on three neurons, which the circuit does not tell apart as the network does', () => {
  it('are compiled, with an alarm in the first line and exit code 3', async () => {
    const args = ['compile', '--network', network, '--data', table, '--out', netlist, '--steps', '0'];
    const { code, out, err } = await neuroprint(args);
    expect(code).toBe(3);
    expect(out).toMatch(
      /^NOT AS PROMISED: \d+\.\d % of the decisions are those of the network, and at least 85\.0 % must be/,
    );
    expect(out).toContain(`written             ${netlist}`);
    expect(err).toContain('failed: the circuit does as the network does: minimumDecisionsKept');
    await neuroprint(['report', '--of', netlist]);
    const page = readFileSync(join(netlist, 'report.html'), 'utf8');
    expect(page).toContain('class="verdict alarm"');
    expect(page).toContain('Not as promised: ');
  });

  it('are verified with the same alarm on the command line, in --json and on the page', async () => {
    const { code, out } = await neuroprint(['verify', '--netlist', netlist, '--monte-carlo', '10', '--json']);
    expect(code).toBe(3);
    const { asPromised, promises, monteCarlo, accuracy, netlistDifferences } = JSON.parse(out);
    expect(asPromised).toBe(false);
    expect(promises.kept).toBe(false);
    expect(netlistDifferences).toEqual([]);
    expect(monteCarlo.yieldAccuracy).toBeCloseTo(accuracy.network - 0.05, 10);
    const person = await neuroprint(['verify', '--netlist', netlist]);
    expect(person.code).toBe(3);
    expect(person.out).toMatch(/^NOT AS PROMISED: /);
    await neuroprint(['report', '--of', netlist]);
    const page = readFileSync(join(netlist, 'report.html'), 'utf8');
    expect(page).toContain('class="verdict alarm"');
    expect(page).not.toContain('>✓</span>');
  });

  it('pass where somebody says that this is enough', async () => {
    const spec = join(folder, 'spec.yaml');
    writeFileSync(spec, 'minimumDecisionsKept: 0.01\nmaximumAccuracyLost: 1\n');
    const { code, out } = await neuroprint(['verify', '--netlist', netlist, '--spec', spec, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ asPromised: true, promises: { kept: true, lines: [] } });
  });
});
