/**
 * Functions of a law. `softplus` is ln(1 + eˣ), `logistic` its derivative; `ifless` is x < y ? a : b, which derivatives need; `table` is
 * any function of one quantity, by its name, and `slope` its derivative.
 */
export type Operation =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'neg'
  | 'pow'
  | 'exp'
  | 'ln'
  | 'sqrt'
  | 'tanh'
  | 'abs'
  | 'min'
  | 'max'
  | 'softplus'
  | 'logistic'
  | 'ifless'
  | 'table'
  | 'slope';

/** A quantity of a law. Two that are computed alike are one node. */
export interface Node {
  readonly id: number;
  readonly op: Operation | 'constant' | 'symbol';
  readonly of: readonly Node[];
  /** Of a constant. */
  readonly value: number;
  /** Of a symbol, and of a table. */
  readonly name: string;
}

/** Makes nodes: simplified as far as no rounding changes but that of constants, and each only once. */
export class Graph {
  readonly #nodes = new Map<string, Node>();

  constant(value: number): Node {
    return this.#node(`#${Object.is(value, -0) ? 0 : value}`, 'constant', [], value === 0 ? 0 : value, '');
  }

  symbol(name: string): Node {
    return this.#node(`$${name}`, 'symbol', [], Number.NaN, name);
  }

  /** The table of a name at a quantity, or its slope there. */
  table(op: 'table' | 'slope', name: string, of: Node): Node {
    return this.#node(`${op} ${name}(${of.id})`, op, [of], Number.NaN, name);
  }

  add(a: Node, b: Node): Node {
    if (isValue(a, 0)) return b;
    if (isValue(b, 0)) return a;
    if (bothConstant(a, b)) return this.constant(a.value + b.value);
    if (b.op === 'neg') return this.sub(a, b.of[0]!);
    if (a.op === 'neg') return this.sub(b, a.of[0]!);
    if (a === b) return this.mul(this.constant(2), a);
    return this.#commutative('add', a, b);
  }

  sub(a: Node, b: Node): Node {
    if (isValue(b, 0)) return a;
    if (isValue(a, 0)) return this.neg(b);
    if (bothConstant(a, b)) return this.constant(a.value - b.value);
    if (a === b) return this.constant(0);
    if (b.op === 'neg') return this.add(a, b.of[0]!);
    return this.#operation('sub', [a, b]);
  }

  mul(a: Node, b: Node): Node {
    if (isValue(a, 0) || isValue(b, 0)) return this.constant(0);
    if (isValue(a, 1)) return b;
    if (isValue(b, 1)) return a;
    if (bothConstant(a, b)) return this.constant(a.value * b.value);
    if (b.op === 'constant') return this.mul(b, a);
    if (isValue(a, -1)) return this.neg(b);
    if (a.op === 'constant' && b.op === 'mul' && b.of[0]!.op === 'constant')
      return this.mul(this.constant(a.value * b.of[0]!.value), b.of[1]!);
    if (a.op === 'neg') return this.neg(this.mul(a.of[0]!, b));
    if (b.op === 'neg') return this.neg(this.mul(a, b.of[0]!));
    return this.#commutative('mul', a, b);
  }

  div(a: Node, b: Node): Node {
    if (isValue(a, 0)) return a;
    if (isValue(b, 1)) return a;
    if (bothConstant(a, b)) return this.constant(a.value / b.value);
    if (a === b) return this.constant(1);
    if (a.op === 'neg') return this.neg(this.div(a.of[0]!, b));
    if (b.op === 'neg') return this.neg(this.div(a, b.of[0]!));
    return this.#operation('div', [a, b]);
  }

  neg(a: Node): Node {
    if (a.op === 'constant') return this.constant(-a.value);
    if (a.op === 'neg') return a.of[0]!;
    if (a.op === 'sub') return this.sub(a.of[1]!, a.of[0]!);
    return this.#operation('neg', [a]);
  }

  /** Small whole exponents are products, which mean the same everywhere also of negative numbers. */
  pow(a: Node, b: Node): Node {
    if (bothConstant(a, b)) return this.constant(a.value ** b.value);
    if (b.op === 'constant' && Number.isInteger(b.value) && Math.abs(b.value) <= 4) {
      if (b.value < 0) return this.div(this.constant(1), this.pow(a, this.constant(-b.value)));
      if (b.value < 2) return b.value === 0 ? this.constant(1) : a;
      const half = this.pow(a, this.constant(Math.floor(b.value / 2)));
      const square = this.mul(half, half);
      return b.value % 2 === 0 ? square : this.mul(square, a);
    }
    return this.#operation('pow', [a, b]);
  }

