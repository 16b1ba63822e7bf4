import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  InputFileError,
  type Jobs,
  JobsKind,
  makeFolder,
  OutputInUseError,
  readArtifact,
  UsageError,
  writeArtifact,
} from '@neuroprint/core';
import type { Job } from './job.ts';

const LIST_FILE = 'jobs.json';

/** The list of a folder, or undefined where it has none. Throws InputFileError for a damaged one. */
export function findList(folder: string): Jobs | undefined {
  const path = join(folder, LIST_FILE);
  return existsSync(path) ? readArtifact(path, JobsKind) : undefined;
}

/** The list of a folder. Throws InputFileError where it has none. */
export function readList(folder: string): Jobs {
  const list = findList(folder);
  if (list !== undefined) return list;
  throw new InputFileError(
    { file: folder },
    `has no ${LIST_FILE}: no list of jobs was begun there`,
    'Name the --out folder of a command that makes many things, such as sweep.',
  );
}

/**
 * Writes the list of a folder, or checks that the one there is of the same work: a list may grow, and a job of a name is always the
 * same. A shard takes no list but its own: its jobs are counted by it. Throws OutputInUseError, InputFileError and UsageError.
 */
export function claimList(folder: string, what: string, jobs: readonly Job[], isShard: boolean): void {
  makeFolder(folder);
  const there = findList(folder);
  const own = jobs.map(({ name, input, file }) => ({ name, input, file }));
  if (there !== undefined) {
    if (there.what !== what)
      throw new OutputInUseError(folder, `holds the jobs of another work: ${there.what}`, 'Name another --out.');
    assertSameInputs(join(folder, LIST_FILE), there.jobs, own);
    const names = new Set(own.map(({ name }) => name));
    const files = new Set(own.map(({ file }) => file));
    // one that has a file of the new list has grown into it
    const others = there.jobs.filter(({ name, file }) => !names.has(name) && !files.has(file));
    const isSame =
      others.length === 0 && there.jobs.every(({ name }) => names.has(name)) && there.jobs.length === own.length;
    if (isShard && !isSame)
      throw new UsageError(
        `${folder} is shared by shards of ${there.jobs.length} jobs, and this one is of ${own.length}: it belongs to other options.`,
        'Give every shard the same options but --shard, or name another --out.',
      );
    if (isSame) return;
    own.push(...others);
  }
  writeArtifact(join(folder, LIST_FILE), JobsKind, { inputHashes: {}, what, jobs: own });
}

/** Throws InputFileError where a job has the name of another one but not its input. */
export function assertSameInputs(
  file: string,
  there: readonly { readonly name: string; readonly input: string }[],
  wanted: readonly { readonly name: string; readonly input: string }[],
): void {
  const inputs = new Map(there.map(({ name, input }) => [name, input]));
  const other = wanted.find(({ name, input }) => (inputs.get(name) ?? input) !== input);
  if (other === undefined) return;
  throw new InputFileError(
    { file },
    `${other.name} was made with other data, surrogates or options`,
    'Choose another --out, or remove the folder.',
  );
}
