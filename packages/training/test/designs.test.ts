import { findCell } from '@neuroprint/circuit';
import { SurrogateModel } from '@neuroprint/surrogate';
import { describe, expect, test } from 'vitest';
import { designsOf } from '../src/import/designs.ts';
import { StageSpace } from '../src/printed/layer/components.ts';
import { ClosedFormCurve, egt, surrogateOf } from './fixtures.ts';

describe.each(['negweight', 'ptanh'] as const)('designs of the cell %s near its typical values', (cell) => {
  const { typical } = findCell(egt, cell);
  const space = new StageSpace(findCell(egt, cell), SurrogateModel.of(surrogateOf(cell)), 0.1);
  const [random, near] = [designsOf(space), designsOf(space, { nearTypical: true })];
  const distance = (values: Readonly<Record<string, number>>) =>
    Object.entries(values).reduce((sum, [name, value]) => sum + Math.log(value / typical[name]!) ** 2, 0);

  test('are nowhere further from them than the random ones', () => {
    near.forEach(({ stage }, d) => {
      expect(distance(stage.values)).toBeLessThanOrEqual(distance(random[d]!.stage.values) + 1e-9);
    });
  });

  test('have the curves of the random ones, but for those that the ranges of components do not allow', () => {
    const kept = near.filter(({ eta }, d) => eta.every((value, k) => Math.abs(value - random[d]!.eta[k]!) < 1e-6));
    expect(kept.length).toBeGreaterThanOrEqual(near.length / 2);
    // those that kept their curve have mostly come nearer, not stayed
    const moved = kept.filter(
      (design) => distance(design.stage.values) < 0.9 * distance(random[near.indexOf(design)]!.stage.values),
    );
    expect(moved.length).toBeGreaterThan(kept.length / 2);
  });
});

test('designs of a curve in closed form, which has no features, stay as they are', () => {
  const space = new StageSpace(findCell(egt, 'ptanh'), new ClosedFormCurve('ptanh'), 0.1);
  expect(designsOf(space, { nearTypical: true })).toEqual(designsOf(space));
});
