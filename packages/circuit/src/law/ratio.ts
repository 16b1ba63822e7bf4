import { derive } from './derive.ts';
import { type Node, symbolsOf } from './graph.ts';
import type { Law } from './law.ts';

/** Stands for W/L while a law is looked at. */
const RATIO = 'W/L';

/** The current for W/L = 1 of a law that is W/L times something; undefined where width or length count in another way. */
export function currentPerSquare({ graph, current }: Law): Node | undefined {
  const quotient = graph.div(graph.symbol('W'), graph.symbol('L'));
  const ratio = graph.symbol(RATIO);
  const done = new Map<Node, Node>([[quotient, ratio]]);
  const byRatio = graph.replaced(widthFirst(current, graph), () => undefined, done);
  const read = symbolsOf(byRatio);
  if (read.has('W') || read.has('L') || !read.has(RATIO)) return undefined;
  if (symbolsOf(derive(graph, byRatio, RATIO)).has(RATIO)) return undefined;
  const at = (value: number): Node =>
    graph.replaced(byRatio, (name) => (name === RATIO ? graph.constant(value) : undefined));
  const none = at(0);
  return none.op === 'constant' && none.value === 0 ? at(1) : undefined;
}

/** `k * W / L` as `k * (W / L)`: what is written from the left is a quotient of a product. */
function widthFirst(node: Node, graph: Law['graph'], done = new Map<Node, Node>()): Node {
  const known = done.get(node);
  if (known !== undefined) return known;
  const of = node.of.map((one) => widthFirst(one, graph, done));
  const [a, b] = of as [Node, Node];
  const [width, length] = [graph.symbol('W'), graph.symbol('L')];
  let result = of.every((one, i) => one === node.of[i]) ? node : graph.rebuilt(node, of);
  if (node.op === 'div' && b === length && a.op === 'mul' && a.of.includes(width)) {
    const other = a.of[0] === width ? a.of[1]! : a.of[0]!;
    result = graph.mul(other, graph.div(width, length));
  }
  done.set(node, result);
  return result;
}
