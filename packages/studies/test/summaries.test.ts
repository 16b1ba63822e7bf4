import { describe, expect, it } from 'vitest';
import { fallenAt, pooled, valueAt } from '../src/bayesmulti/curve.ts';
import { CASES, hiddenOf, neededBy } from '../src/date23/cases.ts';
import type { Row } from '../src/date23/row.ts';
import { accuraciesOf, OVERALL, summarise, toCsv, toMarkdown } from '../src/date23/summary.ts';
import { MODE_CASES } from '../src/kirchhoff/cases.ts';
import { chooseLambda, kirchhoffTable, linesOf, type PhysicalRow } from '../src/kirchhoff/summary.ts';
import { AXES, type Choice, frontOf, labelOf, winnerOf } from '../src/sweep/front.ts';

describe('a sweep', () => {
  // on the test rows the order is the other way round, which must not matter
  const choice = (hidden: string, validMean: number, resistors: number): Choice => ({
    ...{ hidden, validMean, resistors, price: 0, powerPrice: 0, areaPrice: 0, trainings: 1, valid: validMean },
    ...{ mean: 1 - validMean, test: 1 - validMean },
    ...{ std: 0, marginVolts: 0.1, fallingStages: 0, watts: 1e-4, areaSquareMetres: 1e-6 },
  });

  it('has on its front what nothing else beats on the validation rows at the same cost or less, and the cheapest of the best as its winner', () => {
    const small = choice('2', 0.8, 20);
    const better = choice('3', 0.9, 30);
    const [dearer, worse] = [choice('4', 0.9, 40), choice('5', 0.85, 35)];
    expect(frontOf([dearer, small, worse, better], AXES.components)).toEqual([small, better]);
    expect(winnerOf([dearer, small, worse, better], AXES.components)).toBe(better);
    // at the same power only the most accurate ones are left
    expect(frontOf([dearer, small, worse, better], AXES.power)).toEqual([dearer, better]);
  });

  it('names the prices that are not zero', () => {
    expect(labelOf(choice('3-2', 1, 1))).toBe('3-2');
    expect(labelOf({ ...choice('3', 1, 1), price: 0.01, areaPrice: 0.1 })).toBe('3; inverter 0.01, area 0.1');
  });
});

describe("the table of DATE'23", () => {
  const row = (dataset: string, name: string, seed: number, mean: number, more: Partial<Row> = {}): Row => ({
    ...{ dataset, case: name, seed, recipe: 'r', epochs: 1, cpuSeconds: 1, validScore: mean, hidden: 3, resistors: 30 },
    accuracy: { train: mean, valid: mean, test: mean },
    underVariation: CASES.find((which) => which.name === name)!.testedAt.map((spread) => ({
      ...{ relativeSpread: spread, draws: 10, mean: mean - spread, std: 0.02, p5: mean - 2 * spread },
    })),
    ...{ fallingStages: 2, watts: 1e-4, areaSquareMetres: 1e-6, marginVolts: 0.2 },
    ...more,
  });

  it('takes means over seeds, the best seed by validation, and the mean of all tables', () => {
    const rows = [
      row('iris', 'learned-aware-10', 0, 0.8, { validScore: 0.9 }),
      row('iris', 'learned-aware-10', 1, 1, { validScore: 0.7 }),
      row('seeds', 'learned-aware-10', 0, 0.7),
    ];
    const lines = summarise(rows, ['iris', 'seeds']);
    expect(lines.map(({ dataset }) => dataset)).toEqual(['iris', 'seeds', OVERALL]);
    const [iris, seeds, all] = lines as [(typeof lines)[0], (typeof lines)[0], (typeof lines)[0]];
    expect(iris).toMatchObject({ seeds: 2, testedAt: 0.1, resistors: 30 });
    expect(iris.nominal).toBeCloseTo(0.9, 12);
    expect(iris.mean).toBeCloseTo(0.8, 12);
    expect(iris.best).toBeCloseTo(0.7, 12);
    expect(iris.seedStd).toBeCloseTo(Math.sqrt(0.02), 12);
    expect(seeds.seedStd).toBe(0);
    expect(all.mean).toBeCloseTo((0.8 + 0.6) / 2, 12);
    expect(all.seeds).toBe(1);
    expect(accuraciesOf(lines)).toEqual([
      { title: 'learned, variation-aware', group: 'tested at 10 %', mean: all.mean, std: all.std },
    ]);
  });

  it('is written as Markdown and CSV, a digital network without costs', () => {
    const lines = summarise([row('iris', 'digital', 0, 0.9)], ['iris']);
    const text = toMarkdown(lines, ['iris']);
    expect(text).toContain('### Tested under 5 % variation');
    expect(text).toContain('| iris | 0.850 ± 0.020 |');
    expect(text.split('### What they cost')[1]).not.toContain('digital');
    expect(toCsv(lines).split('\n')[1]).toMatch(/^iris,digital,digital,0,0.05,1,0.90000,0.85000,/);
  });

  it('counts the neurons of equal power along the line through three and through more neurons', () => {
    const power = CASES.find(({ name }) => name === 'power-aware-10')!;
    expect(neededBy(power)).toEqual(['fixed-aware-10', 'wider-aware-10', 'learned-aware-10']);
    const watts = (name: string, hidden: number, value: number) => row('iris', name, 0, 0.9, { hidden, watts: value });
    const rows = (learned: number) => [
      watts('fixed-aware-10', 3, 1e-4),
      watts('wider-aware-10', 5, 2e-4),
      watts('learned-aware-10', 3, learned),
    ];
    const problem = {} as Parameters<typeof hiddenOf>[0];
    expect(hiddenOf(problem, power, rows(3e-4))).toBe(7);
    expect(hiddenOf(problem, power, rows(1e-2))).toBe(32);
    expect(hiddenOf(problem, power, rows(1e-6))).toBe(1);
  });
});

