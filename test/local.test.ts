import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe('a generated table', () => {
  const yinYang = join(folder, 'yin-yang.csv');

  it('is written once, and only over itself where it is asked to', async () => {
    const args = ['generate', 'yin-yang', '--rows', '300', '--out', yinYang];
    expect(await json(args)).toMatchObject({ rows: 300, classes: ['dot', 'yang', 'yin'] });
    const first = readFileSync(yinYang, 'utf8');
    const again = await neuroprint(args);
    expect(again.code).toBe(2);
    expect(again.err).toContain('is there already');
    expect((await neuroprint([...args, '--overwrite'])).code).toBe(0);
    expect(readFileSync(yinYang, 'utf8')).toBe(first);
  });

  it('has baselines of which none is linear and good', async () => {
    interface Answer {
      readonly splitFrom: string;
      readonly rows: readonly {
        readonly name: string;
        readonly accuracy: { readonly test: { readonly mean: number } };
      }[];
    }
    const { rows, splitFrom } = await json<Answer>(['baselines', '--data', yinYang, '--seeds', '2', '--hidden', '8']);
    expect(splitFrom).toBe('seed');
    const test = Object.fromEntries(rows.map(({ name, accuracy }) => [name, accuracy.test.mean]));
    expect(Object.keys(test)).toEqual([
      'nearestMean',
      'nearestMeanUnscaled',
      'linearMap',
      'perceptron',
      'logistic',
      'digital',
    ]);
    expect(Math.max(test.nearestMean!, test.linearMap!, test.logistic!)).toBeLessThan(0.8);
  });
});

describe('a network of resistors', () => {
  const out = join(folder, 'learnt');
  const network = join(out, 'network.json');

  it('learns, and says what the readout would have done without it', async () => {
    const answer = await json<{ accuracy: { readout: number; before: number; after: number } }>([
      ...['local', 'train', '--data', IRIS, '--select', 'first', '--epochs', '60', '--out', out],
    ]);
    expect(answer.accuracy.after).toBeGreaterThan(answer.accuracy.before);
    expect(answer.accuracy.readout).toBeGreaterThan(0.8);
  });

  it.each(['free', 'clamped'])('has a %s state in which ngspice finds every voltage', async (state) => {
    const at = join(folder, state);
    const { nodes } = await json<{ nodes: number }>([
      'local',
      'netlist',
      '--network',
      network,
      '--state',
      state,
      '--out',
      at,
    ]);
    const report = await json<{ maxErrorVolts: number; nodes: number; cases: number; comparedWith: string }>([
      ...['verify', '--netlist', join(at, 'netlist.cir'), '--map', join(at, 'map.json')],
      ...['--expected', join(at, 'expected.csv')],
    ]);
    expect(report).toMatchObject({ nodes, cases: 30, comparedWith: 'expected table' });
    expect(report.maxErrorVolts).toBeLessThan(1e-9);
  });

  it('is studied to tables and figures', async () => {
    const run = (out: string, parts: string, ...more: string[]) =>
      json<{ rules: { rows: unknown[] }; made: number }>([
        ...['local', 'study', '--data', IRIS, '--out', out, '--networks', '2', '--sizes', '10,12', '--parts', parts],
        ...more,
      ]);
    const parts = 'rules,selection,sizes,gradient';
    const study = join(folder, 'study');
    const made = await run(study, parts);
    expect(made.rules.rows).toHaveLength(8);
    expect(await run(study, parts)).toEqual({ ...made, made: 0, found: made.made });
    // a part by two shards, each in a folder of its own
    const [first, second] = [join(folder, 'study-0'), join(folder, 'study-1')];
    await run(first, 'sizes', '--shard', '0/2');
    await run(second, 'sizes', '--shard', '1/2');
    expect(await run(first, 'sizes', '--merge', second)).toMatchObject({ made: 0 });
    expect(readFileSync(join(first, 'sizes.json'), 'utf8')).toBe(readFileSync(join(study, 'sizes.json'), 'utf8'));
    const text = readFileSync(join(study, 'study.md'), 'utf8');
    for (const part of ['Three rules', 'Which rows', 'Size', 'Rule and gradient']) expect(text).toContain(`## ${part}`);
    for (const name of ['local-sizes.svg', 'local-gradient.svg']) expect(existsSync(join(study, name))).toBe(true);
  });
});

