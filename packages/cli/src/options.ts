import { MISSING_POLICIES, UsageError } from '@neuroprint/core';
import type { Options } from 'yargs';
import { SURROGATES } from './paths.ts';

interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  readonly default?: number;
  readonly describe: string;
}

function parseNumber(name: string, text: unknown, whole: boolean, range: NumberRange): number {
  if (Array.isArray(text)) throw new UsageError(`--${name} is given more than once.`);
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

/** A number option that refuses what is no number; yargs itself would give NaN without a word. */
export function numberOption<const R extends NumberRange>(name: string, range: R, whole: boolean) {
  const option = {
    type: 'string',
    requiresArg: true,
    describe: range.describe,
    ...(range.default === undefined
      ? {}
      : { default: range.default as unknown as string, defaultDescription: String(range.default) }),
    coerce: (text: unknown) => (text === undefined ? undefined : parseNumber(name, text, whole, range)),
  } as const satisfies Options;
  return option as Omit<typeof option, 'default'> &
    (R extends { readonly default: number } ? { default: string } : object);
}

/** A text option that may be given once. */
export function textOption<F extends string | undefined = undefined>(name: string, describe: string, fallback?: F) {
  const option = {
    type: 'string',
    requiresArg: true,
    describe,
    ...(fallback === undefined ? {} : { default: fallback }),
    coerce: (text: unknown): string => {
      if (Array.isArray(text)) throw new UsageError(`--${name} is given more than once.`);
      if (text === '') throw new UsageError(`--${name} is empty.`);
      return text as string;
    },
  } as const satisfies Options;
  return option as Omit<typeof option, 'default'> & (F extends string ? { default: string } : object);
}

export const technologyOption = textOption('technology', 'Folder of the process in spice-templates', 'egt');
export const surrogatesOption = textOption('surrogates', 'Folder of the surrogates', SURROGATES);
export const engineOption = {
  choices: ['auto', 'ngspice', 'embedded'] as const,
  default: 'auto' as const,
  requiresArg: true,
  describe: 'Simulator: the ngspice program, or the one built in; auto takes the program where there is one',
} as const satisfies Options;
export const jsonOption = {
  type: 'boolean',
  default: false,
  describe: 'Print one JSON object',
} as const satisfies Options;
export const missingOption = {
  choices: MISSING_POLICIES,
  default: 'refuse' as const,
  requiresArg: true,
  describe: 'Missing values: refuse the table, drop such rows, or impute the mean of the training rows',
} as const satisfies Options;
export const overwriteOption = {
  type: 'boolean',
  default: false,
  describe: 'Write into a folder that holds files',
} as const satisfies Options;
/** Seeds have a default everywhere but where the stage has its own. */
const SEED_RANGE = { min: 0, max: Number.MAX_SAFE_INTEGER, describe: 'Seed of all random numbers' };
export const seedOption = numberOption('seed', { ...SEED_RANGE, default: 0 }, true);
export const ownSeedOption = numberOption('seed', SEED_RANGE, true);

/** `3` or `8,4`: neurons of each hidden layer. */
export function parseHidden(text: string): number[] {
  return text.split(',').map((part) => parseNumber('hidden', part, true, { min: 1, max: 1000, describe: '' }));
}

/** `0.5,1`: numbers within a range. */
export function parseNumbers(name: string, text: string, range: Pick<NumberRange, 'min' | 'max'>): number[] {
  return text.split(',').map((part) => parseNumber(name, part, false, { ...range, describe: '' }));
}

/** `I/N` with 0 ≤ I < N. */
export function parseShard(text: string): { index: number; of: number } {
  const match = /^(\d{1,9})\/(\d{1,9})$/.exec(text);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || of < 1 || index >= of)
    throw new UsageError(`--shard is "${text}", and must be I/N with I from 0 to N − 1.`);
  return { index, of };
}

/** `--shard` and `--merge`: several machines make parts of a run, each in a folder of its own; one joins them. */
export const shardOptions = {
  shard: textOption('shard', 'Part I of N of the trainings, such as 0/8: trains them and summarises nothing'),
  merge: textOption('merge', 'Folders of other shards, apart by commas, whose rows are taken over'),
};

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
