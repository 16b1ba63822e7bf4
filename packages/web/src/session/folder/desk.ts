import { NeuroprintError, regressionOf } from '@neuroprint/core';
import { memoryFiles } from '@neuroprint/core/page';
import { readNetlistFolder } from '@neuroprint/verifier';
import { type KeptFiles, keepFiles } from '../../folder/kept.ts';
import { folderOfZip, zipOf } from '../../folder/zip.ts';
import { CircuitDesk } from '../circuit/desk.ts';
import type { FolderSession } from '../folder-view.ts';

const NOTE = '/page.json';
const CIRCUITS = 'netlists-out';
/** Where a zip is unpacked before it takes the place of anything. */
const LOOKED_AT = '/opened';

/** What goes out of the page and comes back into it; what came with the page is in folders that are not `own`. */
export class FolderDesk extends CircuitDesk implements FolderSession {
  readonly #bundled: readonly string[];
  #kept: Promise<KeptFiles> | undefined;

  constructor(templates: string, bundled: readonly string[]) {
    super(templates);
    this.#bundled = bundled;
  }

  /** Brings back what the last tab left; called once what came with the page is there. */
  protected bringBack(): Promise<KeptFiles> {
    this.#kept ??= keepFiles();
    return this.#kept;
  }

  async zip(folder: string): Promise<Uint8Array> {
    return zipOf({ name: folder.replace(/^.*\//, ''), files: memoryFiles.below(folder) });
  }

  async openZip(name: string, zip: Blob) {
    try {
      const { files, name: own } = await folderOfZip(name, zip);
      const put = (folder: string) => {
        for (const [path, bytes] of files) memoryFiles.write(`${folder}/${path}`, bytes);
        return folder;
      };
      // read first: what is refused takes the place of nothing
      const { circuit } = readNetlistFolder(put(`${LOOKED_AT}/${own}`));
      this.#clear();
      const task = regressionOf(circuit) === undefined ? ('classification' as const) : ('regression' as const);
      return { name: own, folder: put(`${CIRCUITS}/${own}`), task };
    } catch (error) {
      if (!(error instanceof NeuroprintError)) throw error;
      // the names in it are those of the zip
      const message = error.message.replace(`${LOOKED_AT}/`, `${name}: `);
      return { refusal: { column: undefined, message, hint: error.hint } };
    } finally {
      memoryFiles.remove(LOOKED_AT);
    }
  }

  async recall() {
    const { keeping } = await this.bringBack();
    const isThere = memoryFiles.stat(NOTE) !== undefined;
    return { note: isThere ? new TextDecoder().decode(memoryFiles.read(NOTE)) : undefined, keeping };
  }

  async remember(note: string): Promise<void> {
    memoryFiles.write(NOTE, new TextEncoder().encode(note));
    await (await this.bringBack()).written();
  }

  async forget(): Promise<void> {
    this.#clear();
    await (await this.bringBack()).written();
  }

  /** Removes whatever is a person's own: the next table or circuit comes in place of it. */
  #clear(): void {
    for (const name of memoryFiles.list('/')) if (!this.#bundled.includes(`/${name}`)) memoryFiles.remove(`/${name}`);
  }
}
