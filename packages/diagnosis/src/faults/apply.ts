import {
  type Component,
  type FlatCircuit,
  type FlatResistor,
  type FlatTransistor,
  NO_CHANNEL,
  OPEN_OHMS,
  SHORT_OHMS,
} from '@neuroprint/circuit';
import { UsageError } from '@neuroprint/core';
import { namedElements } from './elements.ts';
import type { Fault } from './fault.ts';

/** The node between a pad and what hangs on it, where its contact resists. */
function contactNode(pad: string): string {
  return `${pad === '0' ? 'ground' : pad}_contact`;
}

/**
 * A circuit with a fault, which the exact solver and ngspice take as they take the good one: the same nodes (a contact adds one after
 * them), the same components, and after those the one of the fault. The values are those of the circuit's components, so that a
 * printed copy with a fault is the copy's circuit with it. Throws UsageError where the circuit has no such part or node.
 */
export function withFault(flat: FlatCircuit, fault: Fault): FlatCircuit {
  const named = namedElements(flat);
  const resistorAt = (): number => find(named.resistors, fault, fault.components[0]);
  const transistorAt = (): number => find(named.transistors, fault, fault.components[0]);
  switch (fault.kind) {
    case 'open':
    case 'short':
    case 'factor': {
      const at = resistorAt();
      const good = flat.components[flat.resistors[at]!.component]!.value;
      return withResistance(flat, at, faultyOhms(fault, good), fault);
    }
    case 'no channel': {
      const at = transistorAt();
      const value = flat.components[flat.transistors[at]!.width]!.value * NO_CHANNEL;
      return withTransistor(flat, at, { width: flat.components.length }, [faultComponent(fault, 'metres', value)]);
    }
    case 'gate open': {
      const at = transistorAt();
      return withTransistor(flat, at, { gate: flat.transistors[at]!.source }, []);
    }
    case 'contact':
      return withContact(flat, find(named.nodes, fault, fault.nodes[0]), fault);
    default: {
      const [a, b] = fault.nodes.map((node) => find(named.nodes, fault, node));
      const resistor: FlatResistor = { nodes: [a!, b!], component: flat.components.length };
      return {
        ...flat,
        resistors: [...flat.resistors, resistor],
        components: [...flat.components, faultComponent(fault, 'ohms', fault.ohms ?? SHORT_OHMS)],
      };
    }
  }
}

/** Ohms of a resistor with a fault; `good` are those that it would have. */
function faultyOhms({ kind, ohms, factor }: Fault, good: number): number {
  if (kind === 'factor') return good * (factor ?? 1);
  return ohms ?? (kind === 'open' ? OPEN_OHMS : SHORT_OHMS);
}

function find(places: ReadonlyMap<string, number>, fault: Fault, name: string | undefined): number {
  const at = name === undefined ? undefined : places.get(name);
  if (at === undefined)
    throw new UsageError(
      `The fault "${fault.name}" names ${name ?? 'nothing'}, and the circuit has no such part or node.`,
      'Take the faults that faultsOf lists for this circuit.',
    );
  return at;
}

function faultComponent({ name }: Fault, unit: Component['unit'], value: number): Component {
  return { name, device: 'fault', parameter: 'fault', unit, value, origin: { role: 'crossbar', layer: 0 } };
}

function withResistance(flat: FlatCircuit, at: number, ohms: number, fault: Fault): FlatCircuit {
  const { nodes } = flat.resistors[at]!;
  return {
    ...flat,
    resistors: flat.resistors.with(at, { nodes, component: flat.components.length }),
    components: [...flat.components, faultComponent(fault, 'ohms', ohms)],
  };
}

function withTransistor(
  flat: FlatCircuit,
  at: number,
  change: Partial<FlatTransistor>,
  components: readonly Component[],
): FlatCircuit {
  return {
    ...flat,
    transistors: flat.transistors.with(at, { ...flat.transistors[at]!, ...change }),
    components: [...flat.components, ...components],
  };
}

/** All that hung on a driven node hangs on a new one, which a resistor leads to. */
function withContact(flat: FlatCircuit, pad: number, fault: Fault): FlatCircuit {
  const size = flat.unknowns.length;
  /** The new node comes after the unknown ones, so that every driven one moves up. */
  const outer = (node: number): number => (node < size ? node : node + 1);
  const inner = (node: number): number => (node === pad ? size : outer(node));
  const ends = <T extends { readonly nodes: readonly [number, number] }>(element: T): T => ({
    ...element,
    nodes: [inner(element.nodes[0]), inner(element.nodes[1])],
  });
  return {
    ...flat,
    unknowns: [...flat.unknowns, contactNode(fault.nodes[0]!)],
    components: [...flat.components, faultComponent(fault, 'ohms', fault.ohms ?? SHORT_OHMS)],
    resistors: [...flat.resistors.map(ends), { nodes: [outer(pad), size], component: flat.components.length }],
    leaks: flat.leaks.map(ends),
    transistors: flat.transistors.map((t) => ({
      ...t,
      drain: inner(t.drain),
      gate: inner(t.gate),
      source: inner(t.source),
    })),
    opamps: flat.opamps.map((o) => ({ ...o, plus: inner(o.plus), minus: inner(o.minus), output: inner(o.output) })),
    sources: flat.sources.map((s) => ({
      ...s,
      input: inner(s.input),
      open: inner(s.open),
      output: inner(s.output),
    })),
  };
}