describe('the tables of networks under Kirchhoff', () => {
  const row = (lambda: number, split: number, valid: number, test: number): PhysicalRow => ({
    ...{ dataset: 'iris', case: 'npml', split, lambda, recipe: 'r', accuracy: { train: 1, valid, test } },
    totals: [[1, -1]],
  });

  it('choose λ by the validation rows of the splits that all have', () => {
    // 0.1 is better on split 0; that 1 is better on split 1 alone counts for nothing
    expect(chooseLambda([row(0.1, 0, 0.9, 0.5), row(1, 0, 0.8, 0.9), row(1, 1, 1, 0.9)])).toBe(0.1);
    // accuracy counts twice what a nat of loss does
    expect(chooseLambda([{ ...row(0.1, 0, 0.9, 0.5), validLoss: 1 }, row(1, 0, 0.5, 0.9)])).toBe(1);
  });

  it('show the test accuracy at that λ, and how many nodes have Σg below zero', () => {
    const rows = [row(0.1, 0, 0.9, 0.5), row(0.1, 1, 0.9, 0.7), row(1, 0, 0.8, 0.9)];
    const lines = linesOf(rows, ['iris', 'wine'], MODE_CASES);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ dataset: 'iris', lambda: 0.1, splits: 2, negativeTotals: 0.5 });
    expect(lines[0]!.mean).toBeCloseTo(0.6, 12);
    expect(kirchhoffTable(lines)).toContain('| iris | 60.0 ± 14.1 (λ 0.1) |');
  });
});

describe('a curve of accuracy against drift', () => {
  const curve = { at: [0, 1, 2], mean: [0.9, 0.8, 0.4], std: [0, 0.1, 0.2] };

  it('says where it has fallen, by straight lines, or that it never does', () => {
    expect(fallenAt(curve, 0.2)).toBeCloseTo(1.25, 12);
    expect(fallenAt(curve, 0.6)).toBeUndefined();
    expect(valueAt(curve, 1.5)).toBeCloseTo(0.6, 12);
    expect(valueAt(curve, 0)).toBe(0.9);
  });

  it('pools the copies of several networks: their own spread and that between them', () => {
    const other = { at: [0, 1, 2], mean: [0.7, 0.8, 0.4], std: [0, 0.1, 0.2] };
    const all = pooled([curve, other]);
    expect(all.mean[0]).toBeCloseTo(0.8, 12);
    expect(all.std[0]).toBeCloseTo(Math.hypot(0.1, 0.1), 12);
    expect(all.std[1]).toBeCloseTo(0.1, 12);
  });
});
