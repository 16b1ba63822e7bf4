import { type Component, type FlatCircuit, opampLaw, type Technology, transistorEnds } from '@neuroprint/circuit';
import { InputFileError, type OpampDevice } from '@neuroprint/core';
import {
  type Elements,
  expand,
  type KnownSubckts,
  type Leaf,
  type Netlist,
  NetlistError,
  opampSubckt,
  parseStatements,
  Refusals,
  readStatements,
  renderLibrary,
  type Scope,
  type TransistorModel,
  transistorModels,
} from '@neuroprint/spice';
import { FloatingNodeError } from '../lvs/floating.ts';
import { type Branch, branchesOf } from './currents.ts';
import type { PortMap } from './map.ts';

const ORIGIN = { role: 'crossbar', layer: 0 } as const;
const OPAMP_MODELS = ['ideal', 'gain', 'rails'] as const;

/** Something of the text that is not simulated, and why. */
export interface LeftOut {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** A foreign netlist as it was understood. */
export interface ForeignCircuit {
  readonly flat: FlatCircuit;
  readonly netlist: Netlist;
  readonly scope: Scope;
  /** The definitions of the technology's models. */
  readonly modelText: string;
  readonly elements: Elements;
  /** What can be measured with `i(…)`, by its name. */
  branches(): ReadonlyMap<string, Branch>;
  readonly leftOut: readonly LeftOut[];
  /** The unknown or driven node of a name in lower case, by its place in `flat`. */
  node(name: string): number | undefined;
}

/**
 * Reads a foreign netlist against the allow-list, expanded and with its ports mapped. Nothing is simulated. Throws NetlistError with everything
 * that is refused, InputFileError for a map that does not fit, FloatingNodeError.
 */
export function readForeignCircuit(file: string, map: PortMap, technology: Technology): ForeignCircuit {
  const models = transistorModels(technology);
  const modelText = renderLibrary(technology, []).models;
  const refusals = new Refusals();
  const known = knownSubckts(modelText, map);
  const netlist = parseStatements(file, readStatements(file, refusals), 'foreign', refusals, known);
  refusals.check();
  const scope = map.subckt === undefined ? netlist.top : netlist.top.subckts.get(map.subckt);
  if (scope === undefined)
    throw new InputFileError(
      { file: map.file },
      `subckt: ${netlist.file} has no subcircuit ${map.subckt}`,
      `It has: ${[...netlist.top.subckts.keys()].join(', ') || 'none'}.`,
    );
  const elements = expand(netlist, scope, leavesOf(technology, models, map));
  if (elements.resistors.length + elements.transistors.length + elements.opamps.length === 0)
    throw new NetlistError(
      scope.file,
      scope.line,
      scope.name === '' ? 'there are no devices outside of subcircuits' : `${scope.name} is empty`,
      'Name the subcircuit in the map.',
    );
  return numbered(elements, netlist, scope, map, technology, models, modelText);
}

/** The definitions of the technology's models, as statements with one blank between words, and those that the map replaces. */
function knownSubckts(text: string, map: PortMap): KnownSubckts {
  const lines = text
    .toLowerCase()
    .replace(/\n\+/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('*'))
    .map((line) => line.replace(/\s+/g, ' ').replace(/ ?= ?/g, '=').trim());
  const starts = lines.flatMap((line, i) => (line.startsWith('.subckt ') ? [i] : []));
  return new Map<string, string | null>([
    ...starts.map(
      (from, k) => [lines[from]!.split(' ')[1]!, lines.slice(from, starts[k + 1]).join('\n')] as [string, string],
    ),
    ...map.opamps.map(({ name }) => [name, null] as [string, null]),
  ]);
}

function leavesOf(technology: Technology, models: readonly TransistorModel[], map: PortMap): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>(models.map(({ name, ...model }) => [name, { kind: 'transistor', ...model }]));
  if (technology.opamp !== undefined)
    for (const name of OPAMP_MODELS)
      leaves.set(opampSubckt(name), { kind: 'opamp', model: name, plus: 0, minus: 1, out: 2, ports: 3 });
  for (const { name, ...opamp } of map.opamps) leaves.set(name, { kind: 'opamp', ...opamp, ports: undefined });
  return leaves;
}

