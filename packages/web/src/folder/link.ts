import type { Step } from '../session/session.ts';
import { type Choices, DEFAULT_CHOICES, OFFERED, type Role, words } from '../steps/choices.ts';

/** What a link says of a run: never anything of a table but the name of one that comes along, and names of columns. */
export interface LinkedRun {
  /** The table that comes along; undefined for one of a person's own, which has to be given again. */
  readonly example: string | undefined;
  readonly choices: Choices;
  /** Of neuroprint, which made the run. */
  readonly version: string;
}

/** A link that is not as this page writes it. */
export class LinkError extends Error {
  readonly hint =
    'It may be cut off, or of a newer version of this page. What is given below is what it is without the link.';

  constructor(message: string) {
    super(`The link ${message}.`);
    this.name = 'LinkError';
  }
}

const MOST_CHARACTERS = 8000;
const STEPS: readonly Step[] = ['train', 'compile', 'verify', 'layout'];
const ROLES: readonly Role[] = ['input', 'one-hot', 'out'];
const MISSING: readonly Choices['missing'][] = ['refuse', 'drop', 'impute'];
const ROLE = 'role ';
/** What the page itself says to a command. */
const OWN = ['data', 'out', 'network', 'netlist', 'technology', 'overwrite', 'json', 'help', 'version'];

/** The run as the fragment of an address. */
export function fragmentOf({ example, choices, version }: LinkedRun): string {
  const { label, regression, split, roles, missing, missingValues, technology, options, more } = choices;
  const lines = STEPS.map((step): [string, string | undefined] => {
    const named = Object.entries(options[step]).filter(([, value]) => value.trim() !== '');
    const line = [...named.map(([name, value]) => `--${name} ${quoted(value.trim())}`), more[step]].join(' ').trim();
    return [step, line || undefined];
  });
  const entries: [string, string | undefined][] = [
    ['neuroprint', version],
    ['example', example],
    ['technology', technology],
    ['label', label],
    ['regression', regression ? 'yes' : undefined],
    ['split', split],
    ['missing', missing],
    ['missing-values', missingValues.trim() || undefined],
    ...Object.entries(roles).map(([column, role]): [string, string] => [`${ROLE}${column}`, role]),
    ...lines,
  ];
  return new URLSearchParams(entries.filter((entry): entry is [string, string] => entry[1] !== undefined)).toString();
}

/** The run that a fragment says, without its `#`; undefined for none. Throws LinkError for what this page does not know. */
export function runOf(fragment: string): LinkedRun | undefined {
  // `#verify` is a place on the page
  if (!fragment.includes('=')) return undefined;
  if (fragment.length > MOST_CHARACTERS) throw new LinkError(`is longer than ${MOST_CHARACTERS} characters`);
  const given = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(fragment)) {
    if (given.has(key)) throw new LinkError(`says ${key} twice`);
    if (value === '') throw new LinkError(`says ${key}, and not what it is`);
    given.set(key, value);
  }
  const take = (key: string): string | undefined => {
    const value = given.get(key);
    given.delete(key);
    return value;
  };
  const version = take('neuroprint');
  if (version === undefined) throw new LinkError('is none of this page');
  const [example, technology, label, split] = ['example', 'technology', 'label', 'split'].map(take);
  const regression = oneOf('regression', take('regression'), ['yes']) === 'yes';
  const missing = oneOf('missing', take('missing'), MISSING) ?? DEFAULT_CHOICES.missing;
  const missingValues = take('missing-values') ?? '';
  const lines = STEPS.map((step) => [step, optionsOf(step, take(step) ?? '')] as const);
  const roles = Object.fromEntries(
    [...given.keys()]
      .filter((key) => key.startsWith(ROLE))
      .map((key) => [key.slice(ROLE.length), oneOf(key, take(key), ROLES)!]),
  );
  const [unknown] = given.keys();
  if (unknown !== undefined) throw new LinkError(`says ${JSON.stringify(unknown)}, which this page does not know`);
  const choices: Choices = {
    label,
    split,
    regression,
    roles,
    missing,
    missingValues,
    technology: technology ?? DEFAULT_CHOICES.technology,
    options: Object.fromEntries(lines.map(([step, { options }]) => [step, options])) as Choices['options'],
    more: Object.fromEntries(lines.map(([step, { more }]) => [step, more])) as Choices['more'],
  };
  return { example, choices, version };
}

function oneOf<const T extends string>(key: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  if (value === undefined || (allowed as readonly string[]).includes(value)) return value as T | undefined;
  throw new LinkError(`says ${key} is ${JSON.stringify(value)}, and it is one of: ${allowed.join(', ')}`);
}

/** The options of a step: those that have a field on the page, and the rest as one writes them. */
function optionsOf(step: Step, line: string): { readonly options: Record<string, string>; readonly more: string } {
  const options: Record<string, string> = {};
  const more: string[] = [];
  const parts = words(line);
  for (let i = 0; i < parts.length; i += 1) {
    const [, name, behind] = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(parts[i]!) ?? [];
    if (name === undefined) throw new LinkError(`gives ${step} ${JSON.stringify(parts[i])}, which is no option`);
    if (OWN.includes(name)) throw new LinkError(`gives ${step} the option --${name}, which is the page's own`);
    const next = parts[i + 1];
    const value = behind ?? (next === undefined || next.startsWith('--') ? undefined : next);
    if (behind === undefined && value !== undefined) i += 1;
    if (OFFERED[step].includes(name)) {
      if (value === undefined) throw new LinkError(`gives ${step} the option --${name} without a value`);
      if (name in options) throw new LinkError(`gives ${step} the option --${name} twice`);
      options[name] = value;
    } else more.push(`--${name}${value === undefined ? '' : ` ${quoted(value)}`}`);
  }
  return { options, more: more.join(' ') };
}

/** As `words` reads it. */
function quoted(value: string): string {
  return /[\s"']/.test(value) ? (value.includes('"') ? `'${value}'` : `"${value}"`) : value;
}
