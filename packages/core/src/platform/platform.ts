/** What differs between Node and a page. `#platform` in package.json names the side; nothing else in this package may know it. */
export interface Platform {
  readonly files: FileStore;
  /** The lowercase hexadecimal SHA-256 of a text (as UTF-8) or of bytes, of parts as if they were one. */
  sha256(data: string | Uint8Array | Iterable<Uint8Array>): string;
  /** Processor seconds of the whole process so far; in a page, which is not told them, the seconds on the clock. */
  cpuSeconds(): number;
  /** Processor seconds of this thread so far, where they are told; else the seconds on the clock. */
  threadSeconds(): number;
  /** Whether a function may be made of a text: a page whose policy is strict may not. */
  readonly makesCode: boolean;
  /**
   * Compiles WebAssembly that keeps the code it has first, which is made in no time and runs at half the speed; none where an engine
   * cannot be told so.
   */
  readonly inFirstCode?: <T>(compile: () => T) => T;
  /** How many threads make sense. */
  cores(): number;
  /** Who this process is, for the lock of a folder. */
  readonly holder: LockHolder;
  /** Whether the process that took a lock has ended for certain. */
  isGone(holder: LockHolder): boolean;
  /** Starts the module of a thread; `shared` is what `threadPort().shared()` gives there. */
  startThread(file: URL, shared: unknown, settings?: ThreadSettings): Thread;
  /** In a thread: the way to whoever started it. */
  threadPort(): ThreadPort;
  /** The bytes of a file that came with a package, by its URL beside the code; undefined where it is missing. */
  bundledBytes(url: URL): Uint8Array | undefined;
  /** Has a file that came with a package at hand before bundledBytes is called: a page fetches it then. */
  expectBundled(url: URL): void;
}

/** A folder tree. Paths are those of `node:path`. What goes wrong is thrown as Error with the `code` that Node gives it, such as ENOENT. */
export interface FileStore {
  read(path: string): Uint8Array<ArrayBuffer>;
  /** The bytes of a file part by part, so that of a large one only some are in memory; a part is valid until the next one. */
  parts(path: string): Iterable<Uint8Array<ArrayBuffer>>;
  /** Writes a file, or its parts one after the other, so that a reader sees the old content or the new one; makes the folders above it. */
  write(path: string, bytes: Uint8Array | Iterable<Uint8Array>): void;
  /** Writes a file that is not there yet. Throws EEXIST where it is. */
  create(path: string, text: string): void;
  /** Removes a file, or a folder with all that is in it; nothing where there is none. */
  remove(path: string): void;
  /** Makes a folder and those above it. Throws EEXIST or ENOTDIR where a file has the name. */
  makeFolder(path: string): void;
  /** The names in a folder, sorted. */
  list(path: string): string[];
  /** Undefined where nothing is there. Links are followed. */
  stat(path: string): FileStatus | undefined;
  /** The path without links. */
  realPath(path: string): string;
}

interface FileStatus {
  readonly kind: 'file' | 'folder' | 'other';
  readonly bytes: number;
}

/** Who holds a lock: a process, and the task of a cluster that it is. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly task?: string | undefined;
}

export interface ThreadSettings {
  /** What the thread prints is not shown, and it sees no environment. */
  readonly closed?: boolean;
}

export interface Thread {
  post(message: unknown): void;
  /** Hears the thread until the function that comes back is called. */
  listen(ears: ThreadEars): () => void;
  terminate(): Promise<unknown>;
  /** Whether the thread keeps the process alive; it does until it is told otherwise. */
  keepAlive(keep: boolean): void;
}

/** What a thread does: it sends, breaks down with an error, or ends with an exit code. */
interface ThreadEars {
  readonly onMessage: (message: unknown) => void;
  readonly onError: (problem: string) => void;
  readonly onExit: (code: number) => void;
}

interface ThreadPort {
  /** Called with every message, and from the first one on `shared` is known. */
  onMessage(take: (message: unknown) => void): void;
  post(message: unknown): void;
  /** What the thread was started with. */
  shared(): unknown;
  /** Called with what nobody caught. */
  onUncaught(take: (error: unknown) => void): void;
}
