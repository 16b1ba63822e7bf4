import { deviceLaw } from '../solver/device.ts';
import type { TransistorKind } from '../technology/transistor.ts';
import { boundsOf } from './bounds.ts';
import { derive } from './derive.ts';
import { inOrder, type Node, operationValue, symbolsOf } from './graph.ts';
import { livingLaw } from './law.ts';

/** ngspice holds an exponent at 227.96, without a word; below this it is a power of e. */
const LARGEST_EXPONENT = 200;
const VOLTS = ['vg', 'vd', 'vs'] as const;

export interface SpiceTextOptions {
  readonly celsius: number;
  /** Between which the voltages of nodes stay. */
  readonly volts: readonly [low: number, high: number];
  /** A finite number as the simulator reads it. */
  readonly number: (value: number) => string;
}

/** A kind of transistor as a subcircuit with the ports drain, gate and source. */
export interface SpiceModel {
  /** `wl`, or `w` and `l`: metres. */
  readonly parameters: readonly string[];
  /**
   * Its devices, one a line: B, E, G, I sources and resistors. Parameters stand only behind the `m=` of B sources, so that a
   * simulator can change them without loading the circuit again.
   */
  readonly lines: readonly string[];
}

/**
 * The drain current as ngspice's B source. Every quantity of `let` that depends on the voltages has a node of its own, by linear
 * elements where it is linear in them, so that what is shared is computed once and the source sees few voltages.
 */
export function spiceModel(kind: TransistorKind, options: SpiceTextOptions): SpiceModel {
  const { isByRatio, current } = deviceLaw(kind);
  const { graph, quantities, parameterNames } = livingLaw(kind.law);
  const { number, celsius } = options;
  const hasContacts = kind.contactOhmMetres > 0;
  const parameters = isByRatio && !hasContacts ? ['wl'] : ['w', 'l'];
  const ratio = parameters.length === 1 ? 'wl' : 'w/l';
  const nodes: Record<(typeof VOLTS)[number], string> = {
    vg: 'gate',
    vd: hasContacts ? 'di' : 'drain',
    vs: hasContacts ? 'si' : 'source',
  };
  const asDevice = (node: Node): Node =>
    graph.replaced(node, (name) =>
      kind.polarity === 'p' && Object.hasOwn(nodes, name) ? graph.neg(graph.symbol(name)) : undefined,
    );
  const value = (name: string): number | undefined =>
    name === 'temp' ? celsius : kind.parameters[parameterNames.indexOf(name)];
  const folded = (node: Node): Node =>
    graph.replaced(node, (name) => {
      const known = value(name);
      return known === undefined ? undefined : graph.constant(known);
    });
  const root = asDevice(current);
  const order = inOrder([root]);
  const taken = new Set(['drain', 'gate', 'source', 'di', 'si', 'width', 'length', 'i']);
  const helpers = new Map<Node, string>();
  const lines: string[] = [];
  const printer = new Printer(helpers, nodes, folded, options);
  if (hasContacts)
    for (const [a, b] of [
      ['drain', 'di'],
      ['si', 'source'],
    ])
      lines.push(
        `b${b === 'di' ? 'di' : 'si'} ${a} ${b} i=${number(1 / kind.contactOhmMetres)}*(v(${a})-v(${b})) m={w}`,
      );
  if (kind.gateSiemens > 0)
    lines.push(`bgate gate source i=${number(kind.gateSiemens)}*(v(gate)-v(source)) m={${ratio}}`);
  const read = symbolsOf(root);
  if (read.has('W')) lines.push('bwidth 0 width i=1 m={w}', 'rwidth width 0 1');
  if (read.has('L')) lines.push('blength 0 length i=1 m={l}', 'rlength length 0 1');
  const named = new Map(quantities.map(([name, node]) => [asDevice(node), name.toLowerCase()]));
  const exponents = new Set(order.flatMap(({ op, of }) => (op === 'softplus' || op === 'exp' ? [of[0]!] : [])));
  const initial = new Map<Node, number>();
  for (const node of order) {
    if (!(named.has(node) || exponents.has(node)) || node.op === 'symbol' || node.op === 'constant') continue;
    if (!VOLTS.some((volts) => symbolsOf(node).has(volts))) continue;
    const name = freeName(named.get(node) ?? 'e', taken);
    // simulators begin at 0 V: an exponent is best begun at 0, and what is made of it at what it is then
    const start = exponents.has(node) || isLinear(folded(node), graph) ? 0 : initialValue(node, initial, folded);
    initial.set(node, start);
    lines.push(...helper(name, node, start, folded(node), graph, nodes, printer, number));
    helpers.set(node, start === 0 ? `v(${name})` : `(v(${name})${start < 0 ? '-' : '+'}${number(Math.abs(start))})`);
  }
  const [from, to] = kind.polarity === 'n' ? [nodes.vd, nodes.vs] : [nodes.vs, nodes.vd];
  lines.push(`bi ${from} ${to} i=${printer.broken(root)}${isByRatio ? ` m={${ratio}}` : ''}`);
  return { parameters, lines };
}

