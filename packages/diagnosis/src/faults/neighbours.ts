import type { Component, FlatCircuit } from '@neuroprint/circuit';
import { nodeName } from './elements.ts';

/** Two lines that lie side by side. */
export type Neighbours = readonly [string, string];

/** What stands in a crossbar: its resistors lead from a row's line to a column's. */
const CROSSBAR: ReadonlySet<string> = new Set(['crossbar', 'bias', 'pull-down']);

interface Crossbar {
  /** Column lines by column, row lines in the order in which they are drawn. */
  readonly columns: Map<number, string>;
  readonly rows: { readonly node: string; readonly place: number }[];
}

/**
 * The lines that lie side by side where there is no layout: in every layer's crossbar the rows (an input, its inverted copy, the next
 * input, …, bias, ground) and the columns, each beside the next. Two supplies side by side are left out: they do not move.
 */
export function neighboursByRowAndColumn(flat: FlatCircuit): Neighbours[] {
  const supplies = new Set(flat.driven.slice(0, flat.supplyVolts.length));
  const pairs = new Map<string, Neighbours>();
  const beside = (lines: readonly string[]): void => {
    lines.slice(1).forEach((line, i) => {
      const pair: Neighbours = [lines[i]!, line];
      if (pair[0] === pair[1] || pair.every((node) => supplies.has(node))) return;
      pairs.set([...pair].sort().join(' '), pair);
    });
  };
  for (const { columns, rows } of crossbars(flat)) {
    const lines = [...new Map(rows.sort((a, b) => a.place - b.place).map(({ node }) => [node, node])).values()];
    beside(lines);
    beside([...columns].sort(([a], [b]) => a - b).map(([, node]) => node));
  }
  return [...pairs.values()];
}

function crossbars(flat: FlatCircuit): readonly Crossbar[] {
  const layers: { readonly origin: Component['origin']; readonly nodes: readonly [string, string] }[][] = [];
  for (const { nodes, component } of flat.resistors) {
    const { origin, parameter } = flat.components[component]!;
    if (parameter !== 'ohms' || !CROSSBAR.has(origin.role) || origin.column === undefined) continue;
    layers[origin.layer] ??= [];
    layers[origin.layer]!.push({ origin, nodes: [nodeName(flat, nodes[0]), nodeName(flat, nodes[1])] });
  }
  return layers.map((resistors) => {
    const columns = new Map<number, string>();
    for (const { origin } of resistors) {
      const own = resistors.filter(({ origin: { column } }) => column === origin.column);
      const shared = own[0]!.nodes.filter((node) => own.every(({ nodes }) => nodes.includes(node)));
      columns.set(origin.column!, shared.at(-1) ?? own[0]!.nodes[1]);
    }
    const inputs = Math.max(0, ...resistors.map(({ origin }) => (origin.row ?? -1) + 1));
    const rows = resistors.flatMap(({ origin, nodes }) => {
      const node = nodes.find((one) => one !== columns.get(origin.column!));
      if (node === undefined) return [];
      const after = origin.role === 'pull-down' ? 1 : 0;
      return [{ node, place: origin.row ?? inputs + after }];
    });
    return { columns, rows };
  });
}
