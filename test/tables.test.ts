import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const iris = readFileSync(IRIS, 'utf8').trim().split('\n');
const file = (name: string, text: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const QUICK = ['--epochs', '20', '--draws', '2', '--restarts', '1'];

describe('an Iris table with an index, semicolons and decimal commas', () => {
  const table = file(
    'herbarium.csv',
    iris
      .map((row, i) => `${i === 0 ? '' : i}${row === '' ? '' : ';'}${row.replaceAll(',', ';').replaceAll('.', ',')}`)
      .join('\r\n')
      .replace('label', 'species'),
  );
  const network = join(folder, 'herbarium', 'network.json');
  const netlist = join(folder, 'herbarium-netlist');

  it('is trained on without the index, which is said, and the network remembers it', async () => {
    const { code, err } = await neuroprint(['train', '--data', table, '--out', join(folder, 'herbarium'), ...QUICK]);
    expect(err).toMatch(/the columns are separated by semicolons/);
    expect(err).toMatch(/the class is read from the column species/);
    expect(err).toMatch(/the column column1 is left out: it has no name in the file/);
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(network, 'utf8'))).toMatchObject({
      inputs: [{ name: 'sepal_length' }, { name: 'sepal_width' }, { name: 'petal_length' }, { name: 'petal_width' }],
      training: { label: 'species', reading: { leftOut: ['column1'] } },
    });
  });

  it('is compiled and verified from without a word about it', async () => {
    const steps = ['--data', table, '--out', netlist, '--steps', '2'];
    expect((await neuroprint(['compile', '--network', network, ...steps])).code).not.toBe(2);
    const { code, err } = await neuroprint(['verify', '--netlist', netlist, '--data', table, '--engine', 'embedded']);
    expect(err).not.toMatch(/error/);
    expect(code).not.toBe(2);
  });

  it('is refused with a column that the network was not trained with, unless it is left out', async () => {
    const more = file(
      'more.csv',
      readFileSync(table, 'utf8')
        .replaceAll(/;(?=[a-z]+\r?$)/gm, (_, at: number) => `;${at % 7},5;`)
        .replace('8,5;species', 'soil;species')
        .replace(/;\d,5;species/, ';soil;species'),
    );
    const verify = ['verify', '--netlist', netlist, '--data', more, '--engine', 'embedded'];
    const refused = await neuroprint(verify);
    expect(refused.err).toMatch(/the network does not read the columns soil/);
    expect(refused.code).toBe(2);
    expect((await neuroprint([...verify, '--ignore', 'soil'])).code).not.toBe(2);
  });
});

describe('an Iris table with a column of volts', () => {
  // sepal length in centimetres, divided by ten: what a probe might give in volts
  const table = file(
    'volts.csv',
    iris.map((row, i) => (i === 0 ? row : row.replace(/^[\d.]+/, (x) => (Number(x) / 10).toFixed(2)))).join('\n'),
  );
  const train = ['train', '--data', table, '--out', join(folder, 'volts'), '--overwrite', ...QUICK];
  const inputs = () =>
    (JSON.parse(readFileSync(join(folder, 'volts', 'network.json'), 'utf8')) as { inputs: object[] }).inputs;

  it('takes it as it stands where --input-volts says so, and the others by the percentiles of the training rows', async () => {
    expect((await neuroprint([...train, '--input-volts', 'sepal_length'])).code).toBe(0);
    expect(inputs()[0]).toMatchObject({ minimum: 0, maximum: 1, minimumVolts: 0, maximumVolts: 1 });
    expect(inputs()[3]).not.toMatchObject({ minimum: 0, maximum: 1 });
    expect((await neuroprint(train)).code).toBe(0);
    expect(inputs()[0]).not.toMatchObject({ minimum: 0, maximum: 1 });
  });

  it('is compiled by the ranges of the network file: its inputs are the numbers of the table', async () => {
    await neuroprint([...train, '--input-volts', 'sepal_length']);
    const out = join(folder, 'volts-netlist');
    const network = join(folder, 'volts', 'network.json');
    await neuroprint(['compile', '--network', network, '--data', table, '--out', out, '--steps', '1']);
    const [head, first] = readFileSync(join(out, 'expected.csv'), 'utf8')
      .split('\n')
      .map((line) => line.split(','));
    const volts = first![head!.indexOf('in0')];
    expect(readFileSync(table, 'utf8')).toContain(`\n${Number(volts).toFixed(2)},`);
    expect(head).not.toContain('in0: sepal_length');
    expect(head).toContain('in3: petal_width');
  });

  it('is refused where a column does not hold such volts, or is not there', async () => {
    const wrong = await neuroprint([...train, '--input-volts', 'all']);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/column sepal_width: holds [\d.]+ in a training row, and inputs take 0 to 1 V/);
    const unknown = await neuroprint([...train, '--input-volts', 'sepal']);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toMatch(/no feature "sepal" that --input-volts could be about/);
  });
});

