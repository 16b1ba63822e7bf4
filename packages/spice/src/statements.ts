import { NetlistError } from './engine/errors.ts';

/** One statement of a netlist: its words in lower case, continuation lines joined. `line` is its first line, from 1. */
export interface Statement {
  readonly words: readonly string[];
  readonly line: number;
}

/**
 * Splits a netlist into statements, without comments. Refused are `*#` lines (ngspice runs them), end-of-line comments,
 * backslashes (they join lines) and control characters. Throws NetlistError with the line.
 */
export function splitStatements(text: string, file: string): Statement[] {
  const statements: { text: string; line: number }[] = [];
  text.split(/\r?\n/).forEach((raw, i) => {
    const line = i + 1;
    const fail = (message: string): never => {
      throw new NetlistError(file, line, message, 'Use the netlist as neuroprint wrote it.');
    };
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\u0000-\u0008\u000a-\u001f\u007f\\]/.test(raw)) fail('holds a control character or a backslash');
    const content = raw.trim().toLowerCase();
    if (content === '') return;
    if (content.startsWith('*')) {
      if (/^\*\s*(#|ng_script)/.test(content)) fail('a comment that ngspice runs as a command');
      return;
    }
    if (/[;$]/.test(content)) fail('a comment at the end of a line is not allowed');
    if (!content.startsWith('+')) {
      statements.push({ text: content, line });
      return;
    }
    const last = statements.at(-1);
    if (last === undefined) fail('continues nothing');
    else last.text += ` ${content.slice(1).trim()}`;
  });
  return statements.map((statement) => ({
    // `a = b` and `a=b` are the same to ngspice
    words: statement.text
      // blanks first: \s*= alone takes quadratic time on a line of blanks
      .replace(/\s+/g, ' ')
      .replace(/ ?= ?/g, '=')
      .split(' ')
      .filter((word) => word !== ''),
    line: statement.line,
  }));
}
