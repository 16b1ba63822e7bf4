import { JobError, UsageError } from '@neuroprint/core';
import { type Job, JsonResults, runJobList, type Shard } from '@neuroprint/jobs';
import { inScratchFolder } from './scratch.ts';

/** A row of a bench. */
export interface ToMeasure<T> {
  /** Unique in the bench; its file, too, within the folder. */
  readonly name: string;
  /** Hash of everything that decides the row. */
  readonly recipe: string;
  /** Names of rows that this one is measured from. */
  readonly needs?: readonly string[];
  readonly measure: (needed: readonly T[]) => T | Promise<T>;
}

/** Where rows are kept, as a command line says it. */
export const rowOptions = {
  out: { type: 'string' },
  shard: { type: 'string' },
  merge: { type: 'string' },
} as const;
type RowPlace = { readonly [K in keyof typeof rowOptions]?: string | undefined };

/**
 * Measures rows one after the other, as jobs in the folder `out`, or in one that is gone afterwards: `neuroprint jobs` says how they stand,
 * a stopped bench goes on, calls on one folder share them, `--shard 0/4` makes a part, and `--merge DIR,DIR` takes over what others have
 * made. A shard returns undefined: it has no table. Throws JobError where a row failed, once all others are there.
 */
export async function measuredRows<T extends object>(
  what: string,
  rows: readonly ToMeasure<T>[],
  place: RowPlace,
  onRow: (row: T, name: string) => void = () => undefined,
): Promise<readonly T[] | undefined> {
  const { out, merge } = place;
  const shard = shardOf(place.shard);
  if (out === undefined) {
    if (shard !== undefined || merge !== undefined) keptIn(out, 'rows that are shared');
    return inScratchFolder((folder) => measuredRows(what, rows, { out: folder }, onRow));
  }
  const byName = new Map(rows.map((row) => [row.name, row]));
  const store = new JsonResults<T>(out);
  const { results, failures } = await runJobList<T>(
    {
      ...{ what, unit: 'row' },
      jobs: rows.map(({ name, recipe, needs = [] }): Job => ({ name, input: recipe, file: `${name}.json`, needs })),
      read: (job) => store.read(job),
      work: async (job, _, needed) => ({ result: store.write(job, await byName.get(job.name)!.measure(needed)) }),
      onResult: (row, { name }) => onRow(row, name),
    },
    {
      ...{ folder: out, shard, merge: merge?.split(',') },
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  );
  const [first] = failures;
  if (first !== undefined) throw new JobError(0, `${failures.length} rows failed, ${first.name}: ${first.reason}`);
  return shard === undefined ? results.map((row) => row!) : undefined;
}

/** `0/4`. Throws UsageError for what is no part. */
function shardOf(text: string | undefined): Shard | undefined {
  if (text === undefined) return undefined;
  const [index, of] = text.split('/').map(Number);
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(of) || index! < 0 || index! >= of!)
    throw new UsageError(`--shard is "${text}", and must be a part such as 0/4.`);
  return { index: index!, of: of! };
}

/** The folder that --out names. Throws UsageError where it is missing; `what` is kept in it. */
export function keptIn(out: string | undefined, what = 'finished trainings'): string {
  if (out === undefined) throw new UsageError('--out is missing.', `Say where ${what} are kept.`);
  return out;
}
