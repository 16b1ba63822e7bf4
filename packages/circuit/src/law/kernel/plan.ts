import type { TransistorKind } from '../../technology/transistor.ts';
import { type Bounds, boundsOf } from '../bounds.ts';
import { derive } from '../derive.ts';
import { compileNodes } from '../evaluate.ts';
import { type Graph, inOrder, type Node, symbolsOf } from '../graph.ts';
import { livingLaw } from '../law.ts';
import { type CurveTable, curveTable } from './table.ts';

const VOLTS = ['vg', 'vd', 'vs'] as const;
/** Own parameters lie within so many standard deviations of the kind's: beyond, the plain solver takes over. */
const DEVIATIONS = 8;
/** What costs more than a look-up. */
const COSTLY: readonly Node['op'][] = ['exp', 'ln', 'pow', 'softplus', 'logistic', 'tanh'];

/**
 * A law as the kernel runs it: I = strength·g, where the strength depends on the device alone (width, length, own parameters) and is
 * computed once, and g on the voltages. Functions of one quantity are tables.
 */
export interface KernelLaw {
  /** What a device has for itself: W, L, own parameters. */
  readonly deviceNames: readonly string[];
  /** The strength and then whatever else g needs of the device. */
  readonly deviceNodes: readonly Node[];
  /** g, and its derivatives by gate, drain and source; without the last where only differences of voltages count. */
  readonly g: Node;
  readonly slopes: readonly [gate: Node, drain: Node, source: Node | undefined];
  /** What gradients need of every device: g, and its derivative by each of `outputNames`. */
  readonly outputs: readonly Node[];
  readonly outputNames: readonly string[];
  readonly tables: ReadonlyMap<string, CurveTable>;
  /** Between which own parameters the tables hold. */
  readonly ownBounds: readonly Bounds[];
}

/** The law of a kind for voltages between `low` and `high`; `hasOwn`: the parameters of its spread are the device's own. */
export function planLaw(
  kind: TransistorKind,
  isFloating: boolean,
  hasOwn: boolean,
  celsius: number,
  [low, high]: Bounds,
): KernelLaw {
  const { graph, parameterNames, current } = livingLaw(kind.law);
  const own = hasOwn ? (kind.spread?.parameters ?? []) : [];
  const deviceNames = ['W', 'L', ...own];
  const ownBounds = own.map((name, i) => ownBoundsOf(kind, name, i));
  const numbers = graph.replaced(current, (name) => {
    if (own.includes(name)) return undefined;
    if (name === 'temp') return graph.constant(celsius);
    const at = parameterNames.indexOf(name);
    if (at >= 0) return graph.constant(kind.parameters[at]!);
    return kind.polarity === 'p' && isVolts(name) ? graph.neg(graph.symbol(name)) : undefined;
  });
  const signed = kind.polarity === 'p' ? graph.neg(numbers) : numbers;
  const bounds = (name: string): Bounds =>
    isVolts(name) ? [low, high] : (ownBounds[own.indexOf(name)] ?? [0, Number.POSITIVE_INFINITY]);
  const [strength, exact] = factored(signed, graph);
  const tables = new Map<string, CurveTable>();
  const g = withTables(exact, graph, bounds, tables);
  const by = (name: string): Node => derive(graph, g, name);
  const outputNames = deviceNames.filter((name) => symbolsOf(g).has(name));
  const outputs = [g, ...outputNames.map(by)];
  const slopes = [by('vg'), by('vd'), isFloating ? undefined : by('vs')] as const;
  const roots = [...outputs, ...slopes.filter((node) => node !== undefined)];
  return {
    deviceNames,
    deviceNodes: [strength, ...frontier(roots)],
    ...{ g, slopes, outputs, outputNames, tables, ownBounds },
  };
}

function isVolts(name: string): boolean {
  return (VOLTS as readonly string[]).includes(name);
}

