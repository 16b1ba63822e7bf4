import type { TransistorModel } from '@neuroprint/spice';
import { type ForeignStatement, refuse } from './text.ts';

/** A resistor or an instance as it stands in the text; values are words still. */
export type ForeignItem = Pick<ForeignStatement, 'file' | 'line'> & { readonly name: string } & (
    | { readonly kind: 'resistor'; readonly nodes: readonly [string, string]; readonly value: string }
    | {
        readonly kind: 'instance';
        readonly nodes: readonly string[];
        readonly of: string;
        readonly params: ReadonlyMap<string, string>;
      }
  );

export interface ForeignScope extends Pick<ForeignStatement, 'file' | 'line'> {
  readonly name: string;
  readonly ports: readonly string[];
  /** Parameters of the header with their defaults. */
  readonly params: ReadonlyMap<string, string>;
  /** `.param` lines, in order. */
  readonly locals: readonly (readonly [string, string])[];
  readonly items: readonly ForeignItem[];
}

export interface ForeignNetlist {
  readonly file: string;
  readonly top: ForeignScope;
  readonly subckts: ReadonlyMap<string, ForeignScope>;
}

const NAME = /^[a-z_][a-z0-9_.$#[\]<>:-]*$/;
const NODE = /^[a-z0-9_][a-z0-9_.$#[\]<>:+-]*$/;
const PARAMETER = /^[a-z_][a-z0-9_]*$/;

/** A scope while it is being read. */
interface Open {
  readonly header: Omit<ForeignScope, 'items' | 'locals'>;
  readonly items: ForeignItem[];
  readonly locals: [string, string][];
  readonly names: Set<string>;
}

/**
 * statements → netlist, against an allow-list: `.subckt`/`.ends` with parameters, `.param`, resistors, instances, and a definition
 * of the technology's own transistor and op-amp models, word for word. Everything else is refused with its line.
 */
export function parseForeign(
  file: string,
  statements: readonly ForeignStatement[],
  model: TransistorModel,
): ForeignNetlist {
  const subckts = new Map<string, ForeignScope>();
  const top = opened({ name: '', ports: [], params: new Map(), file, line: 1 });
  let open: Open | undefined;
  const known = modelWords(model);
  let modelLines: string[] | undefined;
  let modelName = '';
  for (const statement of statements) {
    const { words } = statement;
    const first = words[0]!;
    if (modelLines !== undefined) {
      modelLines.push(words.join(' '));
      if (first !== '.ends') continue;
      if (modelLines.join('\n') !== known.get(modelName))
        refuse(statement, `the subcircuit ${modelName} is not the model of that name of the technology`);
      modelLines = undefined;
    } else if (first === '.subckt' && known.has(words[1] ?? '')) {
      if (open !== undefined) refuse(statement, `a .subckt inside .subckt ${open.header.name}`);
      modelLines = [words.join(' ')];
      modelName = words[1]!;
    } else if (first === '.subckt') {
      if (open !== undefined) refuse(statement, `a .subckt inside .subckt ${open.header.name}`);
      open = opened(header(statement));
      if (subckts.has(open.header.name)) refuse(statement, `the subcircuit ${open.header.name} is defined twice`);
    } else if (first === '.ends') {
      if (open === undefined) refuse(statement, '.ends without .subckt');
      const { name } = open.header;
      if (words.length > 2 || (words[1] ?? name) !== name) refuse(statement, `.ends closes ${name}`);
      subckts.set(name, { ...open.header, items: open.items, locals: open.locals });
      open = undefined;
    } else if (first === '.param') {
      (open ?? top).locals.push(...[...pairs(statement, words.slice(1))]);
    } else if (first === '.title') {
      // says nothing about the circuit
    } else if (first.startsWith('.')) {
      refuse(
        statement,
        `${first} is not allowed`,
        'Allowed are .subckt, .ends, .param, .include (in the folder), .end.',
      );
    } else {
      add(open ?? top, statement);
    }
  }
  if (open !== undefined) refuse(open.header, `the subcircuit ${open.header.name} has no .ends: is the file cut off?`);
  if (modelLines !== undefined)
    refuse({ file, line: 1 }, `the subcircuit ${modelName} has no .ends: is the file cut off?`);
  return { file, subckts, top: { ...top.header, items: top.items, locals: top.locals } };
}

function opened(header: Omit<ForeignScope, 'items' | 'locals'>): Open {
  return { header, items: [], locals: [], names: new Set() };
}

/** The definitions of the technology's models by their names, as statements with one blank between words. */
function modelWords(model: TransistorModel): ReadonlyMap<string, string> {
  const lines = model.text
    .toLowerCase()
    .replace(/\n\+/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('*'))
    .map((line) =>
      line
        .replace(/\s*=\s*/g, '=')
        .trim()
        .split(/\s+/)
        .join(' '),
    );
  const starts = lines.flatMap((line, i) => (line.startsWith('.subckt ') ? [i] : []));
  return new Map(starts.map((from, k) => [lines[from]!.split(' ')[1]!, lines.slice(from, starts[k + 1]).join('\n')]));
}

function header(statement: ForeignStatement): Omit<ForeignScope, 'items' | 'locals'> {
  const { file, line } = statement;
  const rest = statement.words.slice(1).filter((word) => word !== 'params:');
  const plain = rest.filter((word) => !word.includes('='));
  const [name, ...ports] = plain;
  if (name === undefined || !NAME.test(name)) refuse(statement, '.subckt needs a name');
  for (const port of ports) checkNode(statement, port);
  if (new Set(ports).size < ports.length) refuse(statement, `${name} names a port twice`);
  if (ports.includes('0') || ports.includes('gnd')) refuse(statement, `${name} has ground as a port`);
  return { name, ports, params: pairs(statement, rest.slice(plain.length)), file, line };
}

function pairs(statement: ForeignStatement, words: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    const name = word.slice(0, at);
    if (at < 0 || !PARAMETER.test(name)) refuse(statement, `"${word}" is no name=value`);
    if (found.has(name)) refuse(statement, `the parameter ${name} is given twice`);
    found.set(name, word.slice(at + 1));
  }
  return found;
}

function add(scope: Open, statement: ForeignStatement): void {
  const { words, file, line } = statement;
  const name = words[0]!;
  if (!NAME.test(name)) refuse(statement, `"${name}" is no device name`);
  if (scope.names.has(name)) refuse(statement, `the device ${name} is there twice`);
  scope.names.add(name);
  if (name.startsWith('r')) {
    if (words.length !== 4) refuse(statement, `the resistor ${name} needs two nodes and a value, and nothing else`);
    const nodes = [checkNode(statement, words[1]!), checkNode(statement, words[2]!)] as const;
    scope.items.push({ kind: 'resistor', name, nodes, value: words[3]!.replace(/^r=/, ''), file, line });
  } else if (name.startsWith('x')) {
    const rest = words.slice(1).filter((word) => word !== 'params:');
    const plain = rest.filter((word) => !word.includes('='));
    const params = pairs(statement, rest.slice(plain.length));
    const of = plain.at(-1) ?? '';
    if (plain.length < 2 || !NAME.test(of)) refuse(statement, `the instance ${name} needs nodes and a subcircuit`);
    const nodes = plain.slice(0, -1).map((node) => checkNode(statement, node));
    scope.items.push({ kind: 'instance', name, nodes, of, params, file, line });
  } else {
    refuse(
      statement,
      `${name}: only resistors (R) and subcircuits (X) are allowed`,
      /^[vi]/.test(name) ? 'Sources belong to the testbench: the map says what is driven.' : undefined,
    );
  }
}

function checkNode(statement: ForeignStatement, word: string): string {
  if (!NODE.test(word)) refuse(statement, `"${word}" is no node name`);
  return word === 'gnd' ? '0' : word;
}
