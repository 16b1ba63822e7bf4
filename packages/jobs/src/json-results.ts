import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputFileError, readTextFile, writeFileAtomic } from '@neuroprint/core';
import type { Job } from './job.ts';

/** Results that are JSON objects, each in a file that also says what it was made from. */
export class JsonResults<R extends object> {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The result of a job if it and all its files are there. Throws InputFileError where it is damaged or was made from another input. */
  read(job: Job): R | undefined {
    const file = join(this.#folder, job.file);
    if (!existsSync(file) || job.besides?.some((other) => !existsSync(join(this.#folder, other)))) return undefined;
    let read: R & { readonly recipe: string };
    try {
      read = JSON.parse(readTextFile(file)) as R & { recipe: string };
    } catch {
      throw new InputFileError({ file }, 'is damaged', 'Remove it; the row is then computed again.');
    }
    const { recipe, ...result } = read;
    if (recipe === job.input) return result as unknown as R;
    throw new InputFileError(
      { file },
      'was made with other data, surrogates or options',
      'Choose another --out, or remove the folder.',
    );
  }

  /** Returns the result as `read` will. Throws FileWriteError. */
  write(job: Job, result: R): R {
    writeFileAtomic(join(this.#folder, job.file), `${JSON.stringify({ recipe: job.input, ...result }, null, 1)}\n`);
    return JSON.parse(JSON.stringify(result)) as R;
  }
}