function numbered(
  elements: Elements,
  netlist: Netlist,
  scope: Scope,
  map: PortMap,
  technology: Technology,
  models: readonly TransistorModel[],
  modelText: string,
): ForeignCircuit {
  const misfit = (message: string, hint = 'The map names what drives and reads the netlist.'): never => {
    throw new InputFileError({ file: map.file }, message, hint);
  };
  const driven = ['0', ...map.supplies.map(({ node }) => node), ...map.inputs.map(({ node }) => node)];
  const [meters, testbench] = sortSources(elements, map, driven);
  const used = new Set([
    ...elements.resistors.flatMap(({ nodes }) => nodes),
    ...elements.transistors.flatMap(({ nodes }) => nodes),
    ...elements.opamps.flatMap(({ plus, minus, output }) => [plus, minus, output]),
    ...meters.flatMap(({ nodes }) => nodes),
  ]);
  for (const { key, node } of [...map.supplies, ...map.inputs, ...map.outputs])
    if (node !== undefined && !used.has(node)) misfit(`${key}: nothing in ${netlist.file} touches the node ${node}`);
  const merged = merge(meters, driven);
  const at = (node: string): string => merged.get(node) ?? node;
  const outputsSeen = new Set<string>();
  for (const { name, output } of elements.opamps) {
    if (driven.includes(at(output))) misfit(`${name} drives ${output}, which is driven already`);
    if (outputsSeen.has(at(output))) misfit(`${name}: another op-amp drives its output ${output} already`);
    outputsSeen.add(at(output));
  }
  const mapped = new Set([...driven, ...map.outputs.map(({ node }) => node)]);
  for (const port of scope.ports) if (!mapped.has(port)) misfit(`the port ${port} of ${scope.name} is not mapped`);
  const drivenSet = new Set(driven);
  const channels = elements.transistors.map(({ name, model, nodes }) => {
    const { ports } = models.find((one) => one.name === model)!;
    const end = (port: string): string => nodes[ports.indexOf(port)]!;
    const outer = { drain: end('drain'), gate: end('gate'), source: end('source') };
    return transistorEnds(technology.transistors[model]!, name, outer);
  });
  const inner = channels.flatMap(({ channel }) => [channel.drain, channel.source]);
  const unknowns = [...new Set([...used, ...inner].map(at))].filter((node) => !drivenSet.has(node));
  const index = new Map([...unknowns, ...driven].map((node, i) => [node, i]));
  const number = (node: string): number => index.get(at(node))!;
  const components: Component[] = [];
  const component = (name: string, device: string, parameter: string, value: number): number =>
    components.push({
      name,
      device,
      parameter,
      unit: parameter === 'ohms' ? 'ohms' : 'metres',
      value,
      origin: ORIGIN,
    }) - 1;
  const shown = (name: string): string => asWritten(name, netlist.written);
  const lawful = withGain(technology, elements);
  const transistors = elements.transistors.map(({ name, model, sizes }, i) => {
    // where the text gives W/L only, that is all that the current depends on
    const width = component(`${shown(name)}.W`, shown(name), 'W', sizes[0]!);
    const length = component(`${shown(name)}.L`, shown(name), 'L', sizes[1] ?? 1);
    const { channel, leaks } = channels[i]!;
    return {
      name: shown(name),
      model,
      drain: number(channel.drain),
      gate: number(channel.gate),
      source: number(channel.source),
      ...{ width, length, parameters: [] },
      leaks: leaks.map(({ nodes, siemens, byLength }) => ({
        nodes: [number(nodes[0]), number(nodes[1])] as const,
        siemens,
        width,
        length: byLength ? length : undefined,
      })),
    };
  });
  const flat: FlatCircuit = {
    technology: lawful,
    unknowns: unknowns.map(shown),
    driven,
    supplyVolts: [0, ...map.supplies.map(({ volts }) => volts)],
    inputs: map.inputs.map(({ node }) => node!),
    components,
    resistors: elements.resistors.map(({ name, nodes, ohms }) => ({
      nodes: [number(nodes[0]), number(nodes[1])] as const,
      component: component(shown(name), shown(name), 'ohms', ohms),
    })),
    transistors: transistors.map(({ leaks: _leaks, ...transistor }) => transistor),
    leaks: transistors.flatMap(({ leaks }, transistor) => leaks.map((leak) => ({ ...leak, transistor }))),
    sources: [],
    opamps: elements.opamps.map(({ name, model: law, plus, minus, output }) => ({
      name: shown(name),
      plus: number(plus),
      minus: number(minus),
      output: number(output),
      ...opampLaw(lawful, typeof law === 'number' ? 'gain' : (law as OpampDevice['model'])),
    })),
  };
  checkTied(flat, netlist.file);
  let branches: ReadonlyMap<string, Branch> | undefined;
  const outside =
    scope === netlist.top
      ? []
      : netlist.top.items.map((item) => ({ ...item, text: `${item.name} (outside of ${scope.name})` }));
  return {
    flat,
    netlist,
    scope,
    modelText,
    elements,
    branches: () => {
      branches ??= branchesOf(flat, elements, meters, models, number, map);
      return branches;
    },
    leftOut: [
      ...netlist.leftOut,
      ...testbench.map(({ item }) => ({ ...item, text: `${shown(item.name)} (the map drives its node)` })),
      ...outside,
    ].map(({ file, line, text }) => ({ file, line, text })),
    node: (name) => (index.has(at(name)) ? number(name) : undefined),
  };
}

/**
 * The technology with the gain of the text's linear sources as its op-amp's. Throws NetlistError where it has no op-amp, or where
 * the text has more than one gain.
 */
