import { platform } from '#platform';
import { FileWriteError, InputFileError, NeuroprintError, OutputInUseError } from './errors.ts';

const { files } = platform;

/** The name of a folder's lock: a folder that holds only this is empty. */
export const LOCK_NAME = '.neuroprint.lock';

/** The lowercase hexadecimal SHA-256 of a text (as UTF-8) or of bytes. */
export function sha256(data: string | Uint8Array): string {
  return platform.sha256(data);
}

/** The SHA-256 of a file's bytes. */
export function sha256OfFile(path: string): string {
  return platform.sha256(files.parts(path));
}

/** How the bytes of a file that came with a package are had, by its URL beside the code; undefined where it is missing. */
export function bundledFile(url: URL): () => Uint8Array | undefined {
  platform.expectBundled(url);
  return () => platform.bundledBytes(url);
}

/** Whether there is a file or a folder of this name. */
export function fileExists(path: string): boolean {
  return files.stat(path) !== undefined;
}

/** Writes a file so that a reader sees the old content or the new one and never a part. Folders are made where they are missing. */
export function writeFileAtomic(path: string, data: string | Uint8Array): void {
  try {
    files.write(path, typeof data === 'string' ? new TextEncoder().encode(data) : data);
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** Bytes of lines that are encoded before they are written. */
const PART_BYTES = 2 ** 20;

/** The same for lines, each of which gets its end: of many lines only some are in memory at a time, where the machine has a disk. */
export function writeLinesAtomic(path: string, lines: Iterable<string>): void {
  try {
    files.write(path, encoded(lines));
  } catch (error) {
    throw writeFailure(path, error);
  }
}

function* encoded(lines: Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let part = '';
  for (const line of lines) {
    part += `${line}\n`;
    if (part.length < PART_BYTES) continue;
    yield encoder.encode(part);
    part = '';
  }
  yield encoder.encode(part);
}

/** What the machine said of a file that was to be written, which it names a temporary one, or not at all; anything else as it is. */
export function writeFailure(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error) || error instanceof NeuroprintError) return error;
  const code = String(error.code);
  if (code === 'EISDIR') return new OutputInUseError(path, 'is a folder, and a file is to be written', 'Name a file.');
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new OutputInUseError(path, 'a part of this path is a file, and a folder is needed', 'Name another folder.');
  if (code === 'ENOENT')
    return new OutputInUseError(path, 'its file system holds no new folders', 'Name a folder on a disk.');
  const [message, hint] = WRITE_FAILURES[code] ?? [error.message, 'Check the disk and its permissions.'];
  return new FileWriteError(path, message, hint);
}

const WRITE_FAILURES: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  ENOSPC: ['there is no space left on the disk', 'Make room, then run the same command again.'],
  EDQUOT: ['your quota of disk space is used up', 'Make room, then run the same command again.'],
  EFBIG: ['it is larger than a file may be here', 'Raise the limit of file sizes, or write to another disk.'],
  EROFS: ['this disk can only be read', 'Name another folder with --out.'],
  EACCES: ['permission denied', 'Check the permissions of the folder.'],
  EPERM: ['permission denied', 'Check the permissions of the folder.'],
};

/** Reads a text file that the user named. Throws InputFileError where it is missing or unreadable. */
export function readTextFile(path: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(readBytes(path));
}

/** The bytes of a file. Throws InputFileError where it cannot be read or is no regular file. */
export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  try {
    checkRegular(path);
    return files.read(path);
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** The same part by part; a part is valid until the next one. */
export function* readParts(path: string): Iterable<Uint8Array<ArrayBuffer>> {
  try {
    checkRegular(path);
    yield* files.parts(path);
  } catch (error) {
    throw readFailure(path, error);
  }
}

function checkRegular(path: string): void {
  if (files.stat(path)?.kind === 'other')
    throw new InputFileError({ file: path }, 'is no regular file', 'Give the path of a file on disk.');
}

function readFailure(path: string, error: unknown): InputFileError {
  return error instanceof InputFileError
    ? error
    : new InputFileError({ file: path }, describeReadFailure(error), 'Check the path.');
}

function describeReadFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'is a folder, not a file';
  if (code === 'EACCES') return 'may not be read (permission denied)';
  return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
}

/** Makes a folder, and those above it. Throws OutputInUseError where a file has its name. */
export function makeFolder(path: string): void {
  try {
    files.makeFolder(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw writeFailure(path, error);
    throw new OutputInUseError(path, 'is a file, and a folder is needed', 'Name another folder with --out.');
  }
}

/** Makes a folder to write into. Throws OutputInUseError where it holds files already and `overwrite` is not given. */
export function prepareOutputFolder(path: string, overwrite: boolean): void {
  makeFolder(path);
  const entries = files.list(path).filter((entry) => entry !== LOCK_NAME);
  if (entries.length > 0 && !overwrite) {
    throw new OutputInUseError(path, 'the folder is not empty', 'Name another folder with --out, or add --overwrite.');
  }
}
