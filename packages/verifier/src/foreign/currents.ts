import { type DrainCurrent, deviceLaw, type FlatCircuit } from '@neuroprint/circuit';
import { type Elements, NetlistError, type TransistorModel } from '@neuroprint/spice';
import type { PortMap } from './map.ts';

/** A current that can be read: amperes from the volts of all nodes (unknown, then driven), or why not. */
export type Branch = (volts: Float64Array) => number;

/** A terminal of a device: the current that flows into it from its node. */
type Terminal = (volts: Float64Array) => number;

/**
 * Currents by the name of what measures them: a source of 0 V, from its first node through it to its second, as SPICE counts; an input or a
 * supply, what it gives to the circuit. By the law of the devices that hang on one side of it.
 */
export function branchesOf(
  flat: FlatCircuit,
  elements: Elements,
  meters: Elements['meters'],
  models: readonly TransistorModel[],
  number: (node: string) => number,
  map: PortMap,
): ReadonlyMap<string, Branch> {
  const terminals = terminalsOf(flat, elements, models, number);
  const beside = new Map<string, { readonly node: string; readonly meter: string }[]>();
  for (const { name, nodes } of meters)
    for (const [from, to] of [nodes, [...nodes].reverse()] as [string, string][])
      beside.set(from, [...(beside.get(from) ?? []), { node: to, meter: name }]);
  const driven = new Set(flat.driven);
  const side = (start: string, without: string | undefined): readonly Terminal[] | undefined => {
    const seen = new Set([start]);
    for (const node of seen)
      for (const { node: next, meter } of beside.get(node) ?? []) if (meter !== without) seen.add(next);
    const isFed = [...seen].some((node) => driven.has(node) || terminals.sourced.has(node));
    return isFed && without !== undefined ? undefined : [...seen].flatMap((node) => terminals.of.get(node) ?? []);
  };
  const branches = new Map<string, Branch>();
  const sum =
    (list: readonly Terminal[], sign: number): Branch =>
    (volts) =>
      list.reduce((all, terminal) => all + sign * terminal(volts), 0);
  for (const { name, nodes, file, line } of meters) {
    const [before, behind] = [side(nodes[0], name), side(nodes[1], name)];
    branches.set(name, (volts) => {
      if (behind !== undefined) return sum(behind, 1)(volts);
      if (before !== undefined) return sum(before, -1)(volts);
      throw new NetlistError(file, line, `${name}: both its sides are driven, so that its current is not known`);
    });
  }
  for (const { name, node } of [...map.supplies, ...map.inputs]) {
    const list = side(node!, undefined)!;
    for (const key of [node!, name.toLowerCase()]) if (!branches.has(key)) branches.set(key, sum(list, 1));
  }
  return branches;
}

function terminalsOf(
  flat: FlatCircuit,
  elements: Elements,
  models: readonly TransistorModel[],
  number: (node: string) => number,
) {
  const of = new Map<string, Terminal[]>();
  const add = (node: string, terminal: Terminal): void => {
    const list = of.get(node);
    if (list === undefined) of.set(node, [terminal]);
    else list.push(terminal);
  };
  for (const { nodes, ohms } of elements.resistors) {
    const [a, b] = [number(nodes[0]), number(nodes[1])];
    add(nodes[0], (volts) => (volts[a]! - volts[b]!) / ohms);
    add(nodes[1], (volts) => (volts[b]! - volts[a]!) / ohms);
  }
  const out: DrainCurrent = { amperes: 0, byGate: 0, byDrain: 0, bySource: 0 };
  const { technology, components } = flat;
  for (const [i, { model, nodes }] of elements.transistors.entries()) {
    const { ports } = models.find(({ name }) => name === model)!;
    const end = (port: string): string => nodes[ports.indexOf(port)]!;
    const kind = technology.transistors[model]!;
    const { drain, gate, source, width, length } = flat.transistors[i]!;
    const [w, l] = [components[width]!.value, components[length]!.value];
    const channel: Terminal = (volts) => {
      const [vg, vd, vs] = [volts[gate]!, volts[drain]!, volts[source]!];
      deviceLaw(kind).evaluate(vg, vd, vs, w, l, technology.celsius, out);
      return out.amperes;
    };
    add(end('drain'), channel);
    add(end('source'), (volts) => -channel(volts));
    if (kind.gateSiemens === 0) continue;
    const outer = number(end('source'));
    const leak: Terminal = (volts) => (kind.gateSiemens * w * (volts[gate]! - volts[outer]!)) / l;
    add(end('gate'), leak);
    add(end('source'), (volts) => -leak(volts));
  }
  return { of, sourced: new Set(elements.opamps.map(({ output }) => output)) };
}
