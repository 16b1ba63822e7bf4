import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { config } from 'zod';
import { installElementary } from './elementary.ts';
import { MemoryFiles } from './memory-files.ts';
import type { Platform, Thread } from './platform.ts';

// zod would make code of a text, and ask whether it may
config({ jitless: true });
installElementary();

/** As much of a worker's world as is used here; it is not among the types of Node's own. */
interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  addEventListener(
    kind: 'unhandledrejection' | 'error',
    take: (event: { reason?: unknown; error?: unknown }) => void,
  ): void;
}
interface PageWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  addEventListener(kind: string, take: (event: { readonly data?: unknown; readonly message?: string }) => void): void;
  removeEventListener(kind: string, take: (event: never) => void): void;
}
declare const Worker: new (address: string, options: { readonly type: 'module' }) => PageWorker;

const scope = globalThis as unknown as WorkerScope;

/** The files of a page. */
export const memoryFiles = new MemoryFiles();

/** Files that came with packages, by their URLs: null until they are fetched, undefined where they could not be had. */
const bundled = new Map<string, Uint8Array | null | undefined>();

/** Fetches what packages said they need; what cannot be had is left out, and whoever needs it says so. */
export async function fetchBundled(): Promise<void> {
  await Promise.all(
    [...bundled].map(async ([href, there]) => {
      if (there !== null) return;
      const response = await fetch(href).catch(() => undefined);
      const bytes = response?.ok ? await response.arrayBuffer().catch(() => undefined) : undefined;
      bundled.set(href, bytes && new Uint8Array(bytes));
    }),
  );
}

/** The first message to a thread. */
interface Start {
  readonly shared: unknown;
  readonly bundled: typeof bundled;
}

/** Browsers write what breaks the policy into the console for pages, and not for workers. */
const TELL_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  console.error('A worker broke the Content Security Policy: ' + violatedDirective + ' ' + blockedURI));`;

/**
 * Starts a module as a worker that keeps its page's policy. From its own address it would have the one that the server sends with the file,
 * and a plain server sends none: it could ask anyone for anything.
 */
export function startWorker(file: URL): PageWorker {
  const text = new Blob([`import ${JSON.stringify(file.href)};\n${TELL_VIOLATIONS}`], { type: 'text/javascript' });
  return new Worker(URL.createObjectURL(text), { type: 'module' });
}

function startThread(file: URL, shared: unknown): Thread {
  const worker = startWorker(file);
  worker.postMessage({ shared, bundled } satisfies Start);
  return {
    post: (message) => worker.postMessage(message),
    listen: ({ onMessage, onError }) => {
      const heard = ({ data }: { readonly data?: unknown }): void => onMessage(data);
      const failed = ({ message }: { readonly message?: string }): void =>
        onError(message ?? 'its code could not be loaded');
      worker.addEventListener('message', heard);
      worker.addEventListener('error', failed);
      return () => {
        worker.removeEventListener('message', heard);
        worker.removeEventListener('error', failed);
      };
    },
    terminate: () => Promise.resolve(worker.terminate()),
    keepAlive: () => undefined,
  };
}

const session = { pid: 1, host: `page ${Math.random()}` };

export const platform: Platform = {
  files: memoryFiles,
  sha256: (data) => {
    const hash = sha256.create();
    const bytes = typeof data === 'string' ? utf8ToBytes(data) : data;
    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) hash.update(part);
    return bytesToHex(hash.digest());
  },
  cpuSeconds: () => performance.now() / 1000,
  threadSeconds: () => performance.now() / 1000,
  makesCode: false,
  cores: () => (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 1,
  // a page that was closed holds nothing any more
  holder: session,
  isGone: ({ host }) => host !== session.host,
  startThread,
  threadPort: () => {
    let start: Start | undefined;
    return {
      onMessage: (take) => {
        scope.onmessage = ({ data }) => {
          if (start !== undefined) return take(data);
          start = data as Start;
          for (const [href, bytes] of start.bundled) bundled.set(href, bytes);
        };
      },
      post: (message) => scope.postMessage(message),
      shared: () => start?.shared,
      onUncaught: (take) => {
        scope.addEventListener('error', ({ error }) => take(error));
        scope.addEventListener('unhandledrejection', ({ reason }) => take(reason));
      },
    };
  },
  bundledBytes: ({ href }) => {
    const bytes = bundled.get(href);
    if (bytes === null) throw new Error(`${href} is asked for before it was fetched`);
    return bytes;
  },
  expectBundled: ({ href }) => {
    if (!bundled.has(href)) bundled.set(href, null);
  },
};
