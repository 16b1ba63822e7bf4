import { InputFileError, UsageError } from '../files/errors.ts';
import type { Dataset, Labels, TargetDataset } from './dataset.ts';
import { SPLITS, type Split } from './splits.ts';

/** How a feature becomes a voltage: `minimum` becomes `minimumVolts` (0 where it is absent), `maximum` `maximumVolts` (1). */
export interface InputRange {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly minimumVolts?: number | undefined;
  readonly maximumVolts?: number | undefined;
}

/** Volts from one to another. */
export interface VoltRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** The volts between which an input is driven. */
export function inputVolts({ minimumVolts = 0, maximumVolts = 1 }: Omit<InputRange, 'name'>): VoltRange {
  return { minimum: minimumVolts, maximum: maximumVolts };
}

/** Where a value lies in the range of its input: 0 at `minimum`, 1 at `maximum`, beyond them outside. */
function shareOfRange({ minimum, maximum }: Omit<InputRange, 'name'>, value: number): number {
  return (value - minimum) / (maximum - minimum);
}

function voltsAtShare(input: Omit<InputRange, 'name'>, share: number): number {
  const { minimum, maximum } = inputVolts(input);
  return minimum + (maximum - minimum) * Math.min(1, Math.max(0, share));
}

/** The volts that a value of an input becomes, held at the ends of its volts. */
export function voltsOfValue(input: Omit<InputRange, 'name'>, value: number): number {
  return voltsAtShare(input, shareOfRange(input, value));
}

/** Rows ready for a circuit: `volts` is row-major [rows × inputs]; `sourceRows` are row numbers of the table, from 0. */
export interface VoltageRows<L extends Labels = Int32Array> {
  readonly volts: Float64Array;
  readonly labels: L;
  readonly sourceRows: Int32Array;
  /** Cells outside the range of their input, held at the ends of their input's volts as a sensor interface would. */
  readonly clipped: number;
}

/**
 * Selects one split (or all rows) and scales it to volts. The columns are found by name and the labels matched to
 * `classes`, so that another table of the same shape can be used; targets stay as they are. Throws InputFileError for a
 * missing column or an unknown class, and UsageError where the split has no rows.
 */
export function toVoltageRows<D extends Dataset | TargetDataset>(
  data: D,
  inputs: readonly InputRange[],
  classes: readonly string[],
  split: Split | 'all',
): VoltageRows<D['labels']> {
  const columns = inputs.map((input) => {
    const at = data.featureNames.indexOf(input.name);
    if (at < 0)
      throw new InputFileError(
        { file: data.file, column: input.name },
        'there is no such column, and the network reads it',
        `The columns are: ${data.featureNames.join(', ')}.`,
      );
    return data.columns[at]!;
  });
  const labelOf = 'classNames' in data ? classLookup(data, classes) : undefined;
  const wanted = split === 'all' ? -1 : SPLITS.indexOf(split);
  const sourceRows = new Int32Array(data.labels.length)
    .map((_, row) => row)
    .filter((row) => wanted < 0 || data.split[row] === wanted);
  if (sourceRows.length === 0) throw new UsageError(`${data.file} has no ${split} rows.`);
  const volts = sharedFloats(sourceRows.length * inputs.length);
  let clipped = 0;
  sourceRows.forEach((row, i) => {
    inputs.forEach((input, k) => {
      const share = shareOfRange(input, columns[k]![row]!);
      if (share < 0 || share > 1) clipped += 1;
      volts[i * inputs.length + k] = voltsAtShare(input, share);
    });
  });
  const labels =
    labelOf === undefined
      ? Float64Array.from(sourceRows, (row) => data.labels[row]!)
      : Int32Array.from(sourceRows, (row) => labelOf[data.labels[row]!]!);
  return { volts, labels, sourceRows, clipped };
}

/** Of more volts than these, threads share one copy where the machine lets them. */
const SHARED_CELLS = 2 ** 17;

function sharedFloats(length: number): Float64Array {
  return length > SHARED_CELLS && typeof SharedArrayBuffer !== 'undefined'
    ? new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT))
    : new Float64Array(length);
}

/** Where each class of a table stands among `classes`. */
function classLookup(data: Dataset, classes: readonly string[]): number[] {
  const classOf = data.classNames.map((name) => classes.indexOf(name));
  const unknown = classOf.indexOf(-1);
  if (unknown < 0) return classOf;
  throw new InputFileError(
    { file: data.file, column: data.labelName },
    `the network does not know the class "${data.classNames[unknown]}"`,
    `It knows: ${classes.join(', ')}.`,
  );
}
