import { type DeepReadonly, NeuroprintError } from '@neuroprint/core';
import { Graph, type Node, symbolsOf } from './graph.ts';
import { ExpressionError, parseExpression, type Syntax } from './syntax.ts';

/** What every law may read beside its parameters: volts of the nodes, metres, degrees Celsius. */
export const LAW_SYMBOLS = ['vg', 'vd', 'vs', 'W', 'L', 'temp'] as const;
export type LawSymbol = (typeof LAW_SYMBOLS)[number];

/** The drain current of an n-type device in amperes from drain to source, in the arithmetic of ngspice's B source. */
export type LawText = DeepReadonly<{
  source?: string | undefined;
  /** Quantities by name; each may read those before it. */
  let?: Record<string, string> | undefined;
  drainAmperes: string;
}>;

/** A law that was read: the current as a graph of operations. */
export interface Law {
  readonly text: LawText;
  /** Parameters in the order in which they were given, or first read. */
  readonly parameterNames: readonly string[];
  readonly graph: Graph;
  /** The quantities of `let`, in their order. */
  readonly quantities: readonly (readonly [name: string, node: Node])[];
  readonly current: Node;
}

/** A law cannot be read, or is no current. */
export class LawError extends NeuroprintError {
  override readonly exitCode = 2;
  /** `drainAmperes` or `let.u`, and the column in its text, from 1. */
  readonly where: string;
  readonly column: number | undefined;
  /** What is wrong, without the place. */
  readonly what: string;

  constructor(where: string, column: number | undefined, what: string, hint?: string) {
    super(`${where}${column === undefined ? '' : `, column ${column}`}: ${what}`, hint);
    this.where = where;
    this.column = column;
    this.what = what;
  }
}

const again = new WeakMap<Law, Law>();

/** The same law, whose graph can make nodes: one that was sent to a thread is plain data, and is read again from its text. */
export function livingLaw(law: Law): Law {
  if (law.graph instanceof Graph) return law;
  let read = again.get(law);
  if (read === undefined) {
    read = parseLaw(law.text, law.parameterNames);
    again.set(law, read);
  }
  return read;
}

const FUNCTIONS = { ln: 1, exp: 1, sqrt: 1, tanh: 1, abs: 1, min: 2, max: 2, pow: 2 } as const;
const NAME = /^[a-z_]\w*$/i;

/**
 * Reads a law. With `parameterNames` any other name is refused; without, every unknown name is a parameter. `w` and `W` are two
 * names: what stands in the text for ngspice are numbers and nodes. Throws LawError with the place.
 */
export function parseLaw(text: LawText, parameterNames?: readonly string[]): Law {
  const graph = new Graph();
  const quantities = Object.entries(text.let ?? {});
  checkNames(
    quantities.map(([name]) => name),
    parameterNames ?? [],
  );
  const known = new Map<string, Node>();
  for (const name of [...LAW_SYMBOLS, ...(parameterNames ?? [])]) known.set(name, graph.symbol(name));
  const found = [...(parameterNames ?? [])];
  const trees = quantities.map(([name, written]) => [name, syntaxOf(`let.${name}`, written)] as const);
  const later = new Map(trees);
  const lookup = (where: string) => (name: string, at: number) => {
    const node = known.get(name);
    if (node !== undefined) return node;
    if (later.has(name)) return fail(where, at, ...lateOrCyclic(where, name, later));
    const other = [...known.keys(), ...later.keys()].find((one) => one.toLowerCase() === name.toLowerCase());
    if (other !== undefined) return fail(where, at, `there is no ${name}, but ${other}`);
    if (parameterNames !== undefined)
      return fail(where, at, `there is no ${name}`, `There are: ${[...known.keys()].join(', ')}.`);
    found.push(name);
    const made = graph.symbol(name);
    known.set(name, made);
    return made;
  };
  for (const [name, tree] of trees) {
    const node = new Builder(graph, `let.${name}`, lookup(`let.${name}`)).build(tree);
    later.delete(name);
    known.set(name, node);
  }
  const tree = syntaxOf('drainAmperes', text.drainAmperes);
  const current = new Builder(graph, 'drainAmperes', lookup('drainAmperes')).build(tree);
  const read = symbolsOf(current);
  if (!['vg', 'vd', 'vs'].some((name) => read.has(name)))
    throw new LawError('drainAmperes', undefined, 'the current depends on no voltage');
  const named = quantities.map(([name]) => [name, known.get(name)!] as const);
  return { text, parameterNames: found, graph, quantities: named, current };
}

function syntaxOf(where: string, text: string): Syntax {
  try {
    return parseExpression(text);
  } catch (error) {
    if (error instanceof ExpressionError) return fail(where, error.at, error.message);
    throw error;
  }
}

