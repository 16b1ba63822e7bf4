import type { Technology } from '@neuroprint/circuit';
import type { Extracted } from '../extract/extract.ts';
import type { LayoutMatch } from '../lvs/compare.ts';
import type { Reference } from '../lvs/reference.ts';
import { Metal } from './metal.ts';

/** The metal of a layout: nodes beside those of the netlist, what lies between them, and where devices are at them. */
export interface Lines {
  /** Nodes of the metal; one of each net has the net's name: that of its pad, where it has one. */
  readonly nodes: readonly string[];
  readonly resistors: readonly { readonly nodes: readonly [string, string]; readonly siemens: number }[];
  /** Nodes of the ends of devices, by `endKey`. */
  readonly ends: ReadonlyMap<string, string>;
  /** Where lines of two nets cross: farads between the nets. */
  readonly capacitors: readonly { readonly nodes: readonly [string, string]; readonly farads: number }[];
}

/** Names the end of a device: of a resistor by the net there, of a transistor by `drain`, `gate` or `source`. */
export function endKey(device: string, end: string): string {
  return `${device} ${end}`;
}

/**
 * The metal of a layout whose polygons are a netlist's circuit: for every net its resistors between the ends of devices, vias and pads, reduced exactly
 * (what is in series is one resistor, dead ends are none). Gate ink has no resistance here. Throws InputFileError for metal with slanting edges.
 */
export function linesOf(
  file: string,
  extracted: Extracted,
  match: LayoutMatch,
  reference: Reference,
  technology: Technology,
): Lines {
  const metal = new Metal(file, extracted, technology);
  const { graph } = metal;
  const roots = (sites: Iterable<number>): Set<number> => new Set(Array.from(sites, (site) => graph.find(site)));
  graph.reduce(roots(metal.sites()), new Set());

  const ends = new Map<string, number>();
  const mains = new Map<string, number>();
  const kept: number[] = [];
  const probed: number[] = [];
  const add = (device: string, end: string, node: string, site: number, current = true): void => {
    ends.set(endKey(device, end), site);
    (current ? kept : probed).push(site);
    if (!mains.has(node)) mains.set(node, site);
  };
  const nodeOf = new Map([...match.netOf].map(([node, net]) => [net, node]));
  const held = new Set(reference.ports);
  const leaking = Object.values(technology.transistors).some(({ gateSiemens }) => gateSiemens > 0);
  extracted.conductors.labels.forEach(({ conductor, text }, k) => {
    const node = nodeOf.get(extracted.conductors.netOf(conductor));
    const site = metal.labelSites[k];
    if (site === undefined || node !== text || mains.has(node)) return;
    mains.set(node, site);
    (held.has(node) ? kept : probed).push(site);
  });
  for (const device of reference.devices) {
    const found = match.devices.get(device.name)!;
    const [p, q] = device.nodes;
    const first = match.netOf.get(p) === found.nets[0] ? 0 : 1;
    const sites = [metal.siteOf(found.ends[first]), metal.siteOf(found.ends[first === 0 ? 1 : 0])] as const;
    if (device.kind === 'resistor' && found.kind === 'resistor') {
      add(device.name, p, p, metal.behind(sites[0], metal.jointOhms(found.joints)));
      add(device.name, q, q, sites[1]);
    } else if (device.kind === 'transistor' && found.kind === 'transistor') {
      add(device.name, 'drain', p, sites[0]);
      add(device.name, 'source', q, sites[1]);
      add(device.name, 'gate', device.gate, metal.gateOf(found.gateConductor), leaking);
    }
  }
  graph.reduce(roots(kept), roots([...probed, ...mains.values()]));

  const names = new Map<number, string>();
  const taken = new Set<string>();
  for (const [node, site] of mains) names.set(graph.find(site), node);
  for (const name of names.values()) taken.add(name);
  const resistors = graph.resistors();
  const netOf = netsOf(resistors, names);
  for (const node of new Set([...resistors.flatMap(({ nodes }) => nodes), ...roots(ends.values())])) {
    if (names.has(node)) continue;
    const { x, y } = metal.place(node);
    const at = `${netOf.get(node)}@${Math.round(x / 1000)},${Math.round(y / 1000)}`;
    let name = at;
    for (let k = 2; taken.has(name); k += 1) name = `${at}.${k}`;
    taken.add(name);
    names.set(node, name);
  }
  const nameOf = (site: number): string => names.get(graph.find(site))!;
  return {
    nodes: [...names.values()],
    resistors: resistors.map(({ nodes: [a, b], siemens }) => ({ nodes: [nameOf(a), nameOf(b)], siemens })),
    ends: new Map([...ends].map(([key, site]) => [key, nameOf(site)])),
    capacitors: crossingsOf(extracted, nodeOf, technology),
  };
}

/** The net of every node, from those that have its name. */
function netsOf(
  resistors: readonly { readonly nodes: readonly [number, number] }[],
  names: ReadonlyMap<number, string>,
): Map<number, string> {
  const neighbours = new Map<number, number[]>();
  for (const { nodes } of resistors)
    for (const [k, node] of nodes.entries()) {
      const list = neighbours.get(node) ?? [];
      neighbours.set(node, list);
      list.push(nodes[1 - k]!);
    }
  const net = new Map(names);
  const open = [...names.keys()];
  while (open.length > 0) {
    const node = open.pop()!;
    for (const other of neighbours.get(node) ?? []) {
      if (net.has(other)) continue;
      net.set(other, net.get(node)!);
      open.push(other);
    }
  }
  return net;
}

/** Farads between every two nets that cross. */
function crossingsOf(
  { conductors }: Extracted,
  nodeOf: ReadonlyMap<number, string>,
  technology: Technology,
): Lines['capacitors'] {
  const layer = technology.layout!.layers.find(({ role }) => role === 'crossover dielectric');
  const perArea = layer?.faradsPerSquareMetre ?? 0;
  const sums = new Map<string, { nodes: [string, string]; farads: number }>();
  for (const { nets, squareMetres } of conductors.crossings()) {
    const [a, b] = nets.map((net) => nodeOf.get(net));
    if (a === undefined || b === undefined || a === b) continue;
    const nodes: [string, string] = a < b ? [a, b] : [b, a];
    const known = sums.get(nodes.join(' ')) ?? { nodes, farads: 0 };
    known.farads += perArea * squareMetres;
    sums.set(nodes.join(' '), known);
  }
  return [...sums.values()].filter(({ farads }) => farads > 0);
}
