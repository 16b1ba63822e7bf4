import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureTable } from '../src/tables/dataset.ts';
import { inputRanges } from '../src/tables/input-ranges.ts';
import { isInVolts } from '../src/tables/sensor.ts';

/** A table of one feature `x`; `marks` has the part of each row: 0 train, 1 valid, 2 test. */
function tableOf(x: readonly number[], marks: readonly number[], names = ['x'], classes = true): FeatureTable {
  const width = names.length;
  const data = {
    ...{ name: 't', file: 't.csv', sha256: '', labelName: 'label', splitName: 'split', splitFrom: 'column' },
    ...{ missing: { imputedCells: 0, droppedRows: 0 }, unread: [], notes: [] },
    featureNames: names,
    columns: names.map((_, k) => Float64Array.from(x.filter((__, at) => at % width === k))),
    split: Uint8Array.from(marks),
    labels: new Int32Array(x.length / width),
    ...(classes ? { classNames: ['a', 'b'] } : {}),
  } as const;
  return data;
}

const trained = (x: readonly number[]) => tableOf(x, new Array(x.length).fill(0));
const hundred = Array.from({ length: 101 }, (_, i) => i);

describe('the range of an input', () => {
  it('is from the 2nd to the 98th percentile of the training rows, so that an outlier does not shrink the others', () => {
    expect(inputRanges(trained(hundred))).toEqual([{ name: 'x', minimum: 2, maximum: 98 }]);
    const outlying = hundred.with(100, 1e6);
    expect(inputRanges(trained(outlying))).toEqual([{ name: 'x', minimum: 2, maximum: 98 }]);
  });

  it('is the whole range of the training rows for targets, and where that is asked for', () => {
    const whole = [{ name: 'x', minimum: 0, maximum: 100 }];
    expect(inputRanges(tableOf(hundred, new Array(101).fill(0), ['x'], false))).toEqual(whole);
    expect(inputRanges(trained(hundred), { beyondShare: 0 })).toEqual(whole);
  });

  it('never depends on validation and test rows, nor do columns that lie within 0..1 make an exception', () => {
    const values = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 30 });
    fc.assert(
      fc.property(values, values, (known, others) => {
        fc.pre(new Set(known).size > 1);
        const [own] = inputRanges(trained(known));
        const marks = [...known.map(() => 0), ...others.map((_, i) => 1 + (i % 2))];
        expect(inputRanges(tableOf([...known, ...others], marks))).toEqual([own]);
        expect(own!.minimum).toBeLessThan(own!.maximum);
        expect(own!.minimum).toBeGreaterThanOrEqual(Math.min(...known));
        expect(own!.maximum).toBeLessThanOrEqual(Math.max(...known));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('follows the unit of the column: twice the numbers are twice the range', () => {
    const values = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 4, maxLength: 30 });
    fc.assert(
      fc.property(values, (known) => {
        fc.pre(new Set(known).size > 1);
        const [{ minimum, maximum }, twice] = [
          inputRanges(trained(known))[0]!,
          inputRanges(trained(known.map((x) => 2 * x)))[0]!,
        ];
        expect(twice.minimum).toBe(2 * minimum);
        expect(twice.maximum).toBe(2 * maximum);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('of a rare indicator reaches from its least value to its greatest', () => {
    const rare = [...new Array(99).fill(0), 1];
    expect(inputRanges(trained(rare))).toEqual([{ name: 'x', minimum: 0, maximum: 1 }]);
    expect(inputRanges(trained(new Array(5).fill(1)))).toEqual([{ name: 'x', minimum: 0, maximum: 1 }]);
  });

  it('is refused where the training rows have one value', () => {
    expect(() => inputRanges(tableOf([5, 5, 5, 6], [0, 0, 0, 2]))).toThrow(
      'column x: is constant (5) in the training rows',
    );
  });
});

describe('a column in volts', () => {
  const volts = { minimum: 0, maximum: 40 };

  it('is taken as it stands, alone or with all others', () => {
    const two = tableOf([0.2, 3, 0.4, 4, 0.6, 5, 0.5, 39], [0, 0, 1, 2], ['x', 'y']);
    const [x, y] = inputRanges(two, { volts, columnsInVolts: ['y'] });
    expect(isInVolts(y!)).toBe(true);
    expect(isInVolts(x!)).toBe(false);
    expect(inputRanges(two, { volts, columnsInVolts: 'all' }).map(isInVolts)).toEqual([true, true]);
    expect(inputRanges(trained([0.3, 0.4]), { columnsInVolts: 'all' }).map(isInVolts)).toEqual([true]);
  });

  it('is refused beyond what the technology takes, and where it is not there', () => {
    expect(() => inputRanges(trained([1, 41]), { volts, columnsInVolts: 'all' })).toThrow(
      /column x: holds 41 in a training row, and inputs take 0 to 40 V/,
    );
    expect(() => inputRanges(trained([-1, 4]), { volts, columnsInVolts: ['x'] })).toThrow(/holds -1 in a training row/);
    expect(() => inputRanges(trained([1, 4]), { columnsInVolts: ['z'] })).toThrow(/no feature "z"/);
    const named = tableOf([1, 2, 3, 4], [0, 0], ['all', 'y']);
    expect(() => inputRanges(named, { columnsInVolts: 'all' })).toThrow(/every column, or the one of that name/);
  });
});
