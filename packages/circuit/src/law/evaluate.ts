import { platform } from '@neuroprint/core';
import { derive } from './derive.ts';
import { inOrder, type Node } from './graph.ts';
import { LAW_SYMBOLS, type Law } from './law.ts';
import { inSteps, LEAST_SOFTPLUS } from './steps.ts';
import { type CompiledLaw, compileTape } from './tape.ts';

export type { CompiledLaw } from './tape.ts';

/** The law as a function, with exact derivatives by any of vg, vd, vs, W, L, temp and the law's parameters. */
export function compileLaw(law: Law, by: readonly string[]): CompiledLaw {
  for (const name of by)
    if (!(LAW_SYMBOLS as readonly string[]).includes(name) && !law.parameterNames.includes(name))
      throw new Error(`the law has no ${name}`);
  return compileNodes([law.current, ...by.map((name) => derive(law.graph, law.current, name))], law.parameterNames);
}

/** The same for any quantities of a law's graph: `out[i]` is that of `roots[i]`. */
export function compileNodes(roots: readonly Node[], parameterNames: readonly string[]): CompiledLaw {
  return platform.makesCode ? compileText(roots, parameterNames) : compileTape(roots, parameterNames);
}

/** As a function of JavaScript. */
export function compileText(roots: readonly Node[], parameterNames: readonly string[]): CompiledLaw {
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
  const { ordered, lower } = inSteps(nodes);
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

const SIGNS = { add: '+', sub: '-', mul: '*', div: '/' } as const;
