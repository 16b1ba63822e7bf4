import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LOCK_NAME, makeFolder, writeFailure } from './atomic-files.ts';
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
      const file = openSync(path, 'wx');
      try {
        writeSync(file, JSON.stringify({ pid: process.pid, host: hostname() }));
      } catch (error) {
        rmSync(path, { force: true });
        throw error;
      } finally {
        closeSync(file);
      }
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw writeFailure(path, error);
      const holder = readHolder(path);
      if (holder !== undefined && !isGone(holder)) {
        throw new OutputInUseError(
          folder,
          `process ${holder.pid} on ${holder.host} is writing here`,
          `Wait for it, or remove ${path} if you are sure that it has ended.`,
        );
      }
      rmSync(path, { force: true });
    }
  }
  throw new OutputInUseError(folder, 'another process takes the lock again and again', 'Try again in a moment.');
}

interface Holder {
  readonly pid: number;
  readonly host: string;
}

function readHolder(path: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null && 'pid' in value && 'host' in value) {
      return { pid: Number(value.pid), host: String(value.host) };
    }
  } catch {
    // a lock that was cut off while being written belongs to nobody
  }
  return undefined;
}

function isGone(holder: Holder): boolean {
  if (holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
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
