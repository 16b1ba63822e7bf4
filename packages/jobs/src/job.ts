/** One piece of long work: what decides its result, and the file that is there once it is done. */
export interface Job {
  /** Unique in the list. */
  readonly name: string;
  /** Hash of everything that decides the result, that of the jobs it needs included. */
  readonly input: string;
  /** The file, within the folder, that is written last: what has it is complete. */
  readonly file: string;
  /** Other files of the job, within the folder; written before. */
  readonly besides?: readonly string[];
  /** Names of jobs of the list whose results it is made from. They stay in one shard with it, but for common ones. */
  readonly needs?: readonly string[];
  /** Part of every shard: in a shared folder whoever comes first does it, in folders of their own each shard does. It needs common jobs only. */
  readonly common?: boolean;
}

/** One of `of` parts of a list, from 0: several machines make parts of it, in one folder or each in its own. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** A list of jobs, and how one is done. */
export interface JobPlan<R> {
  /** What the jobs are, such as "sweep of iris". */
  readonly what: string;
  /** What one is called, such as "training". */
  readonly unit: string;
  readonly jobs: readonly Job[];
  /** Called once the folder is known to be for this list, before any job is looked at. */
  readonly begin?: () => void;
  /** The result of a job that is done; undefined where it is not or has to be made again. Throws where its file is of another input. */
  readonly read: (job: Job) => R | undefined;
  /**
   * Does a job, writes its files, and returns its result, which depends on the job alone. `hand` is a number from 0 to workers − 1:
   * one hand does one job at a time. `needed` are the results of the jobs that it needs, in their order.
   */
  readonly work: (job: Job, hand: number, needed: readonly R[]) => Promise<Made<R>>;
  /** Told of every result, found or made, in any order; what it throws ends the run. */
  readonly onResult?: (result: R, job: Job, found: boolean) => void;
  /** Whether a failure ends the run and not the job alone; that nothing can be written always does. */
  readonly isFatal?: (error: unknown) => boolean;
}

export interface Made<R> {
  readonly result: R;
  /** Processor seconds, where they are known. */
  readonly cpuSeconds?: number | undefined;
}

/** A job that has no result, and why. */
export interface JobFailure {
  readonly name: string;
  readonly reason: string;
  readonly hint?: string | undefined;
}
