import {
  HandThreads,
  inputOf,
  type Job,
  type JobFailure,
  type JobPlace,
  JsonResults,
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

/** What became of the copies of a circuit. */
export interface CopiesMade {
  readonly made: number;
  readonly found: number;
  readonly failures: readonly JobFailure[];
}

/** Judges copies 0 to `draws` − 1 as jobs of some thousand copies, each in a file. Those of a failed job are missing at their places. */
export async function judgeAsJobs(
  task: CopyTask,
  draws: number,
  what: string,
  place: JobPlace,
): Promise<CopiesMade & { readonly judged: JudgedCopies }> {
  const input = inputOf(task);
  const components = 'flat' in task.circuit ? task.circuit.flat.components.length : task.circuit.devices.length;
  const size = Math.round(Math.min(MOST_COPIES, Math.max(LEAST_COPIES, WORK / (task.labels.length * components))));
  const ranges = new Map<string, CopyRange>();
  const jobs = Array.from({ length: Math.ceil(draws / size) }, (_, k): Job => {
    const range = { from: k * size, to: Math.min(draws, (k + 1) * size) };
    const name = `copies ${range.from} to ${range.to - 1}`;
    ranges.set(name, range);
    return { name, input, file: `copies/${range.from}-${range.to - 1}.json` };
  });
  const store = new JsonResults<CopyRow>(place.folder);
  const threads = new HandThreads(() => openCopyThread(task));
  const judged = {
    merits: new Float64Array(draws).fill(Number.NaN),
    stable: new Uint8Array(draws).fill(1),
    ...(task.model && { alike: new Float64Array(draws) }),
  };
  const outcome = await runJobList<true>(
    {
      ...{ what, unit: 'part', jobs },
      read: (job) => {
        const row = store.read(job);
        if (row === undefined) return undefined;
        const { from } = ranges.get(job.name)!;
        judged.merits.set(row.merits, from);
        for (const copy of row.unstable) judged.stable[copy] = 0;
        if (row.alike !== undefined) judged.alike?.set(row.alike, from);
        return true;
      },
      work: async (job, hand) => {
        const range = ranges.get(job.name)!;
        const { merits, stable, alike } = await threads.run(hand, range);
        judged.merits.set(merits, range.from);
        judged.stable.set(stable, range.from);
        if (alike !== undefined) judged.alike?.set(alike, range.from);
        store.write(job, {
          merits: [...merits],
          unstable: [...stable.keys()].filter((k) => stable[k] === 0).map((k) => range.from + k),
          ...(alike && { alike: [...alike] }),
        });
        return { result: true };
      },
    },
    place,
  ).finally(() => threads.close());
  const { made, found, failures } = outcome;
  return { judged, made, found, failures };
}
