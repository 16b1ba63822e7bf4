import type { FlatCircuit, Technology } from '@neuroprint/circuit';
import type { Neighbours } from '@neuroprint/diagnosis';
import { type Layout, layOut, neighboursOf } from '@neuroprint/layout';
import type { NetlistFolder } from '@neuroprint/verifier';

/** The layout of the folder's circuit, drawn again; none where compile drew none. */
export function layoutOf({ manifest, circuit, network }: NetlistFolder, technology: Technology): Layout | undefined {
  if (manifest.files['layout.svg'] === undefined) return undefined;
  return layOut(circuit, technology, { inputNames: network.inputs.map(({ name }) => name) });
}

/** Lines side by side in the layout that are nodes of the circuit; two supplies do not move. */
export function neighboursIn(layout: Layout, flat: FlatCircuit): Neighbours[] {
  const nodes = new Set([...flat.unknowns, ...flat.driven]);
  const supplies = new Set(flat.driven.slice(0, flat.supplyVolts.length));
  const pairs = neighboursOf(layout).map(({ nets: [a, b] }): Neighbours => [a, b]);
  const lines = new Map(pairs.map((pair) => [[...pair].sort().join(' '), pair]));
  return [...lines.values()].filter(
    ([a, b]) => a !== b && nodes.has(a) && nodes.has(b) && !(supplies.has(a) && supplies.has(b)),
  );
}
