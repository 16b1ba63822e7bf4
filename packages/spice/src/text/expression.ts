import { parseExpression, type Syntax, scanNumber } from '@neuroprint/circuit';

/** The value of a parameter by its name, or undefined. */
export type Lookup = (name: string) => number | undefined;

const PLAIN_NUMBER = /^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/;

const FUNCTIONS: Readonly<Record<string, readonly [arity: number, work: (a: number, b: number) => number]>> = {
  abs: [1, Math.abs],
  ceil: [1, Math.ceil],
  exp: [1, Math.exp],
  floor: [1, Math.floor],
  int: [1, Math.trunc],
  ln: [1, Math.log],
  log: [1, Math.log],
  log10: [1, Math.log10],
  max: [2, Math.max],
  min: [2, Math.min],
  pow: [2, power],
  sqrt: [1, Math.sqrt],
};

/** Names that ngspice has a meaning for, inside expressions or as a device's own parameter: none may be a parameter's. */
const RESERVED = new Set(
  [
    'acos acosh agauss arctan asin asinh atan atanh aunif cos cosh gauss hypot limit nint pwr rand sgn sin sinh sqr',
    'tan tanh ternary_fcn u unif uramp var and or not div mod if else end while macro funct defined include for to',
    'downto is temper temp time hertz pi e c i v m boltz planck echarge kelvin true false yes no all params',
  ].flatMap((line) => line.split(' ')),
);

/** Whether a parameter may have this name: a letter first, and no word that ngspice reads as something else. */
export function isParameterName(name: string): boolean {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !isTaken(name);
}

/** Whether ngspice has a meaning of its own for a name. */
export function isTaken(name: string): boolean {
  return RESERVED.has(name) || Object.hasOwn(FUNCTIONS, name);
}

/**
 * A SPICE number: `4.7k`, `1meg`, `1e6`, `2.2kohm`, `100R`. In SPICE `1m` and `1M` are milli. Letters after the suffix are a unit and
 * count for nothing, as in SPICE, but only those that name one: `1kx` is refused. Undefined where it is no number.
 */
export function parseSpiceNumber(text: string): number | undefined {
  if (PLAIN_NUMBER.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const digits = text.replace(/^[+-]/, '');
  const found = scanNumber(digits);
  if (found === undefined || found.length !== digits.length) return undefined;
  return text.startsWith('-') ? -found.value : found.value;
}

/** What is inside of `{…}` or `'…'`; undefined where a word has neither. */
function innerText(word: string): string | undefined {
  return /^\{(.*)\}$/.exec(word)?.[1] ?? /^'(.*)'$/.exec(word)?.[1];
}

/**
 * The value of a word that stands alone: a number, `{expression}` or `'expression'`. Throws Error with what is
 * wrong, also where ngspice's own reading is not the one that a reader expects.
 */
export function evaluate(word: string, lookup: Lookup): number {
  const inner = innerText(word);
  if (inner !== undefined) return evaluateExpression(inner, word, lookup);
  const value = parseSpiceNumber(word);
  if (value !== undefined) return value;
  if (lookup(word) !== undefined)
    throw new Error(`ngspice does not always read the parameter ${word} without brackets: write {${word}}`);
  throw new Error(wrongNumber(word));
}

/** What is wrong with a word that should be a number; undefined where nothing is. */
export function wrongNumber(word: string): string | undefined {
  if (parseSpiceNumber(word) !== undefined) return undefined;
  const [, whole, letter, part] = /^(\d+)([a-df-z])(\d+)$/.exec(word) ?? [];
  if (whole === undefined) return `"${word}" is no number and no parameter`;
  const meant = `${whole}.${part}${letter === 'r' ? '' : letter}`;
  return `ngspice reads "${word}" as ${whole}${letter} and gnucap ${part}: write ${meant}`;
}

/** The same behind `=`, where an expression needs no bracket: `w=2*l`. */
export function evaluateAssigned(word: string, lookup: Lookup): number {
  return evaluateExpression(innerText(word) ?? word, word, lookup);
}

/** The names that an assigned word reads. */
export function namesIn(word: string): string[] {
  return word.match(/(?<![\w.])[a-z_][a-z0-9_]*/g) ?? [];
}

function evaluateExpression(text: string, word: string, lookup: Lookup): number {
  const value = valueIn(
    parseExpression(text, (name) => Object.hasOwn(FUNCTIONS, name)),
    lookup,
  );
  if (!Number.isFinite(value)) throw new Error(`"${word}" is ${value}`);
  return value;
}

function power(base: number, exponent: number): number {
  if (base > 0) return base ** exponent;
  throw new Error('a power of a number that is not positive is another one in ngspice: write it otherwise');
}

function valueIn(syntax: Syntax, lookup: Lookup): number {
  switch (syntax.kind) {
    case 'number':
      return syntax.value;
    case 'name': {
      const value = lookup(syntax.name);
      if (value === undefined) throw new Error(`there is no parameter ${syntax.name}`);
      return value;
    }
    case 'negate':
      return -valueIn(syntax.of, lookup);
    case 'binary': {
      const [left, right] = [valueIn(syntax.left, lookup), valueIn(syntax.right, lookup)];
      if (syntax.sign === '/' && right === 0) throw new Error('an expression divides by 0');
      return ARITHMETIC[syntax.sign](left, right);
    }
    case 'compare':
      return Number(COMPARISONS[syntax.sign](valueIn(syntax.left, lookup), valueIn(syntax.right, lookup)));
    case 'choice': {
      const [condition, yes, no] = [syntax.condition, syntax.yes, syntax.no].map((one) => valueIn(one, lookup));
      return condition !== 0 ? yes! : no!;
    }
    case 'call':
      return called(syntax.name, syntax.values, lookup);
  }
}

const ARITHMETIC = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '^': power,
};

const COMPARISONS = {
  '<': (a: number, b: number) => a < b,
  '>': (a: number, b: number) => a > b,
  '<=': (a: number, b: number) => a <= b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b,
};

function called(name: string, written: readonly Syntax[], lookup: Lookup): number {
  const [arity, work] = FUNCTIONS[name]!;
  if (written.length !== arity) throw new Error(`${name} takes ${arity} numbers, and has ${written.length}`);
  const values = written.map((one) => valueIn(one, lookup));
  const value = work(values[0]!, values[1]!);
  if (!Number.isFinite(value)) throw new Error(`${name}(${values.join(', ')}) is ${value}`);
  return value;
}
