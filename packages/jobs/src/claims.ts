import { closeSync, existsSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isGone, type LockHolder, makeFolder, readHolder, takeLock } from '@neuroprint/core';
import { ownTask } from './journal.ts';

const FOLDER = '.claims';
/** So often a claim says that its process lives. */
const BEAT_MILLISECONDS = 20_000;
/** A claim of another host that has not been renewed for so long is left. */
const LEFT_MILLISECONDS = 300_000;

/** The jobs that processes have taken, a file each: any number of commands on one folder share its jobs. */
export class Claims {
  readonly #folder: string;
  readonly #held = new Map<string, () => void>();
  #beat: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#folder = join(folder, FOLDER);
    makeFolder(this.#folder);
  }

  /** Takes a job. Returns false where another process works at it. */
  take(name: string): boolean {
    const path = this.#pathOf(name);
    const release = takeLock(path, (holder) => hasLeft(holder, path), ownTask());
    if (typeof release !== 'function') return false;
    this.#held.set(name, release);
    this.#beat ??= setInterval(() => this.#renew(), BEAT_MILLISECONDS).unref();
    return true;
  }

  giveBack(name: string): void {
    this.#held.get(name)?.();
    this.#held.delete(name);
  }

  /** Gives back whatever is held. */
  close(): void {
    clearInterval(this.#beat);
    for (const name of [...this.#held.keys()]) this.giveBack(name);
  }

  #renew(): void {
    for (const name of this.#held.keys()) {
      try {
        // the first byte again: the time is then that of the file system, whose clock may differ from this host's
        const file = openSync(this.#pathOf(name), 'r+');
        writeSync(file, '{', 0);
        closeSync(file);
      } catch {
        // a claim that somebody has removed: the result is the same whoever makes it
      }
    }
  }

  #pathOf(name: string): string {
    return join(this.#folder, encodeURIComponent(name));
  }
}

/** Who works at which job, by its name; those that are left are marked. */
export function readClaims(folder: string): Map<string, LockHolder & { readonly left: boolean }> {
  const claims = join(folder, FOLDER);
  if (!existsSync(claims)) return new Map();
  return new Map(
    readdirSync(claims).flatMap((file) => {
      const path = join(claims, file);
      const holder = readHolder(path);
      return holder === undefined ? [] : [[decodeURIComponent(file), { ...holder, left: hasLeft(holder, path) }]];
    }),
  );
}

/** Removes the claims of a task of a cluster that is known to run no more, on whatever node it ran. */
export function dropClaimsOf(folder: string, task: string): void {
  dropClaims(folder, (holder) => holder.task === task);
}

/** Removes the claims of processes that are gone. */
export function dropLeftClaims(folder: string): void {
  dropClaims(folder, ({ left }) => left);
}

function dropClaims(folder: string, isMeant: (claim: LockHolder & { readonly left: boolean }) => boolean): void {
  for (const [name, claim] of readClaims(folder))
    if (isMeant(claim)) rmSync(join(folder, FOLDER, encodeURIComponent(name)), { force: true });
}

/**
 * Whether nobody works at a claimed job any more: its process on this host is gone, it was claimed by an earlier run of the task
 * that this process is, or a process of another host has not renewed it for long.
 */
function hasLeft(holder: LockHolder, path: string): boolean {
  const task = ownTask();
  if (task !== undefined && holder.task === task && !(holder.pid === process.pid && holder.host === hostname()))
    return true;
  if (holder.host === hostname()) return isGone(holder);
  try {
    return clockOf(path) - statSync(path).mtimeMs > LEFT_MILLISECONDS;
  } catch {
    return true; // given back meanwhile
  }
}

/** The time by the clock of the file system: those of two hosts may differ. */
function clockOf(path: string): number {
  const probe = `${path}.${hostname()}.${process.pid}.clock`;
  try {
    writeFileSync(probe, '');
    return statSync(probe).mtimeMs;
  } catch {
    return Date.now();
  } finally {
    rmSync(probe, { force: true });
  }
}
