import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { iris, TREES } from '../packages/training/test/onnx-iris.ts';
import { LINEAR_CLASSIFIER, MAPPED, oneOutput, UNKNOWN, withFunction } from '../packages/training/test/onnx-kinds.ts';
import { onnxModel, type TestModel } from '../packages/training/test/onnx-model.ts';
import { IRIS, json, neuroprint, spawnNeuroprint, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
function model(name: string, content: TestModel): string {
  const file = join(folder, `${name}.onnx`);
  writeFileSync(file, onnxModel(content));
  return file;
}
const [header, ...lines] = readFileSync(IRIS, 'utf8').trim().split('\n');
/** Iris as numbers alone: its petal width is what is to be predicted, and a number of two values its class. */
const numbers = join(folder, 'numbers.csv');
writeFileSync(
  numbers,
  [
    'a,b,c,d,target',
    ...lines.map((line) => {
      const cells = line.split(',').slice(0, 4).map(Number);
      return [...cells, (cells[2]! + 0.5 * cells[3]!).toFixed(2)].join(',');
    }),
  ].join('\n'),
);
const twoClasses = join(folder, 'two.csv');
writeFileSync(twoClasses, [header, ...lines.filter((line) => !line.endsWith('virginica'))].join('\n'));

const importing = (onnx: string, ...more: string[]): string[] => {
  const out = join(folder, `network-${more.length}-${Math.abs(hash(onnx + more.join()))}.json`);
  return ['import', '--onnx', onnx, '--out', out, '--overwrite', ...more];
};
const hash = (text: string): number => [...text].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) | 0, 7);
interface Imported {
  readonly made: string;
  readonly classes: readonly string[];
  readonly agreement: number;
  readonly onnxruntime: { readonly rows: number; readonly agreement: number } | null;
  readonly remarks: readonly string[];
  readonly accuracy: { readonly model: number; readonly network: number };
  readonly out: string;
}
const QUICK = ['--distil', '--epochs', '120', '--restarts', '4', '--draws', '5', '--rows', '200'];

describe('import of a model that maps', () => {
  it('is checked against the model itself in onnxruntime', async () => {
    const { made, onnxruntime } = await json<Imported>(importing(model('plain', MAPPED.plain!)));
    expect(made).toBe('mapped');
    expect(onnxruntime).toEqual({ rows: 1000, agreement: 1 });
  });

  it('takes the names of classes from the model where the table has them, and else says how they were understood', async () => {
    const named = await neuroprint([...importing(model('named', LINEAR_CLASSIFIER), '--data', IRIS), '--json']);
    expect(JSON.parse(named.out)).toMatchObject({ classes: ['setosa', 'versicolor', 'virginica'], remarks: [] });
    const nameless = await neuroprint([...importing(model('plain', MAPPED.plain!), '--data', IRIS), '--json']);
    const { remarks } = JSON.parse(nameless.out) as Imported;
    expect(remarks.join()).toMatch(/the largest of its 3 outputs is taken for the class/);
    expect(remarks.join()).toMatch(
      /output 0 is setosa, output 1 is versicolor, output 2 is virginica: the order of the table/,
    );
  });

  it('of one output is a classifier with --threshold, and a regression network with --target', async () => {
    const file = model('number', oneOutput());
    const decided = await json<Imported>(
      importing(file, '--data', twoClasses, '--threshold', '0.5', '--minimum-agreement', '0'),
    );
    expect(decided.classes).toEqual(['setosa', 'versicolor']);
    expect(decided.onnxruntime!.agreement).toBe(1);
    const { classes, onnxruntime, agreement, out } = await json<Imported>(
      importing(file, '--data', numbers, '--target', 'target'),
    );
    expect(classes).toEqual(['target']);
    expect(onnxruntime!.agreement).toBe(1);
    expect(agreement).toBeLessThan(0.5);
    const network = JSON.parse(readFileSync(out, 'utf8')) as { task: { kind: string; target: string } };
    expect(network.task).toMatchObject({ kind: 'regression', target: 'target' });
  });
});

