import type { LadderEvent, SessionEvent, TrainingEvent, WorkEvent } from '../session/session.ts';

/** What a step has told so far. */
export interface Progress {
  /** One curve for each random start, in the order in which they began. */
  readonly starts: readonly Start[];
  readonly training: TrainingEvent | undefined;
  readonly rungs: readonly LadderEvent[];
  readonly work: WorkEvent | undefined;
}

/** One random start on its way. */
export interface Start {
  readonly restart: number;
  readonly points: readonly Point[];
}

export interface Point {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validLoss: number;
  /** Of printed copies on the validation rows: accuracy, or in regression the root mean square error. */
  readonly score: number | undefined;
  readonly band: readonly [low: number, high: number] | undefined;
}

export const NO_PROGRESS: Progress = { starts: [], training: undefined, rungs: [], work: undefined };

/** As many points of a curve as a picture can show; beyond, every second one goes. */
const MOST_POINTS = 400;

/** Takes in what a step tells. */
export function told(progress: Progress, event: SessionEvent): Progress {
  switch (event.kind) {
    case 'training':
      return { ...progress, training: event, starts: withPoint(progress.starts, event) };
    case 'rung': {
      const others = progress.rungs.filter(({ step }) => step !== event.step);
      return { ...progress, rungs: [...others, event] };
    }
    case 'work':
      return { ...progress, work: event };
  }
}

function withPoint(starts: readonly Start[], event: TrainingEvent): readonly Start[] {
  const { restart, epoch, trainLoss, validLoss, validAccuracy, validRmse, printedBand: band } = event;
  const point: Point = { epoch, trainLoss, validLoss, score: validAccuracy ?? validRmse, band };
  const known = starts.find((start) => start.restart === restart);
  if (known === undefined) return [...starts, { restart, points: [point] }];
  // a training that goes on from its checkpoint tells an epoch again
  const before = known.points.filter((one) => one.epoch < epoch);
  const kept = before.length < MOST_POINTS ? before : before.filter((_, i) => i % 2 === 0);
  return starts.map((start) => (start === known ? { restart, points: [...kept, point] } : start));
}

/** The start that has reached the best score so far; of equals the one with the least loss. */
export function bestStart(starts: readonly Start[], lowerIsBetter: boolean): Start | undefined {
  const merit = ({ points }: Start) =>
    points.reduce((most, { score, validLoss }) => {
      const value = (lowerIsBetter ? -(score ?? 0) : (score ?? 0)) - 1e-3 * validLoss;
      return Math.max(most, value);
    }, Number.NEGATIVE_INFINITY);
  return starts.reduce<Start | undefined>(
    (best, start) => (best === undefined || merit(start) > merit(best) ? start : best),
    undefined,
  );
}

/** Share of a step that is done, from 0 to 1; undefined where nobody knows. */
export function shareDone({ training, work }: Progress): number | undefined {
  const of = training ?? work;
  return of === undefined || of.total <= 1 ? undefined : Math.min(1, of.done / of.total);
}
