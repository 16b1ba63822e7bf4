import { NetlistError } from '../engine/errors.ts';

/** Where something stands in a netlist; `line` counts from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** One statement of a netlist: its words in lower case and as written, continuation lines joined, without comments. */
export interface Statement extends Place {
  readonly words: readonly string[];
  readonly written: readonly string[];
}

/**
 * `own`: what neuroprint writes, plain numbers, no parameters, no includes, no comments behind a statement.
 * `foreign`: what other tools write, as far as ngspice reads it in one way only.
 */
export type Dialect = 'own' | 'foreign';

/** Refuses something of a netlist with its file and line. */
export function refuse(at: Place, message: string, hint?: string): never {
  throw new NetlistError(at.file, at.line, message, hint);
}

/** Gathers refusals, so that one reading names all that is wrong. */
export class Refusals {
  readonly #found: NetlistError[] = [];
  readonly #said = new Set<string>();

  /** Runs `work`; a NetlistError of it is kept, and the result is undefined then. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof NetlistError)) throw error;
      if (!this.#said.has(error.message)) this.#found.push(error);
      this.#said.add(error.message);
      return undefined;
    }
  }

  /** Throws one NetlistError with everything that was refused so far. */
  check(): void {
    const [first, ...more] = this.#found;
    if (first !== undefined) throw more.length === 0 ? first : first.with(more);
  }
}

const LONGEST_TITLE = 1000;
const OWN_HINT = 'Use the netlist as neuroprint wrote it.';

/**
 * Splits the text of one file into statements. Refused are control characters, `*#` lines (ngspice runs them), backslashes at an end
 * (ngspice joins the next line), in our own netlists comments behind a statement, and in foreign ones letters beyond ASCII outside of
 * comments. `hasTitle`: line 1 is the title, whatever it says.
 */
export function lex(text: string, file: string, dialect: Dialect, refusals: Refusals, hasTitle = false): Statement[] {
  const found: { text: string; line: number }[] = [];
  let ended = 0;
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  // nothing in the whole text that a line could be refused for, or that begins a comment
  const isPlain = dialect === 'foreign' && !/[^\t\n\r -~]|\r(?!\n)|[\\;$]|\/\//.test(text);
  for (const [i, raw] of lines.entries()) {
    if (isPlain && i > 0 && ended === 0 && /^[a-z]/i.test(raw)) {
      found.push({ text: raw.trimEnd(), line: i + 1 });
      continue;
    }
    const at = { file, line: i + 1 };
    refusals.attempt(() => {
      checkLine(raw, at, dialect);
      const content = dialect === 'own' ? raw.trim() : withoutComment(raw, at).trim();
      if (i === 0 && hasTitle) return checkTitle(content, at);
      if (content === '' || content.startsWith('*')) return;
      if (dialect === 'own' && /[;$]/.test(content))
        refuse(at, 'a comment at the end of a line is not allowed', OWN_HINT);
      if (ended > 0) refuse(at, `stands after .end (line ${ended})`);
      if (dialect === 'foreign' && content.toLowerCase() === '.end') {
        ended = at.line;
        return;
      }
      if (!content.startsWith('+')) found.push({ text: content, line: at.line });
      else if (found.length === 0) refuse(at, 'continues nothing');
      else found.at(-1)!.text += ` ${content.slice(1).trim()}`;
    });
  }
  return found.flatMap((statement) => {
    const at = { file, line: statement.line };
    const lower = refusals.attempt(() => words(statement.text.toLowerCase(), at));
    return lower === undefined ? [] : [new Lexed(file, statement.line, lower, statement.text)];
  });
}

/** Words as written are seldom asked for, so that they are split again then. */
class Lexed implements Statement {
  readonly file: string;
  readonly line: number;
  readonly words: readonly string[];
  readonly #text: string;

  constructor(file: string, line: number, lower: readonly string[], text: string) {
    this.file = file;
    this.line = line;
    this.words = lower;
    this.#text = text;
  }

  get written(): readonly string[] {
    return words(this.#text, this);
  }
}

function checkLine(raw: string, at: Place, dialect: Dialect): void {
  const hint = dialect === 'own' ? OWN_HINT : undefined;
  if (/[^\t\P{Cc}]/u.test(raw)) refuse(at, 'holds a control character', hint);
  const content = raw.trim();
  if (/^\*\s*(#|ng_script)/i.test(content)) refuse(at, 'a comment that ngspice runs as a command');
  if (dialect === 'own' && raw.includes('\\')) refuse(at, 'holds a backslash', hint);
  if (content.endsWith('\\') && !content.startsWith('*'))
    refuse(at, 'ends with a backslash, which joins it with the next line in ngspice', 'Begin the next line with +.');
}

/** SPICE takes line 1 as the title whatever it says; a line that looks like a statement would be lost without a word. */
function checkTitle(content: string, at: Place): void {
  if (content === '' || content.startsWith('*') || /^\.title/i.test(content)) return;
  if (content.length > LONGEST_TITLE) refuse(at, 'the title is too long');
  const device = /^[a-z]\S*\s+(\S+)\s+(\S+)(?:\s+\S+)*\s+(?:[\d.]+(?:meg|[tgkmunpf])?(?:ohms?|r)?|[{'].*[}'])$/i.exec(
    content,
  );
  // `R1 a b 1k`, but not `Crossbar of 4 columns, version 2`
  const isDevice = device !== null && (/^[a-z]\d/i.test(content) || /[a-z{}']$/i.test(content) || device[2] === '0');
  if (/^[.+]/.test(content) || isDevice)
    refuse(
      at,
      'line 1 is the title in SPICE, and this one looks like a statement',
      'Begin the file with a comment line.',
    );
}

/**
 * Without what ngspice takes for a comment: behind `;`, behind `//`, and behind a `$` that stands first or after a blank or a comma.
 * `10µ` becomes `10u`; other letters beyond ASCII are refused.
 */
function withoutComment(line: string, at: Place): string {
  if (/^\s*\*/.test(line)) return '';
  const isInclude = /^\s*\.inc/i.test(line);
  const kept = line
    .replace(/;.*$/, '')
    .replace(isInclude ? /$^/ : /\/\/.*$/, '')
    .replace(/(^|[\s,])\$.*$/, '$1')
    .replace(/(?<=\d)[µμ](?=[a-z]*(?:\s|$))/gi, 'u');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  const strange = /[^\u0000-\u007f]/u.exec(kept)?.[0];
  if (strange !== undefined && at.line > 1)
    refuse(at, `holds "${strange}", which is no ASCII`, 'Only comments and the title may hold such letters.');
  return kept;
}

/** Splits at blanks, not inside `{…}` or `'…'`; `a = b` and `a=b` are the same. */
function words(statement: string, at: Place): string[] {
  // blanks first: `\s*=` alone takes quadratic time on a line of blanks
  const joined = statement.replace(/\s+/g, ' ').replace(/ ?= ?/g, '=');
  if (!/[{}'"]/.test(joined)) return joined.split(' ').filter((word) => word !== '');
  const parts = joined.match(/(?:\{[^{}]*\}|'[^']*'|"[^"]*"|[^\s{}'"])+/g) ?? [];
  const kept = parts.join('').replace(/\s/g, '').length;
  if (kept !== statement.replace(/\s/g, '').length) refuse(at, 'has a bracket or a quote without its other half');
  return parts;
}
