import type { FlatCircuit, FlatLeak, FlatTransistor } from '@neuroprint/circuit';
import { endKey, type Lines } from './lines.ts';

/**
 * A circuit with the metal of its layout: every device at its own node of the metal, sources at their pads, everything else as it was. The unknown nodes
 * come first as they were, then those of the metal. What the layout does not have there (a resistor that was put in since) stands where its net has its name.
 */
export function withLines(flat: FlatCircuit, lines: Lines): FlatCircuit {
  const size = flat.unknowns.length;
  const known = new Set([...flat.unknowns, ...flat.driven]);
  const unknowns = [...flat.unknowns, ...lines.nodes.filter((node) => !known.has(node) && known.has(netOf(node)))];
  const numbers = new Map([...unknowns, ...flat.driven].map((node, k) => [node, k]));
  const moved = (node: number): number => (node < size ? node : node + unknowns.length - size);
  const nameOf = (node: number): string => (node < size ? flat.unknowns[node]! : flat.driven[node - size]!);
  const at = (device: string | undefined, end: string, node: number): number => {
    const name = device === undefined ? undefined : lines.ends.get(endKey(device, end));
    return name !== undefined && netOf(name) === nameOf(node) ? numbers.get(name)! : moved(node);
  };
  const between = <T extends { readonly nodes: readonly [string, string] }>(list: readonly T[]) =>
    list.flatMap((one) => {
      const [a, b] = one.nodes.map((node) => numbers.get(node));
      return a === undefined || b === undefined ? [] : [{ ...one, nodes: [a, b] as const }];
    });
  return {
    ...flat,
    unknowns,
    metalNodes: (flat.metalNodes ?? 0) + unknowns.length - size,
    resistors: flat.resistors.map(({ nodes: [a, b], ...resistor }) => ({
      ...resistor,
      nodes: [at(resistor.name, nameOf(a), a), at(resistor.name, nameOf(b), b)],
    })),
    // where contacts resist, it is they that stand at the metal
    transistors: flat.transistors.map((t) => ({
      ...t,
      drain: at(t.name, 'drain', t.drain),
      gate: at(t.name, 'gate', t.gate),
      source: at(t.name, 'source', t.source),
    })),
    leaks: flat.leaks.map((leak) => ({ ...leak, nodes: leakNodes(leak, flat.transistors[leak.transistor]!, at) })),
    lines: [...(flat.lines ?? []), ...between(lines.resistors)],
    capacitors: [...(flat.capacitors ?? []), ...between(lines.capacitors)],
    opamps: flat.opamps.map((o) => ({ ...o, plus: moved(o.plus), minus: moved(o.minus), output: moved(o.output) })),
    sources: flat.sources.map((s) => ({ ...s, input: moved(s.input), open: moved(s.open), output: moved(s.output) })),
  };
}

/**
 * The lines of some nets alone, the others being one node each. Those of supplies are what moves voltages: rows and columns of crossbars carry next to no
 * current.
 */
export function onlyNets(lines: Lines, nets: ReadonlySet<string>): Lines {
  const has = (node: string): boolean => nets.has(netOf(node));
  return {
    nodes: lines.nodes.filter(has),
    resistors: lines.resistors.filter(({ nodes: [a] }) => has(a)),
    ends: new Map([...lines.ends].filter(([, node]) => has(node))),
    capacitors: lines.capacitors,
  };
}

/** A contact leads from the metal to its end of the channel, or from there to the metal; a gate leaks to the source. */
function leakNodes(
  { nodes: [a, b] }: FlatLeak,
  { name, drain, source }: FlatTransistor,
  at: (device: string | undefined, end: string, node: number) => number,
): readonly [number, number] {
  if (b === drain) return [at(name, 'drain', a), at(undefined, '', b)];
  if (a === source) return [at(undefined, '', a), at(name, 'source', b)];
  return [at(name, 'gate', a), at(name, 'source', b)];
}

/** The net of a node of the metal. */
function netOf(node: string): string {
  const end = node.lastIndexOf('@');
  return end < 0 ? node : node.slice(0, end);
}
