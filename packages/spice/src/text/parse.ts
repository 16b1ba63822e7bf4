import { isParameterName, isTaken, parseSpiceNumber, wrongNumber } from './expression.ts';
import { type Dialect, type Place, type Refusals, refuse, type Statement } from './lex.ts';
import type { Item, KnownSubckts, Model, Netlist, Scope } from './scopes.ts';
import { deviceInWords, leavesOut, RESISTOR_WORDS, RESISTOR_WORDS_LEFT_OUT } from './vocabulary.ts';

const PATTERNS = {
  own: { name: /^[a-z][a-z0-9_]*$/, node: /^(?:0|[a-z][a-z0-9_]*)$/ },
  foreign: {
    name: /^[a-z0-9_][a-z0-9_.$#[\]<>:/-]*$/,
    // ngspice ends a node at its `)`: `Net-(R1-Pad2)` of KiCad is one name
    node: /^[a-z0-9_/~+-][\w.$#[\]<>:+\-/~!@%]*(?:\([\w.$#[\]<>:+\-/~!@%]*\)?)?$/,
  },
} as const;

/**
 * statements → netlist, against an allow-list: the one place that decides what of a text is taken. `.subckt`/`.ends`, resistors, instances,
 * the sources of models (own); besides `.param`, subcircuits in subcircuits, `.model` and what `vocabulary.ts` leaves out (foreign).
 * Everything else is put to `refusals` with its line.
 */
export function parseStatements(
  file: string,
  statements: readonly Statement[],
  dialect: Dialect,
  refusals: Refusals,
  known: KnownSubckts = new Map(),
): Netlist {
  const parser = new Parser(file, dialect, known);
  for (const statement of statements) refusals.attempt(() => parser.take(statement));
  refusals.attempt(() => parser.end());
  return parser.netlist();
}

/** Most devices have none, and share it: a map each would cost a second at 100,000. */
const NO_PARAMETERS = new Map<string, string>();

interface Passed {
  readonly name: string;
  readonly at: Place;
  readonly lines: string[];
  depth: number;
}

class Parser {
  readonly #file: string;
  readonly #dialect: Dialect;
  readonly #known: KnownSubckts;
  readonly #top: Scope;
  #open: Scope;
  /** A known subcircuit that is being passed over. */
  #passed: Passed | undefined;
  /** Names of devices by scope, and of finished subcircuits of any scope. */
  readonly #names = new Map<Scope, Set<string>>();
  readonly #finished = new Set<string>();
  readonly #models = new Map<string, Model>();
  readonly #kept: (Item | string)[] = [];
  readonly #leftOut: (Place & { readonly text: string })[] = [];
  readonly #written = new Map<string, string>();
  #temperature: Place | undefined;

  constructor(file: string, dialect: Dialect, known: KnownSubckts) {
    this.#file = file;
    this.#dialect = dialect;
    this.#known = known;
    this.#top = this.#opened({ name: '', ports: [], params: new Map(), file, line: 1 }, undefined);
    this.#open = this.#top;
  }

  take(statement: Statement): void {
    const { words } = statement;
    const first = words[0]!;
    if (this.#passed !== undefined) this.#pass(statement, this.#passed);
    else if (first === '.subckt') this.#begin(statement);
    else if (first === '.ends') this.#finish(statement);
    else if (!first.startsWith('.')) this.#add(statement);
    else this.#directive(statement, first);
  }

  #directive(statement: Statement, first: string): void {
    if (this.#dialect === 'own')
      refuse(
        statement,
        `${first} is not allowed`,
        'Only .subckt and .ends are: a netlist from elsewhere must not run commands.',
      );
    if (first === '.param' || first === '.params') {
      this.#locals(statement);
      return;
    }
    if (first === '.model') {
      this.#model(statement);
      return;
    }
    const left = leavesOut(statement);
    if (left === undefined)
      refuse(
        statement,
        `${first} is not allowed`,
        'Allowed are .subckt, .ends, .param, .model of resistors, .include (in the folder), .end, and analyses, which are left out.',
      );
    if (left === 'temperature') this.#temperature ??= statement;
    if (left !== 'title') this.#leave(statement);
  }

  end(): void {
    const open = this.#passed ?? (this.#open === this.#top ? undefined : this.#open);
    if (open === undefined) return;
    const at = 'at' in open ? open.at : open;
    refuse(at, `the subcircuit ${open.name} has no .ends: is the file cut off?`);
  }

  netlist(): Netlist {
    return {
      file: this.#file,
      top: this.#top,
      models: this.#models,
      kept: this.#kept,
      leftOut: this.#leftOut,
      temperature: this.#temperature,
      written: this.#written,
    };
  }

  #opened(header: Pick<Scope, 'name' | 'ports' | 'params' | 'file' | 'line'>, parent: Scope | undefined): Scope {
    const scope = { ...header, parent, locals: [], items: [], subckts: new Map() };
    this.#names.set(scope, new Set());
    return scope;
  }

  #keep(text: string): void {
    this.#kept.push(text);
  }

  #leave({ file, line, written }: Statement, what = written.join(' ')): void {
    this.#leftOut.push({ file, line, text: what.length > 60 ? `${what.slice(0, 57)}…` : what });
  }

  /** Passes over the text of a known subcircuit. */
  #pass(statement: Statement, passed: Passed): void {
    const { words } = statement;
    passed.lines.push(words.join(' '));
    if (words[0] === '.subckt') passed.depth += 1;
    if (words[0] !== '.ends') return;
    passed.depth -= 1;
    if (passed.depth > 0) return;
    this.#passed = undefined;
    const text = this.#known.get(passed.name);
    if (text !== null && passed.lines.join('\n') !== text)
      refuse(passed.at, `the subcircuit ${passed.name} is not the model of that name of the technology`);
    if (text === null)
      this.#leave({ ...passed.at, words: [], written: [] }, `.subckt ${passed.name} (the map says what it is)`);
  }

  #begin(statement: Statement): void {
    const { words, file, line } = statement;
    const name = words[1] ?? '';
    if (this.#dialect === 'own' && this.#open !== this.#top)
      refuse(statement, `a .subckt inside .subckt ${this.#open.name}`);
    if (this.#known.has(name)) {
      this.#passed = { name, at: { file, line }, lines: [words.join(' ')], depth: 1 };
      return;
    }
    const rest = words.slice(1).filter((word) => word !== 'params:');
    const plain = rest.filter((word) => !word.includes('='));
    const ports = plain.slice(1);
    // opened first, so that its lines are not taken for those of the scope around it where the header is refused
    const scope = this.#opened({ name, ports: [], params: new Map(), file, line }, this.#open);
    this.#open = scope;
    if (!PATTERNS[this.#dialect].name.test(name)) refuse(statement, '.subckt needs a name');
    const nodes = ports.map((port) => this.#node(statement, port));
    if (new Set(nodes).size < nodes.length) refuse(statement, `the subcircuit ${name} names a port twice`);
    const ground = ports.find((port) => port === '0' || port === 'gnd');
    if (ground !== undefined)
      refuse(
        statement,
        `the subcircuit ${name} has the port ${ground}, which ngspice ties to ground`,
        'Give the port another name.',
      );
    Object.assign(scope, { ports: nodes, params: this.#pairs(statement, rest.slice(plain.length), 'parameter') });
    this.#keep(words.join(' '));
  }

  #finish(statement: Statement): void {
    const { words } = statement;
    const scope = this.#open;
    const parent = scope.parent;
    if (parent === undefined) refuse(statement, '.ends without .subckt');
    this.#open = parent;
    if (words.length > 2 || (words[1] ?? scope.name) !== scope.name) refuse(statement, `.ends closes ${scope.name}`);
    this.#keep(`.ends ${scope.name}`);
    // wherever they stand: which one a call means would hang on rules of scope that simulators do not share
    if (this.#finished.has(scope.name)) refuse(scope, `the subcircuit ${scope.name} is defined twice`);
    this.#finished.add(scope.name);
    parent.subckts.set(scope.name, scope);
  }

  #locals(statement: Statement): void {
    const { words, file, line } = statement;
    for (const [name, word] of this.#pairs(statement, words.slice(1), 'parameter')) {
      if (this.#open.params.has(name))
        refuse(
          statement,
          `${name} is a parameter of the header of ${this.#open.name} too`,
          'Give one of them another name.',
        );
      this.#open.locals.push({ name, word, file, line });
    }
    this.#keep(words.join(' '));
  }

  /** `.model name R(rsh=1k)`; of other kinds only the name is kept, for the message where a device uses it. */
  #model(statement: Statement): void {
    const { words, file, line } = statement;
    const text = words.slice(2).join(' ').replace(/[(),]/g, ' ').trim();
    const [type = '', ...rest] = text.split(' ').filter((word) => word !== '');
    const name = words[1] ?? '';
    if (this.#models.has(name)) refuse(statement, `the model ${name} is there twice`);
    if (type !== 'r' && type !== 'res') {
      this.#models.set(name, { type, params: new Map(), file, line });
      this.#leave(statement);
      return;
    }
    const params = this.#pairs(statement, rest, 'word');
    for (const key of params.keys())
      if (!['rsh', 'r', 'tc1', 'tc2'].includes(key))
        refuse(statement, `${key} of a resistor's model is not read`, 'Read are rsh, r, tc1 and tc2.');
    this.#models.set(name, { type: 'r', params, file, line });
    this.#keep(`.model ${name} r(${rest.join(' ')})`);
  }

  #pairs(statement: Statement, words: readonly string[], kind: 'parameter' | 'word'): Map<string, string> {
    if (words.length === 0) return NO_PARAMETERS;
    const found = new Map<string, string>();
    for (const word of words) {
      const at = word.indexOf('=');
      const name = word.slice(0, at);
      if (at <= 0 || at === word.length - 1) refuse(statement, `"${word}" is no name=value`);
      if (kind === 'parameter' && !isParameterName(name))
        refuse(
          statement,
          `"${name}" cannot be the name of a parameter`,
          isTaken(name) ? 'ngspice has another meaning for it.' : undefined,
        );
      if (found.has(name)) refuse(statement, `the parameter ${name} is given twice`);
      const value = word.slice(at + 1);
      found.set(name, RESISTOR_WORDS_LEFT_OUT.has(name) ? value : this.#value(statement, value));
    }
    return found;
  }

  /** A value, of which nothing is known yet but its letters. */
  #value(at: Place, word: string): string {
    if (/^\d+,\d/.test(word))
      refuse(at, `ngspice reads "${word}" as ${word.split(',')[0]}`, `Write ${word.replace(',', '.')}.`);
    return /^[\w.+\-*/^<>=!?:,(){}' ]*$/.test(word) ? word : refuse(at, `"${word}" is no value`);
  }

  #add(statement: Statement): void {
    const { words, file, line } = statement;
    const name = words[0]!;
    if (!/^[a-z]/.test(name) || !PATTERNS[this.#dialect].name.test(name))
      refuse(statement, `"${name}" is no device name`);
    const names = this.#names.get(this.#open)!;
    if (names.has(name)) refuse(statement, `the device ${name} is there twice`);
    names.add(name);
    this.#note(statement, 0);
    const item = this.#item(statement, name);
    if (item === undefined) {
      this.#leave(statement);
      return;
    }
    this.#open.items.push({ ...item, file, line });
    this.#kept.push(this.#open.items.at(-1)!);
  }

  /** A device, or undefined where it says nothing at rest. */
  #item(statement: Statement, name: string): Omit<Item, keyof Place> | undefined {
    const { words } = statement;
    switch (name[0]) {
      case 'r':
        return this.#resistor(statement, name);
      case 'x': {
        const rest = words.slice(1).filter((word) => word !== 'params:');
        const plain = rest.filter((word) => !word.includes('='));
        const of = plain.at(-1) ?? '';
        if (plain.length < 2 || !PATTERNS[this.#dialect].name.test(of))
          refuse(statement, `the instance ${name} needs nodes and a subcircuit`);
        const params = this.#pairs(statement, rest.slice(plain.length), 'word');
        return { kind: 'instance', name, nodes: this.#nodes(statement, plain.length - 1), words: [of], params };
      }
      case 'c':
        if (this.#dialect === 'own') break;
        if (words.length < 4) refuse(statement, `the capacitor ${name} needs two nodes and a value`);
        return undefined;
      case 'e':
      case 'g':
      case 'b':
      case 'i':
      case 'v': {
        if (!(this.#dialect === 'own' ? 'begi' : 'ev').includes(name[0])) break;
        const count = /^[eg]/.test(name) ? 4 : 2;
        const nodes = this.#nodes(statement, count);
        const rest = words.slice(1 + count);
        if (this.#dialect === 'foreign' && name[0] === 'e') for (const word of rest) this.#value(statement, word);
        return { kind: 'source', name, nodes, words: rest, params: new Map() };
      }
    }
    if (this.#dialect === 'own')
      refuse(statement, `${name}: only R, X and the B, E, G and I of a transistor or op-amp model are allowed`);
    const type = words
      .slice(3)
      .map((word) => this.#models.get(word)?.type)
      .find((found) => found !== undefined);
    return refuse(
      statement,
      `${name}: ${deviceInWords(name, type)} is not allowed`,
      'Read are resistors (R) and subcircuits (X); docs/manual/netlists.md says what else.',
    );
  }

  #resistor(statement: Statement, name: string): Omit<Item, keyof Place> {
    const { words } = statement;
    const rest = words.slice(3);
    if (this.#dialect === 'own') {
      if (words.length !== 4) refuse(statement, `the resistor ${name} needs two nodes and a value`);
      return { kind: 'resistor', name, nodes: this.#nodes(statement, 2), words: rest, params: new Map() };
    }
    const plain = rest.filter((word) => !/^\w+=/.test(word));
    const params = this.#pairs(statement, rest.slice(plain.length), 'word');
    const gives = plain.length + (params.has('r') || params.has('resistance') ? 1 : 0);
    if (
      words.length < 4 ||
      plain.length > 2 ||
      gives === 0 ||
      (params.has('r') && (plain.length > 0 || params.has('resistance')))
    )
      refuse(statement, `the resistor ${name} needs two nodes and a value, and nothing else`);
    for (const [key, word] of params) {
      // ngspice stops at the first number of a word without brackets
      if (/^[+-]?[\d.]/.test(word) && parseSpiceNumber(word) === undefined && key !== 'tol' && key !== 'pwr')
        refuse(statement, `${name}: ngspice does not read ${key}=${word}`, `Write ${key}={${word}}.`);
      if (RESISTOR_WORDS_LEFT_OUT.has(key)) {
        this.#leave(statement, `${statement.written[0]}: ${key}=${word}`);
        params.delete(key);
      } else if (!RESISTOR_WORDS.has(key)) refuse(statement, `${name}: ${key}= of a resistor is not read`);
    }
    const values = plain.map((word) => {
      const value = this.#value(statement, word);
      const fault = /^[\d.+-]/.test(value) && wrongNumber(value);
      return fault ? refuse(statement, fault) : value;
    });
    return { kind: 'resistor', name, nodes: this.#nodes(statement, 2), words: values, params };
  }

  /** The nodes of a device, `count` words from the second on. */
  #nodes(statement: Statement, count: number): string[] {
    if (statement.words.length <= count) refuse(statement, `${statement.words[0]} needs ${count} nodes`);
    return statement.words.slice(1, 1 + count).map((word, i) => {
      this.#note(statement, i + 1);
      return this.#node(statement, word);
    });
  }

  #node(at: Place, word: string): string {
    if (this.#dialect === 'own' && word === 'gnd')
      refuse(at, '"gnd" is another word for ground in ngspice', 'Write 0 for ground.');
    if (!PATTERNS[this.#dialect].node.test(word)) refuse(at, `"${word}" is no node name`);
    return word === 'gnd' ? '0' : word.replace(/\)$/, '');
  }

  /** Remembers how a word was first written. */
  #note(statement: Statement, i: number): void {
    const word = statement.words[i]!.replace(/\)$/, '');
    if (!this.#written.has(word)) this.#written.set(word, statement.written[i]!);
  }
}

/** A device as the simulator gets it; of voltage sources it gets those that measure a current. */
export function textOf({ name, nodes, words, params }: Pick<Item, 'name' | 'nodes' | 'words' | 'params'>): string {
  if (name.startsWith('v')) return [name, ...nodes, 'dc', '0'].join(' ');
  return [name, ...nodes, ...words, ...[...params].map(([key, word]) => `${key}=${word}`)].join(' ');
}
