import {
  type Dataset,
  type DatasetOptions,
  findClassColumn,
  InputFileError,
  MISSING_POLICIES,
  type MissingPolicy,
  NeuroprintError,
  quantile,
  readDataset,
  readTargets,
  readTextTable,
  type TargetDataset,
  type TextTable,
  unitOf,
} from '@neuroprint/core';
import type { ColumnView, Refusal, TableOptions, TableView } from './session.ts';

const BINS = 10;
/** A value so many quartile ranges away from the quartiles is far from the rest. */
const FAR = 3;

/** What is in a table, and whether the commands take it as it is. A file that is no table has a refusal and no columns. */
export function describeTable(path: string, asked: TableOptions): TableView {
  const name = path.replace(/^.*\//, '').replace(/\.(csv|tsv|txt|data)$/i, '');
  const target = asked.target === undefined ? undefined : String(asked.target);
  const task = target === undefined ? 'classification' : 'regression';
  const refusals: Refusal[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof NeuroprintError)) throw error;
      const column = error instanceof InputFileError ? error.place.column : undefined;
      if (!refusals.some(({ message }) => message === error.message))
        refusals.push({ column, message: error.message, hint: error.hint });
      return undefined;
    }
  };
  const table = attempt(() => readTextTable(path));
  if (table === undefined)
    return { name, path, rows: 0, columns: [], label: undefined, task, classes: [], notes: [], refusals };
  const options = readingOf(asked);
  const { missingValues: marks = [], ignore = [] } = options;
  const splitName = options.split ?? table.header.find((one) => one.toLowerCase() === 'split');
  const data = attempt<Dataset | TargetDataset>(() =>
    target === undefined ? readDataset(path, options) : readTargets(path, { ...options, target }),
  );
  const label =
    target ??
    options.label ??
    attempt(() => findClassColumn(table, [...ignore, ...(splitName === undefined ? [] : [splitName])], marks));
  const special = { label, split: splitName };
  return {
    name,
    path,
    rows: data?.split.length ?? table.rowCount,
    columns: table.header.map((_, at) => columnOf(table, at, marks, special, data, ignore)),
    label: label !== undefined && table.header.includes(label) ? label : undefined,
    task,
    classes: task === 'regression' || label === undefined ? [] : classesOf(table, label, marks),
    notes: data?.notes ?? table.notes,
    refusals,
  };
}

/** The options of the reader, by those of the command line; lists are apart by commas there. */
function readingOf(asked: TableOptions): DatasetOptions {
  const word = (name: string) => (asked[name] === undefined ? {} : { [name]: String(asked[name]) });
  const list = (name: string, to: string) =>
    asked[name] === undefined
      ? {}
      : {
          [to]: String(asked[name])
            .split(',')
            .map((one) => one.trim()),
        };
  const missing = MISSING_POLICIES.find((policy): policy is MissingPolicy => policy === asked.missing);
  return {
    ...word('label'),
    ...word('split'),
    ...(missing === undefined ? {} : { missing }),
    ...list('missing-values', 'missingValues'),
    ...list('ignore', 'ignore'),
    ...list('features', 'features'),
    ...list('one-hot', 'oneHot'),
    ...(asked.seed === undefined ? {} : { seed: Number(asked.seed) }),
  };
}

function classesOf(table: TextTable, label: string, marks: readonly string[]): TableView['classes'] {
  const cells = table.columns[table.header.indexOf(label)];
  const counts = new Map<string, number>();
  for (let row = 0; row < (cells?.length ?? 0); row += 1)
    if (!cells!.isMissing(row, marks)) counts.set(cells!.textAt(row), (counts.get(cells!.textAt(row)) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function columnOf(
  table: TextTable,
  at: number,
  marks: readonly string[],
  special: { readonly label: string | undefined; readonly split: string | undefined },
  data: Dataset | TargetDataset | undefined,
  ignore: readonly string[],
): ColumnView {
  const name = table.header[at]!;
  const cells = table.columns[at]!;
  const rows = Array.from({ length: cells.length }, (_, row) => row);
  const known = rows.filter((row) => !cells.isMissing(row, marks));
  const numbers = Float64Array.from(known, (row) => cells.numberAt(row)).filter((value) => !Number.isNaN(value));
  const isNumeric = numbers.length > 0 && numbers.length >= known.length / 2;
  const [low, high] = [quantile(numbers, 0.25), quantile(numbers, 0.75)];
  const reach = FAR * (high - low);
  const minimum = isNumeric ? numbers.reduce((a, b) => Math.min(a, b)) : undefined;
  const maximum = isNumeric ? numbers.reduce((a, b) => Math.max(a, b)) : undefined;
  // of a column of few values, such as an indicator, none is far from the rest
  const outliers =
    isNumeric && reach > 0 ? numbers.filter((value) => value < low - reach || value > high + reach).length : 0;
  const isRead = data?.featureNames.some((feature) => feature === name || feature.startsWith(`${name}=`));
  return {
    name,
    kind:
      name === special.label
        ? 'label'
        : name === special.split
          ? 'split'
          : !isNumeric && isRead !== true
            ? 'text'
            : (isRead ?? !ignore.includes(name))
              ? 'input'
              : 'ignored',
    missing: cells.length - known.length,
    outliers,
    minimum,
    maximum,
    unit: unitOf(name),
    histogram: minimum === undefined || maximum === undefined ? [] : histogramOf(numbers, minimum, maximum),
  };
}

function histogramOf(numbers: Float64Array, minimum: number, maximum: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  const width = (maximum - minimum) / BINS || 1;
  for (const value of numbers) {
    const bin = Math.min(BINS - 1, Math.floor((value - minimum) / width));
    counts[bin] = counts[bin]! + 1;
  }
  return counts;
}
