import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Cell, Technology } from '@neuroprint/circuit';
import { type Sweep, UsageError } from '@neuroprint/core';
import { type Job, type JobPlace, type JobPlan, runJobList, type Shard } from '@neuroprint/jobs';
import {
  type CurveGrid,
  type CurveRequest,
  type Engine,
  type EngineChoice,
  openEngine,
  renderCurveDeck,
  type SinhShape,
  simulateCurves,
} from '@neuroprint/spice';
import {
  countReasons,
  type SamplesContent,
  samplesContent,
  TooManyFailuresError,
  UnfinishedSamplesError,
} from './rows/recipe.ts';
import { fillGaps, type GatheredRows, RowBank } from './rows/row-bank.ts';
import { type PlannedRow, RowMaker } from './rows/rows.ts';
import { portShift, portSweepOf, sweepOf } from './rows/sweep.ts';
import { SOBOL_MAX_POINTS } from './sequence/sobol.ts';
import {
  assertFolderFor,
  claimFolder,
  readValidShard,
  type ShardRows,
  shardFiles,
  shardRanges,
  writeIncident,
  writeShard,
} from './shards/shard-store.ts';

/** So many rows may fail in a small run before it stops. */
const LEAST_FAILURES = 20;

export interface SampleOptions {
  readonly technology: Technology;
  readonly cell: Cell;
  /** Number of designs. */
  readonly count: number;
  readonly seed?: number;
  /** Folder of samples.json and the shards; a run that was ended goes on where it stopped. */
  readonly out: string;
  /** A choice opens engines, one per worker, and closes them; an engine that is given is used alone and left open. */
  readonly engine?: EngineChoice | Engine;
  /** Simulators at a time; default: the number of cores. The numbers do not depend on it. */
  readonly workers?: number;
  /** Makes a part of the shard files; several processes make parts in one folder, or each in its own, which merge joins. */
  readonly shard?: Shard;
  /** Makes them as a job array of a cluster, and not here. */
  readonly slurm?: JobPlace['slurm'];
  /** Evenly spaced points; default: the adaptive sweep. */
  readonly sweepPoints?: number;
  /** Sweeps input and output instead, for a port model; see portSweepOf. */
  readonly port?: boolean;
  /** Folders of samples whose rows are taken where the recipe is the same; the own folder always is one. */
  readonly reuse?: readonly string[];
  /** Failed rows after which the run stops with TooManyFailuresError; default: half of the rows, at least 20. */
  readonly maxFailures?: number;
  /** A simulator run that takes longer is ended and tried again in parts; default: a thousand times the usual. */
  readonly timeoutMilliseconds?: number;
  readonly onProgress?: (progress: SampleProgress) => void;
  /** Ends the run after what is being simulated now is thrown away; what was written stays. */
  readonly signal?: AbortSignal;
}

interface SampleProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Rows that an earlier run had made. */
  readonly found: number;
}

export interface SampleSummary {
  readonly requested: number;
  readonly converged: number;
  readonly failed: number;
  /** Rows that were simulated now, not found. */
  readonly simulated: number;
  readonly engine: Engine['name'];
  readonly simulatorVersion: string;
  /** Processor seconds of everything, divided by the curves that were simulated now; 0 where none was. */
  readonly cpuSecondsPerCurve: number;
  readonly wallSeconds: number;
  readonly out: string;
}

/**
 * Simulates designs and writes samples.json and shard files, each a job of a list (see runJobList). Every row depends on its index and
 * the recipe alone, so killed and resumed, cut and whole runs give the same bits. Failures are rows with a reason.
 * Throws UsageError for numbers that are none, ImpossibleConstraintsError, OtherSamplesError and OutputInUseError
 * for the folder, TooManyFailuresError, engine errors, and the signal's reason where it was aborted.
 */
