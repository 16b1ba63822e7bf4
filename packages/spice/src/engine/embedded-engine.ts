import { platform, type Thread } from '@neuroprint/core';
import { EMBEDDED_HINT, embeddedFile } from '#host';
import type { RunRequest, WorkerMessage, WorkerSettings } from './embedded-worker.ts';
import {
  DEFAULT_TIMEOUT_MILLISECONDS,
  type Engine,
  type EngineReport,
  engineMissing,
  RESULT_FILE,
  type RunOptions,
  ranToEnd,
  readResult,
} from './engine.ts';
import { SimulationError, SimulationTimeoutError } from './errors.ts';
import type { Plot } from './raw.ts';

const START_TIMEOUT_MILLISECONDS = 60_000;
/** So long the worker of an engine that was closed waits for the next one: it takes a second to start. */
const IDLE_MILLISECONDS = 5000;
const workerUrl = new URL('./embedded-worker.js', import.meta.url);

/** Starts the embedded ngspice once to see whether it works here. */
export async function inspectEmbedded(): Promise<EngineReport> {
  let path: string | null = null;
  try {
    path = embeddedFile();
    const engine = await EmbeddedEngine.open();
    await engine.close();
    return { name: 'embedded', version: engine.version, path, usable: true };
  } catch (error) {
    const problem = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    return { name: 'embedded', version: null, path, usable: false, problem, whatToDo: EMBEDDED_HINT };
  }
}

interface Started extends WorkerSettings {
  readonly worker: Thread;
  readonly version: string;
}

/**
 * Engines begin in code that takes no time to compile. From so many seconds of simulation, or from a run of so many voltages on, code that is
 * compiled for speed is faster in all.
 */
const LONG_SECONDS = 2;
const LONG_VALUES = 50_000;

/** Workers whose last run came to its end and whose engine was closed. */
const idle: Started[] = [];

/** A worker that waits, or a new one. */
function takeWorker(isLong: boolean): Promise<Started> {
  const at = idle.findLastIndex((one) => one.isLong || !isLong);
  return at < 0 ? startWorker({ isLong }) : Promise.resolve(idle.splice(at, 1)[0]!);
}

/** Lets a sound worker wait for the next engine; neither it nor the timer keeps the process alive. */
function park(started: Started): void {
  idle.push(started);
  const end = (): void => {
    const at = idle.indexOf(started);
    if (at >= 0) void idle.splice(at, 1)[0]!.worker.terminate();
  };
  const timer: { unref?: () => unknown } | number = setTimeout(end, IDLE_MILLISECONDS);
  if (typeof timer === 'object') timer.unref?.();
}

/**
 * ngspice as WebAssembly in a worker thread, which needs nothing installed. The worker is killed on a timeout and after
 * every run that did not come to its end, because what that leaves behind in it is not to be trusted.
 */
export class EmbeddedEngine implements Engine {
  readonly name = 'embedded';
  readonly version: string;
  readonly #label: string;
  #started: Started | null;
  #running = false;
  #busySeconds = 0;
  #closed = false;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(started: Started) {
    this.#started = started;
    this.version = started.version;
    this.#label = `embedded ngspice ${started.version}`;
  }

  /** Throws EngineMissingError where WebAssembly or the package does not work. */
  static async open(): Promise<EmbeddedEngine> {
    return new EmbeddedEngine(await takeWorker(false));
  }

  run(deck: string, options: RunOptions = {}): Promise<Plot[]> {
    const result = this.#queue.then(() => this.#run(deck, options));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #run(deck: string, options: RunOptions): Promise<Plot[]> {
    if (this.#closed) throw new SimulationError(this.#label, 'was closed before the run', '');
    const isLong = this.#busySeconds >= LONG_SECONDS || (options.values ?? 0) >= LONG_VALUES;
    if (isLong && this.#started?.isLong === false) {
      park(this.#started);
      this.#started = null;
    }
    this.#started ??= await takeWorker(isLong);
    const { worker } = this.#started;
    const timeout = options.timeoutMilliseconds ?? DEFAULT_TIMEOUT_MILLISECONDS;
    worker.keepAlive(true);
    this.#running = true;
    let sound = false;
    try {
      const answer = await ask(worker, this.#label, { deck, resultFile: RESULT_FILE }, timeout);
      this.#busySeconds += answer.busySeconds;
      sound = ranToEnd(answer.log);
      return readResult(this.#label, answer.log, answer.raw);
    } finally {
      this.#running = false;
      worker.keepAlive(false);
      if (!sound) {
        this.#started = null;
        await worker.terminate();
      }
    }
  }

  cpuSeconds(): number {
    return this.#busySeconds;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const started = this.#started;
    this.#started = null;
    if (started !== null && !this.#running) park(started);
    else await started?.worker.terminate();
    await this.#queue;
  }
}

type Done = Extract<WorkerMessage, { kind: 'done' }>;

function ask(worker: Thread, label: string, request: RunRequest, timeoutMilliseconds: number): Promise<Done> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => reject(new SimulationError(label, reason, ''));
    const stop = listen(worker, timeoutMilliseconds, {
      message: (message) => {
        stop();
        if (message.kind === 'done') resolve(message);
        else fail(`broke down: ${message.kind === 'failed' ? message.message : 'started anew'}`);
      },
      broken: (reason) => fail(`broke down: ${reason}`),
      late: () => reject(new SimulationTimeoutError(label, timeoutMilliseconds)),
    });
    worker.post(request);
  });
}

function startWorker(settings: WorkerSettings): Promise<Started> {
  return new Promise((resolve, reject) => {
    const worker = platform.startThread(workerUrl, settings, { closed: true });
    const fail = (problem: string): void => {
      void worker.terminate();
      const report = {
        name: 'embedded',
        version: null,
        path: null,
        usable: false,
        problem,
        whatToDo: EMBEDDED_HINT,
      } as const;
      reject(engineMissing(report));
    };
    const stop = listen(worker, START_TIMEOUT_MILLISECONDS, {
      message: (message) => {
        stop();
        worker.keepAlive(false);
        if (message.kind === 'ready') resolve({ ...settings, worker, version: message.version });
        else fail(message.kind === 'failed' ? message.message : 'answered before it was asked');
      },
      broken: fail,
      late: () => fail('did not start within a minute'),
    });
  });
}

interface Handlers {
  readonly message: (message: WorkerMessage) => void;
  readonly broken: (reason: string) => void;
  readonly late: () => void;
}

/** Waits for the first thing that a worker does; returns how to stop waiting. */
function listen(worker: Thread, timeoutMilliseconds: number, handlers: Handlers): () => void {
  const end = (reason: string): void => {
    stop();
    handlers.broken(reason);
  };
  const deaf = worker.listen({
    onMessage: (message) => handlers.message(message as WorkerMessage),
    onError: end,
    onExit: () => end('the worker ended'),
  });
  const timer = setTimeout(() => {
    stop();
    handlers.late();
  }, timeoutMilliseconds);
  const stop = (): void => {
    clearTimeout(timer);
    deaf();
  };
  return stop;
}
