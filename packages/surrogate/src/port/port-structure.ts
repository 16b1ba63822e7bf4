import { UsageError } from '@neuroprint/core';
import type { TopologyElement } from '../eta/topology.ts';

type PortElement = Exclude<TopologyElement, { kind: 'opamp' }>;

/** A cell's netlist with the volts of its supplies, ground left out. */
export interface PortTopology {
  readonly elements: readonly TopologyElement[];
  readonly supplyVolts: Readonly<Record<string, number>>;
}

/** Where a resistor or a node leads: to given volts, or to the input. */
type Terminal = number | 'in';

/** A node whose voltage follows from resistors to given nodes: v = Σ V_k/R_k / Σ 1/R_k; or the given node itself. */
export interface Divider {
  readonly terminal?: Terminal;
  readonly branches: readonly { readonly ohms: string; readonly terminal: Terminal }[];
}

/**
 * One transistor with its drain's loads: the current into the drain at v is Σ (v − V_k)/R_k + I, I = (W/L)·(v − v_s)·exp(y). Its
 * source is at v_s = v_0 + r·I, with v_0 the volts and r the resistance of the divider there. y, the logarithm of the channel's
 * conductance for W/L = 1, is what is learnt; it depends on the gate's volts over the source and over the drain.
 */
interface Channel {
  readonly drain: string;
  readonly loads: readonly { readonly ohms: string; readonly volts: number }[];
  readonly width: string;
  readonly length: string;
  readonly source: Divider;
  /** A divider, or the number of the channel whose drain the gate hangs on. */
  readonly gate: Divider | number;
}

/** What Kirchhoff's law says of a cell before anything is learnt: a cascade of channels, the last one's drain is the output. */
export interface PortStructure {
  readonly elements: readonly PortElement[];
  readonly channels: readonly Channel[];
  /** Through these resistors a current flows into the input. */
  readonly input: readonly { readonly ohms: string; readonly to: Divider }[];
  /** Dividers that no current is drawn from: gates. */
  readonly idle: readonly Divider[];
}

/** Whether a cell can have a port model; see portStructure. */
export function hasPortModel(topology: PortTopology): boolean {
  try {
    portStructure(topology);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/**
 * Throws UsageError for a cell that is no cascade of transistors, each with its drain's resistors leading to supplies, its
 * source on a supply or a divider, and its gate on the input, a divider or the drain of another one.
 */
export function portStructure({ elements, supplyVolts }: PortTopology): PortStructure {
  const refuse = (why: string): never => {
    throw new UsageError(
      `This cell has no port model: ${why}.`,
      'A port model is for transistors in a cascade, with resistors from drains, gates and sources to supplies.',
    );
  };
  const known = elements.filter((element): element is PortElement => element.kind !== 'opamp');
  if (known.length < elements.length) refuse('it holds an op-amp');
  const given = new Map<string, Terminal>([['0', 0], ['in', 'in'], ...Object.entries(supplyVolts)]);
  const transistors = known.filter((element) => element.kind === 'transistor');
  const resistors = known.filter((element) => element.kind === 'resistor');
  const touching = (node: string) => resistors.filter(({ nodes }) => nodes.includes(node));
  const other = ({ nodes }: (typeof resistors)[number], node: string) => (nodes[0] === node ? nodes[1] : nodes[0]);
  const divider = (node: string): Divider | undefined => {
    const terminal = given.get(node);
    if (terminal !== undefined) return { terminal, branches: [] };
    const ends = touching(node).map((resistor) => ({
      ohms: resistor.ohms,
      terminal: given.get(other(resistor, node)),
    }));
    const branches = ends.flatMap(({ ohms, terminal: end }) => (end === undefined ? [] : [{ ohms, terminal: end }]));
    return ends.length > 0 && branches.length === ends.length ? { branches } : undefined;
  };
  const channels: Channel[] = [];
  const idle: Divider[] = [];
  const add = (node: string): number => {
    const there = channels.findIndex(({ drain }) => drain === node);
    if (there >= 0) return there;
    const drives = transistors.filter(({ drain, source }) => drain === node || source === node);
    const drive = drives[0];
    if (drive === undefined || drives.length > 1 || drive.source === node) return refuse(`${node} is not one drain`);
    const loads = touching(node).map((resistor) => {
      const volts = given.get(other(resistor, node));
      return typeof volts === 'number'
        ? { ohms: resistor.ohms, volts }
        : refuse(`a load of ${node} leads to an inner node`);
    });
    const source = divider(drive.source) ?? refuse(`the source of the transistor at ${node} hangs on inner nodes`);
    if (source.branches.some(({ terminal }) => terminal === 'in')) refuse(`the source at ${node} hangs on the input`);
    const isDrain = transistors.some(({ drain }) => drain === drive.gate);
    const direct = isDrain
      ? undefined
      : (divider(drive.gate) ?? refuse(`the gate of the transistor at ${node} hangs on inner nodes`));
    if (direct !== undefined && direct.branches.length > 0) idle.push(direct);
    const gate = direct ?? add(drive.gate);
    channels.push({ drain: node, loads, width: drive.width, length: drive.length, source, gate });
    return channels.length - 1;
  };
  add('out');
  if (channels.length < transistors.length) refuse('it holds a transistor that its output does not depend on');
  const input = touching('in').map((resistor) => ({
    ohms: resistor.ohms,
    to: divider(other(resistor, 'in')) ?? refuse('a resistor of its input leads to a node that is no divider'),
  }));
  return { elements: known, channels, input, idle };
}