function checkNames(quantities: readonly string[], parameters: readonly string[]): void {
  const seen = new Map<string, string>(LAW_SYMBOLS.map((name) => [name, 'a symbol of every law']));
  for (const name of Object.keys(FUNCTIONS)) seen.set(name, 'a function');
  const add = (where: string, name: string, what: string): void => {
    if (!NAME.test(name))
      throw new LawError(where, undefined, `"${name}" is no name: a letter, then letters and digits`);
    const other = seen.get(name);
    if (other !== undefined) throw new LawError(where, undefined, `${name} is ${other} too`, 'Give it another name.');
    seen.set(name, what);
  };
  for (const name of parameters) add(`parameters.${name}`, name, 'a parameter');
  for (const name of quantities) add(`let.${name}`, name, 'a quantity of let');
}

/** A quantity that stands further down: does it lead back to the one that reads it? */
function lateOrCyclic(where: string, name: string, later: ReadonlyMap<string, Syntax>): [what: string, hint: string] {
  const start = where.replace(/^let\./, '');
  const path = pathTo(name, start, later, new Set());
  if (path !== undefined)
    return [`a cycle: ${[start, ...path].join(' reads ')}`, 'No quantity of let may lead back to itself.'];
  return [`${name} stands further down`, 'A quantity of let reads those before it.'];
}

function pathTo(
  from: string,
  to: string,
  later: ReadonlyMap<string, Syntax>,
  seen: Set<string>,
): readonly string[] | undefined {
  if (from === to) return [from];
  const tree = later.get(from);
  if (tree === undefined || seen.has(from)) return undefined;
  seen.add(from);
  for (const name of namesOf(tree)) {
    const path = pathTo(name, to, later, seen);
    if (path !== undefined) return [from, ...path];
  }
  return undefined;
}

function namesOf(tree: Syntax): readonly string[] {
  if (tree.kind === 'name') return [tree.name];
  const { at: _at, kind: _kind, ...parts } = tree;
  return Object.values(parts as Record<string, unknown>)
    .flat()
    .flatMap((part) => (typeof part === 'object' && part !== null ? namesOf(part as Syntax) : []));
}

function fail(where: string, at: number, what: string, hint?: string): never {
  throw new LawError(where, at + 1, what, hint);
}

/** From the text of one expression to the graph. */
class Builder {
  readonly #graph: Graph;
  readonly #where: string;
  readonly #lookup: (name: string, at: number) => Node;

  constructor(graph: Graph, where: string, lookup: (name: string, at: number) => Node) {
    this.#graph = graph;
    this.#where = where;
    this.#lookup = lookup;
  }

  build(tree: Syntax): Node {
    switch (tree.kind) {
      case 'number':
        return this.#graph.constant(tree.value);
      case 'name':
        return this.#lookup(tree.name, tree.at);
      case 'negate':
        return this.#graph.neg(this.build(tree.of));
      case 'binary':
        return this.#binary(tree.sign, this.build(tree.left), this.build(tree.right), tree.at);
      case 'call':
        return this.#call(tree.name, tree.values, tree.at);
      case 'compare':
      case 'choice':
        return fail(this.#where, tree.at, 'a law has no comparisons', 'Write min, max or a smooth function.');
    }
  }

  #binary(sign: string, left: Node, right: Node, at: number): Node {
    if (sign === '+') return this.#graph.add(left, right);
    if (sign === '-') return this.#graph.sub(left, right);
    if (sign === '*') return this.#graph.mul(left, right);
    if (sign === '^') return this.#graph.pow(left, right);
    if (right.op === 'constant' && right.value === 0) return fail(this.#where, at, 'divides by 0');
    return this.#graph.div(left, right);
  }

  #call(name: string, written: readonly Syntax[], at: number): Node {
    if (!Object.hasOwn(FUNCTIONS, name)) {
      const hint = name === 'log' ? 'log has two meanings: write ln(x), or ln(x)/ln(10).' : undefined;
      return fail(
        this.#where,
        at,
        `there is no function ${name}`,
        hint ?? `There are: ${Object.keys(FUNCTIONS).join(', ')}.`,
      );
    }
    const op = name as keyof typeof FUNCTIONS;
    if (written.length !== FUNCTIONS[op])
      return fail(this.#where, at, `${name} takes ${FUNCTIONS[op]} numbers, and has ${written.length}`);
    const values = written.map((one) => this.build(one));
    return op === 'pow' ? this.#graph.pow(values[0]!, values[1]!) : this.#graph.call(op, ...values);
  }
}
