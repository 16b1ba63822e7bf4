import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { InputFileError } from '@neuroprint/core';
import { NetlistError } from '@neuroprint/spice';

/** One statement of a foreign netlist: words in lower case, continuation lines joined, no comments. `line` counts from 1. */
export interface ForeignStatement {
  readonly words: readonly string[];
  readonly file: string;
  readonly line: number;
}

const LARGEST_FILE_BYTES = 8_000_000;
const MOST_STATEMENTS = 200_000;
const DEEPEST_INCLUDE = 8;
const LONGEST_TITLE = 1000;

/** What a reading has used up, over all included files. */
interface Budget {
  bytes: number;
  statements: number;
}

/** Refuses a statement, with its file and line. */
export function refuse(at: Pick<ForeignStatement, 'file' | 'line'>, message: string, hint?: string): never {
  throw new NetlistError(at.file, at.line, message, hint);
}

/**
 * Reads a netlist from elsewhere into statements, with the files it includes from its own folder and below. Nothing is run
 * and nothing else is opened. Throws NetlistError with file and line for an include that leaves the folder, a file that is
 * no regular one or too large, control characters, and lines that a simulator would run as commands.
 */
export function readForeign(file: string): ForeignStatement[] {
  if (!existsSync(file)) throw new InputFileError({ file }, 'there is no such file');
  const folder = realpathSync(dirname(resolve(file)));
  return readInto(file, { file, line: 1 }, folder, [], { bytes: 0, statements: 0 });
}

function readInto(
  file: string,
  from: Pick<ForeignStatement, 'file' | 'line'>,
  folder: string,
  open: readonly string[],
  budget: Budget,
): ForeignStatement[] {
  const statements: ForeignStatement[] = [];
  for (const statement of split(readRegular(file, from, budget), file, open.length === 0)) {
    budget.statements += 1;
    if (budget.statements > MOST_STATEMENTS) refuse(statement, `more than ${MOST_STATEMENTS} statements`);
    const [first] = statement.words;
    if (first !== '.include' && first !== '.inc') {
      statements.push(statement);
      continue;
    }
    const target = included(statement, folder);
    if (open.includes(target)) refuse(statement, 'includes itself');
    if (open.length >= DEEPEST_INCLUDE) refuse(statement, `includes go deeper than ${DEEPEST_INCLUDE} files`);
    statements.push(...readInto(target, statement, folder, [...open, realpathSync(file)], budget));
  }
  return statements;
}

/** The file that an include names: inside the netlist's folder, links followed. */
function included(statement: ForeignStatement, folder: string): string {
  const name = /^["']?([^"']+)["']?$/.exec(statement.words.slice(1).join(' '))?.[1];
  if (name === undefined) refuse(statement, 'an include without a file');
  const path = resolve(dirname(statement.file), name);
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    refuse(statement, `includes ${name}, and there is no such file`);
  }
  const inside = relative(folder, real);
  if (isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`))
    refuse(statement, `includes ${name}, which is outside of the netlist's folder`);
  return real;
}

function readRegular(file: string, from: Pick<ForeignStatement, 'file' | 'line'>, budget: Budget): string {
  const status = lstatSync(realpathSync(file));
  if (!status.isFile()) refuse(from, `${file} is no regular file`);
  budget.bytes += status.size;
  if (budget.bytes > LARGEST_FILE_BYTES)
    refuse(from, `${file}: more than ${LARGEST_FILE_BYTES} bytes are no netlist of this kind`);
  return readFileSync(file, 'utf8');
}

function split(text: string, file: string, hasTitle: boolean): ForeignStatement[] {
  const found: { text: string; line: number }[] = [];
  let ended = 0;
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  for (const [i, raw] of lines.entries()) {
    const at = { file, line: i + 1 };
    if (/[^\t\P{Cc}]/u.test(raw)) refuse(at, 'holds a control character');
    const kept = withoutComment(raw).trim();
    // the name of a file keeps its case
    const content = /^\.inc/i.test(kept) ? kept.replace(/^\S+/, (word) => word.toLowerCase()) : kept.toLowerCase();
    if (/^\*\s*(#|ng_script)/.test(raw.trim().toLowerCase())) refuse(at, 'a comment that ngspice runs as a command');
    if (i === 0 && hasTitle) {
      checkTitle(content, at);
      continue;
    }
    if (content === '' || content.startsWith('*')) continue;
    if (ended > 0) refuse(at, `stands after .end (line ${ended})`);
    if (content === '.end') {
      ended = at.line;
      continue;
    }
    if (!content.startsWith('+')) found.push({ text: content, line: at.line });
    else if (found.length === 0) refuse(at, 'continues nothing');
    else found.at(-1)!.text += ` ${content.slice(1).trim()}`;
  }
  return found.map(({ text: statement, line }) => ({
    words: words(statement, { file, line }),
    file,
    line,
  }));
}

/** SPICE takes line 1 as the title whatever it says; a line that looks like a statement would be lost without a word. */
function checkTitle(content: string, at: Pick<ForeignStatement, 'file' | 'line'>): void {
  if (content === '' || content.startsWith('*') || content.startsWith('.title')) return;
  if (content.length > LONGEST_TITLE) refuse(at, 'the title is too long');
  const looks = /^[.+]/.test(content) || /^[a-z]\S*(\s+\S+){2,}\s+[{'\d.][^\s]*$/.test(content);
  if (looks)
    refuse(
      at,
      'line 1 is the title in SPICE, and this one looks like a statement',
      'Begin the file with a comment line.',
    );
}

/** `;` ends a line, and so does `$` after a blank. */
function withoutComment(line: string): string {
  return line.replace(/;.*$/, '').replace(/(^|\s)\$(\s.*|$)/, '');
}

/** Splits at blanks, not inside `{…}` or `'…'`; `a = b` and `a=b` are the same. */
function words(statement: string, at: Pick<ForeignStatement, 'file' | 'line'>): string[] {
  // blanks first: `\s*=` alone takes quadratic time on a line of blanks
  const parts =
    statement
      .replace(/\s+/g, ' ')
      .replace(/ ?= ?/g, '=')
      .match(/(?:\{[^{}]*\}|'[^']*'|"[^"]*"|[^\s{}'"])+/g) ?? [];
  const kept = parts.join('').replace(/\s/g, '').length;
  if (kept !== statement.replace(/\s/g, '').length) refuse(at, 'has a bracket or a quote without its other half');
  return parts;
}
