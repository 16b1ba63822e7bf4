import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder, readArtifact, SamplesKind, UsageError } from '@neuroprint/core';
import { assertSameRecipe, type SamplesContent } from '../rows/recipe.ts';
import { RowBank } from '../rows/row-bank.ts';
import { claimFolder, readValidShard, SAMPLES_FILE, shardRanges, writeShard } from './shard-store.ts';

/** What `mergeSamples` has written. */
export interface MergeSummary {
  readonly firstIndex: number;
  readonly rows: number;
  readonly failed: number;
  readonly out: string;
}

/**
 * Joins folders of samples of one recipe into one, the same to the bit as if one run had made it; one shard in memory at a
 * time. Throws UsageError where rows are missing between them, OtherSamplesError where the recipes differ.
 */
export function mergeSamples(folders: readonly string[], out: string): MergeSummary {
  const parts = folders.map((folder) => {
    const path = join(folder, SAMPLES_FILE);
    if (!existsSync(path)) throw new UsageError(`${folder} holds no samples.`, 'Name folders that sample has written.');
    return readArtifact(path, SamplesKind);
  });
  const first = parts[0];
  if (first === undefined) throw new UsageError('There is nothing to merge.', 'Name the folders of the parts.');
  const firstIndex = Math.min(...parts.map((part) => part.firstIndex));
  const end = Math.max(...parts.map((part) => part.firstIndex + part.count));
  const { kind: _, version: __, checksum: ___, ...content } = first;
  const samples: SamplesContent = { ...content, firstIndex, count: end - firstIndex };
  parts.forEach((part, i) => {
    assertSameRecipe(folders[i]!, { ...part, firstIndex, count: samples.count }, samples);
  });
  const bank = new RowBank(folders, samples);
  const unlock = lockFolder(out);
  try {
    claimFolder(out, samples);
    let failed = 0;
    for (const range of shardRanges(samples)) {
      let shard = readValidShard(out, samples, range);
      if (shard === undefined) {
        const { rows, missing } = bank.gather(range);
        if (missing.length > 0) {
          throw new UsageError(
            `The rows ${missing[0]} to ${missing.at(-1)} (${missing.length} of them) are in none of the folders, or damaged.`,
            'Run the missing shards, and merge again.',
          );
        }
        writeShard(out, samples, rows);
        shard = rows;
      }
      failed += shard.failures.length;
    }
    return { firstIndex, rows: samples.count, failed, out };
  } finally {
    unlock();
  }
}
