import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IRIS, neuroprint, spawnNeuroprint, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const iris = readFileSync(IRIS, 'utf8');
function csv(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const train = (data: string, ...more: string[]): string[] => [
  'train',
  '--data',
  data,
  '--out',
  join(folder, 'never'),
  ...more,
];
mkdirSync(join(folder, 'used'));
writeFileSync(join(folder, 'used', 'mine.txt'), '');
const damaged = csv('network.json', '{"kind": "TrainedNetwork", "version": 1');

describe('wrong use ends with exit code 2 and one message that says where and what to do:', () => {
  it.each<[string, string[], RegExp]>([
    ['no command', [], /Say what to do/],
    ['an unknown command', ['fly'], /Unknown command: fly|Did you mean/],
    ['an unknown option', train(IRIS, '--epocs', '3'), /Unknown argument|Did you mean/],
    ['a missing option', ['train', '--data', IRIS], /Missing required argument: out/],
    [
      'a number that is none',
      train(IRIS, '--draws', 'many'),
      /--draws is "many", and must be a whole number from 1 to 10000/,
    ],
    [
      'a fraction where a whole number is needed',
      train(IRIS, '--seed', '1.5'),
      /--seed is "1.5", and must be a whole number/,
    ],
    [
      'a number out of range',
      train(IRIS, '--variation', '2'),
      /--variation is "2", and must be a number from 0 to 0.99/,
    ],
    ['an option given twice', train(IRIS, '--seed', '1', '--seed', '2'), /--seed is given more than once/],
    ['hidden sizes that are none', train(IRIS, '--hidden', '3,x'), /--hidden is "x"/],
    ['no CSV', train(join(folder, 'nowhere.csv')), /nowhere\.csv: there is no such file/],
    ['a device as CSV', train('/dev/zero'), /\/dev\/zero: is no regular file/],
    ['a folder as CSV', train(folder), /is a folder, not a file/],
    ['an empty CSV', train(csv('empty.csv', '')), /empty\.csv: is empty/],
    ['a missing label column', train(IRIS, '--label', 'species'), /iris\.csv, column species: there is no such column/],
    [
      'text in a numeric column',
      train(csv('text.csv', iris.replace('5.1,', 'five,'))),
      /text\.csv, row 2, column sepal_length: "five" is not a finite number/,
    ],
    [
      'NaN',
      train(csv('nan.csv', iris.replace('5.1,', 'NaN,'))),
      /nan\.csv, row 2, column sepal_length: "NaN" is not a finite number/,
    ],
    [
      'one class',
      train(csv('one.csv', iris.replaceAll(/virginica|versicolor/g, 'setosa'))),
      /has one class only \("setosa"\)/,
    ],
    [
      'a class name that no netlist may hold',
      train(csv('quote.csv', iris.replaceAll('setosa', '"it\'s"'))),
      /quote\.csv, column label: .*holds a quote, which must not stand in a netlist/,
    ],
    [
      'an output folder in use',
      ['train', '--data', IRIS, '--out', join(folder, 'used')],
      /used: the folder is not empty/,
    ],
    [
      'an output that is a file',
      ['train', '--data', IRIS, '--out', join(folder, 'used', 'mine.txt')],
      /mine\.txt: is a file, and a folder is needed/,
    ],
    ['an unknown technology', train(IRIS, '--technology', 'silicon'), /no technology "silicon"/],
    ['surrogates that are not there', train(IRIS, '--surrogates', folder), /no such file|surrogate/],
    ['an unknown cell', ['sample', '--cell', 'nand', '--count', '10', '--out', join(folder, 's')], /no cell "nand"/],
    [
      'a count of zero',
      ['sample', '--cell', 'ptanh', '--count', '0', '--out', join(folder, 's')],
      /--count is "0", and must be a whole number from 1/,
    ],
    [
      'a shard beyond the count',
      ['sample', '--cell', 'ptanh', '--count', '9', '--out', join(folder, 's'), '--shard', '8/8'],
      /--shard is "8\/8"/,
    ],
    ['an unknown engine', ['verify', '--netlist', folder, '--engine', 'pspice'], /Invalid values|Argument: engine/],
    ['a damaged network', ['compile', '--network', damaged, '--out', join(folder, 'c')], /network\.json: is not JSON/],
    [
      'a netlist folder that is none',
      ['verify', '--netlist', join(folder, 'used')],
      /manifest\.json: there is no such file|netlist\.cir: there is no such file/,
    ],
    [
      'samples that are not there',
      ['surrogate', 'train', '--samples', join(folder, 'no'), '--out', join(folder, 'x')],
      /there is no such file or folder/,
    ],
    ['a diff with nothing', ['diff', folder, join(folder, 'nowhere')], /circuit\.json: there is no such file/],
    ['half a command', ['surrogate'], /Say train or evaluate|Not enough/],
  ])('%s', async (_, args, message) => {
    const { code, out, err } = await neuroprint(args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).not.toMatch(/\n {4}at |bug in neuroprint/);
    expect(err.trim().split('\n').length).toBeLessThanOrEqual(3);
  });
});

describe('a machine that lacks something ends with exit code 1:', () => {
  it('no ngspice where it was asked for', () => {
    const { code, err } = spawnNeuroprint(
      ['sample', '--cell', 'ptanh', '--count', '10', '--out', join(folder, 'none'), '--engine', 'ngspice'],
      { env: { PATH: folder } },
    );
    expect(err).toMatch(/ngspice/);
    expect(err).not.toMatch(/\n {4}at /);
    expect(code).toBe(1);
  });
});

describe('help', () => {
  it.each([
    'doctor',
    'demo',
    'sample',
    'surrogate train',
    'surrogate evaluate',
    'surrogates make',
    'surrogates regenerate',
    'train',
    'compile',
    'lvs',
    'diff',
    'verify',
    'fault-tolerance',
    'report',
  ])('of %s has an example', async (command) => {
    const { code, out } = await neuroprint([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples:/);
    expect(out).toMatch(new RegExp(`neuroprint ${command}`));
  });
});
