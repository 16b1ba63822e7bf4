import { Draws, UsageError } from '@neuroprint/core';
import { describe, expect, test } from 'vitest';
import { type JobResult, runJob } from '../src/jobs.ts';
import { balancedWeights, batchesOf, blocksOf, countRows } from '../src/printed/rows.ts';
import { trainNetwork } from '../src/printed/train.ts';
import { exclusiveOr, surrogateOf } from './fixtures.ts';

describe('rows', () => {
  const { train } = exclusiveOr(700);

  test('in another order keep their labels and volts, in a table whose blocks keep them and in a larger one', () => {
    for (const copies of [1, 1600]) {
      const rows = 700 * copies;
      const volts = new Float64Array(2 * rows).map((_, at) => train.volts[at % 1400]!);
      const labels = new Int32Array(rows).map((_, row) => train.labels[row % 700]!);
      const order = new Draws(1, 'batches').permutation(0, rows);
      const data = { ...train, volts, labels, sourceRows: order };
      const blocks = blocksOf(data, 2, 2, (label) => 1 + label, order);
      expect(countRows(blocks)).toBe(rows);
      // looked at in some blocks, the last and shortest among them
      for (const b of [0, 1, blocks.length - 1]) {
        const block = blocks[b]!;
        const seen = block.volts;
        const wanted = [...order.subarray(256 * b, 256 * b + block.rows)];
        expect([...block.labels]).toEqual(wanted.map((row) => labels[row]));
        expect([...block.weights]).toEqual(wanted.map((row) => 1 + labels[row]!));
        expect([...seen]).toEqual([0, 1].flatMap((input) => wanted.map((row) => volts[2 * row + input])));
      }
    }
  });

  test.each([
    [1_000_000, 1],
    [256, 2],
    [100, 3],
    [1, 3],
  ])('batches of about %i rows are %i in all, one after the other', (batchRows, count) => {
    const blocks = blocksOf(train, 2, 2);
    const batches = batchesOf(blocks, batchRows);
    expect(batches).toHaveLength(count);
    expect(batches[0]![0]).toBe(0);
    expect(batches.at(-1)![1]).toBe(blocks.length);
    expect(batches.reduce((sum, [first, last]) => sum + countRows(blocks.slice(first, last)), 0)).toBe(700);
  });

  test('balanced weights make classes count alike and average to 1', () => {
    const labels = Int32Array.of(0, 0, 0, 1);
    expect(balancedWeights(labels, ['a', 'b'])).toEqual([2 / 3, 2]);
    expect(() => balancedWeights(labels, ['a', 'b', 'c'])).toThrow('"c"');
  });

  test('training in small batches gives the same bits again, and learns', () => {
    const problem = exclusiveOr(700);
    const options = { epochs: 240, draws: 5, restarts: 3, batchRows: 64 };
    const first = trainNetwork(problem, options);
    expect(trainNetwork(problem, options).network).toEqual(first.network);
    expect(first.network.metrics!.accuracy.test).toBeGreaterThan(0.9);
  });

  test('balanced training lifts a rare class', () => {
    const problem = exclusiveOr(300);
    const rare = problem.train.labels.indexOf(1);
    const kept = [...problem.train.labels.keys()].filter((row) => problem.train.labels[row] === 0 || row <= rare + 20);
    const train = {
      ...problem.train,
      volts: Float64Array.from(kept.flatMap((row) => [...problem.train.volts.subarray(2 * row, 2 * row + 2)])),
      labels: Int32Array.from(kept, (row) => problem.train.labels[row]!),
    };
    const recall = (classWeights: 'equal' | 'balanced') =>
      trainNetwork({ ...problem, train }, { epochs: 60, draws: 4, restarts: 2, classWeights }).network.metrics!.accuracy
        .test;
    expect(recall('balanced')).toBeGreaterThanOrEqual(recall('equal'));
  });
});

describe('a problem that cannot be trained is refused', () => {
  const portable = { ...exclusiveOr(), falling: surrogateOf('negweight'), activation: surrogateOf('ptanh') };
  const run = (problem: typeof portable, options = {}): JobResult => runJob({ kind: 'printed', problem, options });

  test('a split part without rows', () => {
    const empty = { ...portable.valid, volts: new Float64Array(0), labels: new Int32Array(0) };
    expect(() => run({ ...portable, valid: empty })).toThrow('valid part has no rows');
  });

  test('more classes than the labels know', () => {
    const labels = portable.test.labels.map(() => 5);
    expect(() => run({ ...portable, test: { ...portable.test, labels } })).toThrow('none of the 2 classes');
  });

  test('a surrogate of another technology', () => {
    const falling = { ...portable.falling, technology: 'egt-date23' };
    expect(() => run({ ...portable, falling })).toThrow('egt-date23');
  });

  test('volts far outside 0..1, which no sensor interface gives', () => {
    const volts = portable.train.volts.map((v, i) => (i === 7 ? 40 : v));
    expect(() => run({ ...portable, train: { ...portable.train, volts } })).toThrow(/row 3.*40/);
  });

  test.each([1.5, -1, Number.NaN, 2 ** 60])('a seed of %d', (seed) => {
    expect(() => run(portable, { seed })).toThrow(UsageError);
    expect(() => run(portable, { seed })).toThrow('seed');
  });
});
