import { availableParallelism } from 'node:os';
import type { Cell, Technology } from '@neuroprint/circuit';
import { lockFolder, type Sweep, UsageError } from '@neuroprint/core';
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
import { countReasons, type SamplesContent, samplesContent, TooManyFailuresError } from './rows/recipe.ts';
import { fillGaps, RowBank } from './rows/row-bank.ts';
import { type PlannedRow, RowMaker } from './rows/rows.ts';
import { portShift, portSweepOf, sweepOf } from './rows/sweep.ts';
import { SOBOL_MAX_POINTS } from './sequence/sobol.ts';
import {
  claimFolder,
  readValidShard,
  type ShardRows,
  shardRanges,
  writeIncident,
  writeShard,
} from './shards/shard-store.ts';

/** So many rows may fail in a small run before it stops. */
const LEAST_FAILURES = 20;

export interface SampleOptions {
  readonly technology: Technology;
  readonly cell: Cell;
  /** Number of designs of the whole sequence, of which a shard takes its part. */
  readonly count: number;
  readonly seed?: number;
  /** Folder of samples.json and the shards; a run that was ended goes on where it stopped. */
  readonly out: string;
  /** A choice opens engines, one per worker, and closes them; an engine that is given is used alone and left open. */
  readonly engine?: EngineChoice | Engine;
  /** Simulators at a time; default: the number of cores. The numbers do not depend on it. */
  readonly workers?: number;
  /** Takes the index range `index` (from 0) of `of` equal ones. */
  readonly shard?: { readonly index: number; readonly of: number };
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
 * Simulates the designs of an index range and writes samples.json and shards. Every row depends on its index and the
 * recipe alone, so killed and resumed, cut and whole runs give the same bits. Failures are rows with a reason.
 * Throws UsageError for numbers that are none, ImpossibleConstraintsError, OtherSamplesError and OutputInUseError
 * for the folder, TooManyFailuresError, engine errors, and the signal's reason where it was aborted.
 */
export async function sample(options: SampleOptions): Promise<SampleSummary> {
  const { technology, cell, out, signal } = options;
  const began = { wall: performance.now(), cpu: process.cpuUsage() };
  const seed = wholeNumber('The seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER);
  const workers = wholeNumber('The number of workers', options.workers ?? availableParallelism(), 1, 1024);
  const range = indexRange(options.count, options.shard);
  const sweep = options.port === true ? portSweepOf(technology) : sweepOf(technology, options.sweepPoints);
  const maker = () => new RowMaker(technology, cell, seed, sweep);
  maker(); // an impossible space is told before anything is opened or written
  signal?.throwIfAborted();

  const engines = await EnginePool.open(options.engine ?? 'auto');
  try {
    const { name, version } = engines.first;
    const samples = samplesContent({ technology, cell, ...range, seed, sweep, simulator: { name, version } });
    const tally = await locked(out, () => {
      claimFolder(out, samples);
      return makeShards(options, samples, engines, workers, maker);
    });
    const own = process.cpuUsage(began.cpu);
    const cpuSeconds = (own.user + own.system) / 1e6 + engines.childSeconds();
    return {
      requested: range.count,
      converged: range.count - tally.failed,
      failed: tally.failed,
      simulated: range.count - tally.found,
      engine: name,
      simulatorVersion: version,
      cpuSecondsPerCurve: tally.found === range.count ? 0 : cpuSeconds / (range.count - tally.found),
      wallSeconds: (performance.now() - began.wall) / 1000,
      out,
    };
  } finally {
    await engines.close();
  }
}

async function locked<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const unlock = lockFolder(folder);
  try {
    return await work();
  } finally {
    unlock();
  }
}

async function makeShards(
  options: SampleOptions,
  samples: SamplesContent,
  engines: EnginePool,
  workers: number,
  maker: () => RowMaker,
): Promise<SampleProgress> {
  const { out, signal, onProgress } = options;
  const allowed = wholeNumber(
    'The number of failures allowed',
    options.maxFailures ?? Math.max(LEAST_FAILURES, Math.floor(samples.count / 2)),
    0,
    SOBOL_MAX_POINTS,
  );
  let progress: SampleProgress = { done: 0, total: samples.count, failed: 0, found: 0 };
  const reasons = new Map<string, number>();
  const count = (shard: ShardRows, found: number) => {
    countReasons(shard.failures, reasons);
    progress = {
      ...progress,
      done: progress.done + shard.count,
      failed: progress.failed + shard.failures.length,
      found: progress.found + found,
    };
    onProgress?.(progress);
    if (progress.failed > allowed) throw new TooManyFailuresError(progress.failed, allowed, reasons);
  };
  const missing: { firstIndex: number; count: number }[] = [];
  for (const range of shardRanges(samples)) {
    const there = readValidShard(out, samples, range);
    if (there === undefined) missing.push(range);
    else count(there, there.count);
  }
  const bank = new RowBank(missing.length === 0 ? [] : [out, ...(options.reuse ?? [])], samples);
  const halt = new AbortController();
  const stop = signal === undefined ? halt.signal : AbortSignal.any([signal, halt.signal]);
  const closeAll = () => void engines.close();
  stop.addEventListener('abort', closeAll);
  const { timeoutMilliseconds } = options;
  const limits = timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds };
  const work = async () => {
    const engine = stoppable(await engines.take(), stop);
    const rows = maker();
    for (let range = missing.shift(); range !== undefined; range = missing.shift()) {
      stop.throwIfAborted();
      const gathered = bank.gather(range);
      const planned = gathered.missing.map((index) => rows.plan(index));
      const request = requestOf(options, samples.sweep, planned);
      const simulated = planned.length === 0 ? [] : await simulateCurves(engine, request, limits);
      stop.throwIfAborted();
      const made = rows.finish(planned, simulated);
      for (const row of made.incidents) {
        writeIncident(out, row.index, renderCurveDeck(requestOf(options, samples.sweep, [row])));
      }
      const { incidents: _, ...packed } = made;
      const shard = fillGaps(gathered, packed);
      writeShard(out, samples, shard);
      count(shard, shard.count - planned.length);
    }
  };
  const hands = Array.from({ length: Math.min(engines.isShared ? workers : 1, missing.length) }, () =>
    work().catch((error: unknown) => {
      halt.abort(error);
      throw error;
    }),
  );
  const results = await Promise.allSettled(hands);
  stop.removeEventListener('abort', closeAll);
  signal?.throwIfAborted();
  if (halt.signal.aborted) throw halt.signal.reason;
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return progress;
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
  #taken = 0;

  private constructor(first: Engine, isShared: boolean) {
    this.first = first;
    this.isShared = isShared;
    this.#engines = [first];
    this.#secondsBefore = first.cpuSeconds();
  }

  static async open(engine: EngineChoice | Engine): Promise<EnginePool> {
    return typeof engine === 'string' ? new EnginePool(await openEngine(engine), true) : new EnginePool(engine, false);
  }

  async take(): Promise<Engine> {
    this.#taken += 1;
    if (this.#taken === 1) return this.first;
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

/** The index range of a shard, or the whole. Throws UsageError for a shard that is none. */
export function indexRange(count: number, shard: SampleOptions['shard']): { firstIndex: number; count: number } {
  wholeNumber('The count', count, 1, SOBOL_MAX_POINTS);
  if (shard === undefined) return { firstIndex: 0, count };
  const of = wholeNumber('The number of shards', shard.of, 1, count);
  const index = wholeNumber('The number of the shard', shard.index, 0, of - 1);
  const at = (i: number) => Math.floor((i * count) / of);
  return { firstIndex: at(index), count: at(index + 1) - at(index) };
}