/** Names of nodes are told apart without regard to case. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i += 1) free = `${name}_${i}`;
  taken.add(free);
  return free;
}

/** A quantity where all voltages are 0 and all helpers at their initial values; 0 where that is no number. */
function initialValue(node: Node, initial: ReadonlyMap<Node, number>, folded: (node: Node) => Node): number {
  const values = new Map<Node, number>();
  const value = (one: Node): number => {
    const known = initial.get(one) ?? values.get(one);
    if (known !== undefined) return known;
    const { op, value: constant } = folded(one);
    const found = op === 'constant' ? constant : op === 'symbol' ? 0 : operationValue(one, one.of.map(value));
    values.set(one, found);
    return found;
  };
  const found = value(node);
  return Number.isFinite(found) ? found : 0;
}

/**
 * A node that has the value of a quantity less its initial one, as volts: a current through 1 ohm. `folded`: with numbers for
 * parameters.
 */
function helper(
  name: string,
  node: Node,
  start: number,
  folded: Node,
  graph: TransistorKind['law']['graph'],
  nodes: Readonly<Record<(typeof VOLTS)[number], string>>,
  printer: Printer,
  number: (value: number) => string,
): string[] {
  const resistor = `r${name} ${name} 0 1`;
  const slopes = VOLTS.map((volts) => derive(graph, folded, volts));
  const atRest = graph.replaced(folded, (symbol) => (Object.hasOwn(nodes, symbol) ? graph.constant(0) : undefined));
  if (!isLinear(folded, graph))
    return [
      `b${name} 0 ${name} i=${printer.broken(node)}${start === 0 ? '' : `${start < 0 ? '+' : '-'}${number(Math.abs(start))}`}`,
      resistor,
    ];
  const terms = VOLTS.map((volts, i) => ({ node: nodes[volts], siemens: slopes[i]!.value })).filter(
    ({ siemens }) => siemens !== 0,
  );
  const up = terms.find(({ siemens }) => siemens > 0);
  const isDifference = terms.length === 2 && terms[0]!.siemens === -terms[1]!.siemens;
  const linear = isDifference
    ? [`g${name} 0 ${name} ${up!.node} ${terms.find((one) => one !== up)!.node} ${number(up!.siemens)}`]
    : terms.map(({ node: from, siemens }) =>
        siemens > 0
          ? `g${name}_${from} 0 ${name} ${from} 0 ${number(siemens)}`
          : `g${name}_${from} 0 ${name} 0 ${from} ${number(-siemens)}`,
      );
  const constant =
    atRest.value === 0
      ? []
      : [
          atRest.value < 0
            ? `i${name} ${name} 0 ${number(-atRest.value)}`
            : `i${name} 0 ${name} ${number(atRest.value)}`,
        ];
  return [...linear, ...constant, resistor];
}

function isLinear(folded: Node, graph: TransistorKind['law']['graph']): boolean {
  const slopes = VOLTS.map((volts) => derive(graph, folded, volts));
  return !symbolsOf(folded).has('W') && !symbolsOf(folded).has('L') && slopes.every(({ op }) => op === 'constant');
}

const SUM = 1;
const PRODUCT = 2;
const POWER = 3;
const ATOM = 4;

/** Graph → text. A minus stands between two operands or behind a bracket, where all simulators read it alike. */
class Printer {
  readonly #helpers: ReadonlyMap<Node, string>;
  readonly #nodes: Readonly<Record<string, string>>;
  readonly #folded: (node: Node) => Node;
  readonly #options: SpiceTextOptions;

