import { InputFileError, UsageError } from '../files/errors.ts';
import { quantile } from '../statistics.ts';
import type { FeatureTable } from './dataset.ts';
import type { InputRange, VoltRange } from './voltage-rows.ts';

/** Columns whose numbers are volts as they stand: by name, or every one. */
export type ColumnsInVolts = readonly string[] | 'all';

export interface RangeOptions {
  /** The volts that the technology takes; default 0 to 1 V. */
  readonly volts?: VoltRange | undefined;
  readonly columnsInVolts?: ColumnsInVolts | undefined;
  /**
   * The share of the training rows that lies beyond each end of a range, at the rails; default 0.02 for classes (docs/notebook/training.md), and
   * 0 for targets, where it was not measured.
   */
  readonly beyondShare?: number | undefined;
}

const BEYOND_SHARE = 0.02;

/**
 * The range of each feature that becomes the volts of its input: from the 2nd to the 98th percentile of the *training* rows, so that a few
 * outliers do not leave all other rows a small part of the volts. Where these percentiles are one value, as in a rare indicator, from the least
 * value to the greatest; a training column of nothing but 0 or 1 is an indicator too, from 0 to 1. Columns in volts are taken as they are.
 *
 * Throws InputFileError for a column that is constant in the training rows, and for volts that the technology does not take; UsageError
 * for a column that is not there.
 */
export function inputRanges(data: FeatureTable, options: RangeOptions = {}): InputRange[] {
  const { volts, columnsInVolts = [], beyondShare = 'classNames' in data ? BEYOND_SHARE : 0 } = options;
  const inVolts = checkedColumns(data, columnsInVolts);
  const driven = volts === undefined ? {} : { minimumVolts: volts.minimum, maximumVolts: volts.maximum };
  const { minimum, maximum } = volts ?? { minimum: 0, maximum: 1 };
  const trained = [...data.labels.keys()].filter((row) => data.split[row] === 0);
  return data.featureNames.map((name, k) => {
    const column = Float64Array.from(trained, (row) => data.columns[k]![row]!).sort();
    const [least, most] = [column[0]!, column.at(-1)!];
    if (inVolts(name)) {
      if (least < minimum || most > maximum)
        throw new InputFileError(
          { file: data.file, column: name },
          `holds ${least < minimum ? least : most} in a training row, and inputs take ${minimum} to ${maximum} V`,
          'Leave the column out of --input-volts, so that its numbers are scaled to these volts.',
        );
      return { name, minimum, maximum, ...driven };
    }
    const [low, high] = [quantile(column, beyondShare), quantile(column, 1 - beyondShare)];
    if (low < high) return { name, minimum: low, maximum: high, ...driven };
    if (least < most) return { name, minimum: least, maximum: most, ...driven };
    if (least === 0 || least === 1) return { name, minimum: 0, maximum: 1, ...driven };
    throw new InputFileError(
      { file: data.file, column: name },
      `is constant (${least}) in the training rows`,
      'Leave the column out with --ignore, or split the rows otherwise.',
    );
  });
}

function checkedColumns({ file, featureNames }: FeatureTable, columns: ColumnsInVolts): (name: string) => boolean {
  if (columns === 'all') {
    if (featureNames.includes('all') && featureNames.length > 1)
      throw new UsageError(
        '--input-volts all may mean every column, or the one of that name.',
        'Name the columns one by one.',
      );
    return () => true;
  }
  const unknown = columns.find((name) => !featureNames.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `${file} has no feature "${unknown}" that --input-volts could be about.`,
      `The features are: ${featureNames.join(', ')}.`,
    );
  return (name) => columns.includes(name);
}
