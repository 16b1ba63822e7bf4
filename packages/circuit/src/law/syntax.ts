import { scanNumber } from './numbers.ts';

/** An expression as it was written; `at` counts characters of its text from 0. */
export type Syntax = { readonly at: number } & (
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'negate'; readonly of: Syntax }
  | { readonly kind: 'binary'; readonly sign: BinarySign; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'compare'; readonly sign: ComparisonSign; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'choice'; readonly condition: Syntax; readonly yes: Syntax; readonly no: Syntax }
  | { readonly kind: 'call'; readonly name: string; readonly values: readonly Syntax[] }
);

type BinarySign = '+' | '-' | '*' | '/' | '^';
type ComparisonSign = '<' | '>' | '<=' | '>=' | '==' | '!=';

/** An expression that cannot be read, and where. */
export class ExpressionError extends Error {
  /** Characters before what is wrong. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const DEEPEST = 40;

/**
 * Reads the arithmetic that ngspice has in braces and in B sources, as far as it means one thing everywhere. What ngspice reads
 * otherwise than arithmetic is taught is refused: a minus behind an operator before a name or a bracket, a power of a power, `mil`.
 * Throws ExpressionError; `isFunction` says which calls may stand there, and without it all may.
 */
export function parseExpression(text: string, isFunction: (name: string) => boolean = () => true): Syntax {
  const reader = new Reader(text, isFunction);
  const syntax = reader.choice(0);
  reader.end();
  return syntax;
}

/** Recursive descent over the text of one expression. */
class Reader {
  readonly #text: string;
  readonly #isFunction: (name: string) => boolean;
  #at = 0;

  constructor(text: string, isFunction: (name: string) => boolean) {
    this.#text = text;
    this.#isFunction = isFunction;
    this.#skip(0);
  }

  end(): void {
    if (this.#at < this.#text.length) this.#fail(`"${this.#rest()}" cannot stand in an expression`);
  }

  choice(depth: number): Syntax {
    if (depth > DEEPEST) this.#fail('an expression is nested too deeply');
    const condition = this.#comparison(depth);
    const at = this.#at;
    if (!this.#take('?')) return condition;
    const yes = this.#comparison(depth + 1);
    if (!this.#take(':')) this.#fail('a "?" has no ":"');
    const no = this.#comparison(depth + 1);
    if (this.#next('?')) this.#fail('a choice inside a choice needs brackets');
    return { kind: 'choice', condition, yes, no, at };
  }

  #comparison(depth: number): Syntax {
    const left = this.#sum(depth, true);
    const at = this.#at;
    const sign = (['<=', '>=', '==', '!=', '<', '>'] as const).find((one) => this.#take(one));
    if (sign === undefined) return left;
    const right = this.#sum(depth, false);
    if (/[<>=!]/.test(this.#text.charAt(this.#at))) this.#fail('a comparison of a comparison needs brackets');
    return { kind: 'compare', sign, left, right, at };
  }

  #sum(depth: number, first: boolean): Syntax {
    let left = this.#product(depth, first);
    for (;;) {
      const at = this.#at;
      const sign = this.#take('+') ? '+' : this.#take('-') ? '-' : undefined;
      if (sign === undefined) return left;
      left = { kind: 'binary', sign, left, right: this.#product(depth, false), at };
    }
  }

  #product(depth: number, first: boolean): Syntax {
    let left = this.#signed(depth, first);
    for (;;) {
      const at = this.#at;
      const sign = !this.#next('**') && this.#take('*') ? '*' : this.#take('/') ? '/' : undefined;
      if (sign === undefined) return left;
      left = { kind: 'binary', sign, left, right: this.#signed(depth, false), at };
    }
  }

  /** With a minus: at the beginning of an expression before anything, behind an operator before a number only. */
  #signed(depth: number, first: boolean): Syntax {
    const at = this.#at;
    if (!this.#take('-')) return this.#power(depth);
    if (!first && !/[\d.]/.test(this.#text.charAt(this.#at)))
      this.#fail('ngspice reads a minus behind an operator otherwise: put brackets around it, as in 2*(-a)', at);
    if (this.#next('-')) this.#fail('two minus signs in a row');
    const of = this.#power(depth);
    if (!first && of.kind === 'binary') this.#fail('a minus before a power needs brackets', at);
    return { kind: 'negate', of, at };
  }

  #power(depth: number): Syntax {
    const left = this.#factor(depth);
    const at = this.#at;
    if (!this.#take('**') && !this.#take('^')) return left;
    const sign = this.#at;
    const minus = this.#take('-');
    if (minus && !/[\d.]/.test(this.#text.charAt(this.#at))) this.#fail('a minus in an exponent needs brackets', sign);
    const exponent = this.#factor(depth);
    if (this.#next('**') || this.#next('^'))
      this.#fail('ngspice reads a power of a power from the left, other tools from the right: put brackets');
    const right: Syntax = minus ? { kind: 'negate', of: exponent, at: sign } : exponent;
    return { kind: 'binary', sign: '^', left, right, at };
  }

  #factor(depth: number): Syntax {
    if (depth > DEEPEST) this.#fail('an expression is nested too deeply');
    const at = this.#at;
    if (this.#take('(')) return this.#closed(this.choice(depth + 1));
    const rest = this.#rest();
    const number = scanNumber(rest);
    if (number !== undefined) {
      if (number.suffix === 'mil') this.#fail('mil is milli inside an expression of ngspice, and 25.4e-6 outside');
      this.#skip(number.length);
      return { kind: 'number', value: number.value, at };
    }
    const name = /^[a-z_]\w*/i.exec(rest)?.[0];
    if (name === undefined) return this.#fail(`an expression has "${rest}" where a number should be`);
    this.#skip(name.length);
    if (!this.#take('(')) return { kind: 'name', name, at };
    if (!this.#isFunction(name)) this.#fail(`the function ${name} is not allowed`, at);
    const values = [this.choice(depth + 1)];
    while (this.#take(',')) values.push(this.#comparison(depth + 1));
    return this.#closed({ kind: 'call', name, values, at });
  }

  #closed(syntax: Syntax): Syntax {
    return this.#take(')') ? syntax : this.#fail('a bracket is not closed');
  }

  #rest(): string {
    return this.#text.slice(this.#at).trimEnd();
  }

  #next(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#next(text)) return false;
    this.#skip(text.length);
    return true;
  }

  #skip(length: number): void {
    this.#at += length;
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #fail(message: string, at = this.#at): never {
    throw new ExpressionError(message, at);
  }
}
