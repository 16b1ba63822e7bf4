import { join } from 'node:path';
import { fileExists, readTextFile } from '@neuroprint/core';
import { COMMON_TEMPLATES, compileTemplate, environment } from '#host';
import { TemplateError } from '../engine/errors.ts';

/**
 * Handlebars without HTML escaping and with nothing silently empty. Every value enters a netlist through a helper that
 * checks it, because a netlist is a program: `num`, `integer`, `name`, `node`, `words` and the like.
 */
environment.registerHelper('num', (value: unknown) => formatNumber(value));
environment.registerHelper('name', (value: unknown) => checkName(value));
environment.registerHelper('node', (value: unknown) => checkNode(value));
environment.registerHelper('parameter', (value: unknown) => parameterName(value));
environment.registerHelper('names', (values: unknown) => wrapWords((values as unknown[]).map(checkNode), ''));
environment.registerHelper('voltages', (values: unknown) =>
  wrapWords(
    (values as unknown[]).map((node) => `v(${checkNode(node)})`),
    '',
  ),
);
environment.registerHelper('rowTable', (volts: unknown) => formatRowTable(volts as Float64Array));
environment.registerHelper('integer', (value: unknown) => formatInteger(value));
environment.registerHelper('words', (value: unknown) => plainWords(value));
environment.registerHelper('comment', (value: unknown) => checkComment(value));
environment.registerHelper('device', (value: unknown) => checkDevice(value));

type Template = (context: object) => string;
const compiled = new Map<string, Template>();

/** Renders the template `file` of a technology's folder, or the common one. Throws TemplateError that names the template. */
export function renderTemplate(folder: string, file: string, context: object): string {
  const own = join(folder, file);
  const path = fileExists(own) ? own : join(COMMON_TEMPLATES, file);
  const source = readTextFile(path);
  try {
    let template = compiled.get(source);
    if (template === undefined) {
      template = compileTemplate(source);
      compiled.set(source, template);
    }
    return template(context);
  } catch (error) {
    if (error instanceof TemplateError) throw new TemplateError(path, error.message.replace(/^value: /, ''));
    throw new TemplateError(path, error instanceof Error ? error.message : String(error), 'Correct the template.');
  }
}

/**
 * A finite number as ngspice reads it back: all digits of the float64 and a plain exponent (`1.2345e+05`), never a
 * suffix, because `1M` is milli there.
 */
export function formatNumber(value: unknown): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new TemplateError('value', `${String(value)} is not a finite number`);
  }
  return (Object.is(value, -0) ? 0 : value).toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function formatInteger(value: unknown): string {
  if (!Number.isSafeInteger(value)) throw new TemplateError('value', `${String(value)} is not a whole number`);
  return String(value);
}

/**
 * The body of a `pwl`: row number, volts, row number, volts, …, on continued lines. One row is written twice, because
 * ngspice's pwl needs two points.
 */
export function formatRowTable(volts: Float64Array): string {
  const padded = volts.length === 1 ? [volts[0], volts[0]] : [...volts];
  const pairs = padded.map((value, row) => `${row},${formatNumber(value)}${row + 1 < padded.length ? ',' : ''}`);
  return wrapWords(pairs, '  ');
}

/** A device or subcircuit name as it is. */
export function checkName(value: unknown): string {
  if (typeof value !== 'string' || !/^[a-z][a-z0-9_]*$/.test(value)) {
    throw new TemplateError('value', `${JSON.stringify(value)} is no name (a-z, then a-z, 0-9 or _)`);
  }
  return value;
}

/** A node name as it is; `gnd` is refused because ngspice takes it for ground. */
export function checkNode(value: unknown): string {
  if (value === '0') return '0';
  const name = checkName(value);
  if (name === 'gnd')
    throw new TemplateError('value', '"gnd" is another word for ground in ngspice, no free node name');
  return name;
}

/** A parameter's name in lower case, as ngspice folds it. */
export function parameterName(value: unknown): string {
  if (typeof value !== 'string' || !/^[A-Z][A-Za-z0-9]*$/.test(value)) {
    throw new TemplateError('value', `${JSON.stringify(value)} is no parameter name`);
  }
  return value.toLowerCase();
}

/** A line behind `* `: what no simulator takes for more than a comment. */
function checkComment(value: unknown): string {
  if (typeof value !== 'string' || !/^(?!\s*(?:#|ng_script))[ -[\]-~]*$/.test(value))
    throw new TemplateError('value', `${JSON.stringify(value)} is no comment (one line of ASCII without a backslash)`);
  return value.trimEnd();
}

/** A device of a transistor's model, on one line or continued. */
function checkDevice(value: unknown): string {
  if (typeof value !== 'string' || !/^[begir][a-z0-9_]* (?:[a-z0-9_.+\-*/^(), ={}]|\n\+ )+$/.test(value))
    throw new TemplateError('value', `${JSON.stringify(value)} is no device of a model`);
  return value;
}

/** Units as they are written where there is nothing but ASCII. */
const SPELT: Readonly<Record<string, string>> = { '°': 'deg ', μ: 'u', Ω: 'Ohm', '%': 'percent', '[': '(', ']': ')' };

/** Free text for a comment: one line, no characters that could end or open anything; accents are left out. */
export function plainWords(value: unknown): string {
  return String(value)
    .normalize('NFKD')
    .replace(/[°μΩ%[\]]/g, (sign) => SPELT[sign]!)
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9 _.,:()/+=<>|'-]+/g, ' ')
    .trim();
}

const LINE_WIDTH = 110;

/** Joins words with spaces and continues on lines that open with `+`. */
function wrapWords(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + word.length >= LINE_WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.join(`\n+ ${indent}`);
}
