import { type FaultSpec, type FlatCircuit, OPEN_OHMS, SHORT_OHMS } from '@neuroprint/circuit';
import { namedElements, nodeName } from './elements.ts';
import type { Fault, FaultKind } from './fault.ts';
import { type Neighbours, neighboursByRowAndColumn } from './neighbours.ts';

/** Contacts of supplies and ground that resist by so much. */
const CONTACT_OHMS = 10e3;

/** What is looked for in every technology. */
const PHYSICAL_FAULTS: readonly FaultSpec[] = [
  { kind: 'open', ohms: OPEN_OHMS },
  { kind: 'short', ohms: SHORT_OHMS },
  { kind: 'factor', factor: 2 },
  { kind: 'factor', factor: 0.5 },
  { kind: 'gate open' },
  { kind: 'drain-source short', ohms: SHORT_OHMS },
  { kind: 'gate-drain short', ohms: SHORT_OHMS },
  { kind: 'gate-source short', ohms: SHORT_OHMS },
  { kind: 'no channel' },
  { kind: 'lines shorted', ohms: SHORT_OHMS },
  { kind: 'contact', ohms: CONTACT_OHMS },
];

export interface FaultOptions {
  /** Lines that lie side by side in the layout; absent: by row and column. */
  readonly neighbours?: readonly Neighbours[] | undefined;
}

/** Those of every process and those of this one, each once. */
function specsOf(more: readonly FaultSpec[]): readonly FaultSpec[] {
  const named = new Map(
    [...PHYSICAL_FAULTS, ...more].map((spec) => [JSON.stringify([spec.kind, spec.ohms, spec.factor]), spec]),
  );
  return [...named.values()];
}

/**
 * Every single fault of a circuit: of each resistor, each transistor, each pair of neighbouring lines, and the contacts of supplies
 * and ground; of the kinds of every process, and those that the technology adds. A short between two ends that are one node is none.
 */
export function faultsOf(flat: FlatCircuit, { neighbours }: FaultOptions = {}): readonly Fault[] {
  const specs = specsOf(flat.technology.faults ?? []);
  const of = (...kinds: readonly FaultKind[]): readonly FaultSpec[] => specs.filter(({ kind }) => kinds.includes(kind));
  const { resistors, transistors } = namedElements(flat);
  const name = (node: number): string => nodeName(flat, node);
  const used = new Set([
    ...flat.resistors.flatMap(({ nodes }) => nodes),
    ...flat.transistors.flatMap(({ drain, gate, source }) => [drain, gate, source]),
  ]);
  const pads = flat.supplyVolts.map((_, i) => flat.unknowns.length + i).filter((node) => used.has(node));
  return [
    ...[...resistors].flatMap(([part, i]) =>
      of('open', 'short', 'factor').map((spec) => fault(spec, [part], flat.resistors[i]!.nodes.map(name))),
    ),
    ...[...transistors].flatMap(([part, i]) => {
      const { drain, gate, source } = flat.transistors[i]!;
      const ends: Partial<Record<FaultKind, readonly [number, number]>> = {
        'gate open': [gate, source],
        'drain-source short': [drain, source],
        'gate-drain short': [gate, drain],
        'gate-source short': [gate, source],
        'no channel': [drain, source],
      };
      return specs.flatMap((spec) => {
        const nodes = ends[spec.kind];
        return nodes === undefined || nodes[0] === nodes[1] ? [] : [fault(spec, [part], nodes.map(name))];
      });
    }),
    ...of('lines shorted').flatMap((spec) =>
      (neighbours ?? neighboursByRowAndColumn(flat)).map((pair) => fault(spec, [], pair)),
    ),
    ...of('contact').flatMap((spec) => pads.map((pad) => fault(spec, [], [name(pad)]))),
  ];
}

function fault({ kind, ohms, factor }: FaultSpec, components: readonly string[], nodes: readonly string[]): Fault {
  const usual = PHYSICAL_FAULTS.some((spec) => spec.kind === kind && spec.ohms === ohms);
  const what = kind === 'factor' ? `x${factor}` : `${kind}${usual || ohms === undefined ? '' : ` ${ohms} ohms`}`;
  const where = components[0] ?? nodes.map((node) => (node === '0' ? 'ground' : node)).join(', ');
  return {
    name: `${where} ${what}`,
    kind,
    components,
    nodes,
    ...(ohms === undefined ? {} : { ohms }),
    ...(factor === undefined ? {} : { factor }),
  };
}
