import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const out = join(folder, 'out');
const SHIPPED = join(ROOT, 'surrogates');

type Row = readonly [ohms: number, width: number, length: number, ...eta: number[]];
const HEADER = 'R,W,L,eta1,eta2,eta3,eta4';
/** Sixty designs with an η that is some function of R·W/L. */
const ROWS: readonly Row[] = Array.from({ length: 60 }, (_, i) => {
  const [ohms, width, length] = [5e4 + 1e3 * i, 3e-5 + 1e-7 * ((7 * i) % 60), 4e-5 + 1e-7 * ((11 * i) % 60)];
  const x = Math.log((ohms * width) / length);
  return [ohms, width, length, -0.5, 0.4 + x / 100, 0.9 - x / 20, x];
});

function csv(name: string, rows: readonly (readonly (number | string)[])[], header = HEADER): string {
  const path = join(folder, name);
  writeFileSync(path, `${[header, ...rows.map((row) => row.join())].join('\n')}\n`);
  return path;
}
const changed = (row: number, column: number, value: number | string) =>
  ROWS.map((cells, r) => cells.map((cell, c) => (r === row && c === column ? value : cell)));
const train = (samples: string, ...more: string[]) => [
  'surrogate',
  'train',
  '--samples',
  samples,
  '--out',
  out,
  ...more,
];
const good = csv('good.csv', ROWS);
const evaluate = (surrogate: string, samples = good) => [
  'surrogate',
  'evaluate',
  '--surrogate',
  surrogate,
  '--samples',
  samples,
];
const bytes = readFileSync(join(SHIPPED, 'egt', 'negweight', 'surrogate.onnx'));
const onnx = (name: string, content: Uint8Array | string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** Folders of sampled curves and of two-dimensional sweeps. */
const curves = join(folder, 'curves');
const ports = join(folder, 'ports');
const sample = (to: string, ...more: string[]) =>
  json(['sample', '--cell', 'negweight', '--count', '3', '--out', to, '--workers', '1', ...more]);
await sample(curves);
await sample(ports, '--port');
const elsewhere = join(folder, 'elsewhere');
mkdirSync(join(elsewhere, 'egt'), { recursive: true });
for (const cell of ['negweight', 'ptanh'])
  cpSync(join(SHIPPED, 'egt-date23', cell), join(elsewhere, 'egt', cell), { recursive: true });
const damaged = join(folder, 'damaged');
cpSync(join(SHIPPED, 'egt', 'negweight'), damaged, { recursive: true });
const text = readFileSync(join(damaged, 'surrogate.json'), 'utf8');
writeFileSync(join(damaged, 'surrogate.json'), text.replace('"seed": 0', '"seed": 1'));

const make = ['surrogates', 'make', '--surrogates', join(folder, 'made'), '--samples', join(folder, 'made-samples')];
const ranges = join(folder, 'ranges');
cpSync(curves, ranges, { recursive: true });
const recorded = JSON.parse(readFileSync(join(ranges, 'samples.json'), 'utf8')) as Record<string, object>;
const { checksum: _, parameters, ...rest } = recorded;
const wider = (parameters as { max: number }[]).map((one) => ({ ...one, max: 2 * one.max }));
writeFileSync(join(ranges, 'samples.json'), JSON.stringify({ ...rest, parameters: wider }));

describe('samples and surrogates that cannot be used end with exit code 2 and say why:', () => {
  it.each<[string, string[], RegExp]>([
    [
      'missing columns',
      train(
        csv(
          'missing.csv',
          ROWS.map((row) => row.slice(0, 6)),
          'R,W,L,eta1,eta2,eta3',
        ),
      ),
      /missing\.csv, column eta4: there is no such column/,
    ],
    [
      'components outside the box',
      train(csv('outside.csv', changed(4, 0, 5e6))),
      /outside\.csv, row 6, column R: .*above/,
    ],
    ['components beyond a constraint', train(csv('beyond.csv', changed(4, 1, 8e-4))), /row 6, column 500000>R\*W\/L/],
    [
      'NaN rows',
      train(csv('nan.csv', changed(7, 4, 'NaN'))),
      /nan\.csv, row 9, column eta2: "NaN" is not a finite number/,
    ],
    ['ten rows', train(csv('ten.csv', ROWS.slice(0, 10))), /ten\.csv: has 10 rows, and at least 50 are needed/],
    ['repeated rows', train(csv('twice.csv', [...ROWS, ...ROWS])), /60 of the 120 rows are repeated/],
    [
      'a constant column',
      train(
        csv(
          'constant.csv',
          ROWS.map(([_, ...row]) => [1e5, ...row]),
        ),
      ),
      /R is 100000 in every row, so nothing can be learnt/,
    ],
    ['a curve that does not switch', train(csv('flat.csv', changed(2, 4, -0.1))), /row 4, column eta2: .*not positive/],
    ['too few sampled designs', train(curves), /at least 50 samples, and there are 3/],
    ['sweeps of ports where curves are needed', train(ports), /is of two-dimensional sweeps, which have no η/],
    ['curves where sweeps of ports are needed', train(curves, '--port'), /is of curves, not of two-dimensional sweeps/],
    ['too few sweeps of ports', train(ports, '--port'), /at least 50 designs, and there are 3/],
    ['a damaged ONNX file', evaluate(onnx('cut.onnx', bytes.subarray(0, 2000))), /cut\.onnx/],
    ['a file that is no ONNX', evaluate(onnx('text.onnx', 'hello')), /text\.onnx/],
    [
      'an ONNX model of another cell',
      evaluate(join(SHIPPED, 'egt', 'ptanh', 'surrogate.onnx')),
      /surrogate\.onnx: .*(6|components)/,
    ],
    ['an edited surrogate', evaluate(damaged), /the checksum does not match/],
    ['a folder without a port model', [...evaluate(folder), '--port'], /port\.json/],
    [
      'a surrogate of another technology',
      ['train', '--data', IRIS, '--out', out, '--surrogates', elsewhere],
      /is of egt-date23\/\w+, and egt\/\w+ is needed/,
    ],
    [
      'a shipped process whose surrogates nobody has made',
      ['train', '--data', IRIS, '--out', out, '--surrogates', folder],
      /negweight.surrogate\.json: there is no such file.*\nMake it: npx neuroprint surrogates make --technology egt --surrogates \S+/,
    ],
    [
      'surrogates that would be replaced unasked',
      ['surrogates', 'regenerate'],
      /egt: there are surrogates of negweight, ptanh\nAdd --overwrite to replace them/,
    ],
    [
      'surrogates that there are already',
      ['surrogates', 'make'],
      /there are surrogates of negweight, ptanh\nMake them again/,
    ],
    ['surrogates of no cell', ['surrogates', 'make', '--cell', 'relu'], /egt has no cell relu.\nThere are: /],
    [
      'samples of another cell than is made',
      [...make, '--cell', 'ptanh', '--from', curves],
      /samples\.json: is of egt\/negweight, and surrogates of egt\/ptanh are made/,
    ],
    ['two folders of the same kind', [...make, '--from', curves, curves], /holds curves of negweight, and so does/],
    [
      'samples of ranges that are no longer so',
      [...make, '--from', ranges],
      /the ranges of negweight are no longer those of egt/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, err } = await neuroprint(args);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/bug in neuroprint/);
    expect(code).toBe(2);
  });
});

