import {
  HandThreads,
  inputOf,
  inRanges,
  type Job,
  type JobFailure,
  type JobPlace,
  JsonResults,
  type Made,
  runJobList,
} from '@neuroprint/jobs';
import { type CopyRange, type CopyTask, type JudgedCopies, openCopyThread } from '@neuroprint/verifier';

/** A job solves about so many rows times components, seconds of work, and no fewer or more copies than these. */
const WORK = 2.4e7;
const LEAST_COPIES = 100;
const MOST_COPIES = 20_000;

/** Copies as their file keeps them: what each is worth, and which do not stay at their operating point. */
interface CopyRow {
  readonly merits: readonly number[];
  readonly unstable: readonly number[];
  readonly alike?: readonly number[];
}

/** Copies 0 to `draws` − 1 of a task as jobs of some thousand copies, each in a file; what they are worth is in one place, flat. */
export class CopyJobs {
  readonly jobs: readonly Job[];
  /** Those of jobs without a result are missing at their places. */
  readonly judged: JudgedCopies;
  readonly #ranges = new Map<string, CopyRange>();
  readonly #store: JsonResults<CopyRow>;

  /** Several tasks of one list each have a name of their own, which stands in the names of jobs and files. */
  constructor(task: CopyTask, draws: number, folder: string, name = '') {
    this.#store = new JsonResults(folder);
    const input = inputOf(task);
    const components = 'flat' in task.circuit ? task.circuit.flat.components.length : task.circuit.devices.length;
    const size = Math.round(Math.min(MOST_COPIES, Math.max(LEAST_COPIES, WORK / (task.labels.length * components))));
    this.jobs = inRanges(draws, size, (from, to): Job => {
      const title = `copies ${name === '' ? '' : `${name}, `}${from} to ${to - 1}`;
      this.#ranges.set(title, { from, to });
      return { name: title, input, file: `copies/${name === '' ? '' : `${name}-`}${from}-${to - 1}.json` };
    });
    this.judged = {
      merits: new Float64Array(draws).fill(Number.NaN),
      stable: new Uint8Array(draws).fill(1),
      ...(task.model && { alike: new Float64Array(draws) }),
    };
  }

  has({ name }: Job): boolean {
    return this.#ranges.has(name);
  }

  /** Takes the copies of a job from its file. */
  read(job: Job): true | undefined {
    const row = this.#store.read(job);
    if (row === undefined) return undefined;
    const { from } = this.#ranges.get(job.name)!;
    this.judged.merits.set(row.merits, from);
    for (const copy of row.unstable) this.judged.stable[copy] = 0;
    if (row.alike !== undefined) this.judged.alike?.set(row.alike, from);
    return true;
  }

  /** Has the copies of a job judged, and writes and takes them. */
  async work(job: Job, judge: (range: CopyRange) => Promise<JudgedCopies>): Promise<Made<true>> {
    const range = this.#ranges.get(job.name)!;
    const { merits, stable, alike } = await judge(range);
    this.judged.merits.set(merits, range.from);
    this.judged.stable.set(stable, range.from);
    if (alike !== undefined) this.judged.alike?.set(alike, range.from);
    this.#store.write(job, {
      merits: [...merits],
      unstable: [...stable.keys()].filter((k) => stable[k] === 0).map((k) => range.from + k),
      ...(alike && { alike: [...alike] }),
    });
    return { result: true };
  }
}

/** What became of the copies of a circuit. */
export interface CopiesMade {
  readonly made: number;
  readonly found: number;
  readonly failures: readonly JobFailure[];
}

/** Judges copies 0 to `draws` − 1 as a list of jobs. */
export async function judgeAsJobs(
  task: CopyTask,
  draws: number,
  what: string,
  place: JobPlace,
): Promise<CopiesMade & { readonly judged: JudgedCopies }> {
  const copies = new CopyJobs(task, draws, place.folder);
  const threads = new HandThreads(() => openCopyThread([task]));
  const outcome = await runJobList<true>(
    {
      ...{ what, unit: 'part', jobs: copies.jobs },
      read: (job) => copies.read(job),
      work: (job, hand) => copies.work(job, (range) => threads.run(hand, range)),
    },
    place,
  ).finally(() => threads.close());
  const { made, found, failures } = outcome;
  return { judged: copies.judged, made, found, failures };
}
