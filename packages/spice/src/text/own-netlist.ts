import { NetlistError } from '../engine/errors.ts';
import { lex, type Place, Refusals, refuse } from './lex.ts';
import { parseStatements } from './parse.ts';
import type { Item, Scope } from './scopes.ts';

/** A number, or the text of a `{…}` expression over the subcircuit's parameters, such as `w/l`. */
type NetlistValue = number | string;

interface ParsedResistor {
  readonly name: string;
  readonly nodes: readonly [string, string];
  readonly ohms: NetlistValue;
  readonly line: number;
}

export interface ParsedInstance {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly subckt: string;
  readonly params: Readonly<Record<string, NetlistValue>>;
  readonly line: number;
}

/** A source of the transistor or op-amp model: B by an expression, E, G and I by a number. */
interface ParsedSource {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly text: string;
  readonly line: number;
}

export interface ParsedSubckt {
  readonly name: string;
  readonly ports: readonly string[];
  /** Parameters with their defaults. */
  readonly params: Readonly<Record<string, NetlistValue>>;
  readonly resistors: readonly ParsedResistor[];
  readonly instances: readonly ParsedInstance[];
  readonly sources: readonly ParsedSource[];
  readonly line: number;
}

/** A netlist text as data. `resistors` and `instances` are those outside every subcircuit. Names are in lower case. */
export interface ParsedNetlist {
  readonly file: string;
  readonly subckts: readonly ParsedSubckt[];
  readonly resistors: readonly ParsedResistor[];
  readonly instances: readonly ParsedInstance[];
}

/**
 * Parses a netlist as neuroprint writes it: comments, continuation lines, `.subckt`/`.ends` with parameters, resistors,
 * instances, and the B, E, G and I sources of a transistor or op-amp model. A netlist is a program, so everything else (`.control`,
 * `.include`, `*#` lines, …) is refused. Throws NetlistError with the line.
 */
export function parseNetlist(text: string, file = 'netlist'): ParsedNetlist {
  const refusals = new Refusals();
  const { top } = parseStatements(file, lex(text, file, 'own', refusals), 'own', refusals);
  const devices = refusals.attempt(() => devicesOf(top, {}));
  const subckts = [...top.subckts.values()].flatMap((scope) => refusals.attempt(() => subcktOf(scope)) ?? []);
  refusals.check();
  const netlist = { file, subckts, resistors: devices!.resistors, instances: devices!.instances };
  checkInstances(netlist);
  return netlist;
}

/** The subcircuit of a netlist. Throws NetlistError where it has none of that name. */
export function findSubckt(netlist: ParsedNetlist, name: string): ParsedSubckt {
  const found = netlist.subckts.find((subckt) => subckt.name === name);
  if (found === undefined) throw new NetlistError(netlist.file, 1, `there is no subcircuit ${name}`);
  return found;
}

const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;
/** Voltage sources by an expression are allowed in subcircuits with such names. */
const OPAMP_MODELS = 'opamp_';
const FUNCTIONS = new Set(['ln', 'exp', 'sqrt', 'tanh', 'abs', 'min', 'max', 'v']);

type Known = Readonly<Record<string, NetlistValue>>;

function subcktOf(scope: Scope): ParsedSubckt {
  const params = valuesOf(scope, scope.params, {});
  return { name: scope.name, ports: scope.ports, params, ...devicesOf(scope, params), line: scope.line };
}

function devicesOf(scope: Scope, known: Known): Pick<ParsedSubckt, 'resistors' | 'instances' | 'sources'> {
  const of = (kind: Item['kind']): Item[] => scope.items.filter((item) => item.kind === kind);
  return {
    resistors: of('resistor').map((item) => {
      const ohms = parseValue(item, item.words[0]!, known);
      if (typeof ohms === 'number' && !(ohms > 0)) refuse(item, `the resistor ${item.name} needs a positive value`);
      return { name: item.name, nodes: item.nodes as [string, string], ohms, line: item.line };
    }),
    instances: of('instance').map((item) => ({
      name: item.name,
      nodes: item.nodes,
      subckt: item.words[0]!,
      params: valuesOf(item, item.params, known),
      line: item.line,
    })),
    sources: of('source').map((item) => sourceOf(item, scope, known)),
  };
}

function valuesOf(at: Place, words: ReadonlyMap<string, string>, known: Known): Record<string, NetlistValue> {
  return Object.fromEntries([...words].map(([name, word]) => [name, parseValue(at, word, known)]));
}

/** A number, or `{product or quotient of parameters}`. */
function parseValue(at: Place, word: string, known: Known): NetlistValue {
  const expression = /^\{([a-z][a-z0-9]*(?:[*/][a-z][a-z0-9]*)*)\}$/.exec(word)?.[1];
  if (expression === undefined) return parseNumber(at, word);
  for (const name of expression.split(/[*/]/))
    if (!Object.hasOwn(known, name)) refuse(at, `there is no parameter ${name}`);
  return expression;
}

function parseNumber(at: Place, word: string): number {
  if (!NUMBER.test(word))
    refuse(at, `"${word}" is no plain number`, 'Write 1e6 and the like: suffixes are refused (1M would be milli).');
  const value = Number(word);
  return Number.isFinite(value) ? value : refuse(at, `"${word}" is beyond float64`);
}

function sourceOf(item: Item, scope: Scope, known: Known): ParsedSource {
  const { name, nodes, line } = item;
  const text = item.words.join(' ');
  if (scope.parent === undefined) refuse(item, `the source ${name} is outside every subcircuit`);
  if (!name.startsWith('b')) {
    parseNumber(item, text);
    return { name, nodes, text, line };
  }
  const parts = /^([iv])=([a-z0-9_.+\-*/^(), ]+?)(?: m=(\{[a-z0-9/]+\}))?$/.exec(text);
  if (parts === null) return refuse(item, `the source ${name} is no current or voltage by an arithmetic expression`);
  const [, kind, expression, multiple] = parts;
  if (kind === 'v' && !scope.name.startsWith(OPAMP_MODELS))
    refuse(item, `the source ${name} is a voltage, and only an op-amp's output is one`, 'Its model is named opamp_….');
  for (const [, word, call] of expression!.matchAll(/(?<![0-9.a-z_])([a-z_][a-z0-9_]*)(\()?/g))
    if (call !== undefined && !FUNCTIONS.has(word!)) refuse(item, `the function ${word} is not allowed`);
  if (multiple !== undefined) parseValue(item, multiple, known);
  return { name, nodes, text, line };
}

/** Every instance names a subcircuit of the same text, with as many nodes and with parameters that it has. */
function checkInstances(netlist: ParsedNetlist): void {
  const byName = new Map(netlist.subckts.map((subckt) => [subckt.name, subckt]));
  for (const instance of [netlist, ...netlist.subckts].flatMap((scope) => scope.instances)) {
    const fail = (message: string): never => refuse({ file: netlist.file, line: instance.line }, message);
    const subckt = byName.get(instance.subckt) ?? fail(`no subcircuit ${instance.subckt}`);
    if (subckt.ports.length !== instance.nodes.length)
      fail(`${instance.name}: has ${instance.nodes.length} nodes, and ${subckt.name} has ${subckt.ports.length} ports`);
    for (const name of Object.keys(instance.params))
      if (!Object.hasOwn(subckt.params, name)) fail(`${instance.name}: ${subckt.name} has no parameter ${name}`);
  }
}