function withGain(technology: Technology, { opamps }: Elements): Technology {
  const [first] = opamps;
  if (first === undefined) return technology;
  const refuse = ({ file, line, name }: Elements['opamps'][number], message: string, hint: string): never => {
    throw new NetlistError(file, line, `${name}: ${message}`, hint);
  };
  const { opamp } = technology;
  if (opamp === undefined)
    return refuse(
      first,
      `an amplifier, and ${technology.name} has none`,
      'Write a technology with op-amps into the map, as "technology": "opamp".',
    );
  const gainOf = ({ model }: (typeof opamps)[number]) =>
    typeof model === 'number' ? model : model === 'ideal' ? undefined : opamp.gain;
  const given = opamps.find((one) => gainOf(one) !== undefined);
  const gain = given === undefined ? opamp.gain : gainOf(given)!;
  for (const one of opamps)
    if ((gainOf(one) ?? gain) !== gain)
      refuse(
        one,
        `has a gain of ${gainOf(one)}, and ${given!.name} of ${gain}`,
        'One gain is read for all of a netlist.',
      );
  return { ...technology, opamp: { ...opamp, gain } };
}

/** Which sources measure, and which are the testbench's, in whose place the map drives. Throws NetlistError for others. */
function sortSources(elements: Elements, map: PortMap, driven: readonly string[]) {
  const refusals = new Refusals();
  const meters = [...elements.meters];
  const testbench = elements.sources.filter((source) => {
    const [a, b] = source.nodes;
    const node = a === '0' ? b : a;
    const isPlain = a === '0' || b === '0';
    const given = map.supplies.find((supply) => supply.node === node);
    const volts = source.volts === undefined || b === '0' ? source.volts : -source.volts;
    if (isPlain && source.volts === 0 && !driven.includes(node)) {
      meters.push(source);
      return false;
    }
    refusals.attempt(() => {
      const refuse = (message: string, hint: string): never => {
        throw new NetlistError(source.file, source.line, `${source.name}: ${message}`, hint);
      };
      const entry = `"supplies": {"${node}": {"node": "${node}", "volts": ${volts ?? '…'}}}`;
      if (!isPlain)
        refuse(`a voltage source between ${a} and ${b} is not read`, 'Read are 0 V, which measure a current.');
      if (!driven.includes(node)) refuse(`it drives ${node}, which the map does not`, `Write ${entry} into the map.`);
      if (given !== undefined && volts !== undefined && volts !== given.volts)
        refuse(`it gives ${node} ${volts} V, and the map ${given.volts} V`, `Write ${entry} into the map.`);
    });
    return true;
  });
  refusals.check();
  return [meters, testbench] as const;
}

/** Nodes that 0 V make one → the node that stands for them: the driven one where there is one. */
function merge(meters: Elements['meters'], driven: readonly string[]): ReadonlyMap<string, string> {
  const parent = new Map<string, string>();
  const root = (node: string): string => {
    let at = node;
    for (let up = parent.get(at); up !== undefined; up = parent.get(at)) at = up;
    return at;
  };
  for (const { name, nodes, file, line } of meters) {
    const [a, b] = [root(nodes[0]), root(nodes[1])];
    const refuse = (message: string): never => {
      throw new NetlistError(file, line, `${name}: ${message}`, 'Take the source out.');
    };
    if (a === b) refuse('closes a loop of 0 V sources, in which any current may flow');
    if (driven.includes(a) && driven.includes(b)) refuse(`ties ${a} to ${b}, and both are driven`);
    if (driven.includes(a)) parent.set(b, a);
    else parent.set(a, b);
  }
  return new Map([...parent.keys()].map((node) => [node, root(node)]));
}

/** A name as the text first wrote it, the parts of an inner one each for itself. */
function asWritten(name: string, written: ReadonlyMap<string, string>): string {
  const whole = written.get(name);
  if (whole !== undefined || !name.includes('.')) return whole ?? name;
  for (let at = name.lastIndexOf('.'); at > 0; at = name.lastIndexOf('.', at - 1)) {
    const own = written.get(name.slice(at + 1));
    if (own !== undefined) return `${asWritten(name.slice(0, at), written)}.${own}`;
  }
  return name;
}

/** Every node has a path to something that is driven. Throws FloatingNodeError. */
function checkTied(flat: FlatCircuit, file: string): void {
  const size = flat.unknowns.length;
  const pairs = [
    ...[...flat.resistors, ...flat.leaks].map(({ nodes }) => nodes),
    ...flat.transistors.map(({ drain, source }) => [drain, source] as const),
  ];
  const neighbours: number[][] = Array.from({ length: size + flat.driven.length }, () => []);
  for (const [a, b] of pairs) {
    neighbours[a]!.push(b);
    neighbours[b]!.push(a);
  }
  const tied = new Uint8Array(neighbours.length);
  const queue = [...flat.driven.keys()].map((i) => size + i).concat(flat.opamps.map(({ output }) => output));
  for (const node of queue) tied[node] = 1;
  for (let node = queue.pop(); node !== undefined; node = queue.pop())
    for (const next of neighbours[node]!) {
      if (tied[next] === 1) continue;
      tied[next] = 1;
      queue.push(next);
    }
  const floating = flat.unknowns.filter((_, node) => tied[node] === 0);
  if (floating.length > 0) throw new FloatingNodeError(file, floating.slice(0, 10));
}
