import { NetlistError } from './engine/errors.ts';
import { type Statement, splitStatements } from './statements.ts';

/** A number, or the text of a `{…}` expression over the subcircuit's parameters, such as `w/l`. */
export type NetlistValue = number | string;

export interface ParsedResistor {
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
export interface ParsedSource {
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
 * Parses a netlist against an allow-list: comments, continuation lines, `.subckt`/`.ends` with parameters, resistors,
 * instances, and the B, E, G and I sources of a transistor or op-amp model. A netlist is a program, so everything else (`.control`,
 * `.include`, `*#` lines, …) is refused. Throws NetlistError with the line.
 */
export function parseNetlist(text: string, file = 'netlist'): ParsedNetlist {
  const top = new Scope();
  const subckts: ParsedSubckt[] = [];
  let open: { name: string; ports: string[]; params: Record<string, NetlistValue>; line: number; scope: Scope } | null =
    null;
  for (const statement of splitStatements(text, file)) {
    const { words } = statement;
    const fail = failAt(file, statement);
    const first = words[0]!;
    if (first === '.subckt') {
      if (open !== null) fail(`a .subckt inside .subckt ${open.name}`);
      const { name, rest, params } = header(statement, fail);
      if (subckts.some((known) => known.name === name)) fail(`the subcircuit ${name} is defined twice`);
      if (new Set(rest).size < rest.length) fail(`the subcircuit ${name} names a port twice`);
      open = { name, ports: rest, params, line: statement.line, scope: new Scope() };
    } else if (first === '.ends') {
      if (open === null) return fail('.ends without .subckt');
      if (words.length > 2 || (words[1] ?? open.name) !== open.name) fail(`.ends closes ${open.name}`);
      const { scope, ...rest } = open;
      subckts.push({ ...rest, resistors: scope.resistors, instances: scope.instances, sources: scope.sources });
      open = null;
    } else if (first.startsWith('.')) {
      fail(`${first} is not allowed`, 'Only .subckt and .ends are: a netlist from elsewhere must not run commands.');
    } else {
      (open?.scope ?? top).add(statement, fail, open);
    }
  }
  if (open !== null) throw new NetlistError(file, open.line, `the subcircuit ${open.name} has no .ends`);
  const netlist = { file, subckts, resistors: top.resistors, instances: top.instances };
  checkInstances(netlist);
  return netlist;
}

/** The subcircuit of a netlist. Throws NetlistError where it has none of that name. */
export function findSubckt(netlist: ParsedNetlist, name: string): ParsedSubckt {
  const found = netlist.subckts.find((subckt) => subckt.name === name);
  if (found === undefined) throw new NetlistError(netlist.file, 1, `there is no subcircuit ${name}`);
  return found;
}

type Fail = (message: string, hint?: string) => never;

function failAt(file: string, statement: Statement): Fail {
  return (message, hint) => {
    throw new NetlistError(file, statement.line, message, hint);
  };
}

/** The devices of one subcircuit, or of the top level. */
class Scope {
  readonly resistors: ParsedResistor[] = [];
  readonly instances: ParsedInstance[] = [];
  readonly sources: ParsedSource[] = [];
  readonly #names = new Set<string>();

