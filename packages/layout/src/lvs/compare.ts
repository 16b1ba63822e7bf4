import type { Extracted, FoundDevice } from '../extract/extract.ts';
import { inWords } from '../extract/extract.ts';
import { type Device, matchNets } from './match.ts';
import { joinLegs } from './reduce.ts';
import type { Reference, ReferenceDevice } from './reference.ts';

/** Whether a layout's polygons are the circuit of a netlist. */
export interface LayoutComparison {
  readonly matches: boolean;
  readonly differences: readonly string[];
  readonly nets: number;
  readonly resistors: number;
  readonly transistors: number;
  /** Largest relative difference of a resistance, and of a width or length. */
  readonly worstOhms: number;
  readonly worstMetres: number;
}

export interface Tolerances {
  /** Relative, of resistances. */
  readonly ohms: number;
  /** Widths and lengths may be off by as much, in metres, and by a thousandth. */
  readonly metres: number;
}

const SHARE_OF_LENGTH = 1e-3;
/** A device that is off by more is another one. */
const SAME_DEVICE = 0.5;

/** A comparison, and what of the layout is what of the netlist. */
export interface LayoutMatch {
  readonly comparison: LayoutComparison;
  /** Number of the net in the layout of each node; −1: none. */
  readonly netOf: ReadonlyMap<string, number>;
  /** The device of the layout for each name. */
  readonly devices: ReadonlyMap<string, FoundDevice>;
}

/**
 * Compares what was extracted from polygons with a netlist: every net, every device, every value. Only the ports' labels are believed;
 * where something differs, the labels of inner nets help to say what, and never whether.
 */
export function matchLayout(extracted: Extracted, reference: Reference, tolerances: Tolerances): LayoutMatch {
  const strict = compareBy(reference.ports, extracted, reference, tolerances);
  if (strict.comparison.matches) return strict;
  const nodes = reference.devices.flatMap((device) => nodesOfReference(device));
  const hinted = compareBy([...new Set([...reference.ports, ...nodes])], extracted, reference, tolerances);
  const [few, more] = [strict, hinted].map(({ comparison }) => comparison.differences.length);
  return hinted.comparison.matches || few! <= more! ? strict : hinted;
}

function compareBy(
  labelled: readonly string[],
  extracted: Extracted,
  reference: Reference,
  tolerances: Tolerances,
): LayoutMatch {
  const found = joinLegs(extracted);
  const wanted = reference.devices;
  const differences: string[] = [...extracted.remarks];
  const nodes = [...new Set([...reference.ports, ...wanted.flatMap((device) => nodesOfReference(device))])];
  const numberOf = new Map(nodes.map((node, k) => [node, k]));
  const byName = new Map<string, number[]>();
  extracted.nets.forEach((names, net) => {
    for (const name of names) byName.set(name, [...(byName.get(name) ?? []), net]);
    if (names.length > 1) differences.push(`${[...names].sort().join(' and ')} are one net in the layout`);
  });
  const known = new Map<number, number>();
  const taken = new Set<number>();
  const ports = new Set(reference.ports);
  for (const node of labelled) {
    const nets = byName.get(node) ?? [];
    if (nets.length === 0 && ports.has(node)) differences.push(`no metal of the layout is labelled ${node}`);
    if (nets.length > 1) differences.push(`${node} is in ${nets.length} pieces in the layout`);
    const free = nets.find((net) => !taken.has(net));
    if (free === undefined) continue;
    known.set(numberOf.get(node)!, free);
    taken.add(free);
  }
  const first = { netCount: nodes.length, devices: wanted.map((device) => referenceSide(device, numberOf)) };
  const second = { netCount: extracted.nets.length, devices: found.map(foundSide) };
  const map = matchNets(first, second, known);
  map.forEach((net, k) => {
    const names = net < 0 ? [] : extracted.nets[net]!;
    if (names.length === 1 && names[0] !== nodes[k] && numberOf.has(names[0]!))
      differences.push(`the net labelled ${names[0]} in the layout is ${nodes[k]} of the netlist`);
  });
  const devices = compareDevices(wanted, found, first.devices, second.devices, map, tolerances);
  differences.push(...devices.differences);
  const comparison = {
    matches: differences.length === 0,
    differences,
    nets: nodes.length,
    resistors: wanted.filter(({ kind }) => kind === 'resistor').length,
    transistors: wanted.filter(({ kind }) => kind === 'transistor').length,
    worstOhms: devices.worstOhms,
    worstMetres: devices.worstMetres,
  };
  return { comparison, netOf: new Map(nodes.map((node, k) => [node, map[k]!])), devices: devices.pairs };
}