describe('import --distil', () => {
  it.each<[string, TestModel]>([
    ['rectifiers', iris('Relu')],
    ['batch normalisation before rectifiers', iris('Relu', true)],
    ['leaky rectifiers', iris('LeakyRelu')],
    ['boosted trees', TREES],
  ])('trains a network to decide as a model with %s does', async (name, content) => {
    const { made, accuracy, agreement } = await json<Imported>(
      importing(model(name, content), '--data', IRIS, ...QUICK),
    );
    expect(made).toBe('distilled');
    expect(accuracy.model).toBeGreaterThan(0.93);
    expect(agreement).toBeGreaterThan(0.95);
  });

  it('writes what the model decides, and the same bytes again', async () => {
    const args = importing(model('rectifiers', iris('Relu')), '--data', IRIS, ...QUICK);
    const { out, agreement } = await json<Imported>(args);
    const bytes = readFileSync(out, 'utf8');
    const { model: origin } = JSON.parse(bytes) as { model: { agreement: number; table: { decisions: number[] } } };
    expect(origin).toMatchObject({ made: 'distilled', agreement });
    expect(origin.table.decisions).toHaveLength(lines.length);
    expect(new Set(origin.table.decisions).size).toBe(3);
    await json<Imported>(args);
    expect(readFileSync(out, 'utf8')).toBe(bytes);
  });

  it('is held against the model by verify: network, circuit, ngspice and printed copies', async () => {
    const { out } = await json<Imported>(
      importing(model('rectifiers', iris('Relu')), '--data', IRIS, ...QUICK, '--seed', '1'),
    );
    const netlist = join(folder, 'netlist');
    await neuroprint(['compile', '--network', out, '--data', IRIS, '--out', netlist, '--steps', '20']);
    const spec = join(folder, 'spec.yaml');
    writeFileSync(spec, 'minimumModelAgreement: 0.8\nminimumMeanModelAgreement: 1\n');
    const { code, out: said } = await neuroprint([
      'verify',
      '--netlist',
      netlist,
      '--monte-carlo',
      '10',
      '--spec',
      spec,
    ]);
    expect(said).toMatch(
      /as the model rectifiers\.onnx: network [\d.]+ %, circuit [\d.]+ %, ngspice [\d.]+ %, printed copies [\d.]+ % ±/,
    );
    expect(said).toMatch(/passes +spec\.yaml, line 1: decisions in ngspice as the model/);
    expect(said).toMatch(/FAILS +spec\.yaml, line 2: decisions of printed copies as the model/);
    expect(code).toBe(3);
  });

  it('predicts a number as a model with rectifiers does', async () => {
    const args = importing(model('rectified', oneOutput('Relu')), '--data', numbers, '--target', 'target', ...QUICK);
    const { made, accuracy, agreement } = await json<Imported>(args);
    expect(made).toBe('distilled');
    expect(agreement).toBeLessThan(0.3);
    expect(accuracy.model).toBeGreaterThan(1);
  });

  it('says first that the network is not as the model, and ends with exit code 3', async () => {
    const hardly = ['--epochs', '1', '--restarts', '1', '--draws', '1', '--rows', '0', '--minimum-agreement', '1'];
    const args = importing(model('rectifiers', iris('Relu')), '--data', IRIS, '--distil', ...hardly);
    const { code, out, err } = await neuroprint(args);
    expect(code).toBe(3);
    expect(out).toMatch(/^NOT AS THE MODEL: [\d.]+ % of the test rows are decided alike, and 100/);
    expect(err).toMatch(/Add neurons with --hidden/);
  });

  it('starts from the layers of the model where they map, and predicts a number as it does', async () => {
    const file = model('number', oneOutput('Tanh'));
    const { code, out } = await neuroprint([...importing(file, '--data', numbers, '--target', 'target', ...QUICK)]);
    expect(code).toBe(0);
    expect(out).toMatch(/epochs from the model's own layers/);
    expect(out).toMatch(/RMSE +model .*between them/);
  });
});

describe('without onnxruntime-node', () => {
  // a loader in whose world that package is not installed
  const loader = `export async function resolve(name, context, next) {
    if (name !== 'onnxruntime-node') return next(name, context);
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  }`;
  const [hook, register] = ['hook.mjs', 'register.mjs'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(hook, loader);
  writeFileSync(register, `import { register } from 'node:module';\nregister('./hook.mjs', import.meta.url);\n`);
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(register).href}` };

  it('a model is mapped, and import says that it is not checked', () => {
    const { code, out } = spawnNeuroprint(importing(model('plain', MAPPED.plain!)), { env });
    expect(out).toMatch(/checked +not against the model itself: onnxruntime-node is not installed here/);
    expect(code).toBe(0);
  });

  it('nothing is distilled, and import says what to install', () => {
    const { code, err } = spawnNeuroprint(importing(model('trees', TREES), '--data', IRIS, ...QUICK), { env });
    expect(err).toMatch(
      /onnxruntime-node is not installed here, and it runs the model.*\n.*npm install onnxruntime-node/,
    );
    expect(code).toBe(2);
  });
});

describe('import refuses, in one sentence,', () => {
  const plain = () => model('plain', MAPPED.plain!);
  it.each<[string, () => string[], RegExp]>([
    [
      'a model that does not map',
      () => importing(model('relu', withFunction('Relu'))),
      /Relu has no printed counterpart.*\n.*--distil and --data/,
    ],
    [
      'one output that may be a number',
      () => importing(model('number', oneOutput()), '--data', twoClasses),
      /one output that ends in no sigmoid.*\n?.*--target COLUMN.*--threshold NUMBER/,
    ],
    ['one output of a tanh', () => importing(model('tanh', oneOutput('Tanh'))), /ends in no sigmoid/],
    [
      'a threshold of several outputs',
      () => importing(plain(), '--threshold', '1'),
      /--threshold is for a model with one output/,
    ],
    [
      'a target of several outputs',
      () => importing(plain(), '--data', numbers, '--target', 'target'),
      /gives 3 outputs, and --target asks for one number/,
    ],
    [
      'a target without a table',
      () => importing(model('number', oneOutput()), '--target', 'target'),
      /--target needs the table/,
    ],
    [
      'target and threshold',
      () => importing(model('number', oneOutput()), '--data', numbers, '--target', 'target', '--threshold', '1'),
      /asks for a number, and --threshold for a decision/,
    ],
    [
      'target and label',
      () => importing(model('number', oneOutput()), '--data', numbers, '--target', 'target', '--label', 'a'),
      /Give one of them/,
    ],
    ['a distillation without a table', () => importing(plain(), '--distil'), /--distil needs the table/],
    [
      'training options without --distil',
      () => importing(plain(), '--hidden', '4'),
      /--hidden is for a training.*\n?.*Add --distil/,
    ],
    ['other numbers of classes', () => importing(plain(), '--data', twoClasses), /3 outputs, and there are 2 classes/],
    [
      'names that are none of the table',
      () => importing(plain(), '--data', IRIS, '--classes', 'a,b,c'),
      /The table has the class "setosa"/,
    ],
    ['a name twice', () => importing(plain(), '--classes', 'a,b,a'), /Two classes are called "a"/],
    [
      'names that no netlist may hold',
      () => importing(plain(), '--classes', 'a,b,c\nd'),
      /The class "c\\nd" holds a line break/,
    ],
    [
      'too few names',
      () => importing(plain(), '--data', IRIS, '--classes', 'a,b'),
      /3 outputs, and there are 2 classes/,
    ],
    [
      'a table of other features',
      () => importing(plain(), '--data', IRIS, '--features', 'sepal_length,sepal_width,petal_length'),
      /takes 4 features, and there are 3|4 features/,
    ],
    [
      'operators that onnxruntime does not know',
      () => importing(model('unknown', UNKNOWN), '--data', IRIS, '--distil'),
      /onnxruntime does not know the operator Secret/,
    ],
    [
      'functions without a kernel',
      () => importing(model('softplus', withFunction('Softplus', 'double')), '--data', IRIS, '--distil'),
      /onnxruntime has no kernel for Softplus.*\n?.*float32/,
    ],
    ['what is no model', () => importing(IRIS), /is no ONNX file/],
    ['what is not there', () => importing(join(folder, 'nowhere.onnx')), /nowhere\.onnx: there is no such file/],
  ])('%s', async (_, args, message) => {
    const { code, err } = await neuroprint(args());
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