  constructor(
    helpers: ReadonlyMap<Node, string>,
    nodes: Readonly<Record<string, string>>,
    folded: (node: Node) => Node,
    options: SpiceTextOptions,
  ) {
    this.#helpers = helpers;
    this.#nodes = nodes;
    this.#folded = folded;
    this.#options = options;
  }

  /** The text of a source, on a new line before every further factor or term that reads a voltage. */
  broken(root: Node): string {
    const factors: Node[] = [];
    const collect = (node: Node): void => {
      if (node.op === 'mul' && !this.#helpers.has(node)) for (const one of node.of) collect(one);
      else factors.push(node);
    };
    if (root.op === 'mul') for (const one of root.of) collect(one);
    else factors.push(root);
    let isFirst = true;
    return factors
      .map((factor, i) => {
        const reads = this.#reads(factor);
        const start = reads && !isFirst ? '\n+ ' : '';
        if (reads) isFirst = false;
        const text = factors.length === 1 ? this.#terms(factor) : this.#factor(factor);
        return i === 0 ? text : `${start}*${text}`;
      })
      .join('');
  }

  #factor(node: Node): string {
    if (this.#helpers.has(node) || (node.op !== 'add' && node.op !== 'sub')) return this.#print(node, POWER);
    return `(${this.#terms(node)})`;
  }

  #terms(node: Node): string {
    if (this.#helpers.has(node) || (node.op !== 'add' && node.op !== 'sub')) return this.#print(node, SUM);
    const [a, b] = node.of as [Node, Node];
    const start = this.#reads(a) && this.#reads(b) ? '\n+ ' : '';
    const isSum = node.op === 'add';
    return `${this.#terms(a)}${start}${isSum ? '+' : '-'}${this.#print(b, isSum ? SUM : PRODUCT)}`;
  }

  #reads(node: Node): boolean {
    return inOrder([node]).some(({ op, name }) => op === 'symbol' && Object.hasOwn(this.#nodes, name));
  }

  #print(node: Node, least: number): string {
    const helper = this.#helpers.get(node);
    if (helper !== undefined) return helper;
    const [strength, text] = this.#text(node);
    return strength < least ? `(${text})` : text;
  }

  #text(node: Node): [strength: number, text: string] {
    const [a, b] = node.of as [Node, Node];
    const print = (one: Node, least: number): string => this.#print(one, least);
    const isLiteral = node.op === 'constant' && Number.isInteger(node.value) && Math.abs(node.value) < 1000;
    if (isLiteral) return [node.value < 0 ? 0 : ATOM, String(node.value)];
    const { op, value } = this.#folded(node);
    // a number in all: what is made of parameters only
    if (op === 'constant') return [value < 0 ? 0 : ATOM, this.#options.number(value)];
    switch (node.op) {
      case 'symbol':
        return [ATOM, `v(${this.#nodes[node.name] ?? (node.name === 'W' ? 'width' : 'length')})`];
      case 'add':
        return [SUM, `${print(a, SUM)}+${print(b, SUM)}`];
      case 'sub':
        return [SUM, `${print(a, SUM)}-${print(b, PRODUCT)}`];
      case 'mul':
        return [PRODUCT, `${print(a, PRODUCT)}*${print(b, POWER)}`];
      case 'div':
        return [PRODUCT, `${print(a, PRODUCT)}/${print(b, POWER)}`];
      case 'neg':
        return [0, `-${print(a, POWER)}`];
      case 'pow':
        return [POWER, `${print(a, ATOM)}^${print(b, ATOM)}`];
      case 'softplus': {
        const [low, high] = boundsOf(this.#folded(a), (name) =>
          Object.hasOwn(this.#nodes, name) ? this.#options.volts : [0, Number.POSITIVE_INFINITY],
        );
        const x = print(a, SUM);
        return Math.max(-low, high) <= LARGEST_EXPONENT
          ? [ATOM, `ln(1+exp(${x}))`]
          : [SUM, `max(${x},0)+ln(1+exp(-abs(${x})))`];
      }
      case 'constant':
      case 'logistic':
      case 'ifless':
      case 'table':
      case 'slope':
        throw new Error(`${node.op} stands in no law`);
      default:
        return [ATOM, `${node.op}(${node.of.map((one) => print(one, SUM)).join(',')})`];
    }
  }
}
