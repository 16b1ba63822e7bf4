import { derive } from './derive.ts';
import { inOrder, type Node } from './graph.ts';
import { LAW_SYMBOLS, type Law } from './law.ts';

/**
 * Writes the drain current in amperes to `out[0]` and its derivatives, in the order asked for, behind it. Volts, metres, degrees
 * Celsius; `parameters` in the order of the law's parameterNames. Allocates nothing.
 */
export type CompiledLaw = (
  vg: number,
  vd: number,
  vs: number,
  width: number,
  length: number,
  celsius: number,
  parameters: ArrayLike<number>,
  out: Float64Array,
) => void;

/** ln(1 + eˣ) is never less than this, so that its powers have finite logarithms far below threshold. */
const LEAST_SOFTPLUS = 1e-300;

/** The law as a function, with exact derivatives by any of vg, vd, vs, W, L, temp and the law's parameters. */
export function compileLaw(law: Law, by: readonly string[]): CompiledLaw {
  for (const name of by)
    if (!(LAW_SYMBOLS as readonly string[]).includes(name) && !law.parameterNames.includes(name))
      throw new Error(`the law has no ${name}`);
  return compileNodes([law.current, ...by.map((name) => derive(law.graph, law.current, name))], law.parameterNames);
}

/** The same for any quantities of a law's graph: `out[i]` is that of `roots[i]`. */
export function compileNodes(roots: readonly Node[], parameterNames: readonly string[]): CompiledLaw {
  const body = [
    ...statements(inOrder(roots), parameterNames),
    ...roots.map((root, i) => `out[${i}] = ${operand(root)};`),
  ];
  // the text is made of numbers, operators and names t1, t2, …: nothing of the law's own text stands in it
  return new Function('vg', 'vd', 'vs', 'W', 'L', 'temp', 'p', 'out', body.join('\n')) as CompiledLaw;
}

function operand(node: Node): string {
  return node.op === 'constant' ? `(${node.value})` : `t${node.id}`;
}

/** One line a node; what softplus and logistic of the same quantity share is computed once. */
function statements(nodes: readonly Node[], parameterNames: readonly string[]): string[] {
  const tails = new Set<Node>();
  const powers = new Map(nodes.filter(({ op }) => op === 'pow').map((node) => [key(node), node]));
  // a power after the one that is lower by one, of which it is a multiple
  const lower = (node: Node): Node | undefined => {
    const [base, exponent] = node.of;
    if (node.op !== 'pow' || base!.op !== 'softplus') return undefined;
    return [...powers.values()].find(
      ({ of: [b, e] }) =>
        b === base &&
        (e!.op === 'sub'
          ? e!.of[0] === exponent && e!.of[1]!.value === 1
          : e!.op === 'constant' && exponent!.op === 'constant' && e!.value === exponent!.value - 1),
    );
  };
  const ordered: Node[] = [];
  const placed = new Set<Node>();
  const place = (node: Node): void => {
    if (placed.has(node)) return;
    placed.add(node);
    for (const one of node.of) place(one);
    const before = lower(node);
    if (before !== undefined) place(before);
    ordered.push(node);
  };
  for (const node of nodes) place(node);
  return ordered.flatMap((node) => {
    const [a, b, yes, no] = node.of.map(operand) as [string, string, string, string];
    const set = (text: string): string => `const t${node.id} = ${text};`;
    switch (node.op) {
      case 'constant':
        return [];
      case 'symbol': {
        const at = parameterNames.indexOf(node.name);
        return [set(at < 0 ? node.name : `p[${at}]`)];
      }
      case 'softplus':
      case 'logistic': {
        const argument = node.of[0]!;
        const e = `e${argument.id}`;
        const shared = tails.has(argument) ? [] : [`const ${e} = Math.exp(-Math.abs(${a}));`];
        tails.add(argument);
        const softplus = `Math.max(${LEAST_SOFTPLUS}, Math.max(${a}, 0) + Math.log1p(${e}))`;
        return [...shared, set(node.op === 'softplus' ? softplus : `(${a} > 0 ? 1 : ${e}) / (1 + ${e})`)];
      }
      case 'pow': {
        const before = lower(node);
        return [set(before === undefined ? `Math.exp(${b} * Math.log(${a}))` : `t${before.id} * ${a}`)];
      }
      case 'ifless':
        return [set(`${a} < ${b} ? ${yes} : ${no}`)];
      case 'neg':
        return [set(`-${a}`)];
      case 'add':
      case 'sub':
      case 'mul':
      case 'div':
        return [set(`${a} ${SIGNS[node.op]} ${b}`)];
      case 'ln':
        return [set(`Math.log(${a})`)];
      default:
        return [set(`Math.${node.op}(${node.of.map(operand).join(', ')})`)];
    }
  });
}

function key({ of }: Node): string {
  return of.map(({ id }) => id).join();
}

const SIGNS = { add: '+', sub: '-', mul: '*', div: '/' } as const;
