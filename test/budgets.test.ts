import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasNgspice, IRIS, json, neuroprint, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const SHORT = ['--epochs', '150', '--restarts', '2'];
const train = (name: string, ...more: string[]) =>
  neuroprint(['train', '--data', IRIS, '--out', join(folder, name), ...SHORT, ...more]);

describe('a budget that makes no sense is asked about or refused, with what to do', () => {
  it.each([
    [['--maximum-power-watts', '50'], '50 without a unit: 50uW, 50mW, 50W?'],
    [['--maximum-area', '20'], '20 without a unit: 20mm2, 20cm2?'],
    [['--maximum-power-watts', '50kg'], 'has the unit "kg", and there are uW, mW, W'],
    [['--maximum-power-watts', '20mm2'], 'has the unit "mm2"'],
    [['--maximum-power-watts', '-5uW'], 'must be a number above 0 with its unit, such as 50uW'],
    [['--maximum-power-watts', '0uW'], 'must be a number above 0'],
    [['--maximum-inverters', '1.5'], 'must be a whole number'],
    [
      ['--maximum-power-watts', '1uW'],
      /The smallest network of 6 neurons that can be printed takes 5\.\d\d µW, and 1\.00 µW were given/,
    ],
    [['--maximum-area', '0.001mm2'], /that can be printed takes 0\.0\d+ mm², and 0\.001 mm² were given/],
    [['--maximum-power-watts', '5.8uW', '--maximum-area', '0.0145mm2'], 'The budgets exclude each other'],
    [['--maximum-inverters', '2', '--node-rule', 'kirchhoff'], 'Budgets are for networks with inverters'],
  ])('%s', async (args, message) => {
    const { code, err } = await train('refused', ...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

it('a budget that is not reached is said in the first line, with how near it came, and exit code 3', async () => {
  const { code, out } = await train('beyond', '--maximum-power-watts', '5.8uW', '--json');
  expect(code).toBe(3);
  const { asPromised, budget } = JSON.parse(out);
  expect(asPromised).toBe(false);
  expect(budget.kept).toBe(false);
  expect(budget.copyWatts).toBeGreaterThan(5.8e-6);
});

it('classes that no network within the budget tells apart are said so, in honest words', async () => {
  const table = join(folder, 'noise.csv');
  const rows = Array.from({ length: 90 }, (_, i) => {
    const split = ['train', 'train', 'valid', 'test'][i % 4];
    return `${(Math.sin(12.9898 * i) + 1) / 2},${(Math.sin(78.233 * i) + 1) / 2},${i % 3 === 0 ? 'a' : 'b'},${split}`;
  });
  writeFileSync(table, `x,y,label,split\n${rows.join('\n')}\n`);
  const out = join(folder, 'noise');
  const { code, out: said } = await neuroprint([
    'train',
    '--data',
    table,
    '--out',
    out,
    ...SHORT,
    '--maximum-power-watts',
    '12uW',
  ]);
  expect(code).toBe(3);
  expect(said).toMatch(
    /^NOT AS PROMISED: no network of this size within the budget tells the classes apart: \d+\.\d % of the validation rows are right, and always saying b gives \d+\.\d %/,
  );
});

describe('a network with a budget', () => {
  const netlist = join(folder, 'netlist');
  const specification = join(folder, 'spec.yaml');

  beforeAll(async () => {
    writeFileSync(specification, 'maximumPowerWatts: 14e-6\nmaximumCopyPowerWatts: 1e-6\nmaximumInverters: 9\n');
    await json([
      'train',
      '--data',
      IRIS,
      '--out',
      join(folder, 'network'),
      '--epochs',
      '300',
      '--maximum-power-watts',
      '14uW',
    ]);
    await neuroprint([
      'compile',
      '--network',
      join(folder, 'network', 'network.json'),
      '--data',
      IRIS,
      '--out',
      netlist,
      '--steps',
      '100',
      '--json',
    ]);
  }, 120_000);

  it.skipIf(!hasNgspice)('keeps it in ngspice, nominal and in 95 of 100 copies', async () => {
    const { out } = await neuroprint(['verify', '--netlist', netlist, '--monte-carlo', '40', '--json']);
    const { promises, watts, simulatedWatts } = JSON.parse(out);
    const lines = promises.lines.filter(({ name }: { name: string }) => /Watts/.test(name));
    expect(lines.map(({ name, kept }: { name: string; kept: boolean }) => [name, kept])).toEqual([
      ['maximumPowerWatts', true],
      ['maximumCopyPowerWatts', true],
    ]);
    expect(simulatedWatts / watts).toBeCloseTo(1, 6);
  });

  it.skipIf(!hasNgspice)('is held against a specification in place of its budget, where one is given', async () => {
    const args = ['verify', '--netlist', netlist, '--monte-carlo', '10', '--spec', specification, '--json'];
    const { code, out } = await neuroprint(args);
    expect(code).toBe(3);
    const { specification: held } = JSON.parse(out);
    expect(held.lines.map(({ name, passes }: { name: string; passes: boolean }) => [name, passes])).toEqual([
      ['maximumPowerWatts', true],
      ['maximumCopyPowerWatts', false],
      ['maximumInverters', true],
    ]);
  });
});
