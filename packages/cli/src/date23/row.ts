import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputFileError, readTextFile, sha256, type UnderVariation, writeFileAtomic } from '@neuroprint/core';
import type { JobResult } from '@neuroprint/network';
import type { Case } from './cases.ts';

/** One training of the table and what it reached. */
export interface Row {
  readonly dataset: string;
  readonly case: string;
  readonly seed: number;
  /** Of everything the row depends on; a row of another recipe is not taken over. */
  readonly recipe: string;
  readonly epochs: number;
  readonly validScore: number;
  readonly accuracy: { readonly train: number; readonly valid: number; readonly test: number };
  readonly underVariation: readonly UnderVariation[];
  /** Resistors of the crossbars and falling stages that the printed network has; 0 for a digital one. */
  readonly resistors: number;
  readonly fallingStages: number;
}

export function toRow(dataset: string, which: Case, seed: number, recipe: string, result: JobResult): Row {
  const common = { dataset, case: which.name, seed, recipe, epochs: result.epochs, validScore: result.validScore };
  if (!('network' in result)) {
    const { accuracy, underVariation } = result;
    return { ...common, accuracy, underVariation: [underVariation], resistors: 0, fallingStages: 0 };
  }
  const { layers, metrics } = result.network;
  const conductances = layers.map((layer) => layer.conductancesSiemens);
  return {
    ...common,
    accuracy: metrics!.accuracy,
    underVariation: result.underVariation,
    resistors: conductances.flat(2).filter((siemens) => siemens !== 0).length,
    fallingStages: conductances.flat().filter((row) => row.some((siemens) => siemens < 0)).length,
  };
}

/** What a row depends on, in short. */
export function recipeOf(parts: object): string {
  return sha256(JSON.stringify(parts)).slice(0, 16);
}

/** The rows of a run, each in a file of its own: a run that was stopped goes on where it was. */
export class RowStore {
  readonly #folder: string;

  constructor(out: string) {
    this.#folder = join(out, 'rows');
    mkdirSync(this.#folder, { recursive: true });
  }

  /** The row if it is there. Throws InputFileError where it was made by another recipe. */
  read(dataset: string, which: Case, seed: number, recipe: string): Row | undefined {
    const file = this.#file(dataset, which.name, seed);
    if (!existsSync(file)) return undefined;
    let row: Row | undefined;
    try {
      row = JSON.parse(readTextFile(file)) as Row;
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

  write(row: Row): void {
    writeFileAtomic(this.#file(row.dataset, row.case, row.seed), `${JSON.stringify(row, null, 1)}\n`);
  }

  #file(dataset: string, name: string, seed: number): string {
    return join(this.#folder, `${dataset}-${name}-${seed}.json`);
  }
}
