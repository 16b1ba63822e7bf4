import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileExists, InputFileError, platform } from '@neuroprint/core';
import { lex, type Place, type Refusals, refuse, type Statement } from './lex.ts';

const LARGEST_FILE_BYTES = 16_000_000;
const MOST_STATEMENTS = 400_000;
const DEEPEST_INCLUDE = 8;

/** What a reading has used up, over all included files. */
interface Budget {
  bytes: number;
  statements: number;
  /** How many subcircuits are open. */
  depth: number;
  /** Files that were read outside of every subcircuit. */
  readonly outside: Set<string>;
}

/**
 * Reads a netlist from elsewhere into statements, with the files it includes from its own folder and below. Nothing is run
 * and nothing else is opened. Refused with file and line is an include that leaves the folder, a file that is
 * no regular one or too large, and what `lex` refuses.
 */
export function readStatements(file: string, refusals: Refusals): Statement[] {
  if (!fileExists(file)) throw new InputFileError({ file }, 'there is no such file');
  const folder = platform.files.realPath(dirname(resolve(file)));
  return readInto(
    file,
    { file, line: 1 },
    folder,
    [],
    { bytes: 0, statements: 0, depth: 0, outside: new Set() },
    refusals,
  );
}

function readInto(
  file: string,
  from: Place,
  folder: string,
  open: readonly string[],
  budget: Budget,
  refusals: Refusals,
): Statement[] {
  const statements: Statement[] = [];
  const text = refusals.attempt(() => readRegular(file, from, budget)) ?? '';
  for (const statement of lex(text, file, 'foreign', refusals, open.length === 0)) {
    budget.statements += 1;
    if (budget.statements > MOST_STATEMENTS) refuse(statement, `more than ${MOST_STATEMENTS} statements`);
    const [first] = statement.words;
    if (first === '.subckt') budget.depth += 1;
    if (first === '.ends') budget.depth -= 1;
    if (first !== '.include' && first !== '.inc') {
      statements.push(statement);
      continue;
    }
    refusals.attempt(() => {
      const target = included(statement, folder);
      if (open.includes(target) || platform.files.realPath(file) === target) refuse(statement, 'includes itself');
      if (open.length >= DEEPEST_INCLUDE) refuse(statement, `includes go deeper than ${DEEPEST_INCLUDE} files`);
      const isAgain = budget.depth === 0 && budget.outside.has(target);
      if (budget.depth === 0) budget.outside.add(target);
      const found = readInto(target, statement, folder, [...open, platform.files.realPath(file)], budget, refusals);
      for (const one of isAgain ? withoutDefinitions(found) : found) statements.push(one);
    });
  }
  return statements;
}

/** What an include brings a second time: its subcircuits and models are there already. */
function withoutDefinitions(statements: readonly Statement[]): Statement[] {
  let depth = 0;
  return statements.filter(({ words: [first] }) => {
    if (first === '.subckt') depth += 1;
    const isKept = depth === 0 && first !== '.model';
    if (first === '.ends') depth -= 1;
    return isKept;
  });
}

/** The file that an include names: inside the netlist's folder, links followed. */
function included(statement: Statement, folder: string): string {
  const name = /^["']?([^"']+)["']?$/.exec(statement.written.slice(1).join(' '))?.[1];
  if (name === undefined) refuse(statement, 'an include without a file');
  const path = resolve(dirname(statement.file), name);
  let real: string;
  try {
    real = platform.files.realPath(path);
  } catch {
    refuse(statement, `includes ${name}, and there is no such file`);
  }
  const inside = relative(folder, real);
  if (isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`))
    refuse(statement, `includes ${name}, which is outside of the netlist's folder`);
  return real;
}

/** The text of a regular file, UTF-8 or, where it is none, Latin-1 (as LTspice writes its µ). */
function readRegular(file: string, from: Place, budget: Budget): string {
  const status = platform.files.stat(file);
  if (status?.kind !== 'file') refuse(from, `${file} is no regular file`);
  budget.bytes += status.bytes;
  if (budget.bytes > LARGEST_FILE_BYTES)
    refuse(from, `${file}: more than ${LARGEST_FILE_BYTES} bytes are no netlist of this kind`);
  const bytes = platform.files.read(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  }
}
