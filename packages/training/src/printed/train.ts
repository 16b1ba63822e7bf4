import { stopwatch } from '@neuroprint/core';
import { Course, type HistoryEntry, type Piece, type PieceResult, type TrainingHooks } from './course.ts';
import { type ResolvedOptions, resolveOptions, type TrainingOptions } from './options.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { architectureOf, type TrainingProblem } from './problem.ts';
import { printedStarts } from './starts.ts';
import { type Ears, Trainer, withBatches } from './trainer.ts';

export interface TrainingResult extends Outcome {
  /** Epochs of all starts together. */
  readonly epochs: number;
  /** Processor time that this process used meanwhile, other threads included. */
  readonly cpuSeconds: number;
  /** What chose the network among its starts, on the validation rows; larger is better. */
  readonly validScore: number;
  readonly history: readonly HistoryEntry[];
  /** Which start the network is of, from 0. */
  readonly bestRestart: number;
}

/**
 * Trains a printed network for its task under variation, and measures it.
 *
 * Every step sees `draws` fresh prints, and all rows unless the table is divided (`batchRows`): minimise the mean over
 * prints and rows of the bounded loss of softmax(τ·y) (kernel/loss.ts), whose exponent differs between the starts; in
 * regression of the squared error of y, in volts, over the variance of the training targets.
 * Many random starts run a few epochs; the better ones continue, the rate falls over the second half. What is judged on
 * the validation rows under fixed draws, and kept, is the mean of the last epochs' parameters. Test rows are only
 * measured, at the end. The same problem, options and seed give the same bits.
 *
 * Throws UsageError where options, data, cells and surrogates do not fit.
 */
export function trainNetwork(
  problem: TrainingProblem,
  options: TrainingOptions = {},
  hooks: TrainingHooks = {},
): TrainingResult {
  const spent = stopwatch();
  const course = courseOf(problem, options, hooks);
  const work = pieceWorker(problem, options);
  const ears: Ears = {
    onLooks: hooks.onProgress && ((looks) => hooks.onProgress!(course.progress(looks))),
    onState:
      hooks.onState &&
      ((restart, trained) =>
        hooks.onState!(() => {
          course.note(restart, trained());
          return course.state();
        })),
  };
  const pieces = course.first();
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift())
    pieces.push(...course.take(piece, work(piece, ears)));
  return resultOf(course, spent().cpuSeconds);
}

/** The order of a training. Throws UsageError where options cannot be. */
export function courseOf(
  problem: Pick<TrainingProblem, 'task' | 'train' | 'teacher'>,
  options: TrainingOptions,
  { resume }: Pick<TrainingHooks, 'resume'>,
): Course<Outcome> {
  return new Course(problem, withBatches(problem, resolveOptions(options)), resume);
}

/** Does pieces of a training, in any order. Throws UsageError as trainNetwork does. */
export function pieceWorker(
  problem: TrainingProblem,
  asked: TrainingOptions,
): (piece: Piece, ears?: Ears) => PieceResult<Outcome> {
  const options: ResolvedOptions = withBatches(problem, resolveOptions(asked));
  let made: Trainer | undefined;
  return (piece, ears) => {
    if (piece.kind === 'digital')
      return { kind: 'digital', printed: printedStarts(architectureOf(problem, options), problem, options) };
    // its tables take as long as the digital networks, beside which another thread may begin
    made ??= new Trainer(problem, options);
    const trainer = made;
    if (piece.kind === 'train') return { kind: 'train', ...trainer.train(piece, ears) };
    return { kind: 'finish', outcome: outcomeOf(problem, options, trainer, trainer.finished(piece), piece.epochs) };
  };
}

/** What a training came to whose pieces are all done. */
export function resultOf(course: Course<Outcome>, cpuSeconds: number): TrainingResult {
  const { outcome, bestRestart, validScore } = course.outcome;
  const { epochs, history } = course;
  return { ...outcome, epochs, cpuSeconds, validScore, history, bestRestart };
}
