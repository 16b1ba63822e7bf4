import { Crew, stopwatch } from '@neuroprint/core';
import type { PortableProblem } from './jobs.ts';
import type { Course, Look, Piece, PieceResult, Trained, TrainingHooks } from './printed/course.ts';
import type { TrainingOptions } from './printed/options.ts';
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

/**
 * Threads that train one network together: its starts are spread over them. Any number of threads gives the same bits. They begin to
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
    let [running, wake] = [0, () => {}];
    let woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const work = async (thread: number): Promise<void> => {
      await this.#crew.ask(thread, { kind: 'problem', problem, options, tells });
      while (pieces.length > 0 || running > 0) {
        const piece = pieces.shift();
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