describe('an Iris table with a column of colours', () => {
  const table = file(
    'colours.csv',
    iris.map((row, i) => `${i === 0 ? 'colour' : ['red', 'green'][i % 2]},${row}`).join('\n'),
  );
  const out = join(folder, 'colours');
  const train = ['train', '--data', table, '--out', out, ...QUICK];

  it('is refused by train with the offer to encode it, and trained on where that is asked for', async () => {
    const refused = await neuroprint(train);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/column colour: holds text \("green", "red"\)[\s\S]*--one-hot "colour"/);
    expect((await neuroprint([...train, '--one-hot', 'colour'])).code).toBe(0);
    const { inputs } = JSON.parse(readFileSync(join(out, 'network.json'), 'utf8')) as { inputs: { name: string }[] };
    expect(inputs.map(({ name }) => name).slice(0, 3)).toEqual(['colour=green', 'colour=red', 'sepal_length']);
  });

  it('is read by compile as the network says', async () => {
    const compile = ['compile', '--network', join(out, 'network.json'), '--data', table, '--steps', '2'];
    expect((await neuroprint([...compile, '--out', join(folder, 'colours-netlist')])).code).not.toBe(2);
    const refused = await neuroprint([...compile, '--out', join(folder, 'never'), '--one-hot', 'sepal']);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/column sepal: the network does not read it/);
  });
});

describe('a sweep', () => {
  it('does not take rows over from another reading of the same file', async () => {
    const sweep = [
      'sweep',
      '--data',
      IRIS,
      '--out',
      join(folder, 'sweep'),
      '--hidden',
      '2',
      '--prices',
      '0',
      '--seeds',
      '1',
      '--epochs',
      '3',
    ];
    expect((await neuroprint(sweep)).code).toBe(0);
    const { code, err } = await neuroprint([...sweep, '--ignore', 'sepal_width']);
    expect(code).toBe(2);
    expect(err).toMatch(/jobs\.json: .* was made with other data/);
  });
});

describe('a table with 4 faults in 400 rows', () => {
  const table = file(
    'faults.csv',
    [
      'x,y,label',
      ...Array.from(
        { length: 400 },
        (_, i) => `${((i * 37) % 101) / 10},${((i * 53) % 97) / 10},${i % 100 === 7 ? 'fault' : 'fine'}`,
      ),
    ].join('\n'),
  );
  const out = join(folder, 'faults');

  it('shows recall by class before accuracy, and fails a limit on recall', async () => {
    const trained = await neuroprint(['train', '--data', table, '--out', out, ...QUICK]);
    const lines = trained.out.split('\n');
    const at = (name: string) => lines.findIndex((line) => line.startsWith(name));
    expect(lines[at('recall')]).toMatch(/fault 0\.0 % of 1, fine 100\.0 % of 79/);
    expect(lines[at('balanced')]).toMatch(/accuracy 50\.0 %/);
    expect(at('recall')).toBeLessThan(at('accuracy'));
    const page = readFileSync(join(out, 'report.html'), 'utf8');
    expect(page.indexOf('Recall of fault')).toBeLessThan(page.indexOf('Test rows'));
    expect(page).toMatch(/98\.8.% of the rows are of class fine/);
    const netlist = join(folder, 'faults-netlist');
    await neuroprint([
      'compile',
      '--network',
      join(out, 'network.json'),
      '--data',
      table,
      '--out',
      netlist,
      '--steps',
      '2',
    ]);
    const spec = file('spec.yaml', 'minimumRecall: 0.5\nminimumBalancedAccuracy: 0.4\n');
    const verified = await neuroprint(['verify', '--netlist', netlist, '--spec', spec, '--engine', 'embedded']);
    expect(verified.code).toBe(3);
    expect(verified.out).toMatch(
      /FAILS .*spec\.yaml, line 1: recall of the class that is recognised worst, in ngspice: 0, and must be at least 0\.5/,
    );
    expect(verified.out).toMatch(/passes .*line 2: balanced accuracy in ngspice: 0\.5/);
    expect(verified.out.indexOf('recall ')).toBeLessThan(verified.out.indexOf('accuracy     network'));
  });

  it('has baselines that say where they decide every row alike', async () => {
    const { out: said } = await neuroprint(['baselines', '--data', table, '--seeds', '1', '--epochs', '30']);
    expect(said).toMatch(/digital network: decides every row as fine in 1 of 1 runs: it has learnt nothing/);
  });
});

