import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputFileError, readTextFile, sha256, UsageError, writeFileAtomic } from '@neuroprint/core';

/** What of a training is kept: the numbers of its row, and the recipe of everything that they depend on. */
export interface StoredRow {
  readonly recipe: string;
}

/** What a row depends on, in short. */
export function recipeOf(parts: object): string {
  return sha256(JSON.stringify(parts)).slice(0, 16);
}

const NETWORKS = 'networks';

/** Where the network of a row is kept, within the folder of its run. */
export function networkFileOf(name: string): string {
  return join(NETWORKS, `${name}.json`);
}

/** Copies the JSON files of a folder that another does not have. */
function copyNew(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from))
    if (name.endsWith('.json') && !existsSync(join(to, name))) copyFileSync(join(from, name), join(to, name));
}

/** The rows of a run, each in a file of its own under `rows/`: a run that was stopped goes on where it was. */
export class RowStore<T extends StoredRow> {
  readonly #out: string;
  readonly #folder: string;

  constructor(out: string) {
    this.#out = out;
    this.#folder = join(out, 'rows');
    mkdirSync(this.#folder, { recursive: true });
  }

  /** The row of that name if it is there. Throws InputFileError where it is damaged or was made by another recipe. */
  read(name: string, recipe: string): T | undefined {
    const file = join(this.#folder, `${name}.json`);
    if (!existsSync(file)) return undefined;
    let row: T | undefined;
    try {
      row = JSON.parse(readTextFile(file)) as T;
    } catch {
      throw new InputFileError({ file }, 'is damaged', 'Remove it; the row is then computed again.');
    }
    if (row.recipe !== recipe) {
      throw new InputFileError(
        { file },
        'was made with other data, surrogates or options',
        'Choose another --out, or remove the folder.',
      );
    }
    return row;
  }

  write(name: string, row: T): void {
    writeFileAtomic(join(this.#folder, `${name}.json`), `${JSON.stringify(row, null, 1)}\n`);
  }

  /**
   * Takes over the rows of other folders (the shards of this run) that are not here yet, and their networks. What they were made
   * with is checked when they are read. Throws UsageError for a folder without rows.
   */
  takeOver(parts: readonly string[]): void {
    for (const part of parts) {
      const from = join(part, 'rows');
      if (!existsSync(from)) throw new UsageError(`${part} holds no rows.`, 'Name the --out folders of the shards.');
      const networks = join(part, NETWORKS);
      if (existsSync(networks)) copyNew(networks, join(this.#out, NETWORKS));
      copyNew(from, this.#folder);
    }
  }
}
