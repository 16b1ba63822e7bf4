import { join } from 'node:path';
import { platform } from '#platform';
import type { LockHolder } from '../platform/platform.ts';
import { LOCK_NAME, makeFolder, readTextFile, writeFailure } from './atomic-files.ts';
import { OutputInUseError } from './errors.ts';

/**
 * Takes a lock: a file that says who holds it. A lock whose holder has left is taken over; where nothing else is said that is one
 * whose process on this host is gone. Returns the function that gives it back, or who holds it; undefined where another process took
 * it meanwhile. Throws FileWriteError.
 */
export function takeLock(
  path: string,
  hasLeft: (holder: LockHolder) => boolean = (holder) => platform.isGone(holder),
  task?: string,
): (() => void) | LockHolder | undefined {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      platform.files.create(path, JSON.stringify({ ...platform.holder, task }));
      return () => platform.files.remove(path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw writeFailure(path, error);
      const holder = readHolder(path);
      if (holder !== undefined && !hasLeft(holder)) return holder;
      platform.files.remove(path);
    }
  }
  return undefined;
}

/**
 * Takes the lock of a folder: a file with process id and host. A lock whose process on this host is gone is taken over.
 * Returns the function that gives the lock back. Throws OutputInUseError where another process holds it.
 */
export function lockFolder(folder: string): () => void {
  makeFolder(folder);
  const path = join(folder, LOCK_NAME);
  const taken = takeLock(path);
  if (typeof taken === 'function') return taken;
  if (taken === undefined)
    throw new OutputInUseError(folder, 'another process takes the lock again and again', 'Try again in a moment.');
  throw new OutputInUseError(
    folder,
    `process ${taken.pid} on ${taken.host} is writing here`,
    `Wait for it, or remove ${path} if you are sure that it has ended.`,
  );
}

/** Who holds a lock; undefined where there is none, or one that was cut off while being written: it belongs to nobody. */
export function readHolder(path: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(readTextFile(path));
    if (typeof value === 'object' && value !== null && 'pid' in value && 'host' in value) {
      const task = 'task' in value ? String(value.task) : undefined;
      return { pid: Number(value.pid), host: String(value.host), task };
    }
  } catch {
    // as said
  }
  return undefined;
}

/** Whether the holder of a lock is a process of this host that is no more. */
export function isGone(holder: LockHolder): boolean {
  return platform.isGone(holder);
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
