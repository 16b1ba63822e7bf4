import { MISSING_POLICIES, UsageError } from '@neuroprint/core';
import type { EngineChoice } from '@neuroprint/spice';
import type { Options } from 'yargs';
import { SURROGATES } from '#host';

/** One option of a command: what yargs is told of it, and how what was given becomes a value; `name` is for messages. */
export interface Option<T> {
  readonly settings: Options;
  readonly read: (given: unknown, name: string) => T;
}

/** An option that may be left out; with a fallback it never is. */
type Optional<T, F> = Option<F extends undefined ? T | undefined : T>;

interface NumberRange<F extends number | undefined = number | undefined> {
  readonly min?: number;
  readonly max?: number;
  readonly default?: F;
}

function parseNumber(name: string, text: unknown, whole: boolean, range: NumberRange): number {
  const value = typeof text === 'number' ? text : Number(String(text).trim() === '' ? Number.NaN : text);
  const kind = whole ? 'a whole number' : 'a number';
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
  if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value)) || value < min || value > max) {
    const bounds = [
      ...(min > Number.NEGATIVE_INFINITY ? [`from ${min}`] : []),
      ...(max < Number.POSITIVE_INFINITY ? [`to ${max}`] : []),
    ].join(' ');
    throw new UsageError(`--${name} is "${String(text)}", and must be ${kind}${bounds === '' ? '' : ` ${bounds}`}.`);
  }
  return value;
}

/** An option whose value is parsed where it is given or has a default. Throws UsageError where it is given twice. */
function option<T, F>(settings: Options, fallback: F | undefined, parse: (given: unknown, name: string) => T) {
  return {
    settings: { requiresArg: true, ...settings, ...(fallback === undefined ? {} : { default: fallback }) },
    read: (given, name) => {
      if (Array.isArray(given) && settings.array !== true) throw new UsageError(`--${name} is given more than once.`);
      return given === undefined ? undefined : parse(given, name);
    },
  } as Optional<T, F>;
}

/** A number within a range; yargs itself would make NaN of what is none, without a word. */
function numberOf(whole: boolean) {
  return <const F extends number | undefined = undefined>(describe: string, range: NumberRange<F> = {}) =>
    option<number, F>({ type: 'string', describe }, range.default, (given, name) =>
      parseNumber(name, given, whole, range),
    );
}
export const number = numberOf(false);
export const whole = numberOf(true);

export function text<F extends string | undefined = undefined>(describe: string, fallback?: F) {
  return option<string, F>({ type: 'string', describe }, fallback, (given, name) => {
    if (given === '') throw new UsageError(`--${name} is empty.`);
    return given as string;
  });
}

/** One of several words. */
export function choice<const C extends string, F extends C | undefined = undefined>(
  describe: string,
  choices: readonly C[],
  fallback?: F,
) {
  return option<C, F>({ choices, describe }, fallback, (given) => given as C);
}

/** Texts after one another. */
export function texts(describe: string) {
  return option<string[], undefined>(
    { type: 'string', array: true, describe },
    undefined,
    (given) => given as string[],
  );
}

/** An option that is on or off. */
export function flag(describe: string): Option<boolean> {
  return { settings: { type: 'boolean', default: false, describe }, read: (given) => given === true };
}

/** What is done unless `--no-NAME` is given. */
export function done(describe: string): Option<boolean> {
  return { settings: { type: 'boolean', default: true, describe }, read: (given) => given !== false };
}

/** An option that must be given. */
export function required<T>({ settings, read }: Option<T>): Option<Exclude<T, undefined>> {
  return { settings: { ...settings, demandOption: true }, read: read as Option<Exclude<T, undefined>>['read'] };
}

/** An option whose text means something else: `parse` throws UsageError where it does not. */
export function parsed<T, U>({ settings, read }: Option<T>, parse: (text: Exclude<T, undefined>, name: string) => U) {
  return {
    settings,
    read: (given, name) => {
      const value = read(given, name);
      return value === undefined ? undefined : parse(value as Exclude<T, undefined>, name);
    },
  } as Option<U | Extract<T, undefined>>;
}

export const technologyOption = text('Folder of the process in spice-templates', 'egt');
export const surrogatesOption = text('Folder of the surrogates', SURROGATES);
export const engineOption = engineOr('auto');
export const missingOption = choice(
  'Missing values: refuse the table, drop such rows, or impute the mean of the training rows',
  MISSING_POLICIES,
  'refuse',
);
export const overwriteOption = flag('Write into a folder that holds files');
/** Seeds have a default everywhere but where the stage has its own. */
export const seedOption = seedOr(0);
export const ownSeedOption = seedOr(undefined);

export function engineOr<const F extends EngineChoice>(fallback: F) {
  return choice(
    'Simulator: the ngspice program, or the one built in; auto takes the program where there is one',
    ['auto', 'ngspice', 'embedded'],
    fallback,
  );
}

function seedOr<const F extends number | undefined>(fallback: F) {
  return whole('Seed of all random numbers', { min: 0, max: Number.MAX_SAFE_INTEGER, default: fallback });
}

/** `0.5,1`: numbers within a range. */
export function numbers(range: Pick<NumberRange, 'min' | 'max'>, isWhole = false) {
  return (list: string, name: string) => list.split(',').map((part) => parseNumber(name, part, isWhole, range));
}

/** `3` or `8,4`: neurons of each hidden layer. */
export const hiddenSizes = numbers({ min: 1, max: 1000 }, true);

/** `30d` or `30`: days from 0 on. */
function parseDay(name: string, given: string): number {
  const match = /^(\d+(?:\.\d+)?)d?$/.exec(given.trim());
  if (match === null) throw new UsageError(`--${name} has "${given}", and days are numbers of 0 or more, such as 30d.`);
  return Number(match[1]);
}

/** `30d,365d` */
export function days(list: string, name: string): number[] {
  return list.split(',').map((part) => parseDay(name, part));
}

/** `5..45`: two temperatures in degrees Celsius. */
export function celsiusSpan(given: string, name: string): readonly [number, number] {
  const [from, to = from, ...more] = given.split('..').map(Number);
  if (!(from! <= to!) || more.length > 0 || given.trim() === '')
    throw new UsageError(`--${name} is "${given}", and it is a lowest and a highest temperature in °C, such as 5..45.`);
  return [from!, to!];
}

/** `0..365d` or `30d`: the first and the last day. */
export function daySpan(given: string, name: string): readonly [number, number] {
  const ends = given.split('..').map((part) => parseDay(name, part));
  const [from, to = from] = ends;
  if (ends.length > 2 || from! > to!)
    throw new UsageError(`--${name} is "${given}", and it is a first and a last day, such as 0..365d.`);
  return [from!, to!];
}

/** `I/N` with 0 ≤ I < N. */
function parseShard(given: string): { index: number; of: number } {
  const match = /^(\d{1,9})\/(\d{1,9})$/.exec(given);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || of < 1 || index >= of)
    throw new UsageError(`--shard is "${given}", and must be I/N with I from 0 to N − 1.`);
  return { index, of };
}

export function shardOf(what: string) {
  return parsed(text(`Part I of N of the ${what}`), parseShard);
}

/** Only the options that were given, so that defaults stay those of the stage. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** `--both-engines` for `bothEngines`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
