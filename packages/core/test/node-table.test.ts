import { expect, test } from 'vitest';
import { rowOf, selectColumns, selectVolts } from '../src/tables/node-table.ts';

const table = { nodes: ['a', 'b', 'c'], rows: 2, volts: Float64Array.of(1, 2, 3, 4, 5, 6) };

test('nodes are selected by name, row by row, in the order asked for', () => {
  expect([...selectVolts(table, ['c', 'a'])]).toEqual([3, 1, 6, 4]);
  expect([...selectColumns(table.volts, 3, [1])]).toEqual([2, 5]);
  expect(selectVolts(table, [])).toHaveLength(0);
});

test('a node that is not there is refused, and not the last one of the row before', () => {
  expect(() => selectVolts(table, ['b', 'd'])).toThrow('There are no volts of d.');
});

test('a row of a table is a table', () => {
  expect(rowOf(table, 1)).toEqual({ nodes: table.nodes, rows: 1, volts: Float64Array.of(4, 5, 6) });
});
