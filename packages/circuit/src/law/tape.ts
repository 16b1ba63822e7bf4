import { inOrder, type Node } from './graph.ts';
import { inSteps, LEAST_SOFTPLUS } from './steps.ts';

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

const SYMBOLS = ['vg', 'vd', 'vs', 'W', 'L', 'temp'];

/** What a step does with its operands; `tail` is e^−|x|, which softplus and logistic of the same quantity share. */
const OPERATIONS = [
  'add',
  'sub',
  'mul',
  'div',
  'neg',
  'exp',
  'ln',
  'sqrt',
  'tanh',
  'abs',
  'min',
  'max',
  'ifless',
  'tail',
  'softplus',
  'logistic',
  'power',
] as const;
type Operation = (typeof OPERATIONS)[number];

/**
 * Quantities of a law's graph as a list of steps that a loop goes through: for a page, which may make no code of a text. The steps are
 * those of the text, in its order, so that both give the same bits.
 */
export function compileTape(roots: readonly Node[], parameterNames: readonly string[]): CompiledLaw {
  const { ordered, lower } = inSteps(inOrder(roots));
  const values: number[] = new Array(SYMBOLS.length + parameterNames.length).fill(0);
  const places = new Map<Node, number>();
  const tails = new Map<Node, number>();
  const tape: number[] = [];
  const step = (operation: Operation, ...of: readonly number[]): number => {
    const to = values.push(0) - 1;
    const [a = 0, b = 0, c = 0, d = 0] = of;
    tape.push(OPERATIONS.indexOf(operation), to, a, b, c, d);
    return to;
  };
  for (const node of ordered) {
    const of = node.of.map((one) => places.get(one)!);
    const place = (): number => {
      switch (node.op) {
        case 'constant':
          return values.push(node.value) - 1;
        case 'symbol': {
          const at = parameterNames.indexOf(node.name);
          return at < 0 ? SYMBOLS.indexOf(node.name) : SYMBOLS.length + at;
        }
        case 'softplus':
        case 'logistic': {
          const argument = node.of[0]!;
          if (!tails.has(argument)) tails.set(argument, step('tail', of[0]!));
          return step(node.op, of[0]!, tails.get(argument)!);
        }
        case 'pow': {
          const before = lower(node);
          return before === undefined ? step('power', ...of) : step('mul', places.get(before)!, of[0]!);
        }
        case 'table':
        case 'slope':
          throw new Error('a table is for kernels only');
        default:
          return step(node.op, ...of);
      }
    };
    places.set(node, place());
  }
  return play(
    Int32Array.from(tape),
    Float64Array.from(values),
    roots.map((root) => places.get(root)!),
    parameterNames.length,
  );
}

function play(tape: Int32Array, v: Float64Array, results: readonly number[], parameterCount: number): CompiledLaw {
  return (vg, vd, vs, width, length, celsius, parameters, out) => {
    v[0] = vg;
    v[1] = vd;
    v[2] = vs;
    v[3] = width;
    v[4] = length;
    v[5] = celsius;
    for (let i = 0; i < parameterCount; i += 1) v[SYMBOLS.length + i] = parameters[i]!;
    for (let at = 0; at < tape.length; at += 6) {
      const a = v[tape[at + 2]!]!;
      const b = v[tape[at + 3]!]!;
      v[tape[at + 1]!] = operate(tape[at]!, a, b, tape, at, v);
    }
    for (let i = 0; i < results.length; i += 1) out[i] = v[results[i]!]!;
  };
}

/** One step, by its place in OPERATIONS. */
function operate(operation: number, a: number, b: number, tape: Int32Array, at: number, v: Float64Array): number {
  switch (operation) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b;
    case 3:
      return a / b;
    case 4:
      return -a;
    case 5:
      return Math.exp(a);
    case 6:
      return Math.log(a);
    case 7:
      return Math.sqrt(a);
    case 8:
      return Math.tanh(a);
    case 9:
      return Math.abs(a);
    case 10:
      return Math.min(a, b);
    case 11:
      return Math.max(a, b);
    case 12:
      return a < b ? v[tape[at + 4]!]! : v[tape[at + 5]!]!;
    case 13:
      return Math.exp(-Math.abs(a));
    case 14:
      return Math.max(LEAST_SOFTPLUS, Math.max(a, 0) + Math.log1p(b));
    case 15:
      return (a > 0 ? 1 : b) / (1 + b);
    default:
      return Math.exp(b * Math.log(a));
  }
}
