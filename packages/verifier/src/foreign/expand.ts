import {
  type Component,
  type FlatCircuit,
  type FlatResistor,
  type FlatTransistor,
  opampLaw,
  type Technology,
} from '@neuroprint/circuit';
import { InputFileError, type OpampDevice } from '@neuroprint/core';
import { opampSubckt, type TransistorModel } from '@neuroprint/spice';
import { FloatingNodeError } from '../lvs/floating.ts';
import { evaluate, type Parameters } from './expression.ts';
import type { PortMap } from './map.ts';
import type { ForeignItem, ForeignNetlist, ForeignScope } from './parse.ts';
import { refuse } from './text.ts';

/** Devices and instances, so that subcircuits of subcircuits of nothing come to an end too. */
const MOST_ITEMS = 100_000;
const DEEPEST = 32;
const ORIGIN = { role: 'crossbar', layer: 0 } as const;

/** Devices with the names of their nodes, before these are numbered. */
interface Expansion {
  readonly components: Component[];
  readonly resistors: { readonly nodes: readonly [string, string]; readonly component: number }[];
  readonly transistors: {
    readonly drain: string;
    readonly gate: string;
    readonly source: string;
    readonly width: number;
    readonly length: number;
  }[];
  readonly opamps: {
    readonly name: string;
    readonly model: OpampDevice['model'];
    readonly plus: string;
    readonly minus: string;
    readonly output: string;
  }[];
}

const OPAMP_MODELS: ReadonlyMap<string, OpampDevice['model']> = new Map(
  (['ideal', 'gain', 'rails'] as const).map((model) => [opampSubckt(model), model]),
);

/**
 * netlist → circuit of resistors, transistors and op-amps, all subcircuits expanded, its nodes driven as the map says. Names of inner
 * devices and nodes are `x1.x2.name`. Throws NetlistError with the line (unknown subcircuit, wrong number of nodes, a value that
 * is no positive number, subcircuits inside themselves), InputFileError for a map that does not fit, FloatingNodeError.
 */
export function expandForeign(
  netlist: ForeignNetlist,
  map: PortMap,
  technology: Technology,
  model: TransistorModel,
): FlatCircuit {
  const scope = map.subckt === undefined ? netlist.top : netlist.subckts.get(map.subckt);
  if (scope === undefined) {
    throw new InputFileError(
      { file: map.file },
      `subckt: ${netlist.file} has no subcircuit ${map.subckt}`,
      `It has: ${[...netlist.subckts.keys()].join(', ') || 'none'}.`,
    );
  }
  const out: Expansion = { components: [], resistors: [], transistors: [], opamps: [] };
  let visited = 0;
  const globals = withLocals(new Map(), netlist.top);
  const walk = (
    current: ForeignScope,
    prefix: string,
    ports: ReadonlyMap<string, string>,
    params: Parameters,
    path: readonly string[],
  ): void => {
    const node = (name: string): string => (name === '0' ? '0' : (ports.get(name) ?? `${prefix}${name}`));
    const known = withLocals(params, current);
    for (const item of current.items) {
      visited += 1;
      if (visited > MOST_ITEMS) refuse(item, `expands to more than ${MOST_ITEMS} devices`);
      if (item.kind === 'resistor') addResistor(out, item, prefix, node, known);
      else if (item.of === model.name) addTransistor(out, item, prefix, node, known, model);
      else if (technology.opamp !== undefined && OPAMP_MODELS.has(item.of)) addOpamp(out, item, prefix, node);
      else {
        const inner = netlist.subckts.get(item.of);
        if (inner === undefined) refuse(item, `there is no subcircuit ${item.of}`);
        if (path.includes(item.of)) refuse(item, `the subcircuit ${item.of} contains itself`);
        if (path.length >= DEEPEST) refuse(item, `subcircuits are nested deeper than ${DEEPEST}`);
        if (inner.ports.length !== item.nodes.length)
          refuse(item, `${item.name} has ${item.nodes.length} nodes, and ${item.of} has ${inner.ports.length} ports`);
        const inside = new Map(globals);
        for (const [name, word] of inner.params) inside.set(name, numberOf(item, word, globals));
        for (const [name, word] of item.params) {
          if (!inner.params.has(name)) refuse(item, `${item.of} has no parameter ${name}`);
          inside.set(name, numberOf(item, word, known));
        }
        const wired = new Map(inner.ports.map((port, i) => [port, node(item.nodes[i]!)]));
        walk(inner, `${prefix}${item.name}.`, wired, inside, [...path, item.of]);
      }
    }
  };
  const own = new Map(globals);
  for (const [name, word] of scope.params) own.set(name, numberOf(scope, word, globals));
  walk(scope, '', new Map(), own, [scope.name]);
  if (out.components.length + out.opamps.length === 0)
    refuse(
      scope,
      scope.name === '' ? 'there are no devices outside of subcircuits' : `${scope.name} is empty`,
      'Name the subcircuit in the map.',
    );
  return numbered(out, scope, map, technology, netlist.file);
}

function withLocals(params: Parameters, scope: ForeignScope): Map<string, number> {
  const known = new Map(params);
  for (const [name, word] of scope.locals) known.set(name, numberOf(scope, word, known));
  return known;
}

function numberOf(at: Pick<ForeignItem, 'file' | 'line'>, word: string, params: Parameters): number {
  try {
    return evaluate(word, params);
  } catch (error) {
    return refuse(at, (error as Error).message);
  }
}

function positive(item: ForeignItem, what: string, word: string, params: Parameters): number {
  const value = numberOf(item, word, params);
  return value > 0 ? value : refuse(item, `${item.name}: ${what} is ${value}, and must be positive`);
}

