import { existsSync, readFileSync } from 'node:fs';
import { UsageError, writeFileAtomic } from '@neuroprint/core';

/** A measured row, and the recipe of everything that it depends on. */
export interface Recipe {
  readonly recipe: string;
}

/** The row that an earlier run kept in the file, if it was made by the same recipe. Without a file nothing is kept. */
export function keptRow<T extends Recipe>(file: string | undefined, recipe: string): T | undefined {
  if (file === undefined || !existsSync(file)) return undefined;
  const row = JSON.parse(readFileSync(file, 'utf8')) as T;
  return row.recipe === recipe ? row : undefined;
}

/** Keeps a row for the next run, and returns it. */
export function keepRow<T extends Recipe>(file: string | undefined, row: T): T {
  if (file !== undefined) writeFileAtomic(file, `${JSON.stringify(row, null, 2)}\n`);
  return row;
}

/** The folder that --out names. Throws UsageError where it is missing; `what` is kept in it. */
export function keptIn(out: string | undefined, what = 'finished trainings'): string {
  if (out === undefined) throw new UsageError('--out is missing.', `Say where ${what} are kept.`);
  return out;
}