describe('a file that cannot be read as it is', () => {
  const holes = file('holes.csv', iris.join('\n').replace('4.9,', '-999,'));
  it.each([
    ['train', ['--out', join(folder, 'never')]],
    ['baselines', ['--seeds', '1']],
    ['sweep', ['--out', join(folder, 'never')]],
    ['bayesmulti', ['--out', join(folder, 'never')]],
    ['local train', ['--out', join(folder, 'never')]],
  ])('is refused by %s with options that it has', async (command, args) => {
    const call = [...command.split(' '), '--data', holes, ...args, '--missing-values', '-999'];
    const { code, err } = await neuroprint(call);
    expect(code).toBe(2);
    expect(err).toMatch(/row 3, column sepal_length: -999 means a missing value/);
    const { out } = await neuroprint([...command.split(' '), '--help']);
    for (const option of err.match(/--[a-z-]+/g)!) expect(out).toContain(option);
  });

  it('says of a dropped row how many were dropped', async () => {
    const args = [
      'baselines',
      '--data',
      holes,
      '--seeds',
      '1',
      '--epochs',
      '5',
      '--missing',
      'drop',
      '--missing-values',
      '-999',
    ];
    expect((await json<{ missing: object }>(args)).missing).toEqual({ imputedCells: 0, droppedRows: 1 });
  });
});

describe('samples in two files', () => {
  const { parameters } = JSON.parse(
    readFileSync(join(ROOT, 'surrogates', 'egt', 'negweight', 'designSpace.json'), 'utf8'),
  ) as { parameters: { name: string; min: number; max: number }[] };
  // the middle of every range, and the least length as float32 has it
  const value = ({ name, min, max }: (typeof parameters)[number], i: number) =>
    name === 'L' && i === 8
      ? Math.fround(min) * (1 - 1e-8)
      : (name === 'W' ? 1.1 * min : Math.sqrt(min * max)) * (1 + i / 1000);
  const designs = Array.from({ length: 60 }, (_, i) => i);
  const values = file(
    'omega.csv',
    [
      parameters.map(({ name }) => name).join(','),
      ...designs.map((i) => parameters.map((one) => value(one, i)).join(',')),
    ].join('\n'),
  );
  const eta = file(
    'eta.csv',
    ['eta1,eta2,eta3,eta4', ...designs.map((i) => `-0.5,0.45,${0.3 + i / 1e4},11`)].join('\n'),
  );
  const evaluate = [
    'surrogate',
    'evaluate',
    '--surrogate',
    join(ROOT, 'surrogates', 'egt', 'negweight'),
    '--samples',
    values,
  ];

  it('are joined by --eta, and what misses a bound by rounding is counted', async () => {
    const { code, err, out } = await neuroprint([...evaluate, '--eta', eta, '--json']);
    expect(err).toMatch(/omega\.csv: 1 values miss a bound by rounding, and are put on it/);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ rows: 60 });
  });

  it('are asked for where eta is missing', async () => {
    const { code, err } = await neuroprint(evaluate);
    expect(code).toBe(2);
    expect(err).toMatch(/column eta1: there is no such column[\s\S]*--eta/);
  });
});