function addResistor(
  out: Expansion,
  item: Extract<ForeignItem, { kind: 'resistor' }>,
  prefix: string,
  node: (name: string) => string,
  params: Parameters,
): void {
  const name = `${prefix}${item.name}`;
  out.resistors.push({ nodes: [node(item.nodes[0]), node(item.nodes[1])], component: out.components.length });
  out.components.push({
    name,
    device: name,
    parameter: 'ohms',
    unit: 'ohms',
    value: positive(item, 'the resistance', item.value, params),
    origin: ORIGIN,
  });
}

function addTransistor(
  out: Expansion,
  item: Extract<ForeignItem, { kind: 'instance' }>,
  prefix: string,
  node: (name: string) => string,
  params: Parameters,
  model: TransistorModel,
): void {
  if (item.nodes.length !== model.ports.length)
    refuse(item, `${item.name} has ${item.nodes.length} nodes, and ${model.name} has ${model.ports.join(', ')}`);
  const word = item.params.get(model.ratio) ?? '';
  if (word === '' || item.params.size !== 1)
    refuse(item, `${item.name}: ${model.name} needs the parameter ${model.ratio} (W/L) and no other`);
  const device = `${prefix}${item.name}`;
  const at = (port: string): string => node(item.nodes[model.ports.indexOf(port)]!);
  const width = out.components.length;
  out.transistors.push({ drain: at('drain'), gate: at('gate'), source: at('source'), width, length: width + 1 });
  const dimension = (parameter: string, value: number): Component => ({
    name: `${device}.${parameter}`,
    device,
    parameter,
    unit: 'metres',
    value,
    origin: ORIGIN,
  });
  // the text gives W/L only, which is all that the current depends on
  out.components.push(dimension('W', positive(item, model.ratio, word, params)), dimension('L', 1));
}

function addOpamp(
  out: Expansion,
  item: Extract<ForeignItem, { kind: 'instance' }>,
  prefix: string,
  node: (name: string) => string,
): void {
  const [plus, minus, output] = item.nodes.map(node);
  if (item.nodes.length !== 3 || item.params.size > 0)
    refuse(item, `${item.name}: ${item.of} needs the nodes plus, minus and out, and no parameter`);
  if (out.opamps.some((other) => other.output === output))
    refuse(item, `${item.name}: another op-amp drives its output ${output} already`);
  out.opamps.push({
    name: `${prefix}${item.name}`,
    model: OPAMP_MODELS.get(item.of)!,
    plus: plus!,
    minus: minus!,
    output: output!,
  });
}

function numbered(
  out: Expansion,
  scope: ForeignScope,
  map: PortMap,
  technology: Technology,
  file: string,
): FlatCircuit {
  const driven = ['0', ...map.supplies.map(({ node }) => node), ...map.inputs.map(({ node }) => node)];
  const used = new Set([
    ...out.resistors.flatMap(({ nodes }) => nodes),
    ...out.transistors.flatMap(({ drain, gate, source }) => [drain, gate, source]),
    ...out.opamps.flatMap(({ plus, minus, output }) => [plus, minus, output]),
  ]);
  const misfit = (message: string): never => {
    throw new InputFileError({ file: map.file }, message, 'The map names what drives and reads the netlist.');
  };
  for (const { key, node } of [...map.supplies, ...map.inputs, ...map.outputs])
    if (!used.has(node)) misfit(`${key}: nothing in ${file} touches the node ${node}`);
  for (const { name, output } of out.opamps)
    if (driven.includes(output)) misfit(`${name} drives ${output}, which is driven already`);
  const mapped = new Set([...driven, ...map.outputs.map(({ node }) => node)]);
  for (const port of scope.ports) if (!mapped.has(port)) misfit(`the port ${port} of ${scope.name} is not mapped`);
  const unknowns = [...used].filter((node) => !driven.includes(node));
  checkTied(out, driven, unknowns, file);
  const index = new Map([...unknowns, ...driven].map((node, i) => [node, i]));
  const number = (node: string): number => index.get(node)!;
  return {
    technology,
    unknowns,
    driven,
    supplyVolts: [0, ...map.supplies.map(({ volts }) => volts)],
    inputs: map.inputs.map(({ node }) => node),
    components: out.components,
    resistors: out.resistors.map(
      ({ nodes: [a, b], component }): FlatResistor => ({ nodes: [number(a), number(b)], component }),
    ),
    transistors: out.transistors.map(
      (t): FlatTransistor => ({ ...t, drain: number(t.drain), gate: number(t.gate), source: number(t.source) }),
    ),
    sources: [],
    opamps: out.opamps.map(({ name, model, plus, minus, output }) => ({
      name,
      plus: number(plus),
      minus: number(minus),
      output: number(output),
      ...opampLaw(technology, model),
    })),
  };
}

function checkTied(out: Expansion, driven: readonly string[], unknowns: readonly string[], file: string): void {
  const neighbours = new Map<string, string[]>();
  const tie = (a: string, b: string): void => {
    neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
    neighbours.set(b, [...(neighbours.get(b) ?? []), a]);
  };
  for (const { nodes } of out.resistors) tie(nodes[0], nodes[1]);
  for (const { drain, source } of out.transistors) tie(drain, source);
  const tied = new Set([...driven, ...out.opamps.map(({ output }) => output)]);
  const queue = [...tied];
  for (let node = queue.pop(); node !== undefined; node = queue.pop())
    for (const next of neighbours.get(node) ?? []) {
      if (tied.has(next)) continue;
      tied.add(next);
      queue.push(next);
    }
  const floating = unknowns.filter((node) => !tied.has(node));
  if (floating.length > 0) throw new FloatingNodeError(file, floating.slice(0, 10));
}
