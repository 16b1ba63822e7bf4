import { type Circuit, type Device, type OpampDevice, type Origin, UsageError } from '@neuroprint/core';
import { findCell, type Technology, transistorOf } from '../technology/technology.ts';
import type { TransistorKind } from '../technology/transistor.ts';
import type { Slot, ValueSlot } from './slot.ts';

/** One value that is printed: a resistance, a width or a length. Its index is its place in every vector of values. */
export interface Component {
  /** `r_l0_i1_c2` for a crossbar resistor, `act_l0_c1.W1` for a value of a stage. */
  readonly name: string;
  readonly device: string;
  /** Parameter of the cell; `ohms` for a crossbar resistor. */
  readonly parameter: string;
  /** `law`: the unit of a parameter of a transistor's law. */
  readonly unit: 'ohms' | 'metres' | 'law';
  readonly value: number;
  readonly origin: Origin;
  /** Of a circuit whose devices have one. */
  readonly slot?: ValueSlot | undefined;
}

/** A device that may say where its values come from; circuit.json does not hold it. */
export type SlottedDevice = Device & { readonly slot?: Slot | undefined };

/** A resistor between two nodes; `component` gives its ohms. */
export interface FlatResistor {
  /** `r_l0_i1_c2`, or `act_l0_c1.load1` of a stage; absent where a netlist from elsewhere has no devices. */
  readonly name?: string;
  readonly nodes: readonly [number, number];
  readonly component: number;
  /** Where it may stand instead, as `BatchSolver.place` says: the elimination is planned for both. Absent: nowhere. */
  readonly otherNodes?: readonly [number, number] | undefined;
}

/** A transistor; `width` and `length` are components, and so are the parameters of its law that are its own. */
export interface FlatTransistor {
  /** Its stage and its name in the cell, `act_l0_c1.drive`. */
  readonly name: string;
  /** Its kind among the technology's. */
  readonly model: string;
  /** In the order of the kind's spread; none: those of the kind. */
  readonly parameters: readonly number[];
  readonly drain: number;
  readonly gate: number;
  readonly source: number;
  readonly width: number;
  readonly length: number;
}

/** What of a transistor conducts by Ohm's law, siemens·W/L or siemens·W: its gate, and its contacts. */
export interface FlatLeak {
  readonly nodes: readonly [number, number];
  readonly siemens: number;
  /** Components; absent: the length does not count. */
  readonly width: number;
  readonly length: number | undefined;
  /** Place of the transistor. */
  readonly transistor: number;
}

/** A piece of metal line between two nodes: no component, because nothing tunes or varies it. */
export interface FlatLine {
  readonly nodes: readonly [number, number];
  readonly siemens: number;
}

/** What crosses or lies beside each other: farads between two nodes. */
export interface FlatCapacitor {
  readonly nodes: readonly [number, number];
  readonly farads: number;
}

/** An op-amp: an ideal voltage source at `output`, v_out = mid + half·z/√(1 + z²), z = gain·(v₊ − v₋)/half. */
export interface FlatOpamp {
  readonly name: string;
  readonly plus: number;
  readonly minus: number;
  readonly output: number;
  readonly gain: number;
  /** Infinite where the model has no rails: then v_out = gain·(v₊ − v₋). */
  readonly lowVolts: number;
  readonly highVolts: number;
}

/**
 * A voltage source in series with the output of a stage: v_output = v_open + e, e from `SeriesVolts`. `open` is the output as the
 * cell itself would have it, `input` the stage's input.
 */
interface FlatSource {
  readonly stage: string;
  readonly input: number;
  readonly open: number;
  readonly output: number;
}

/** The node between a stage's cell and the source in series with its output. */
export function openNode(stage: string): string {
  return `${stage}_open`;
}

/**
 * A circuit down to resistors, transistors and op-amps. Nodes are numbered: first the unknown ones, then those that are driven
 * (ground, the supplies, the inputs), so that one vector holds every voltage.
 */
export interface FlatCircuit {
  readonly technology: Technology;
  readonly unknowns: readonly string[];
  readonly driven: readonly string[];
  /** Volts of ground and supplies, in the order of `driven`; the inputs follow them. */
  readonly supplyVolts: readonly number[];
  readonly inputs: readonly string[];
  readonly components: readonly Component[];
  readonly resistors: readonly FlatResistor[];
  readonly transistors: readonly FlatTransistor[];
  readonly leaks: readonly FlatLeak[];
  /** Metal of a layout; absent: every net is one node. */
  readonly lines?: readonly FlatLine[];
  /** So many of the unknown nodes, the last ones, are inner places of that metal, without a capacitance of their own; absent: none. */
  readonly metalNodes?: number;
  /** Beside the capacitance that a technology gives every node; absent: none. */
  readonly capacitors?: readonly FlatCapacitor[];
  readonly opamps: readonly FlatOpamp[];
  /** One for every stage, or none. */
  readonly sources: readonly FlatSource[];
}