it('a surrogate says how wrong it is on a table from elsewhere', async () => {
  const result = await json<{ rows: number; mseNormalised: number }>(evaluate(join(SHIPPED, 'egt', 'negweight')));
  expect(result.rows).toBe(60);
  expect(result.mseNormalised).toBeGreaterThan(0);
});

it('surrogates are made on samples that there are, replaced when that is asked, and said to be worse where they are', async () => {
  const samples = join(folder, 'fifty');
  await json([
    'sample',
    '--cell',
    'ptanh',
    '--count',
    '55',
    '--out',
    samples,
    '--engine',
    'embedded',
    '--workers',
    '1',
  ]);
  const of = ['--cell', 'ptanh', '--count', '50', '--from', samples];
  interface Made {
    readonly cells: { readonly ptanh: { readonly sample: object; readonly change: string } };
  }
  // a shard makes, and the command sums up what it finds and leaves no list of jobs
  const shard = await json<Made>([...make, ...of, '--shard', '0/1']);
  const first = await json<Made>([...make, ...of]);
  expect(first.cells).toEqual(shard.cells);
  expect(existsSync(join(folder, 'made-samples'))).toBe(true);
  expect(readdirSync(join(folder, 'made-samples')).filter((name) => name.includes('surrogates'))).toEqual([]);
  expect(first.cells.ptanh.sample).toMatchObject({ taken: true, converged: 55, out: samples });
  expect(first.cells.ptanh.change).toBe('new; port model new');
  const made = join(folder, 'made', 'egt', 'ptanh', 'surrogate.json');
  const bytesBefore = readFileSync(made);
  const again = ['surrogates', 'regenerate', ...make.slice(2), ...of];
  const unasked = await neuroprint(again);
  expect([unasked.code, readFileSync(made).equals(bytesBefore)]).toEqual([2, true]);
  cpSync(join(SHIPPED, 'egt', 'ptanh'), join(folder, 'made', 'egt', 'ptanh'), { recursive: true });
  const worse = await neuroprint([...again, '--overwrite']);
  expect(worse.code).toBe(3);
  expect(worse.out).toMatch(/^NOT AS PROMISED: the surrogate of ptanh is worse than the one it replaced/);
  // the same samples give the same bytes
  expect(readFileSync(made).equals(bytesBefore)).toBe(true);
}, 300_000);
