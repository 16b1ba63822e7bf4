import { memoryFiles } from '@neuroprint/core/page';
import { createStore, delMany, entries, setMany } from 'idb-keyval';
import type { Keeping } from '../session/folder-view.ts';

const NAME = 'neuroprint';
/** A tab that is loaded again waits this long for itself to be gone. */
const MOST_MILLISECONDS = 1500;

export interface KeptFiles {
  readonly keeping: Keeping;
  /** Resolves when everything that was written so far is in the browser's database. */
  readonly written: () => Promise<void>;
}

/**
 * Brings back the files that the last tab left in the browser's database, and writes every change there from then on, all of one moment
 * at once. One tab at a time does so, since two would write over each other.
 */
export async function keepFiles(): Promise<KeptFiles> {
  const nothing = (keeping: Keeping): KeptFiles => ({
    keeping,
    written: () => Promise.resolve(),
  });
  if (!('locks' in navigator) || !('indexedDB' in globalThis))
    return nothing({ kind: 'impossible', why: 'this browser keeps no files' });
  if (!(await isFirst())) return nothing({ kind: 'elsewhere' });
  const store = createStore(NAME, 'files');
  let keeping: Keeping = { kind: 'kept' };
  try {
    for (const [path, bytes] of await entries<string, Uint8Array>(store)) memoryFiles.write(path, bytes);
  } catch (error) {
    return nothing({ kind: 'impossible', why: wordsOf(error) });
  }
  const changed = new Map<string, Uint8Array | undefined>();
  let writing: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    try {
      while (changed.size > 0) {
        const all = [...changed];
        changed.clear();
        // what is removed last is the checkpoint of what was written before it
        await setMany(
          all.filter((change): change is [string, Uint8Array] => change[1] !== undefined),
          store,
        );
        await delMany(
          all.filter(([, bytes]) => bytes === undefined).map(([path]) => path),
          store,
        );
      }
    } catch (error) {
      // no room: the session goes on, and says that it ends with its tab
      keeping = { kind: 'impossible', why: wordsOf(error) };
      changed.clear();
    } finally {
      writing = undefined;
    }
  };
  memoryFiles.onChange = (path, bytes) => {
    if (keeping.kind !== 'kept') return;
    changed.set(path, bytes);
    writing ??= Promise.resolve().then(write);
  };
  return {
    get keeping() {
      return keeping;
    },
    written: () => writing ?? Promise.resolve(),
  };
}

/** Takes the lock that one tab has, and holds it as long as the tab lives. */
function isFirst(): Promise<boolean> {
  return new Promise((resolve) => {
    navigator.locks
      .request(NAME, { signal: AbortSignal.timeout(MOST_MILLISECONDS) }, () => {
        resolve(true);
        return new Promise(() => undefined);
      })
      .catch(() => resolve(false));
  });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