export async function sample(options: SampleOptions): Promise<SampleSummary> {
  const { technology, cell, out, signal } = options;
  const began = { wall: performance.now(), cpu: process.cpuUsage() };
  const seed = wholeNumber('The seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER);
  const workers = wholeNumber('The number of workers', options.workers ?? availableParallelism(), 1, 1024);
  const count = wholeNumber('The count', options.count, 1, SOBOL_MAX_POINTS);
  const sweep = options.port === true ? portSweepOf(technology) : sweepOf(technology, options.sweepPoints);
  const maker = () => new RowMaker(technology, cell, seed, sweep);
  maker(); // an impossible space is told before anything is opened or written
  signal?.throwIfAborted();

  const engines = await EnginePool.open(options.engine ?? 'auto');
  try {
    const { name, version } = engines.first;
    const simulator = { name, version };
    const samples = samplesContent({ technology, cell, firstIndex: 0, count, seed, sweep, simulator });
    assertFolderFor(out, samples);
    const tally = await makeShards(options, samples, engines, workers, maker);
    const own = process.cpuUsage(began.cpu);
    const cpuSeconds = (own.user + own.system) / 1e6 + engines.childSeconds();
    const simulated = tally.done - tally.found;
    return {
      requested: tally.done,
      converged: tally.done - tally.failed,
      failed: tally.failed,
      simulated,
      engine: name,
      simulatorVersion: version,
      cpuSecondsPerCurve: simulated === 0 ? 0 : cpuSeconds / simulated,
      wallSeconds: (performance.now() - began.wall) / 1000,
      out,
    };
  } finally {
    await engines.close();
  }
}

/** What is kept of a shard file in memory. */
interface ShardTally extends Pick<ShardRows, 'count' | 'failures'> {
  /** Rows that were simulated for it now. */
  readonly simulated: number;
}

/** A shard file as a job. */
interface ShardJob extends Job {
  readonly range: { readonly firstIndex: number; readonly count: number };
}

function jobsOf(samples: SamplesContent): ShardJob[] {
  return shardRanges(samples).map((range) => ({
    name: `rows ${range.firstIndex} to ${range.firstIndex + range.count - 1}`,
    input: samples.recipe,
    ...shardFiles(range.firstIndex),
    range,
  }));
}

async function makeShards(
  options: SampleOptions,
  samples: SamplesContent,
  engines: EnginePool,
  workers: number,
  maker: () => RowMaker,
): Promise<SampleProgress> {
  const { out, signal, onProgress, timeoutMilliseconds, shard, slurm } = options;
  const jobs = jobsOf(samples);
  const ranges = new Map(jobs.map(({ name, range }) => [name, range]));
  const total = shard === undefined ? samples.count : Math.ceil(samples.count / Math.max(1, shard.of));
  const most = options.maxFailures ?? Math.max(LEAST_FAILURES, Math.floor(total / 2));
  const allowed = wholeNumber('The number of failures allowed', most, 0, SOBOL_MAX_POINTS);
  const halt = new AbortController();
  const stop = signal === undefined ? halt.signal : AbortSignal.any([signal, halt.signal]);
  const closeAll = () => void engines.close();
  stop.addEventListener('abort', closeAll);

  let progress: SampleProgress = { done: 0, total, failed: 0, found: 0 };
  const reasons = new Map<string, number>();
  const onResult = ({ count, failures, simulated }: ShardTally) => {
    countReasons(failures, reasons);
    const { done, failed, found } = progress;
    progress = {
      ...{ done: done + count, total: Math.max(total, done + count) },
      ...{ failed: failed + failures.length, found: found + count - simulated },
    };
    onProgress?.(progress);
    if (progress.failed > allowed) throw new TooManyFailuresError(progress.failed, allowed, reasons);
  };
  let bank: RowBank | undefined;
  const bankFor = (job: Job): RowBank => {
    // a file that is there and not taken has grown, or is damaged
    if (existsSync(join(out, job.file))) return new RowBank([out, ...(options.reuse ?? [])], samples);
    bank ??= new RowBank(options.reuse ?? [], samples);
    return bank;
  };
  const simulate = async (engine: Engine, { missing }: GatheredRows) => {
    const rows = maker();
    const planned = missing.map((index) => rows.plan(index));
    const limits = timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds };
    const request = requestOf(options, samples.sweep, planned);
    const simulated = planned.length === 0 ? [] : await simulateCurves(engine, request, limits);
    stop.throwIfAborted();
    const { incidents, ...packed } = rows.finish(planned, simulated);
    for (const row of incidents)
      writeIncident(out, row.index, renderCurveDeck(requestOf(options, samples.sweep, [row])));
    return packed;
  };
  const plan: JobPlan<ShardTally> = {
    ...{ what: `samples of ${samples.technology} ${samples.cell}`, unit: 'shard file', jobs },
    begin: () => claimFolder(out, samples),
    read: (job) => {
      const there = readValidShard(out, samples, ranges.get(job.name)!);
      return there && { count: there.count, failures: there.failures, simulated: 0 };
    },
    work: async (job, hand) => {
      const engine = stoppable(await engines.of(hand), stop);
      stop.throwIfAborted();
      const gathered = bankFor(job).gather(ranges.get(job.name)!);
      const made = fillGaps(gathered, await simulate(engine, gathered));
      writeShard(out, samples, made);
      return { result: { count: made.count, failures: made.failures, simulated: gathered.missing.length } };
    },
    onResult,
    // a simulator that fails fails everywhere
    isFatal: (error) => {
      halt.abort(error);
      return true;
    },
  };
  const place: JobPlace = {
    folder: out,
    workers: engines.isShared ? workers : 1,
    ...{ shard, slurm },
    signal: signal ?? halt.signal,
    onProgress: (done, of) =>
      slurm === undefined ? undefined : onProgress?.({ done, total: of, failed: 0, found: 0 }),
  };
  try {
    const { failures } = await runJobList(plan, place);
    if (failures.length > 0) throw new UnfinishedSamplesError(failures.length, jobs.length, failures[0]!);
    return progress;
  } finally {
    stop.removeEventListener('abort', closeAll);
  }
}

