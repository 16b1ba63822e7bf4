import { expect, test } from 'vitest';
import { isLopsided, scoreClasses } from '../src/class-scores.ts';

test('recall is the share of a class that is decided as it, and balanced accuracy its mean over classes that have rows', () => {
  const labels = [0, 0, 0, 0, 1, 1];
  const { classes, balancedAccuracy } = scoreClasses([0, 0, 0, 1, 1, 0], labels, ['a', 'b', 'c']);
  expect(classes).toEqual([
    { class: 'a', rows: 4, recall: 0.75 },
    { class: 'b', rows: 2, recall: 0.5 },
    { class: 'c', rows: 0, recall: null },
  ]);
  expect(balancedAccuracy).toBe(0.625);
});

test('rows are lopsided where one class has more than 80 % of them', () => {
  expect(isLopsided([{ rows: 80 }, { rows: 20 }])).toBe(false);
  expect(isLopsided([{ rows: 81 }, { rows: 19 }])).toBe(true);
});
