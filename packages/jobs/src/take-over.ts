import { copyFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, UsageError } from '@neuroprint/core';
import type { Job } from './job.ts';
import { assertSameInputs, findList } from './list.ts';

/**
 * Copies what other folders (shards of this work, each made in a folder of its own) have and this one has not.
 * Throws UsageError for a folder without jobs or of other work, InputFileError where its jobs were made from another input.
 */
export function takeOver(folder: string, what: string, jobs: readonly Job[], parts: readonly string[]): void {
  for (const part of parts) {
    const list = findList(part);
    if (list === undefined) throw new UsageError(`${part} holds no jobs.`, 'Name the --out folders of the shards.');
    if (list.what !== what) throw new UsageError(`${part} holds the jobs of another work: ${list.what}.`);
    assertSameInputs(part, list.jobs, jobs);
    for (const job of jobs) {
      if (!existsSync(join(part, job.file)) || existsSync(join(folder, job.file))) continue;
      for (const file of [...(job.besides ?? []), job.file]) {
        makeFolder(dirname(join(folder, file)));
        copyFileSync(join(part, file), join(folder, file));
      }
    }
  }
}