function requestOf({ technology, cell }: SampleOptions, sweep: Sweep, planned: readonly PlannedRow[]): CurveRequest {
  const { points, startVolts, stopVolts } = sweep;
  const designs = Float64Array.from(planned.flatMap(({ values }) => [...values]));
  const shape = (pick: (bend: SinhShape) => number) =>
    Float64Array.from(planned, ({ bend }) => (bend ? pick(bend) : 0));
  const range = { points, startVolts, stopVolts };
  const grid: CurveGrid =
    sweep.kind === 'uniform'
      ? { kind: 'uniform', ...range }
      : {
          kind: 'sinh',
          ...range,
          centreVolts: shape((bend) => bend.centreVolts),
          widthVolts: shape((bend) => bend.widthVolts),
          ...(sweep.output && {
            heldOutput: {
              ...sweep.output,
              outputSteps: Float64Array.from(planned, ({ index }) => portShift(sweep, index).output),
              inputSteps: Float64Array.from(planned, ({ index }) => portShift(sweep, index).input),
            },
          }),
        };
  return { technology, cell, designs, grid };
}

/** The same engine, which refuses to start another run once `stop` is aborted: a chunk that breaks is tried in parts. */
function stoppable(engine: Engine, stop: AbortSignal): Engine {
  const { name, version } = engine;
  return {
    name,
    version,
    run: async (deck, options) => {
      stop.throwIfAborted();
      return engine.run(deck, options);
    },
    close: () => engine.close(),
    cpuSeconds: () => engine.cpuSeconds(),
  };
}

/** The engines of a run: the one that was given, or as many as workers ask for. */
class EnginePool {
  readonly first: Engine;
  /** Whether more engines of the kind may be opened. */
  readonly isShared: boolean;
  readonly #engines: Engine[];
  readonly #secondsBefore: number;
  readonly #byHand = new Map<number, Promise<Engine>>();

  private constructor(first: Engine, isShared: boolean) {
    this.first = first;
    this.isShared = isShared;
    this.#engines = [first];
    this.#secondsBefore = first.cpuSeconds();
  }

  static async open(engine: EngineChoice | Engine): Promise<EnginePool> {
    return typeof engine === 'string' ? new EnginePool(await openEngine(engine), true) : new EnginePool(engine, false);
  }

  /** The engine of a hand, which opens one where the first is taken. */
  of(hand: number): Promise<Engine> {
    const known = this.#byHand.get(hand) ?? (this.#byHand.size === 0 ? Promise.resolve(this.first) : this.#open());
    this.#byHand.set(hand, known);
    return known;
  }

  async #open(): Promise<Engine> {
    const engine = await openEngine(this.first.name);
    this.#engines.push(engine);
    return engine;
  }

  /** Processor seconds of child processes; the embedded engine runs in this one and is counted with it. */
  childSeconds(): number {
    if (this.first.name === 'embedded') return 0;
    return this.#engines.reduce((sum, engine) => sum + engine.cpuSeconds(), -this.#secondsBefore);
  }

  async close(): Promise<void> {
    if (this.isShared) await Promise.all(this.#engines.map((engine) => engine.close()));
  }
}

function wholeNumber(what: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new UsageError(`${what} must be a whole number from ${least} to ${most}, not ${value}.`);
  }
  return value;
}
