import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const SURROGATES = process.env.NEUROPRINT_TEST_SURROGATES ?? join(ROOT, 'surrogates');
const hasSurrogates = existsSync(join(SURROGATES, 'egt', 'ptanh', 'surrogate.json'));
const folder = temporaryFolder();
const tables = join(folder, 'tables');
mkdirSync(tables);
copyFileSync(IRIS, join(tables, 'iris.csv'));

describe.skipIf(!hasSurrogates)('the ablation of the paper', () => {
  const out = join(folder, 'ablation');
  const args = ['bench', 'date23', '--data', tables, '--out', out, '--surrogates', SURROGATES, '--seeds', '1'];
  const short = [...args, '--epochs', '12'];
  interface Answer {
    readonly trained: number;
    readonly resumed: number;
    readonly overall: readonly { readonly case: string; readonly mean: number }[];
  }

  it('goes on where it was, to the same table', () => {
    const first = json<Answer>(short);
    expect(first).toMatchObject({ trained: 10, resumed: 0 });
    expect(first.overall).toHaveLength(12);
    const table = readFileSync(join(out, 'table.md'), 'utf8');
    expect(table).toContain('### Tested under 10 % variation');
    expect(readFileSync(join(out, 'table.csv'), 'utf8').split('\n')[0]).toContain('dataset,activation,case');
    expect(readFileSync(join(out, 'table.svg'), 'utf8')).toContain('<svg');
    const again = json<Answer>([...short, '--workers', '2']);
    expect(again).toMatchObject({ trained: 0, resumed: 10, overall: first.overall });
    expect(readFileSync(join(out, 'table.md'), 'utf8')).toBe(table);
  });

  it('refuses rows of other options, and damaged ones', () => {
    const other = neuroprint([...args, '--epochs', '13']);
    expect(other.code).toBe(2);
    expect(other.err).toContain('was made with other data, surrogates or options');
    const row = readdirSync(join(out, 'rows'))[0]!;
    writeFileSync(join(out, 'rows', row), '{"dataset": "ir');
    const damaged = neuroprint(short);
    expect(damaged.code).toBe(2);
    expect(damaged.err).toContain('is damaged');
  });
});

describe.skipIf(!hasSurrogates)('a sweep', () => {
  it('summarises sizes over folds and marks the front', () => {
    const out = join(folder, 'sweep');
    const options = ['--hidden', '2;3', '--prices', '0,0.05', '--folds', '3', '--seeds', '1', '--epochs', '10'];
    const { choices, front } = json<{ choices: { trainings: number }[]; front: unknown[] }>([
      ...['sweep', '--data', IRIS, '--out', out, '--surrogates', SURROGATES],
      ...options,
    ]);
    expect(choices.map(({ trainings }) => trainings)).toEqual([3, 3, 3, 3]);
    expect(front.length).toBeGreaterThan(0);
    expect(existsSync(join(out, 'sweep.svg'))).toBe(true);
  });
});

describe('wrong use', () => {
  const model = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const train = (file: string): string[] => [
    ...['train', '--data', IRIS, '--out', join(folder, 'never')],
    ...['--variation-model', file],
  ];
  it.each<[string, string[], RegExp]>([
    [
      'an unknown table',
      ['bench', 'date23', '--data', tables, '--out', join(folder, 'x'), '--tables', 'seeds'],
      /no table seeds/,
    ],
    ['a folder without tables', ['bench', 'date23', '--data', folder, '--out', join(folder, 'x')], /no CSV table/],
    ['a price that is none', ['sweep', '--data', IRIS, '--out', join(folder, 'x'), '--prices', '0,cheap'], /"cheap"/],
    ['a variation model that is no JSON', train(model('text.json', 'ten percent')), /is not JSON/],
    [
      'an unknown kind of variation',
      train(model('kind.json', '{"kind": "cauchy", "relativeSpread": 0.1}')),
      /is no variation model: kind/,
    ],
  ])('%s', (_, args, message) => {
    const { code, err } = neuroprint(args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