/** Stands for the ideal op-amp, in the exact solver and in ngspice alike. */
export const IDEAL_GAIN = 1e7;

/** The model that a flat op-amp was made of. */
export function opampModel({ gain, lowVolts }: FlatOpamp): OpampDevice['model'] {
  if (Number.isFinite(lowVolts)) return 'rails';
  return gain === IDEAL_GAIN ? 'ideal' : 'gain';
}

/** Gain and rails of an op-amp model. Throws UsageError where the technology has no op-amp. */
export function opampLaw(
  technology: Technology,
  model: OpampDevice['model'],
): Pick<FlatOpamp, 'gain' | 'lowVolts' | 'highVolts'> {
  const { opamp } = technology;
  if (opamp === undefined)
    throw new UsageError(
      `The technology ${technology.name} has no op-amp.`,
      'Give it one (`opamp` in its technology.json), or take a technology that has.',
    );
  const { gain, lowVolts, highVolts } = opamp;
  const unlimited = { lowVolts: Number.NEGATIVE_INFINITY, highVolts: Number.POSITIVE_INFINITY };
  if (model === 'ideal') return { gain: IDEAL_GAIN, ...unlimited };
  return model === 'gain' ? { gain, ...unlimited } : { gain, lowVolts, highVolts };
}

/**
 * Expands every stage of a circuit into the elements of its cell. The inner node `mid` of the stage `act_l0_c1` is named
 * `xact_l0_c1.mid`, as in the netlist. With `series` every stage has a source in series with its output; with `spread` the parameters that a kind's
 * spread names are components of every transistor.
 */
