import { dirname } from 'node:path';

/** As much of a disk as making folders takes. What goes wrong is thrown with Node's `code`. */
export interface FolderDisk {
  /** Undefined where nothing is there. */
  kindOf(path: string): 'file' | 'folder' | undefined;
  /** Makes one folder in a folder that is there. */
  make(path: string): void;
}

/**
 * Makes a folder and those above it, one after the other. A recursive call of the runtime would look for a folder above for ever where a
 * file system (/proc is one) says of a new folder that it does not exist, although the one above does.
 * Throws ENOTDIR where a file has the name of one of them, ENOENT where the file system holds no new folders.
 */
export function makeFolders(path: string, disk: FolderDisk): void {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    const kind = disk.kindOf(at);
    if (kind === 'file') throw coded(missing.length === 0 ? 'EEXIST' : 'ENOTDIR', at);
    if (kind === 'folder' || dirname(at) === at) break;
    missing.push(at);
  }
  for (const folder of missing.reverse()) {
    try {
      disk.make(folder);
    } catch (error) {
      // another process may have made it meanwhile
      if (disk.kindOf(folder) !== 'folder') throw error;
    }
  }
}

function coded(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: mkdir '${path}'`), { code });
}
