import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readArtifact, SampleShardKind, SamplesKind } from '@neuroprint/core';
import { curveSpan, RESULT_COLUMNS, readValidShard, SAMPLES_FILE, type ShardRows } from '../shards/shard-store.ts';
import type { SamplesContent } from './recipe.ts';

interface Entry {
  readonly folder: string;
  readonly firstIndex: number;
  readonly count: number;
}

/** Rows of an index range, some of which are still to be made. */
export interface GatheredRows {
  readonly rows: ShardRows;
  /** Indices of the rows that no shard holds. */
  readonly missing: readonly number[];
}

/**
 * The rows of one recipe that are there already, in whatever folders and shards. A row depends on its index and the recipe
 * alone, so it does not matter which run has made it. Damaged shards count as absent.
 */
export class RowBank {
  readonly #samples: SamplesContent;
  readonly #entries: Entry[];

  /** Folders that are none, or hold another recipe, are passed over. */
  constructor(folders: readonly string[], samples: SamplesContent) {
    this.#samples = samples;
    this.#entries = [...new Set(folders)].flatMap((folder) => shardsOf(folder, samples.recipe));
  }

  gather(range: { readonly firstIndex: number; readonly count: number }): GatheredRows {
    const width = this.#samples.parameters.length + RESULT_COLUMNS.length;
    const span = curveSpan(this.#samples);
    const data = new Float64Array(range.count * width).fill(Number.NaN);
    const curves = new Float64Array(range.count * span).fill(Number.NaN);
    const failures: ShardRows['failures'][number][] = [];
    const there = new Uint8Array(range.count);
    const end = range.firstIndex + range.count;
    for (const entry of this.#entries) {
      const from = Math.max(entry.firstIndex, range.firstIndex);
      const to = Math.min(entry.firstIndex + entry.count, end);
      if (from >= to || there.subarray(from - range.firstIndex, to - range.firstIndex).every(Boolean)) continue;
      const shard = readValidShard(entry.folder, this.#samples, entry);
      if (shard === undefined) continue;
      for (let index = from; index < to; index += 1) {
        const i = index - range.firstIndex;
        const j = index - entry.firstIndex;
        if (there[i] === 1) continue;
        there[i] = 1;
        data.set(shard.data.subarray(j * width, (j + 1) * width), i * width);
        curves.set(shard.curves.subarray(j * span, (j + 1) * span), i * span);
        const failure = shard.failures.find((one) => one.index === index);
        if (failure !== undefined) failures.push(failure);
      }
    }
    failures.sort((a, b) => a.index - b.index);
    const missing = Array.from(there.keys())
      .filter((i) => there[i] === 0)
      .map((i) => range.firstIndex + i);
    return { rows: { ...range, data, curves, failures }, missing };
  }
}

/** Puts rows that were made into the gaps that `missing` names, in the same order. */
export function fillGaps({ rows, missing }: GatheredRows, made: Omit<ShardRows, 'firstIndex' | 'count'>): ShardRows {
  if (missing.length === rows.count) return { ...rows, ...made };
  const width = rows.data.length / rows.count;
  const span = rows.curves.length / rows.count;
  missing.forEach((index, j) => {
    const i = index - rows.firstIndex;
    rows.data.set(made.data.subarray(j * width, (j + 1) * width), i * width);
    rows.curves.set(made.curves.subarray(j * span, (j + 1) * span), i * span);
  });
  return { ...rows, failures: [...rows.failures, ...made.failures].sort((a, b) => a.index - b.index) };
}

function shardsOf(folder: string, recipe: string): Entry[] {
  const path = join(folder, SAMPLES_FILE);
  if (!existsSync(path) || readArtifact(path, SamplesKind).recipe !== recipe) return [];
  return readdirSync(folder)
    .filter((name) => /^shard-\d+\.json$/.test(name))
    .sort()
    .flatMap((name) => {
      try {
        const { firstIndex, count, recipe: of } = readArtifact(join(folder, name), SampleShardKind);
        return of === recipe ? [{ folder, firstIndex, count }] : [];
      } catch {
        return []; // damaged: made again
      }
    });
}