export function flatten(
  circuit: { readonly inputs: Circuit['inputs']; readonly devices: readonly SlottedDevice[] },
  technology: Technology,
  { series = false, spread = false }: { readonly series?: boolean; readonly spread?: boolean } = {},
): FlatCircuit {
  const supplies = Object.entries(technology.supplies);
  const driven = ['0', ...supplies.map(([node]) => node), ...circuit.inputs];
  const drivenSet = new Set(driven);
  const unknowns: string[] = [];
  const seen = new Map<string, number>();
  const touch = (node: string): string => {
    if (!drivenSet.has(node) && !seen.has(node)) {
      seen.set(node, unknowns.length);
      unknowns.push(node);
    }
    return node;
  };
  const components: Component[] = [];
  const resistors: { name: string; nodes: [string, string]; component: number }[] = [];
  const transistors: (Omit<FlatTransistor, 'drain' | 'gate' | 'source'> & {
    drain: string;
    gate: string;
    source: string;
  })[] = [];
  const leaks: (Omit<FlatLeak, 'nodes'> & { nodes: [string, string] })[] = [];
  const opamps: { name: string; plus: string; minus: string; output: string; model: OpampDevice['model'] }[] = [];

  const sources: { stage: string; input: string; open: string; output: string }[] = [];

  for (const device of circuit.devices) {
    if (device.kind === 'resistor') {
      const nodes: [string, string] = [touch(device.nodes[0]), touch(device.nodes[1])];
      resistors.push({ name: device.name, nodes, component: components.length });
      components.push({
        name: device.name,
        device: device.name,
        parameter: 'ohms',
        unit: 'ohms',
        value: device.ohms,
        origin: device.origin,
        slot: device.slot && { ...device.slot, parameter: 0 },
      });
      continue;
    }
    if (device.kind === 'opamp') {
      const { name, model } = device;
      opamps.push({ name, model, plus: touch(device.plus), minus: touch(device.minus), output: touch(device.output) });
      continue;
    }
    const cell = findCell(technology, device.cell);
    const at = new Map<string, number>();
    for (const [k, parameter] of cell.parameters.entries()) {
      at.set(parameter.name, components.length);
      const value = device.values[parameter.name];
      if (value === undefined) throw new Error(`${device.name} has no value for ${parameter.name}`);
      components.push({
        name: `${device.name}.${parameter.name}`,
        device: device.name,
        parameter: parameter.name,
        unit: parameter.unit,
        value,
        origin: device.origin,
        slot: device.slot && { ...device.slot, parameter: k },
      });
    }
    if (series) {
      const nodes = { input: touch(device.input), open: touch(openNode(device.name)), output: touch(device.output) };
      sources.push({ stage: device.name, ...nodes });
    }
    const local = (node: string): string => {
      if (node === 'in') return touch(device.input);
      if (node === 'out') return touch(series ? openNode(device.name) : device.output);
      return touch(node === '0' || Object.hasOwn(technology.supplies, node) ? node : `x${device.name}.${node}`);
    };
    for (const element of cell.elements) {
      if (element.kind === 'resistor') {
        const nodes: [string, string] = [local(element.nodes[0]), local(element.nodes[1])];
        resistors.push({ name: `${device.name}.${element.name}`, nodes, component: at.get(element.ohms)! });
      } else if (element.kind === 'opamp') {
        opamps.push({
          name: `${device.name}.${element.name}`,
          model: 'rails',
          plus: local(element.plus),
          minus: local(element.minus),
          output: local(element.output),
        });
      } else {
        const kind = transistorOf(technology, element);
        const [width, length] = [at.get(element.width)!, at.get(element.length)!];
        const parameters = (spread ? (kind.spread?.parameters ?? []) : []).map((parameter) => {
          const name = `${device.name}.${element.name}.${parameter}`;
          const value = kind.parameters[kind.law.parameterNames.indexOf(parameter)]!;
          return (
            components.push({ name, device: device.name, parameter, unit: 'law', value, origin: device.origin }) - 1
          );
        });
        const ends = transistorEnds(kind, `x${device.name}.x${element.name}`, {
          drain: local(element.drain),
          gate: local(element.gate),
          source: local(element.source),
        });
        for (const { nodes, siemens, byLength } of ends.leaks)
          leaks.push({
            nodes: [touch(nodes[0]), touch(nodes[1])],
            siemens,
            width,
            length: byLength ? length : undefined,
            transistor: transistors.length,
          });
        transistors.push({
          name: `${device.name}.${element.name}`,
          model: kind.name,
          ...ends.channel,
          width,
          length,
          parameters,
        });
      }
    }
  }
  const number = new Map([...unknowns, ...driven].map((node, i) => [node, i]));
  const index = (node: string): number => number.get(node)!;
  return {
    technology,
    unknowns,
    driven,
    supplyVolts: [0, ...supplies.map(([, volts]) => volts)],
    inputs: circuit.inputs,
    components,
    resistors: resistors.map(({ nodes: [a, b], ...resistor }) => ({ ...resistor, nodes: [index(a), index(b)] })),
    transistors: transistors.map((t) => ({
      ...t,
      drain: index(t.drain),
      gate: index(t.gate),
      source: index(t.source),
    })),
    leaks: leaks.map(({ nodes: [a, b], ...leak }) => ({ ...leak, nodes: [index(a), index(b)] })),
    opamps: opamps.map(({ name, plus, minus, output, model }) => ({
      name,
      plus: index(plus),
      minus: index(minus),
      output: index(output),
      ...opampLaw(technology, model),
    })),
    sources: sources.map(({ stage, input, open, output }) => ({
      stage,
      input: index(input),
      open: index(open),
      output: index(output),
    })),
  };
}

/**
 * Where the channel of a transistor ends, and what leads there: with contacts that resist, channel and outer nodes are two, and the
 * inner ones are named `PREFIX.di` and `PREFIX.si`, as in the netlist.
 */
export function transistorEnds(
  { contactOhmMetres, gateSiemens }: Pick<TransistorKind, 'contactOhmMetres' | 'gateSiemens'>,
  prefix: string,
  outer: { readonly drain: string; readonly gate: string; readonly source: string },
) {
  const hasContacts = contactOhmMetres > 0;
  const channel = hasContacts ? { ...outer, drain: `${prefix}.di`, source: `${prefix}.si` } : outer;
  const contact = { siemens: 1 / contactOhmMetres, byLength: false };
  const leaks: { readonly nodes: readonly [string, string]; readonly siemens: number; readonly byLength: boolean }[] =
    [];
  if (hasContacts)
    leaks.push(
      { nodes: [outer.drain, channel.drain], ...contact },
      { nodes: [channel.source, outer.source], ...contact },
    );
  if (gateSiemens > 0) leaks.push({ nodes: [outer.gate, outer.source], siemens: gateSiemens, byLength: true });
  return { channel, leaks };
}

/** The component values as one vector, in ohms, metres and the units of laws. */
export function componentValues(flat: FlatCircuit): Float64Array {
  return Float64Array.from(flat.components, (component) => component.value);
}
