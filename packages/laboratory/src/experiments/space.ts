import { checkSchema, type Draws, InputFileError, parseJson, readTextFile } from '@neuroprint/core';
import { z } from 'zod';

const continuousSchema = z
  .strictObject({ name: z.string().min(1), low: z.number(), high: z.number() })
  .refine(({ low, high }) => low < high, 'low must be below high')
  .refine(({ low, high }) => Number.isFinite(high - low), 'from low to high is more than numbers can hold');
const levelsSchema = z
  .strictObject({ name: z.string().min(1), levels: z.array(z.union([z.number(), z.string().min(1)])).min(2) })
  .refine(({ levels }) => new Set(levels).size === levels.length, 'a level is named twice')
  .refine(
    ({ levels }) => new Set(levels.map((level) => typeof level)).size === 1,
    'levels are all numbers or all names',
  );

const spaceSchema = z
  .strictObject({ factors: z.array(z.union([levelsSchema, continuousSchema])).min(1) })
  .refine(({ factors }) => new Set(factors.map(({ name }) => name)).size === factors.length, 'a factor is named twice');

/** What can be set in an experiment: a range of numbers, numbers to choose from, or names to choose from. */
export type Factor =
  | { readonly name: string; readonly low: number; readonly high: number }
  | { readonly name: string; readonly levels: readonly (number | string)[] };

/** One setting of every factor, in their order. */
export type Setting = readonly (number | string)[];

/** Spaces of at most so many combinations are enumerated. */
const ENUMERABLE = 200_000;

/** The factors of an experiment, and their settings as coordinates: a range and numeric levels lie in 0..1, a name is 0 or 1 per level. */
export class Space {
  readonly factors: readonly Factor[];
  /** Number of coordinates, and the factor that each belongs to: one length scale serves a factor. */
  readonly dimensions: number;
  readonly factorOf: Int32Array;
  /** Number of combinations; infinite where a factor is a range. */
  readonly size: number;

  constructor(factors: readonly Factor[]) {
    this.factors = factors;
    this.factorOf = Int32Array.from(
      factors.flatMap((factor, k) => (isNamed(factor) ? factor.levels.map(() => k) : [k])),
    );
    this.dimensions = this.factorOf.length;
    this.size = factors.reduce((product, f) => product * ('levels' in f ? f.levels.length : Infinity), 1);
  }

  get enumerable(): boolean {
    return this.size <= ENUMERABLE;
  }

  /** Every combination, where they can be counted. */
  settings(): Setting[] {
    let all: Setting[] = [[]];
    for (const factor of this.factors) {
      if (!('levels' in factor)) throw new Error('a range has no list of settings');
      all = all.flatMap((setting) => factor.levels.map((level) => [...setting, level]));
    }
    return all;
  }

  /** A setting drawn at random: `major` names the draw, the factors take minors from `minor` on. */
  random(draws: Draws, major: number): Setting {
    return this.factors.map((factor, k) => this.#at(factor, draws.uniform(major, k)));
  }

  #at(factor: Factor, share: number): number | string {
    if (!('levels' in factor)) return factor.low + share * (factor.high - factor.low);
    return factor.levels[Math.min(factor.levels.length - 1, Math.floor(share * factor.levels.length))]!;
  }

  /** Coordinates of a setting, written into `out` from `at` on. */
  encode(setting: Setting, out: Float64Array, at = 0): void {
    let place = at;
    this.factors.forEach((factor, k) => {
      const value = setting[k]!;
      if (isNamed(factor)) {
        for (const level of factor.levels) {
          out[place] = level === value ? 1 : 0;
          place += 1;
        }
        return;
      }
      const [low, high] =
        'levels' in factor
          ? [Math.min(...(factor.levels as number[])), Math.max(...(factor.levels as number[]))]
          : [factor.low, factor.high];
      out[place] = ((value as number) - low) / (high - low);
      place += 1;
    });
  }
}

function isNamed(factor: Factor): factor is { readonly name: string; readonly levels: readonly string[] } {
  return 'levels' in factor && typeof factor.levels[0] === 'string';
}

/** Reads a space from JSON: `{"factors": [{"name", "low", "high"} | {"name", "levels": […]}, …]}`. Throws InputFileError. */
export function readSpace(file: string): Space {
  return new Space(checkSchema(file, spaceSchema, parseJson(file, readTextFile(file))).factors);
}

/** Says whether text from a table is a setting of this factor, and gives it. Throws InputFileError that names the cell. */
export function settingOf(
  factor: Factor,
  text: string,
  place: { readonly file: string; readonly row: number },
): number | string {
  const where = { ...place, column: factor.name };
  if (isNamed(factor)) {
    if (factor.levels.includes(text)) return text;
    throw new InputFileError(where, `"${text}" is no level`, `The levels are: ${factor.levels.join(', ')}.`);
  }
  const value = text === '' ? Number.NaN : Number(text);
  if ('levels' in factor) {
    if ((factor.levels as readonly number[]).includes(value)) return value;
    throw new InputFileError(where, `"${text}" is no level`, `The levels are: ${factor.levels.join(', ')}.`);
  }
  if (value >= factor.low && value <= factor.high) return value;
  throw new InputFileError(
    where,
    `"${text}" is not from ${factor.low} to ${factor.high}`,
    'Mend the cell, or widen the range of the space.',
  );
}
