import { describe, expect, it } from 'vitest';
import type { ColumnView, TableView } from '../src/session/session.ts';
import {
  argumentsOf,
  type Choices,
  commandLine,
  DEFAULT_CHOICES,
  optionOf,
  tableOptions,
  words,
} from '../src/steps/choices.ts';

function column(name: string, kind: ColumnView['kind'] = 'input'): ColumnView {
  return { name, kind, missing: 0, outliers: 0, minimum: 0, maximum: 1, unit: undefined, histogram: [] };
}

const COLUMNS = [
  column('id', 'ignored'),
  column('gas'),
  column('heat'),
  column('site', 'text'),
  column('odour', 'label'),
];
const TABLE: TableView = {
  name: 'air',
  path: 'air.csv',
  rows: 90,
  columns: COLUMNS,
  label: 'odour',
  task: 'classification',
  classes: [],
  notes: [],
  refusals: [],
};
const choose = (change: Partial<Choices>): Choices => ({ ...DEFAULT_CHOICES, ...change });

describe('choices on the page as options of the command line', () => {
  it('what the reader finds by itself needs no option', () => {
    expect(tableOptions(DEFAULT_CHOICES, COLUMNS)).toEqual({});
  });

  it('a column that is left out by hand is ignored, and words become features', () => {
    const roles = { heat: 'out', site: 'one-hot' } as const;
    expect(tableOptions(choose({ roles }), COLUMNS)).toEqual({ ignore: 'heat', 'one-hot': 'site' });
  });

  it('a column that the reader would leave out is named with everything else that is taken', () => {
    expect(tableOptions(choose({ roles: { id: 'input', heat: 'out' } }), COLUMNS)).toEqual({ features: 'id,gas' });
  });

  it('the reading stays the same once the reader has followed it', () => {
    const choices = choose({ roles: { id: 'input', heat: 'out' } });
    const followed = COLUMNS.map((one) => ({
      ...one,
      kind: one.name === 'id' ? 'input' : one.name === 'heat' ? 'ignored' : one.kind,
    })) satisfies ColumnView[];
    expect(tableOptions(choices, followed)).toEqual(tableOptions(choices, COLUMNS));
  });

  it('a number to predict is a target, and what it was before counts no longer', () => {
    const choices = choose({ label: 'gas', regression: true, roles: { gas: 'out' } });
    expect(tableOptions(choices, COLUMNS)).toEqual({ target: 'gas' });
  });

  it('marks of missing values that begin with a dash stay values', () => {
    const args = argumentsOf('train', choose({ missing: 'impute', missingValues: ' -999 ' }), TABLE);
    expect(args).toEqual([
      '--data',
      'air.csv',
      '--out',
      'networks/air',
      '--missing',
      'impute',
      '--missing-values=-999',
    ]);
  });

  it('every step takes the folder of the step before it', () => {
    const outs = (['train', 'compile', 'verify'] as const).map((step) => argumentsOf(step, DEFAULT_CHOICES, TABLE));
    expect(outs).toEqual([
      ['--data', 'air.csv', '--out', 'networks/air'],
      ['--network', 'networks/air/network.json', '--data', 'air.csv', '--out', 'netlists-out/air'],
      ['--netlist', 'netlists-out/air', '--monte-carlo', '100'],
    ]);
  });

  it('options as typed come last, an empty one not at all', () => {
    const options = { ...DEFAULT_CHOICES.options, train: { hidden: '4', seed: ' ' } };
    const more = { ...DEFAULT_CHOICES.more, train: '--restarts 4 --start-from "my nets/a.json"' };
    expect(argumentsOf('train', choose({ options, more, technology: 'otft' }), TABLE).slice(4)).toEqual([
      '--technology',
      'otft',
      '--hidden',
      '4',
      '--restarts',
      '4',
      '--start-from',
      'my nets/a.json',
    ]);
  });
});

describe('command lines', () => {
  it('are taken apart at spaces, unless these are within quotes', () => {
    expect(words(`--a "b c" --d='e f'  g`)).toEqual(['--a', 'b c', '--d=e f', 'g']);
    expect(words('  ')).toEqual([]);
  });

  it('are quoted where a shell would take them apart', () => {
    expect(commandLine('train', ['--label', "sepal's length (cm)"])).toBe(
      `npx neuroprint train --label 'sepal'\\''s length (cm)'`,
    );
  });
});

describe('a refusal', () => {
  it('is beside the option that it names', () => {
    expect(optionOf('--hidden is "0", and must be a whole number from 1 to 1000.', ['seed', 'hidden'])).toBe('hidden');
  });

  it('is beside the line of more options where it does not know one of them', () => {
    expect(optionOf('Unknown argument: bogus', ['epochs', 'bogus'])).toBe('bogus');
  });

  it('is beside no option where it names none of the page', () => {
    expect(optionOf('--lambda is for networks with op-amps.', ['seed', 'hidden'])).toBeUndefined();
    expect(optionOf('air.csv, row 3, column gas: the cell is empty', ['seed', 'hidden'])).toBeUndefined();
  });
});
