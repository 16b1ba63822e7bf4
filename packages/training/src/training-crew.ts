import { Crew, stopwatch } from '@neuroprint/core';
import type { PortableProblem } from './jobs.ts';
import type { Course, Look, Piece, PieceResult, Trained, TrainingHooks } from './printed/course.ts';
import { type ResolvedOptions, resolveOptions, type TrainingOptions } from './printed/options.ts';
import type { Outcome } from './printed/outcome.ts';
import { courseOf, resultOf, type TrainingResult } from './printed/train.ts';

/** What a thread is sent: first what is to be learnt, then pieces of the training. */
export type PieceRequest =
  | {
      readonly kind: 'problem';
      readonly problem: PortableProblem;
      readonly options: TrainingOptions;
      readonly tells: { readonly looks: boolean; readonly state: boolean };
    }
  | Piece;
export type PieceAnswer = PieceResult<Outcome> | undefined;
export type PieceTold = { readonly looks: readonly Look[] } | { readonly restart: number; readonly trained: Trained };

/** Rows times crossbar entries below which a thread takes longer to warm up for the kernel's steps than it saves. */
const SMALL = 50_000;

function isSmall({ train, inputs, classes }: PortableProblem, { hidden }: ResolvedOptions): boolean {
  const sizes = [inputs.length, ...hidden, classes.length];
  const entries = sizes.slice(1).reduce((sum, neurons, l) => sum + sizes[l]! * neurons, 0);
  return train.labels.length * entries < SMALL;
}

/**
 * Threads that train one network together: its starts are spread over them, or, where the table is small, one trains them all beside
 * another that trains the digital networks. Any number of threads gives the same bits. They begin to
 * load as soon as there is a crew, which is closed whatever happens.
 */
export class TrainingCrew {
  readonly #crew: Crew<PieceRequest, PieceAnswer, PieceTold>;
  #course: Course<Outcome> | undefined;
  #hooks: TrainingHooks = {};

  constructor(workers: number) {
    this.#crew = new Crew({
      file: new URL('./piece-worker.js', import.meta.url),
      workers,
      onTold: (told) => this.#hear(told),
    });
  }

  /** What `trainNetwork` makes of the same problem, options and hooks. Throws JobError for what is refused. */
  async train(problem: PortableProblem, options: TrainingOptions, hooks: TrainingHooks = {}): Promise<TrainingResult> {
    const spent = stopwatch();
    const course = courseOf(problem, options, hooks);
    this.#course = course;
    this.#hooks = hooks;
    const tells = { looks: hooks.onProgress !== undefined, state: hooks.onState !== undefined };
    const pieces = course.first();
    const divides = this.#crew.size > 1 && isSmall(problem, resolveOptions(options));
    const next = (thread: number): Piece | undefined => {
      if (!divides) return pieces.shift();
      const at = pieces.findIndex(({ kind }) => (kind === 'digital') === thread > 0);
      return at < 0 ? undefined : pieces.splice(at, 1)[0];
    };
    let [running, wake] = [0, () => {}];
    let woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const work = async (thread: number): Promise<void> => {
      await this.#crew.ask(thread, { kind: 'problem', problem, options, tells });
      while (pieces.length > 0 || running > 0) {
        const piece = next(thread);
        if (piece === undefined) {
          await woken;
          continue;
        }
        running += 1;
        const result = await this.#crew.ask(thread, piece);
        running -= 1;
        pieces.push(...course.take(piece, result!));
        wake();
        woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    await Promise.all(Array.from({ length: this.#crew.size }, (_, thread) => work(thread)));
    return resultOf(course, spent().cpuSeconds);
  }

  close(): Promise<void> {
    return this.#crew.close();
  }

  #hear(told: PieceTold): void {
    const course = this.#course;
    if (course === undefined) return;
    if ('looks' in told) {
      this.#hooks.onProgress?.(course.progress(told.looks));
      return;
    }
    course.note(told.restart, told.trained);
    this.#hooks.onState?.(() => course.state());
  }
}
