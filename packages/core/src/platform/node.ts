import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { installElementary } from './elementary.ts';
import { type FolderDisk, makeFolders } from './make-folders.ts';
import type { FileStore, Platform, Thread, ThreadSettings } from './platform.ts';

installElementary();

const disk: FolderDisk = {
  kindOf: (path) => {
    const status = statSync(path, { throwIfNoEntry: false });
    return status === undefined ? undefined : status.isDirectory() ? 'folder' : 'file';
  },
  make: (path) => mkdirSync(path),
};

const files: FileStore = {
  read: (path) => readFileSync(path) as Uint8Array<ArrayBuffer>,
  parts: partsOf,
  // temporary name, sync, rename, sync of the folder
  write: (path, bytes) => {
    const folder = dirname(path);
    const temporary = join(folder, `.${randomUUID()}.tmp`);
    makeFolders(resolve(folder), disk);
    try {
      writeNew(temporary, bytes, true);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(folder);
  },
  create: (path, text) => {
    const file = openSync(path, 'wx');
    try {
      writeSync(file, text);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  },
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  makeFolder: (path) => makeFolders(resolve(path), disk),
  list: (path) => readdirSync(path).sort(),
  stat: (path) => {
    // what may not be looked at counts as not there, as existsSync has it
    if (!existsSync(path)) return undefined;
    const status = statSync(path);
    return { kind: status.isFile() ? 'file' : status.isDirectory() ? 'folder' : 'other', bytes: status.size };
  },
  realPath: (path) => realpathSync(path),
};

/** Small, so that what is made of a part is garbage that is cheap to collect. */
const PART_BYTES = 2 ** 16;

function* partsOf(path: string): Iterable<Uint8Array<ArrayBuffer>> {
  const file = openSync(path, 'r');
  try {
    const part = new Uint8Array(PART_BYTES);
    for (let length = readSync(file, part); length > 0; length = readSync(file, part)) yield part.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function writeNew(path: string, bytes: Uint8Array | Iterable<Uint8Array>, sync: boolean): void {
  const file = openSync(path, 'wx');
  try {
    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes)
      for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
    if (sync) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // a folder cannot be opened there
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function startThread(file: URL, shared: unknown, { closed = false }: ThreadSettings = {}): Thread {
  const worker = new Worker(file, {
    workerData: shared,
    execArgv: [],
    ...(closed ? { stdout: true, stderr: true, env: {} } : {}),
  });
  return {
    post: (message) => worker.postMessage(message),
    listen: ({ onMessage, onError, onExit }) => {
      const failed = (error: unknown): void => onError(error instanceof Error ? error.message : String(error));
      worker.on('message', onMessage).on('error', failed).on('exit', onExit);
      // only these: removing all listeners of a Worker also removes Node's own, and messages stop
      return () => void worker.off('message', onMessage).off('error', failed).off('exit', onExit);
    },
    terminate: () => worker.terminate(),
    keepAlive: (keep) => (keep ? worker.ref() : worker.unref()),
  };
}

export const platform: Platform = {
  files,
  sha256: (data) => {
    const hash = createHash('sha256');
    for (const part of typeof data === 'string' || data instanceof Uint8Array ? [data] : data) hash.update(part);
    return hash.digest('hex');
  },
  cpuSeconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  threadSeconds: () => {
    try {
      return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e9;
    } catch {
      return performance.now() / 1000;
    }
  },
  makesCode: true,
  inFirstCode: (compile) => {
    // V8 reads the second at once, and remembers it of the module; the first as it compiles each function, and only of such modules
    setFlagsFromString('--no-wasm-tier-up');
    setFlagsFromString('--no-wasm-dynamic-tiering');
    try {
      return compile();
    } finally {
      setFlagsFromString('--wasm-dynamic-tiering');
    }
  },
  cores: availableParallelism,
  holder: { pid: process.pid, host: hostname() },
  isGone: ({ pid, host }) => {
    if (host !== hostname()) return false;
    try {
      process.kill(pid, 0);
      return false;
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'ESRCH';
    }
  },
  startThread,
  threadPort: () => ({
    onMessage: (take) => void parentPort!.on('message', take),
    post: (message) => parentPort!.postMessage(message),
    shared: () => workerData,
    onUncaught: (take) => void process.on('uncaughtException', take),
  }),
  bundledBytes: (url) => {
    const path = fileURLToPath(url);
    return existsSync(path) ? readFileSync(path) : undefined;
  },
  expectBundled: () => undefined,
};
