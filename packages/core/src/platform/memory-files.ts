import { dirname, resolve } from 'node:path';
import type { FileStore } from './platform.ts';

/** What Node says of these codes. */
const WORDS = {
  ENOENT: 'no such file or directory',
  EISDIR: 'illegal operation on a directory',
  ENOTDIR: 'not a directory',
  EEXIST: 'file already exists',
} as const;

class FileError extends Error {
  readonly code: keyof typeof WORDS;
  readonly syscall: string;

  constructor(code: keyof typeof WORDS, syscall: string, path: string) {
    super(`${code}: ${WORDS[code]}, ${syscall} '${path}'`);
    this.code = code;
    this.syscall = syscall;
  }
}

/** Called with every file that is written (its bytes) or removed (undefined). */
export type FileListener = (path: string, bytes: Uint8Array<ArrayBuffer> | undefined) => void;

/** A folder tree in memory: what a page has instead of a disk. */
export class MemoryFiles implements FileStore {
  /** Folders have no bytes. */
  readonly #entries = new Map<string, Uint8Array<ArrayBuffer> | null>([['/', null]]);
  #listener: FileListener | undefined;

  /** Tells whoever keeps files longer than the page lives. */
  set onChange(listener: FileListener) {
    this.#listener = listener;
  }

  read(path: string): Uint8Array<ArrayBuffer> {
    const bytes = this.#entries.get(resolve('/', path));
    if (bytes === undefined) throw new FileError('ENOENT', 'open', path);
    if (bytes === null) throw new FileError('EISDIR', 'read', path);
    return bytes.slice();
  }

  *parts(path: string): Iterable<Uint8Array<ArrayBuffer>> {
    yield this.read(path);
  }

  write(path: string, bytes: Uint8Array | Iterable<Uint8Array>): void {
    const full = resolve('/', path);
    this.makeFolder(dirname(full));
    if (this.#entries.get(full) === null) throw new FileError('EISDIR', 'rename', path);
    const own = bytes instanceof Uint8Array ? new Uint8Array(bytes) : joined(bytes);
    this.#entries.set(full, own);
    this.#listener?.(full, own);
  }

  create(path: string, text: string): void {
    if (this.#entries.has(resolve('/', path))) throw new FileError('EEXIST', 'open', path);
    this.write(path, new TextEncoder().encode(text));
  }

  remove(path: string): void {
    const full = resolve('/', path);
    for (const at of [...this.#entries.keys()]) {
      if (at !== full && !at.startsWith(`${full}/`)) continue;
      this.#entries.delete(at);
      this.#listener?.(at, undefined);
    }
  }

  makeFolder(path: string): void {
    const full = resolve('/', path);
    const entry = this.#entries.get(full);
    if (entry === null) return;
    if (entry !== undefined) throw new FileError('EEXIST', 'mkdir', path);
    const above = dirname(full);
    const parent = this.#entries.get(above);
    if (parent !== undefined && parent !== null) throw new FileError('ENOTDIR', 'mkdir', path);
    this.makeFolder(above);
    this.#entries.set(full, null);
  }

  list(path: string): string[] {
    const full = resolve('/', path);
    const entry = this.#entries.get(full);
    if (entry === undefined) throw new FileError('ENOENT', 'scandir', path);
    if (entry !== null) throw new FileError('ENOTDIR', 'scandir', path);
    const start = full === '/' ? full : `${full}/`;
    return [...this.#entries.keys()]
      .filter((at) => at !== '/' && at.startsWith(start) && !at.includes('/', start.length))
      .map((at) => at.slice(start.length))
      .sort();
  }

  stat(path: string) {
    const entry = this.#entries.get(resolve('/', path));
    if (entry === undefined) return undefined;
    return entry === null ? ({ kind: 'folder', bytes: 0 } as const) : ({ kind: 'file', bytes: entry.length } as const);
  }

  realPath(path: string): string {
    const full = resolve('/', path);
    if (!this.#entries.has(full)) throw new FileError('ENOENT', 'realpath', path);
    return full;
  }

  /** Every file below a folder, by its path in there. */
  below(folder: string): Map<string, Uint8Array<ArrayBuffer>> {
    const full = resolve('/', folder);
    const start = full === '/' ? full : `${full}/`;
    const found = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const [at, bytes] of this.#entries)
      if (bytes !== null && at.startsWith(start)) found.set(at.slice(start.length), bytes);
    return found;
  }
}

function joined(parts: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const all = [...parts];
  const whole = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of all) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