  /** ln, exp, sqrt, tanh, abs, min, max; `ln(1 + exp(x))` becomes softplus, which is exact in both tails. */
  call(op: Exclude<Operation, 'add' | 'sub' | 'mul' | 'div' | 'neg' | 'pow' | 'table' | 'slope'>, ...of: Node[]): Node {
    const [a, b] = of;
    if (op === 'ln' && a!.op === 'add') {
      const exponential = a!.of.find((one) => one.op === 'exp');
      if (exponential !== undefined && a!.of.some((one) => isValue(one, 1)))
        return this.call('softplus', exponential.of[0]!);
    }
    if (op === 'ifless' && of[2] === of[3]) return of[2]!;
    if ((op === 'min' || op === 'max') && a === b) return a!;
    const work = WORK[op];
    if (work !== undefined && of.every((one) => one.op === 'constant')) return this.constant(work(a!.value, b?.value));
    return this.#operation(op, of);
  }

  /** The same with other symbols: `by` gives what stands for a symbol, undefined: itself. */
  replaced(node: Node, by: (name: string) => Node | undefined, done = new Map<Node, Node>()): Node {
    const known = done.get(node);
    if (known !== undefined) return known;
    const of = node.of.map((one) => this.replaced(one, by, done));
    const result =
      node.op === 'symbol'
        ? (by(node.name) ?? node)
        : of.every((one, i) => one === node.of[i])
          ? node
          : this.rebuilt(node, of);
    done.set(node, result);
    return result;
  }

  /** The same operation of other operands. */
  rebuilt({ op, name }: Node, of: readonly Node[]): Node {
    const [a, b] = of as [Node, Node];
    if (op === 'table' || op === 'slope') return this.table(op, name, a);
    if (op === 'add' || op === 'sub' || op === 'mul' || op === 'div' || op === 'pow') return this[op](a, b);
    return op === 'neg' ? this.neg(a) : this.call(op as 'exp', ...of);
  }

  #commutative(op: Operation, a: Node, b: Node): Node {
    const [first, second] = a.id < b.id ? [a, b] : [b, a];
    return this.#node(`${op}(${first.id},${second.id})`, op, [a, b]);
  }

  #operation(op: Operation, of: readonly Node[]): Node {
    return this.#node(`${op}(${of.map(({ id }) => id).join()})`, op, of);
  }

  #node(key: string, op: Node['op'], of: readonly Node[], value = Number.NaN, name = ''): Node {
    let node = this.#nodes.get(key);
    if (node === undefined) {
      node = { id: this.#nodes.size, op, of, value, name };
      this.#nodes.set(key, node);
    }
    return node;
  }
}

/** Symbols that a node reads, directly or by way of others. */
export function symbolsOf(node: Node, found = new Set<string>(), seen = new Set<Node>()): Set<string> {
  if (seen.has(node)) return found;
  seen.add(node);
  if (node.op === 'symbol') found.add(node.name);
  for (const one of node.of) symbolsOf(one, found, seen);
  return found;
}

/** Everything that the given nodes are computed from and they themselves, operands before what reads them. */
export function inOrder(roots: readonly Node[]): Node[] {
  const order = new Set<Node>();
  const visit = (node: Node): void => {
    if (order.has(node)) return;
    for (const one of node.of) visit(one);
    order.add(node);
  };
  for (const root of roots) visit(root);
  return [...order];
}

const WORK: Partial<Record<Operation, (a: number, b?: number) => number>> = {
  exp: Math.exp,
  ln: Math.log,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  abs: Math.abs,
  min: (a, b) => Math.min(a, b!),
  max: (a, b) => Math.max(a, b!),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  logistic: (x) => 1 / (1 + Math.exp(-x)),
};

/** An operation on numbers. */
export function operationValue({ op }: Node, of: readonly number[]): number {
  const [a, b, yes, no] = of as [number, number, number, number];
  switch (op) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return a / b;
    case 'neg':
      return -a;
    case 'pow':
      return a ** b;
    case 'ifless':
      return a < b ? yes : no;
    default:
      return WORK[op as Operation]!(a, b);
  }
}

function isValue(node: Node, value: number): boolean {
  return node.op === 'constant' && node.value === value;
}

function bothConstant(a: Node, b: Node): boolean {
  return a.op === 'constant' && b.op === 'constant';
}
