import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileExists, inLockedFolder, JobError, UsageError } from '@neuroprint/core';
import type { JobFailure, JobPlace } from '@neuroprint/jobs';
import { text } from './options.ts';
import { terminal } from './terminal.ts';

/** For commands that write into the folder of a netlist. */
export const jobFolderOption = text(
  'Folder for the jobs, which is kept, for --shard, --merge and --on slurm; one in the netlist’s folder unless given, removed at the end',
);

/** Where jobs lie, and how what they come to is written beside the netlist. */
interface JobFolder {
  readonly folder: string;
  readonly writing: <T>(write: () => Promise<T>) => Promise<T>;
}

/**
 * Gives work on a netlist a folder for its jobs: `out`, which several calls may share, so that only writing beside the netlist is of one
 * alone, or else the folder `name` beside the netlist, which no other call may use, and which stays only where the work was stopped or
 * jobs failed. Throws UsageError where the jobs are shared and nobody says where, OutputInUseError.
 */
export async function withJobFolder<T extends { readonly failures: readonly JobFailure[] }>(
  netlist: string,
  name: string,
  { out, shard, merge, slurm }: { readonly out?: string | undefined } & Pick<JobPlace, 'shard' | 'merge' | 'slurm'>,
  work: (jobs: JobFolder) => Promise<T>,
): Promise<T> {
  if (out !== undefined) return work({ folder: out, writing: (write) => inLockedFolder(netlist, write) });
  if (shard !== undefined || merge !== undefined || slurm !== undefined)
    throw new UsageError(
      'Jobs that are shared need a folder that all who do them see.',
      'Name one with --out: --shard, --merge and --on slurm are for jobs there.',
    );
  const { signal } = terminal();
  const folder = join(netlist, name);
  return inLockedFolder(netlist, async () => {
    // what an earlier call has left is for the same call again, whatever is wrong with this one
    const wasThere = fileExists(folder);
    let isLeft = false;
    try {
      const result = await work({ folder, writing: (write) => write() });
      isLeft = result.failures.length > 0;
      return result;
    } catch (error) {
      isLeft = signal.aborted || wasThere;
      throw error;
    } finally {
      if (!isLeft) rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** What jobs came to that nobody else does. Throws JobError where one failed. */
export function wholeOf<T>({
  judged,
  failures: [first],
}: {
  readonly judged?: T;
  readonly failures: readonly JobFailure[];
}): T {
  if (judged !== undefined) return judged;
  throw new JobError(
    0,
    first === undefined ? 'A shard has no result.' : `${first.name}: ${first.reason}`,
    1,
    first?.hint,
  );
}
