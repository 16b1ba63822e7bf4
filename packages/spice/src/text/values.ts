import { evaluate, evaluateAssigned, type Lookup, namesIn, parseSpiceNumber } from './expression.ts';
import { type Place, refuse } from './lex.ts';
import type { Item, Scope } from './scopes.ts';

/** Values of parameters by name, of the outermost scope first. */
export type Frames = readonly Map<string, number>[];

export interface Assignment extends Place {
  readonly name: string;
  readonly word: string;
  /** By the call, in place of the default. */
  readonly isGiven?: boolean;
}

/**
 * What a call gives is read inside of the subcircuit, after the parameters that are plain numbers; when it is read beside those that are
 * expressions hangs on how ngspice sorts them.
 */
export function checkGiven(one: Assignment, all: readonly Assignment[], scope: Scope): Assignment {
  for (const name of namesIn(one.word)) {
    const other = all.findLast((candidate) => candidate.name === name);
    if (other !== undefined && name !== one.name && parseSpiceNumber(other.word) === undefined)
      refuse(
        one,
        `${one.name}=${one.word} reads ${name}, which ${scope.name} has too`,
        `ngspice may mean either: give the ${name} outside another name.`,
      );
  }
  return one;
}

export function lookupIn(frames: Frames): Lookup {
  return (name) => frames.findLast((frame) => frame.has(name))?.get(name);
}

/** A subcircuit as it is seen from a scope: its own, then those of the scopes around it. */
export function found(scope: Scope, name: string): Scope | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const inner = at.subckts.get(name);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

export function assigned(at: Place, word: string, lookup: Lookup): number {
  return inWords(at, () => evaluateAssigned(word, lookup));
}

export function valued(at: Place, word: string, lookup: Lookup): number {
  return inWords(at, () => evaluate(word, lookup));
}

function inWords(at: Place, work: () => number): number {
  try {
    return work();
  } catch (error) {
    return refuse(at, (error as Error).message);
  }
}

export function positive(item: Item, what: string, value: number): number {
  return value > 0 ? value : refuse(item, `${item.name}: ${what} is ${value}, and must be positive`);
}

/** Smaller ones ngspice may replace (by 1e-3 or 1e-12 Ω, as its version has it), and next to others they are rounding. */
const LEAST_OHMS = 1e-6;

export function resistance(item: Item, value: number): number {
  if (positive(item, 'the resistance', value) >= LEAST_OHMS) return value;
  return refuse(item, `${item.name}: the resistance is ${value}, and below ${LEAST_OHMS} ngspice may take another`);
}

/** `m=`: so many in parallel. */
export function multiplier(item: Item, lookup: Lookup): number {
  const word = item.params.get('m');
  return word === undefined ? 1 : positive(item, 'm', assigned(item, word, lookup));
}

/**
 * `m=` of a call. ngspice hands it on to the devices as text, at every call of the subcircuit: it is lost at a call inside, takes the place of
 * a device's own, and of what else than resistors versions make different things.
 */
export function checkMultiplier(item: Item, inner: Scope): void {
  if (inner.subckts.size > 0 || inner.items.some(({ kind, params }) => kind !== 'resistor' || params.has('m')))
    refuse(
      item,
      `${item.name}: m= of a call goes wrong in ngspice where ${inner.name} holds anything else than resistors without m=`,
      'Write the call out, or put m= on the resistors.',
    );
  const shadowed = namesIn(item.params.get('m')!).find(
    (name) => inner.params.has(name) || inner.locals.some((local) => local.name === name),
  );
  if (shadowed !== undefined)
    refuse(item, `${item.name}: m= reads ${shadowed}, which ${inner.name} has too`, 'Write a number.');
}

/** The volts of a source at rest; undefined where they are not plain. */
export function dcVolts(item: Item, lookup: Lookup): number | undefined {
  const [first, ...rest] = item.words;
  if (first === undefined) return 0;
  const word = first === 'dc' ? rest[0] : first.replace(/^dc=/, '');
  if (word === undefined) return 0;
  try {
    return evaluate(word, lookup);
  } catch {
    return undefined;
  }
}
