/** Values of parameters by name. */
export type Parameters = ReadonlyMap<string, number>;

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
const NUMBER = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?([a-z]*)/;
const DEEPEST = 40;

/**
 * A SPICE number: `4.7k`, `1meg`, `1e6`, `2.2kohm`. In SPICE `1m` and `1M` are milli. Letters after the suffix are a unit and
 * count for nothing, as in SPICE, but only those that name one: `1kx` is refused. Undefined where it is no number.
 */
export function parseSpiceNumber(text: string): number | undefined {
  const found = scanNumber(text.replace(/^[+-]/, ''));
  if (found === undefined || found.length !== text.replace(/^[+-]/, '').length) return undefined;
  return text.startsWith('-') ? -found.value : found.value;
}

function scanNumber(text: string): { value: number; length: number } | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [all, mantissa, exponent = '', letters] = match;
  const suffix = SUFFIXES.find(([name]) => letters!.startsWith(name));
  const unit = suffix === undefined ? letters! : letters!.slice(suffix[0].length);
  if (!['', 'ohm', 'ohms', 'v'].includes(unit)) return undefined;
  const value = Number(`${mantissa}${exponent}`) * (suffix?.[1] ?? 1);
  return Number.isFinite(value) ? { value, length: all.length } : undefined;
}

/**
 * The value of a word: a number, `{expression}`, `'expression'` or a parameter's name; an expression has + − * / and brackets, no
 * functions. Throws Error with what is wrong.
 */
export function evaluate(word: string, parameters: Parameters): number {
  const inner = /^\{(.*)\}$/.exec(word)?.[1] ?? /^'(.*)'$/.exec(word)?.[1];
  if (inner === undefined) {
    const value = parseSpiceNumber(word) ?? parameters.get(word);
    if (value === undefined) throw new Error(`"${word}" is no number and no parameter`);
    return value;
  }
  const reader = new Reader(inner, parameters);
  const value = reader.sum(0);
  reader.end();
  if (!Number.isFinite(value)) throw new Error(`"${word}" is ${value}`);
  return value;
}

/** Recursive descent over the text of one expression. */
class Reader {
  #rest: string;
  readonly #parameters: Parameters;

  constructor(text: string, parameters: Parameters) {
    this.#rest = text.trim();
    this.#parameters = parameters;
  }

  end(): void {
    if (this.#rest !== '') throw new Error(`"${this.#rest}" cannot stand in an expression`);
  }

  sum(depth: number): number {
    if (depth > DEEPEST) throw new Error('an expression is nested too deeply');
    let value = this.#product(depth);
    for (;;) {
      if (this.#take('+')) value += this.#product(depth);
      else if (this.#take('-')) value -= this.#product(depth);
      else return value;
    }
  }

  #product(depth: number): number {
    let value = this.#factor(depth);
    for (;;) {
      if (this.#take('*')) value *= this.#factor(depth);
      else if (this.#take('/')) value /= this.#factor(depth);
      else return value;
    }
  }

  #factor(depth: number): number {
    if (depth > DEEPEST) throw new Error('an expression is nested too deeply');
    if (this.#take('-')) return -this.#factor(depth + 1);
    if (this.#take('(')) {
      const value = this.sum(depth + 1);
      if (!this.#take(')')) throw new Error('a bracket is not closed');
      return value;
    }
    const number = scanNumber(this.#rest);
    if (number !== undefined) {
      this.#skip(number.length);
      return number.value;
    }
    const name = /^[a-z_][a-z0-9_]*/.exec(this.#rest)?.[0];
    if (name === undefined) throw new Error(`an expression has "${this.#rest}" where a number should be`);
    this.#skip(name.length);
    if (this.#rest.startsWith('(')) throw new Error(`the function ${name} is not allowed`);
    const value = this.#parameters.get(name);
    if (value === undefined) throw new Error(`there is no parameter ${name}`);
    return value;
  }

  #take(character: string): boolean {
    if (!this.#rest.startsWith(character)) return false;
    this.#skip(1);
    return true;
  }

  #skip(length: number): void {
    this.#rest = this.#rest.slice(length).trimStart();
  }
}
