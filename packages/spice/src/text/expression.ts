/** The value of a parameter by its name, or undefined. */
export type Lookup = (name: string) => number | undefined;

const SUFFIXES: readonly (readonly [string, number])[] = [
  ['meg', 1e6],
  ['mil', 25.4e-6],
  ['t', 1e12],
  ['g', 1e9],
  ['k', 1e3],
  ['m', 1e-3],
  ['u', 1e-6],
  ['n', 1e-9],
  ['p', 1e-12],
  ['f', 1e-15],
];
const UNITS = new Set(['', 'ohm', 'ohms', 'r', 'v']);
const NUMBER = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?([a-z]*)/;
const PLAIN_NUMBER = /^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/;
const DEEPEST = 40;

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

function scanNumber(text: string): { value: number; length: number; suffix: string } | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [all, mantissa, exponent = '', letters] = match;
  const suffix = SUFFIXES.find(([name]) => letters!.startsWith(name));
  if (!UNITS.has(suffix === undefined ? letters! : letters!.slice(suffix[0].length))) return undefined;
  const value = Number(`${mantissa}${exponent}`) * (suffix?.[1] ?? 1);
  return Number.isFinite(value) ? { value, length: all.length, suffix: suffix?.[0] ?? '' } : undefined;
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
  const reader = new Reader(text, lookup);
  const value = reader.choice(0);
  reader.end();
  if (!Number.isFinite(value)) throw new Error(`"${word}" is ${value}`);
  return value;
}

function power(base: number, exponent: number): number {
  if (base > 0) return base ** exponent;
  throw new Error('a power of a number that is not positive is another one in ngspice: write it otherwise');
}

/**
 * Recursive descent over the text of one expression. What ngspice reads otherwise than arithmetic is taught is refused: a minus
 * behind an operator before a name or a bracket, a power of a power or of a negative number, `mil`.
 */
class Reader {
  #rest: string;
  readonly #lookup: Lookup;

  constructor(text: string, lookup: Lookup) {
    this.#rest = text.trim();
    this.#lookup = lookup;
  }

  end(): void {
    if (this.#rest !== '') throw new Error(`"${this.#rest}" cannot stand in an expression`);
  }

  choice(depth: number): number {
    if (depth > DEEPEST) throw new Error('an expression is nested too deeply');
    const value = this.#comparison(depth);
    if (!this.#take('?')) return value;
    const yes = this.#comparison(depth + 1);
    if (!this.#take(':')) throw new Error('a "?" has no ":"');
    const no = this.#comparison(depth + 1);
    if (this.#rest.startsWith('?')) throw new Error('a choice inside a choice needs brackets');
    return value !== 0 ? yes : no;
  }

  #comparison(depth: number): number {
    const value = this.#sum(depth);
    const sign = /^(?:[<>]=?|==|!=)/.exec(this.#rest)?.[0];
    if (sign === undefined) return value;
    this.#skip(sign.length);
    const other = this.#sum(depth, false);
    if (/^[<>=!]/.test(this.#rest)) throw new Error('a comparison of a comparison needs brackets');
    const holds = { '<': value < other, '>': value > other, '<=': value <= other, '>=': value >= other };
    return Number(holds[sign as '<'] ?? (sign === '==' ? value === other : value !== other));
  }

  #sum(depth: number, first = true): number {
    let value = this.#product(depth, first);
    for (;;) {
      if (this.#take('+')) value += this.#product(depth, false);
      else if (this.#take('-')) value -= this.#product(depth, false);
      else return value;
    }
  }

  #product(depth: number, first: boolean): number {
    let value = this.#signed(depth, first);
    for (;;) {
      if (/^\*(?!\*)/.test(this.#rest)) {
        this.#skip(1);
        value *= this.#signed(depth, false);
      } else if (this.#take('/')) {
        const divisor = this.#signed(depth, false);
        if (divisor === 0) throw new Error('an expression divides by 0');
        value /= divisor;
      } else return value;
    }
  }

  /** With a minus: at the beginning of an expression before anything, behind an operator before a number only. */
  #signed(depth: number, first: boolean): number {
    if (!this.#take('-')) return this.#power(depth);
    if (!first && !/^[\d.]/.test(this.#rest))
      throw new Error('ngspice reads a minus behind an operator otherwise: put brackets around it, as in 2*(-a)');
    if (this.#rest.startsWith('-')) throw new Error('two minus signs in a row');
    const before = this.#rest;
    const value = -this.#power(depth);
    const taken = before.slice(0, before.length - this.#rest.length);
    if (!first && /\^|\*\*/.test(taken)) throw new Error('a minus before a power needs brackets');
    return value;
  }

  #power(depth: number): number {
    const base = this.#factor(depth);
    if (!this.#take('**') && !this.#take('^')) return base;
    const minus = this.#take('-');
    if (minus && !/^[\d.]/.test(this.#rest)) throw new Error('a minus in an exponent needs brackets');
    const exponent = this.#factor(depth);
    if (/^(?:\*\*|\^)/.test(this.#rest))
      throw new Error('ngspice reads a power of a power from the left, other tools from the right: put brackets');
    return power(base, minus ? -exponent : exponent);
  }

  #factor(depth: number): number {
    if (depth > DEEPEST) throw new Error('an expression is nested too deeply');
    if (this.#take('(')) return this.#closed(this.choice(depth + 1));
    const number = scanNumber(this.#rest);
    if (number !== undefined) {
      if (number.suffix === 'mil') throw new Error('mil is milli inside an expression of ngspice, and 25.4e-6 outside');
      this.#skip(number.length);
      return number.value;
    }
    const name = /^[a-z_][a-z0-9_]*/.exec(this.#rest)?.[0];
    if (name === undefined) throw new Error(`an expression has "${this.#rest}" where a number should be`);
    this.#skip(name.length);
    if (this.#take('(')) return this.#call(name, depth);
    const value = this.#lookup(name);
    if (value === undefined) throw new Error(`there is no parameter ${name}`);
    return value;
  }

  #call(name: string, depth: number): number {
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) throw new Error(`the function ${name} is not allowed`);
    const [arity, work] = known;
    const values = [this.choice(depth + 1)];
    while (this.#take(',')) values.push(this.#comparison(depth + 1));
    if (values.length !== arity) throw new Error(`${name} takes ${arity} numbers, and has ${values.length}`);
    const value = work(this.#closed(values[0]!), values[1]!);
    if (!Number.isFinite(value)) throw new Error(`${name}(${values.join(', ')}) is ${value}`);
    return value;
  }

  #closed(value: number): number {
    if (!this.#take(')')) throw new Error('a bracket is not closed');
    return value;
  }

  #take(text: string): boolean {
    if (!this.#rest.startsWith(text)) return false;
    this.#skip(text.length);
    return true;
  }

  #skip(length: number): void {
    this.#rest = this.#rest.slice(length).trimStart();
  }
}