  add(statement: Statement, fail: Fail, subckt: Pick<ParsedSubckt, 'name' | 'params'> | null): void {
    const { words, line } = statement;
    const name = checkWord(words[0]!, NAME, 'device name', fail);
    if (this.#names.has(name)) fail(`the device ${name} is there twice`);
    this.#names.add(name);
    const known = subckt?.params ?? {};
    if (name.startsWith('r')) {
      if (words.length !== 4) fail(`the resistor ${name} needs two nodes and a value`);
      const ohms = parseValue(words[3]!, known, fail);
      if (typeof ohms === 'number' && !(ohms > 0)) fail(`the resistor ${name} needs a positive value`);
      this.resistors.push({ name, nodes: [node(words[1]!, fail), node(words[2]!, fail)], ohms, line });
    } else if (name.startsWith('x')) {
      const { rest, params: values } = splitParameters(words.slice(1), known, fail);
      if (rest.length < 2) fail(`the instance ${name} needs nodes and a subcircuit`);
      const model = checkWord(rest.at(-1)!, NAME, 'subcircuit name', fail);
      const nodes = rest.slice(0, -1).map((word) => node(word, fail));
      this.instances.push({ name, nodes, subckt: model, params: values, line });
    } else if (/^[begi]/.test(name)) {
      if (subckt === null) fail(`the source ${name} is outside every subcircuit`);
      this.sources.push(parseSource(name, statement, subckt, fail));
    } else {
      fail(`${name}: only R, X and the B, E, G and I of a transistor or op-amp model are allowed`);
    }
  }
}

const NAME = /^[a-z][a-z0-9_]*$/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;

function checkWord(word: string, pattern: RegExp, what: string, fail: Fail): string {
  return pattern.test(word) ? word : fail(`"${word}" is no ${what}`);
}

function node(word: string, fail: Fail): string {
  if (word === 'gnd') fail('"gnd" is another word for ground in ngspice', 'Write 0 for ground.');
  return checkWord(word, /^(0|[a-z][a-z0-9_]*)$/, 'node name', fail);
}

function parseNumber(word: string, fail: Fail): number {
  if (!NUMBER.test(word)) {
    fail(`"${word}" is no plain number`, 'Write 1e6 and the like: suffixes are refused (1M would be milli).');
  }
  const value = Number(word);
  return Number.isFinite(value) ? value : fail(`"${word}" is beyond float64`);
}

/** A number, or `{product or quotient of parameters}`. */
function parseValue(word: string, known: Readonly<Record<string, NetlistValue>>, fail: Fail): NetlistValue {
  const expression = /^\{([a-z][a-z0-9]*(?:[*/][a-z][a-z0-9]*)*)\}$/.exec(word)?.[1];
  if (expression === undefined) return parseNumber(word, fail);
  for (const name of expression.split(/[*/]/)) if (!Object.hasOwn(known, name)) fail(`there is no parameter ${name}`);
  return expression;
}

/** Splits `a b c k=v` into the plain words and the parameters, which stand last. */
function splitParameters(words: readonly string[], known: Readonly<Record<string, NetlistValue>>, fail: Fail) {
  const rest: string[] = [];
  const params: Record<string, NetlistValue> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 0) {
      if (Object.keys(params).length > 0) fail(`"${word}" stands after the parameters`);
      rest.push(word);
      continue;
    }
    const name = checkWord(word.slice(0, at), /^[a-z][a-z0-9]*$/, 'parameter name', fail);
    if (Object.hasOwn(params, name)) fail(`the parameter ${name} is given twice`);
    params[name] = parseValue(word.slice(at + 1), known, fail);
  }
  return { rest, params };
}

function header(statement: Statement, fail: Fail) {
  const { rest, params } = splitParameters(statement.words.slice(1), {}, fail);
  if (rest.length === 0) fail('.subckt without a name');
  const name = checkWord(rest[0]!, NAME, 'subcircuit name', fail);
  return { name, rest: rest.slice(1).map((word) => node(word, fail)), params };
}

/** Voltage sources by an expression are allowed in subcircuits with such names. */
const OPAMP_MODELS = 'opamp_';
const FUNCTIONS = new Set(['ln', 'exp', 'sqrt', 'max', 'v']);

function parseSource(
  name: string,
  statement: Statement,
  subckt: Pick<ParsedSubckt, 'name' | 'params'>,
  fail: Fail,
): ParsedSource {
  const { words, line } = statement;
  const count = /^[eg]/.test(name) ? 4 : 2;
  const nodes = words.slice(1, 1 + count).map((word) => node(word, fail));
  if (nodes.length < count) fail(`the source ${name} needs ${count} nodes`);
  const text = words.slice(1 + count).join(' ');
  if (!name.startsWith('b')) {
    parseNumber(text, fail);
    return { name, nodes, text, line };
  }
  const parts = /^([iv])=([a-z0-9_.+\-*/^(), ]+?)(?: m=(\{[a-z0-9]+\}))?$/.exec(text);
  if (parts === null) return fail(`the source ${name} is no current or voltage by an arithmetic expression`);
  const [, kind, expression, multiple] = parts;
  if (kind === 'v' && !subckt.name.startsWith(OPAMP_MODELS))
    fail(`the source ${name} is a voltage, and only an op-amp's output is one`, 'Its model is named opamp_….');
  for (const [, word, call] of expression!.matchAll(/(?<![0-9.a-z_])([a-z_][a-z0-9_]*)(\()?/g)) {
    if (call !== undefined && !FUNCTIONS.has(word!)) fail(`the function ${word} is not allowed`);
  }
  if (multiple !== undefined) parseValue(multiple, subckt.params, fail);
  return { name, nodes, text, line };
}

/** Every instance names a subcircuit of the same text, with as many nodes and with parameters that it has. */
function checkInstances(netlist: ParsedNetlist): void {
  const byName = new Map(netlist.subckts.map((subckt) => [subckt.name, subckt]));
  const scopes = [netlist, ...netlist.subckts];
  for (const instance of scopes.flatMap((scope) => scope.instances)) {
    const fail: Fail = (message) => {
      throw new NetlistError(netlist.file, instance.line, `${instance.name}: ${message}`);
    };
    const subckt = byName.get(instance.subckt);
    if (subckt === undefined) throw new NetlistError(netlist.file, instance.line, `no subcircuit ${instance.subckt}`);
    if (subckt.ports.length !== instance.nodes.length) {
      fail(`has ${instance.nodes.length} nodes, and ${subckt.name} has ${subckt.ports.length} ports`);
    }
    for (const name of Object.keys(instance.params))
      if (!Object.hasOwn(subckt.params, name)) fail(`${subckt.name} has no parameter ${name}`);
  }
}
