import type { Node } from './graph.ts';

/** The lowest and the highest that a quantity can be. */
export type Bounds = readonly [low: number, high: number];

/** Bounds of a quantity by interval arithmetic; `symbols` gives those of volts, parameters and the like. Never too narrow. */
export function boundsOf(node: Node, symbols: (name: string) => Bounds, done = new Map<Node, Bounds>()): Bounds {
  const known = done.get(node);
  if (known !== undefined) return known;
  const of = node.of.map((one) => boundsOf(one, symbols, done));
  const found = node.op === 'symbol' ? symbols(node.name) : bounds(node, of);
  // what could be anything, such as 0 times infinity
  const result: Bounds = found.some(Number.isNaN) ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : found;
  done.set(node, result);
  return result;
}

function bounds(node: Node, of: readonly Bounds[]): Bounds {
  const [a, b, yes, no] = of as [Bounds, Bounds, Bounds, Bounds];
  switch (node.op) {
    case 'constant':
      return [node.value, node.value];
    case 'add':
      return [a[0] + b[0], a[1] + b[1]];
    case 'sub':
      // the same twice is a square's root or nothing; voltages of different nodes are independent
      return [a[0] - b[1], a[1] - b[0]];
    case 'neg':
      return [-a[1], -a[0]];
    case 'mul':
      return node.of[0] === node.of[1] ? squared(a) : around(a, b, (x, y) => x * y);
    case 'div':
      return b[0] <= 0 && b[1] >= 0 ? [Number.NaN, Number.NaN] : around(a, b, (x, y) => x / y);
    case 'pow':
      return around([Math.max(0, a[0]), Math.max(0, a[1])], b, (x, y) => x ** y);
    case 'ln':
      return [Math.log(Math.max(0, a[0])), Math.log(Math.max(0, a[1]))];
    case 'sqrt':
      return [Math.sqrt(Math.max(0, a[0])), Math.sqrt(Math.max(0, a[1]))];
    case 'exp':
      return [Math.exp(a[0]), Math.exp(a[1])];
    case 'tanh':
      return [Math.tanh(a[0]), Math.tanh(a[1])];
    case 'softplus':
      return [softplus(a[0]), softplus(a[1])];
    case 'logistic':
      return [1 / (1 + Math.exp(-a[0])), 1 / (1 + Math.exp(-a[1]))];
    case 'abs':
      return a[0] >= 0 ? a : a[1] <= 0 ? [-a[1], -a[0]] : [0, Math.max(-a[0], a[1])];
    case 'min':
      return [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
    case 'max':
      return [Math.max(a[0], b[0]), Math.max(a[1], b[1])];
    case 'ifless':
      return [Math.min(yes[0], no[0]), Math.max(yes[1], no[1])];
    case 'symbol':
    case 'table':
    case 'slope':
      return [Number.NaN, Number.NaN];
  }
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function squared([low, high]: Bounds): Bounds {
  const [a, b] = [low * low, high * high];
  return [low <= 0 && high >= 0 ? 0 : Math.min(a, b), Math.max(a, b)];
}

/** Of what is monotonous in both: at the corners. */
function around(a: Bounds, b: Bounds, work: (x: number, y: number) => number): Bounds {
  const corners = a.flatMap((x) => b.map((y) => work(x, y)));
  return [Math.min(...corners), Math.max(...corners)];
}