function nodesOfReference(device: ReferenceDevice): readonly string[] {
  return device.kind === 'resistor' ? device.nodes : [...device.nodes, device.gate];
}

function referenceSide(device: ReferenceDevice, numberOf: ReadonlyMap<string, number>): Device {
  const ends = device.nodes.map((node) => ({ net: numberOf.get(node)!, role: 'e' }));
  if (device.kind === 'resistor') return { kind: 'r', ends, values: [device.ohms] };
  return {
    kind: `t ${device.model ?? ''}`,
    ends: [...ends, { net: numberOf.get(device.gate)!, role: 'g' }],
    values: [device.widthMetres, device.lengthMetres],
  };
}

function foundSide(device: FoundDevice): Device {
  const ends = device.nets.map((net) => ({ net, role: 'e' }));
  if (device.kind === 'resistor') return { kind: 'r', ends, values: [device.ohms] };
  return {
    kind: `t ${device.model ?? ''}`,
    ends: [...ends, { net: device.gate, role: 'g' }],
    values: [device.widthMetres, device.lengthMetres],
  };
}

function compareDevices(
  wanted: readonly ReferenceDevice[],
  found: readonly FoundDevice[],
  first: readonly Device[],
  second: readonly Device[],
  map: Int32Array,
  tolerances: Tolerances,
): {
  differences: string[];
  pairs: Map<string, FoundDevice>;
  worstOhms: number;
  worstMetres: number;
} {
  const pairs = new Map<string, FoundDevice>();
  const differences: string[] = [];
  let [worstOhms, worstMetres] = [0, 0];
  const keyOf = ({ kind, ends }: Device, net: (k: number) => number): string =>
    `${kind} ${ends
      .map((end) => `${end.role}${net(end.net)}`)
      .sort()
      .join()}`;
  const places = new Map<string, number[]>();
  second.forEach((device, k) => {
    const key = keyOf(device, (net) => net);
    places.set(key, [...(places.get(key) ?? []), k]);
  });
  const used = new Set<number>();
  wanted.forEach((device, k) => {
    const values = first[k]!.values;
    const far = (other: number): number =>
      Math.max(...second[other]!.values.map((value, v) => Math.abs(value / values[v]! - 1)));
    const open = (places.get(keyOf(first[k]!, (net) => map[net]!)) ?? []).filter((other) => !used.has(other));
    const nearest = open.reduce<number | undefined>(
      (best, other) => (best === undefined || far(other) < far(best) ? other : best),
      undefined,
    );
    if (nearest === undefined || (open.length > 1 && far(nearest) > SAME_DEVICE)) {
      differences.push(`${describe(device)} is missing in the layout`);
      return;
    }
    used.add(nearest);
    const other = found[nearest]!;
    pairs.set(device.name, other);
    second[nearest]!.values.forEach((value, v) => {
      const share = Math.abs(value / values[v]! - 1);
      if (device.kind === 'resistor') {
        worstOhms = Math.max(worstOhms, share);
        if (share > tolerances.ohms)
          differences.push(`${describe(device)}: ${value.toPrecision(4)} ohms in the layout at ${inWords(other.at)}`);
      } else {
        worstMetres = Math.max(worstMetres, share);
        if (Math.abs(value - values[v]!) > tolerances.metres + SHARE_OF_LENGTH * values[v]!)
          differences.push(
            `${describe(device)}: ${v === 0 ? 'W' : 'L'} is ${value.toPrecision(4)} metres in the layout at ${inWords(other.at)}, and should be ${values[v]!.toPrecision(4)}`,
          );
      }
    });
  });
  found.forEach((device, k) => {
    if (!used.has(k))
      differences.push(`a ${device.kind} at ${inWords(device.at)} is in the layout and not in the netlist`);
  });
  return { differences, pairs, worstOhms, worstMetres };
}

function describe(device: ReferenceDevice): string {
  return device.kind === 'resistor'
    ? `${device.name} (${device.nodes.join(' – ')}, ${device.ohms} ohms)`
    : `${device.name} (drain and source ${device.nodes.join(' and ')}, gate ${device.gate})`;
}
