import type { NetworkLayer, TrainingState } from '@neuroprint/core';
import { byMerit, type CandidateState, meritOf } from './candidate.ts';
import type { ResolvedOptions } from './options.ts';
import type { TrainingProblem } from './problem.ts';
import { isDigital, layersOf, type PrintedStarts, wantedDigital } from './starts.ts';

/** Of its epochs a start runs this share before the better ones are chosen to continue. */
const SCOUTING_SHARE = 1 / 6;
const SURVIVING_SHARE = 1 / 2;
/** What an e-fold beyond the budget counts, in nats, where starts are chosen to continue. */
const SCOUTING_EXCESS = 0.3;

/** One look at the validation rows. */
export interface HistoryEntry {
  readonly restart: number;
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validLoss: number;
  /** Mean over the validation draws; absent in regression. */
  readonly validAccuracy?: number | undefined;
  /** Root of the mean squared error over draws and rows, in units of the target. */
  readonly validRmse?: number | undefined;
}

/** A look with how far its prints are apart. */
export interface Look extends HistoryEntry {
  /** Least and greatest accuracy of a validation print; absent in regression. */
  readonly printedBand?: readonly [least: number, greatest: number] | undefined;
}

export interface TrainingProgress extends Look {
  /** Every look since the last time, this one the last. */
  readonly looks: readonly Look[];
  readonly restarts: number;
  readonly epochs: number;
  /** Epochs of all starts, so far and at most. */
  readonly done: number;
  readonly total: number;
  readonly seconds: number;
}

/** What a training tells while it runs, and where it goes on. */
export interface TrainingHooks {
  /** Called a few times a second. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Called every few epochs; `state()` is what `resume` takes. */
  readonly onState?: (state: () => TrainingState) => void;
  /** The state of the same problem and options: the result is that of a run without a break, bit for bit. */
  readonly resume?: TrainingState | undefined;
}

/** A piece of a training, which needs nothing but what it holds: pieces that are known at the same time may run side by side. */
export type Piece = DigitalPiece | TrainPiece | FinishPiece;

/** Digital networks are trained and printed, for starts. */
interface DigitalPiece {
  readonly kind: 'digital';
}

/** A start runs up to an epoch, from a state or from its beginning, where `layers` are those of a digital network that was printed. */
export interface TrainPiece {
  readonly kind: 'train';
  readonly restart: number;
  readonly from: CandidateState | undefined;
  readonly layers: readonly NetworkLayer[] | undefined;
  readonly lastEpoch: number;
}

/** The best start is measured. */
export interface FinishPiece {
  readonly kind: 'finish';
  readonly restart: number;
  readonly best: CandidateState;
  /** Epochs of all starts together. */
  readonly epochs: number;
}

/** Where a start is, and its looks at the validation rows in this piece. */
export interface Trained {
  readonly candidate: CandidateState;
  readonly history: readonly HistoryEntry[];
}

export type PieceResult<Outcome> =
  | { readonly kind: 'digital'; readonly printed: PrintedStarts | undefined }
  | ({ readonly kind: 'train' } & Trained)
  | { readonly kind: 'finish'; readonly outcome: Outcome };

/**
 * The order of one training: which pieces there are to do, and what their results decide. All starts run a few epochs; the better
 * ones continue, and the best of these is the network. Whoever does the pieces, and however many at a time, decisions are the same.
 */
export class Course<Outcome> {
  readonly #options: ResolvedOptions;
  readonly #hasDigital: boolean;
  readonly #candidates: (CandidateState | undefined)[];
  /** Looks at the validation rows, by start. */
  readonly #entries: HistoryEntry[][];
  /** What pieces have told that are not done. */
  readonly #told = new Map<number, Trained>();
  /** Epochs that starts have reached. */
  readonly #reached: number[];
  /** Starts that continue; unset while all are scouting. */
  #survivors: readonly number[] | undefined;
  #running = 0;
  #best = 0;
  #outcome: Outcome | undefined;
  readonly #startedAt = performance.now();

  constructor(problem: Pick<TrainingProblem, 'task'>, options: ResolvedOptions, resume?: TrainingState) {
    const restarts = Array.from({ length: options.restarts }, (_, restart) => restart);
    this.#options = options;
    this.#hasDigital = wantedDigital(problem, options) > 0;
    this.#candidates = restarts.map((restart) => resume?.candidates[restart] ?? undefined);
    this.#entries = restarts.map((restart) => resume?.history.filter((entry) => entry.restart === restart) ?? []);
    this.#reached = this.#candidates.map((candidate) => candidate?.epoch ?? 0);
    this.#survivors = resume?.survivors ?? (options.restarts === 1 ? [0] : undefined);
  }

