import { join } from 'node:path';
import { platform } from '#platform';
import type { LockHolder } from '../platform/platform.ts';
import { LOCK_NAME, makeFolder, readTextFile, writeFailure } from './atomic-files.ts';
import { OutputInUseError } from './errors.ts';

/**
 * Takes the lock of a folder: a file with process id and host. A lock whose process on this host is gone is taken over.
 * Returns the function that gives the lock back. Throws OutputInUseError where another process holds it.
 */
export function lockFolder(folder: string): () => void {
  makeFolder(folder);
  const path = join(folder, LOCK_NAME);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      platform.files.create(path, JSON.stringify(platform.holder));
      return () => platform.files.remove(path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw writeFailure(path, error);
      const holder = readHolder(path);
      if (holder !== undefined && !platform.isGone(holder)) {
        throw new OutputInUseError(
          folder,
          `process ${holder.pid} on ${holder.host} is writing here`,
          `Wait for it, or remove ${path} if you are sure that it has ended.`,
        );
      }
      platform.files.remove(path);
    }
  }
  throw new OutputInUseError(folder, 'another process takes the lock again and again', 'Try again in a moment.');
}

function readHolder(path: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(readTextFile(path));
    if (typeof value === 'object' && value !== null && 'pid' in value && 'host' in value) {
      return { pid: Number(value.pid), host: String(value.host) };
    }
  } catch {
    // a lock that was cut off while being written belongs to nobody
  }
  return undefined;
}

/** Does work while this process holds the lock of a folder, and gives it back whatever happens. Throws as lockFolder does. */
export async function inLockedFolder<T>(folder: string, work: () => T | Promise<T>): Promise<T> {
  const unlock = lockFolder(folder);
  try {
    return await work();
  } finally {
    unlock();
  }
}
