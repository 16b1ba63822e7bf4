import { InputFileError } from '@neuroprint/core';
import {
  BlobReader,
  configure,
  type Entry,
  type FileEntry,
  Uint8ArrayWriter,
  ZipReader,
} from '@zip.js/zip.js/lib/zip-core.js';
import { zipSync } from 'fflate';

const MEGABYTE = 2 ** 20;
/** Far beyond any circuit that can be printed: what is larger is a mistake, or made to fill the memory. */
const MOST_BYTES = 64 * MEGABYTE;
const MOST_UNPACKED_BYTES = 256 * MEGABYTE;
const MOST_FILES = 2000;
/** Without these a folder is no compiled circuit. */
const NEEDED = ['netlist.cir', 'circuit.json'];
const WHAT_TO_DO = 'Take a zip that this page made, or one of a folder that compile wrote.';

/** A folder of files by their paths in it. */
export interface NamedFolder {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A zip with one folder in it. The same files give the same bytes, whenever and wherever. */
export function zipOf({ name, files }: NamedFolder): Uint8Array {
  const paths = [...files.keys()].sort();
  const entries = Object.fromEntries(paths.map((path) => [`${name}/${path}`, files.get(path)!]));
  // a zip has local times: the date is made of local parts, or it would be another one in every time zone
  return zipSync(entries, { level: 6, mtime: new Date(1980, 0, 1) });
}

/** Reads a zip of a folder that compile wrote, packed with its folder or without. Throws InputFileError for what is none, or not whole. */
export async function folderOfZip(file: string, zip: Blob): Promise<NamedFolder> {
  const refuse = (message: string, hint = WHAT_TO_DO) => new InputFileError({ file }, message, hint);
  if ((await zip.slice(0, 2).text()) !== 'PK') throw refuse('is no zip');
  if (zip.size > MOST_BYTES) throw refuse(`is larger than ${MOST_BYTES / MEGABYTE} MB`);
  // no worker of the library's own: it would be made of a text
  configure({ useWebWorkers: false });
  const reader = new ZipReader(new BlobReader(zip), { checkCrc32: true, checkOverlappingEntry: true });
  const files = new Map<string, Uint8Array>();
  try {
    const entries = (await reader.getEntries()).filter(isFile);
    if (entries.length > MOST_FILES) throw refuse(`has more than ${MOST_FILES} files in it`);
    const unpacked = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    if (unpacked > MOST_UNPACKED_BYTES)
      throw refuse(`is larger than ${MOST_UNPACKED_BYTES / MEGABYTE} MB when it is unpacked`);
    for (const entry of entries) {
      const { filename } = entry;
      if (!/^[^/\\:]+(\/[^/\\:]+)*$/.test(filename) || /(^|\/)\.\.?(\/|$)/.test(filename))
        throw refuse(`has a path in it that leads elsewhere: ${JSON.stringify(filename)}`);
      if (entry.encrypted) throw refuse('is encrypted', 'Unpack it, and pack it again without a password.');
      if (files.has(filename)) throw refuse(`has ${filename} in it twice`);
      files.set(filename, await entry.getData(new Uint8ArrayWriter()));
    }
  } catch (error) {
    if (error instanceof InputFileError) throw error;
    throw refuse(wordsOf(error), 'If it was downloaded, download it again.');
  } finally {
    await reader.close();
  }
  return withoutTop(file, files, refuse);
}

function isFile(entry: Entry): entry is FileEntry {
  return !entry.directory;
}

/** What the library says, in words of a person who never saw a zip from inside. */
function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/end of central directory|format is not recognized/i.test(message)) return 'is cut off';
  if (/unsafe filename/i.test(message)) return 'has a path in it that leads elsewhere';
  return `is damaged: ${message}`;
}

/** The files without the folder that all of them are in. */
function withoutTop(
  file: string,
  files: ReadonlyMap<string, Uint8Array>,
  refuse: (message: string) => InputFileError,
): NamedFolder {
  const netlist = [...files.keys()].find((path) => /^([^/]+\/)?netlist\.cir$/.test(path));
  const top = netlist?.slice(0, -'netlist.cir'.length) ?? '';
  for (const name of NEEDED)
    if (!files.has(`${top}${name}`)) throw refuse(`is no compiled circuit: ${name} is not in it`);
  const outside = [...files.keys()].find((path) => !path.startsWith(top));
  if (outside !== undefined) throw refuse(`has files beside the folder ${top.slice(0, -1)} in it, such as ${outside}`);
  const name = top === '' ? file.replace(/^.*[/\\]/, '').replace(/\.zip$/i, '') : top.slice(0, -1);
  return { name, files: new Map([...files].map(([path, bytes]) => [path.slice(top.length), bytes])) };
}