  /** What can be done at once. */
  first(): Piece[] {
    if (this.#survivors !== undefined) return this.#continue(this.#survivors);
    const waiting = this.#waiting();
    this.#running = this.#candidates.length;
    const ready = [...this.#candidates.keys()].filter((restart) => !waiting.includes(restart));
    return [
      ...(waiting.length > 0 ? [{ kind: 'digital' } as const] : []),
      ...ready.map((restart) => this.#piece(restart, this.#scoutingEpochs)),
    ];
  }

  /** Takes the result of a piece in; what can be done now that could not before. */
  take(piece: Piece, result: PieceResult<Outcome>): Piece[] {
    if (result.kind === 'digital')
      return this.#waiting().map((restart) =>
        this.#piece(restart, this.#scoutingEpochs, layersOf(this.#options, result.printed, restart)),
      );
    if (result.kind === 'finish') {
      this.#outcome = result.outcome;
      return [];
    }
    const { restart } = piece as TrainPiece;
    this.#told.delete(restart);
    this.#candidates[restart] = result.candidate;
    this.#entries[restart]!.push(...result.history);
    this.#reached[restart] = result.candidate.epoch;
    this.#running -= 1;
    if (this.#running > 0) return [];
    if (this.#survivors === undefined) {
      this.#survivors = this.#choose();
      return this.#continue(this.#survivors);
    }
    const merits = this.#survivors.map((one) => ({ one, ...meritOf(this.#candidates[one]!) }));
    this.#best = merits.sort(byMerit)[0]!.one;
    return [{ kind: 'finish', restart: this.#best, best: this.#candidates[this.#best]!, epochs: this.epochs }];
  }

  /** Keeps where a start is whose piece is not done, for the states to come. */
  note(restart: number, trained: Trained): void {
    this.#told.set(restart, trained);
  }

  /** What a training goes on from. */
  state(): TrainingState {
    const candidates = this.#candidates.map((known, at) => this.#told.get(at)?.candidate ?? known ?? null);
    return {
      epochs: candidates.reduce((sum, one) => sum + (one?.epoch ?? 0), 0),
      survivors: this.#survivors === undefined ? null : [...this.#survivors],
      candidates,
      history: this.history,
    };
  }

  /** What is told of looks, one or more, at a start. */
  progress(looks: readonly Look[]): TrainingProgress {
    const { restarts, epochs } = this.#options;
    const last = looks.at(-1)!;
    const scouting = this.#scoutingEpochs;
    this.#reached[last.restart] = last.epoch;
    const total = restarts * scouting + this.#survivorCount * (epochs - scouting);
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const done = this.#reached.reduce((sum, one) => sum + one, 0);
    return { ...last, looks, restarts, epochs, done, total, seconds };
  }

  /** What the training came to. Throws Error where pieces are left. */
  get outcome(): { readonly outcome: Outcome; readonly bestRestart: number; readonly validScore: number } {
    if (this.#outcome === undefined) throw new Error('a training ended before its last piece');
    const { bestScore } = meritOf(this.#candidates[this.#best]!);
    return { outcome: this.#outcome, bestRestart: this.#best, validScore: bestScore };
  }

  /** Epochs of all starts together. */
  get epochs(): number {
    return this.#candidates.reduce((sum, candidate) => sum + (candidate?.epoch ?? 0), 0);
  }

  /** Looks at the validation rows: those of all starts while they were scouting, then of the ones that continued. */
  get history(): HistoryEntry[] {
    const scouting = this.#scoutingEpochs;
    const entries = this.#entries.map((known, restart) => [...known, ...(this.#told.get(restart)?.history ?? [])]);
    return [
      ...entries.flatMap((own) => own.filter(({ epoch }) => epoch <= scouting)),
      ...(this.#survivors ?? []).flatMap((restart) => entries[restart]!.filter(({ epoch }) => epoch > scouting)),
    ];
  }

  /** Starts that have not begun because they are printed from digital networks. */
  #waiting(): number[] {
    return [...this.#candidates.keys()].filter(
      (restart) => this.#hasDigital && this.#candidates[restart] === undefined && isDigital(this.#options, restart),
    );
  }

  #piece(restart: number, lastEpoch: number, layers?: readonly NetworkLayer[]): TrainPiece {
    return { kind: 'train', restart, from: this.#candidates[restart], layers, lastEpoch };
  }

  #continue(survivors: readonly number[]): TrainPiece[] {
    this.#running = survivors.length;
    return survivors.map((restart) => this.#piece(restart, this.#options.epochs));
  }

  #choose(): number[] {
    // a start that is not yet within its budget may still be the best one
    const hopes = this.#candidates.map((candidate) => {
      const { bestScore, bestExcess } = meritOf(candidate!);
      return bestScore - SCOUTING_EXCESS * bestExcess;
    });
    return [...hopes.keys()].sort((a, b) => hopes[b]! - hopes[a]!).slice(0, this.#survivorCount);
  }

  get #scoutingEpochs(): number {
    return this.#options.restarts > 1 ? Math.ceil(this.#options.epochs * SCOUTING_SHARE) : 0;
  }

  get #survivorCount(): number {
    return Math.ceil(this.#options.restarts * SURVIVING_SHARE);
  }
}
