import { type Fault, type JudgedFaults, openFaultThread, type ToleranceTask } from '@neuroprint/diagnosis';
import {
  HandThreads,
  inputOf,
  inRanges,
  type Job,
  type JobOutcome,
  type JobPlace,
  JsonResults,
  runJobList,
} from '@neuroprint/jobs';
import { type CopyTask, type JudgedCopies, openCopyThread } from '@neuroprint/verifier';
import { CopyJobs } from './copy-jobs.ts';

/** A job solves about so many rows times components, seconds of work, and no fewer faults than these. */
const WORK = 2e7;
const LEAST_FAULTS = 20;

/** What is judged of a circuit: every fault alone, and copies at every rate of faults. */
export interface ToleranceList {
  readonly task: ToleranceTask;
  readonly faults: readonly Fault[];
  readonly rates: readonly { readonly rate: number; readonly copies: CopyTask }[];
  /** Copies of each. */
  readonly draws: number;
}

/** What jobs came to: all faults in their order, and the copies by rate. Of failed jobs, or those of other shards, something is missing. */
export interface ToleranceMade extends Pick<JobOutcome<true>, 'made' | 'found' | 'failures'> {
  readonly single: JudgedFaults;
  readonly copies: readonly JudgedCopies[];
}

/** Judges faults and copies as one list of jobs. */
export async function judgeTolerance(list: ToleranceList, what: string, place: JobPlace): Promise<ToleranceMade> {
  const { task, faults, rates, draws } = list;
  const store = new JsonResults<JudgedFaults>(place.folder);
  const input = inputOf({ task, faults });
  const size = Math.max(LEAST_FAULTS, Math.round(WORK / (task.labels.length * task.flat.components.length)));
  const ranges = inRanges(faults.length, size, (from, to) => {
    const job: Job = { name: `faults ${from} to ${to - 1}`, input, file: `faults/${from}-${to - 1}.json` };
    return { from, to, job };
  });
  const rangeOf = new Map(ranges.map((range) => [range.job.name, range]));
  const copies = rates.map(({ rate, copies: own }) => new CopyJobs(own, draws, place.folder, String(rate)));
  const judged = new Map<string, JudgedFaults>();
  const take = (job: Job, found: JudgedFaults): true => {
    judged.set(job.name, found);
    return true;
  };
  const faultThreads = new HandThreads(() => openFaultThread(task, faults));
  const copyThreads = new HandThreads(() => openCopyThread(rates.map(({ copies: own }) => own)));
  const outcome = await runJobList<true>(
    {
      ...{ what, unit: 'part' },
      jobs: [...ranges.map(({ job }) => job), ...copies.flatMap(({ jobs }) => jobs)],
      read: (job) => {
        const own = copies.find((one) => one.has(job));
        if (own !== undefined) return own.read(job);
        const found = store.read(job);
        return found && take(job, found);
      },
      work: async (job, hand) => {
        const at = copies.findIndex((one) => one.has(job));
        if (at >= 0) return copies[at]!.work(job, (range) => copyThreads.run(hand, { ...range, task: at }));
        const { from, to } = rangeOf.get(job.name)!;
        return { result: take(job, store.write(job, await faultThreads.run(hand, { from, to }))) };
      },
    },
    place,
  ).finally(() => Promise.all([faultThreads.close(), copyThreads.close()]));
  const parts = ranges.flatMap(({ job }) => judged.get(job.name) ?? []);
  const { made, found, failures } = outcome;
  return {
    single: { accuracy: parts[0]?.accuracy ?? Number.NaN, faults: parts.flatMap((part) => part.faults) },
    copies: copies.map((one) => one.judged),
    ...{ made, found, failures },
  };
}