function ownBoundsOf({ spread, parameters, law }: TransistorKind, name: string, i: number): Bounds {
  const value = parameters[law.parameterNames.indexOf(name)]!;
  const deviation = DEVIATIONS * Math.sqrt(spread!.covariance[i]![i]!);
  return spread!.scale[i] === 'log'
    ? [value * Math.exp(-deviation), value * Math.exp(deviation)]
    : [value - deviation, value + deviation];
}

const reads = new WeakMap<Node, boolean>();

/** Whether a node depends on the voltages. */
export function readsVolts(node: Node): boolean {
  const known = reads.get(node);
  if (known !== undefined) return known;
  const found = node.op === 'symbol' ? isVolts(node.name) : node.of.some(readsVolts);
  reads.set(node, found);
  return found;
}

/** A product as what does not depend on the voltages, and the rest. */
function factored(node: Node, graph: Graph): [strength: Node, rest: Node] {
  const one = graph.constant(1);
  if (!readsVolts(node)) return [node, one];
  if (node.op === 'neg') {
    const [strength, rest] = factored(node.of[0]!, graph);
    return [graph.neg(strength), rest];
  }
  if (node.op !== 'mul' && node.op !== 'div') return [one, node];
  const [a, b] = node.of.map((of) => factored(of, graph)) as [[Node, Node], [Node, Node]];
  return [graph[node.op](a[0], b[0]), graph[node.op](a[1], b[1])];
}

/** Quantities of the device alone that stand in what depends on the voltages; numbers are not among them. */
function frontier(roots: readonly Node[]): Node[] {
  const found = new Set<Node>();
  const take = (node: Node): void => {
    if (node.op !== 'constant' && !readsVolts(node)) found.add(node);
  };
  for (const root of roots) take(root);
  for (const node of inOrder(roots)) if (readsVolts(node)) node.of.forEach(take);
  return [...found];
}

/** The same with a table for every costly function of one quantity; of two that contain each other the larger. */
function withTables(root: Node, graph: Graph, bounds: (name: string) => Bounds, tables: Map<string, CurveTable>): Node {
  /** The one quantity that a node is a function of, apart from numbers: itself where there are several. */
  const base = new Map<Node, Node>();
  const order = inOrder([root]);
  for (const node of order) {
    const bases = new Set(node.of.flatMap((of) => (of.op === 'constant' ? [] : [base.get(of)!])));
    const isAlone = bases.size === 1 && [...bases].every(readsVolts);
    base.set(node, isAlone ? [...bases][0]! : node);
  }
  const isCostly = (node: Node): boolean => {
    const of = base.get(node)!;
    return inOrder([node]).some((one) => one !== of && COSTLY.includes(one.op) && base.get(one) === of);
  };
  const x = graph.symbol('x');
  const done = new Map<Node, Node>();
  const visit = (node: Node): Node => {
    const known = done.get(node);
    if (known !== undefined) return known;
    const of = base.get(node)!;
    let result: Node | undefined;
    if (of !== node && readsVolts(node) && isCostly(node)) {
      const inside = new Map<Node, Node>([[of, x]]);
      const curve = graph.replaced(node, () => undefined, inside);
      const name = `${curve.id}`;
      const compiled = compileNodes([curve], ['x']);
      const [argument, out] = [new Float64Array(1), new Float64Array(1)];
      const table = curveTable(
        (value) => {
          argument[0] = value;
          compiled(0, 0, 0, 1, 1, 27, argument, out);
          return out[0]!;
        },
        ...boundsOf(of, bounds),
      );
      const known = [...tables.keys()].find((key) => key === name);
      if (known === undefined && table !== undefined) tables.set(name, table);
      if (table !== undefined) result = graph.table('table', name, visit(of));
    }
    result ??= node.of.length === 0 ? node : rebuilt(node, node.of.map(visit), graph);
    done.set(node, result);
    return result;
  };
  return visit(root);
}

function rebuilt(node: Node, of: readonly Node[], graph: Graph): Node {
  return of.every((one, i) => one === node.of[i]) ? node : graph.rebuilt(node, of);
}
