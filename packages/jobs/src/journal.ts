import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder, writeFailure } from '@neuroprint/core';
import { z } from 'zod';

const FOLDER = 'ledger';

const entrySchema = z.object({
  /** When it was written, as ISO 8601. */
  at: z.string(),
  host: z.string(),
  /** Task of a cluster that wrote it, such as 17_3. */
  task: z.string().optional(),
  /** Name and input of a job; absent in what is said of a whole task. */
  job: z.string().optional(),
  input: z.string().optional(),
  state: z.enum(['done', 'failed', 'said']),
  /** On the clock, of one worker. */
  seconds: z.number().optional(),
  cpuSeconds: z.number().optional(),
  reason: z.string().optional(),
  hint: z.string().optional(),
  /** A job array that was submitted: its number, its tasks, and in how many shards these cut the list. */
  array: z.object({ job: z.string(), tasks: z.array(z.int()), of: z.int() }).optional(),
});

/** A line of a journal: what became of a job, or what is to be said of a task. */
export type Entry = Readonly<z.infer<typeof entrySchema>>;

/** The task of a cluster that this process is, such as 17_3. */
export function ownTask(): string | undefined {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: task } = process.env;
  return job === undefined || task === undefined ? undefined : `${job}_${task}`;
}

let journals = 0;

/** The journal of one run: a file of its own in the ledger, so that no two processes write to one. */
export class Journal {
  readonly #path: string;

  constructor(folder: string) {
    makeFolder(join(folder, FOLDER));
    journals += 1;
    const time = new Date().toISOString().replace(/[-:.]/g, '');
    this.#path = join(folder, FOLDER, `${time}-${hostname()}-${process.pid}-${journals}.jsonl`);
  }

  /** Throws FileWriteError. */
  write(entry: Omit<Entry, 'at' | 'host' | 'task'>): void {
    const task = ownTask();
    const line: Entry = { at: new Date().toISOString(), host: hostname(), ...(task && { task }), ...entry };
    try {
      appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
    } catch (error) {
      throw writeFailure(this.#path, error);
    }
  }
}

/** All lines of the ledger of a folder, in the order of their times. A line that a kill has cut off is left out. */
export function readLedger(folder: string): Entry[] {
  const ledger = join(folder, FOLDER);
  if (!existsSync(ledger)) return [];
  const entries = readdirSync(ledger)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readFileSync(join(ledger, name), 'utf8').split('\n').flatMap(entryOf));
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function entryOf(line: string): Entry[] {
  try {
    const read = entrySchema.safeParse(JSON.parse(line));
    return read.success ? [read.data as Entry] : [];
  } catch {
    return [];
  }
}

/** The last word on every job of that input, by name. */
export function lastWords(
  entries: readonly Entry[],
  jobs: readonly { readonly name: string; readonly input: string }[],
): Map<string, Entry> {
  const inputs = new Map(jobs.map(({ name, input }) => [name, input]));
  const last = new Map<string, Entry>();
  for (const entry of entries)
    if (entry.job !== undefined && inputs.get(entry.job) === entry.input) last.set(entry.job, entry);
  return last;
}