describe('what cannot be learnt is refused with exit code 2:', () => {
  const ring = file('ring.csv', `a,b\n${Array.from({ length: 8 }, (_, i) => `${i},${(i + 1) % 8}`).join('\n')}\n`);
  const apart = file('apart.csv', 'a,b\n0,1\n1,2\n2,3\n4,5\n');
  const holes = file('holes.csv', 'x,y,label\n1,2,a\n,3,b\n2,5,a\n4,4,b\n3,1,a\n5,2,b\n7,7,a\n8,9,b\n6,6,a\n9,8,b\n');
  const out = ['--out', join(folder, 'never')];
  const oneInput = ['local', 'train', '--task', 'one-input', ...out];
  const cases: readonly [string, readonly string[], RegExp][] = [
    [
      'a graph that is not connected',
      [...oneInput, '--graph', apart, '--inputs', '0,1,2', '--outputs', '3'],
      /not connected: no path from node 0 to nodes 4, 5/,
    ],
    [
      'an input that is an output',
      [...oneInput, '--graph', ring, '--inputs', '0,1,2', '--outputs', '2'],
      /node 2 is an input and an output/,
    ],
    [
      'terminals that do not fit the task',
      [...oneInput, '--graph', ring, '--inputs', '0,1', '--outputs', '2'],
      /3 sources .* and 1 outputs; 2 and 1 nodes are named/,
    ],
    ['a graph without terminals', [...oneInput, '--graph', ring], /needs --inputs and --outputs/],
    ['terminals without a graph', [...oneInput, '--inputs', '0,1,2'], /are nodes of --graph/],
    [
      'an edge to nowhere',
      [...oneInput, '--graph', file('word.csv', 'a,b\n0,x\n'), '--inputs', '0', '--outputs', '1'],
      /row 2: an edge needs two nodes/,
    ],
    [
      'more levels than the resolution',
      [...oneInput, '--levels', '1280', '--resolution', '781'],
      /1280 levels .* are 77.6 ohms apart, and the resistors resolve 781 ohms/,
    ],
    ['too small a graph', [...oneInput, '--nodes', '3', '--neighbours', '2'], /need 4 nodes, and the graph has 3/],
    ['nothing to learn', ['local', 'train', ...out], /Say what to learn/],
    [
      'a table with missing values',
      ['local', 'train', '--data', holes, '--per-class', '2', ...out],
      /row 3, column x: the cell is empty[\s\S]*--missing/,
    ],
    [
      'baselines of missing values',
      ['baselines', '--data', holes],
      /row 3, column x: the cell is empty[\s\S]*--missing/,
    ],
    [
      'more training rows than there are',
      ['local', 'train', '--data', IRIS, '--per-class', '60', ...out],
      /60 training rows of the class/,
    ],
    ['an unknown part', ['local', 'study', '--data', IRIS, '--parts', 'all', ...out], /--parts has "all"/],
    ['a network of another kind', ['local', 'netlist', '--network', ring, ...out], /is not JSON/],
  ];
  it.each(cases)('%s', async (_, args, message) => {
    const { code, err } = await neuroprint(args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'never', 'network.json'))).toBe(false);
  });

  it('missing values can be dropped or imputed', async () => {
    for (const [missing, counted] of [
      ['drop', { droppedRows: 1, imputedCells: 0 }],
      ['impute', { droppedRows: 0, imputedCells: 1 }],
    ] as const)
      expect(await json(['baselines', '--data', holes, '--seeds', '1', '--missing', missing])).toMatchObject({
        missing: counted,
      });
  });
});
