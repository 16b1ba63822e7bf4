import { defaultSolver, type FlatCircuit, type SolverKind, type Technology } from '@neuroprint/circuit';
import type { Circuit, Crew, TrainedNetwork } from '@neuroprint/core';
import type { PassContext } from './context.ts';
import type { Layered } from './layered.ts';
import type { ShardSums } from './passes/calibrate/circuit-loss.ts';

/** Where Newton is done for losses and copies, of the bias. Its last step is taken, so that volts are right to some millionths and slopes to a per cent or so. */
export const CONVERGED_SHARE = 1e-3;

/** So long nobody is heard. */
const TURN_MILLISECONDS = 100;

/** What the work of a compile is done on. It is plain data, and can be sent to a thread. */
export interface Subject {
  readonly network: TrainedNetwork;
  readonly technology: Technology;
  readonly rows: PassContext['rows'];
  readonly cases: Pick<PassContext['cases'], 'inputVolts' | 'labels'>;
  readonly seed: number;
  readonly solver: SolverKind;
}

/** The loss of printed copies of a circuit, and where asked for its gradient, on shards of rows. */
export interface LossRound {
  readonly kind: 'loss';
  readonly rows: 'train' | 'valid';
  /** The circuit that is tuned, as it was when that began, and the parameters by now. */
  readonly start: Layered;
  readonly values: Float64Array;
  /** On which sides of their inputs entries may stand (calibrate/sides.ts). */
  readonly sides: Uint8Array;
  readonly inverted: Uint8Array;
  /** By what line the output of a regression is read; empty for classes. */
  readonly line: readonly number[];
  /** Copies `first` to `first + copies − 1`. */
  readonly first: number;
  readonly copies: number;
  readonly withGradient: boolean;
  /** Rows of each shard. */
  readonly parts: readonly Int32Array[];
}

/** What printed copies of a circuit come to on the cases: accuracies, in regression errors. */
export interface CopiesRound {
  readonly kind: 'copies';
  readonly circuit: Circuit;
  /** Copies from, to. */
  readonly parts: readonly (readonly [from: number, to: number])[];
}

/** The operating points of a circuit on rows. */
export interface RowsRound {
  readonly kind: 'rows';
  readonly flat: FlatCircuit;
  /** Row-major [rows × inputs], and [rows × unknowns] where Newton starts. */
  readonly parts: readonly { readonly inputVolts: Float64Array; readonly start: Float64Array }[];
}

/** Work that falls into parts which do not depend on each other. Part k always goes where part k went before: there is what it left. */
export type Round = LossRound | CopiesRound | RowsRound;

/** What came of the parts, in their order. */
export type Answers = readonly ShardSums[] | readonly Float64Array[];

/** What the rounds of some passes are done on. */
export function subjectOf({ network, technology, rows, cases, seed, solver = defaultSolver() }: PassContext): Subject {
  const { inputVolts, labels } = cases;
  return { network, technology, rows, cases: { inputVolts, labels }, seed, solver };
}

/** A round that goes on while other work is done. It is begun when it is asked for the first time, and waited for when it is for the second time. */
export class Beside {
  readonly kind = 'beside';
  readonly round: Round;
  isBegun = false;
  /** What will come of it in threads. */
  answers: Promise<Answers> | undefined;

  constructor(round: Round) {
    this.round = round;
  }
}

/** Work that goes on in rounds, whoever does them. */
export type Rounds<T> = Generator<Round | Beside, T, Answers>;

const NOTHING: Answers = [];

/** Does all rounds here: what may go on beside other work is done when it is waited for. */
export function doHere<T>(rounds: Rounds<T>, answer: (round: Round) => Answers): T {
  let step = rounds.next();
  while (step.done !== true) step = rounds.next(answered(step.value, answer));
  return step.value;
}

/** The same, with a turn of the event loop now and then, so that whoever wants it to end is heard. */
export async function doHereInTurns<T>(rounds: Rounds<T>, answer: (round: Round) => Answers): Promise<T> {
  let since = performance.now();
  let step = rounds.next();
  while (step.done !== true) {
    const answers = answered(step.value, answer);
    if (performance.now() - since > TURN_MILLISECONDS) {
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
    step = rounds.next(answers);
  }
  return step.value;
}

function answered(round: Round | Beside, answer: (round: Round) => Answers): Answers {
  if (round.kind !== 'beside') return answer(round);
  if (round.isBegun) return answer(round.round);
  round.isBegun = true;
  return NOTHING;
}

/** Has threads do the rounds: the same bits as here, because every part is done by itself, and what came is taken in their order. */
export async function doOnCrew<T>(rounds: Rounds<T>, crew: Crew<Round, Answers>): Promise<T> {
  let step = rounds.next();
  while (step.done !== true) {
    const round = step.value;
    if (round.kind !== 'beside') step = rounds.next(await shareOut(round, crew));
    else if (round.answers !== undefined) step = rounds.next(await round.answers);
    else {
      round.answers = shareOut(round.round, crew);
      // where it fails, whoever waits for it is told
      round.answers.catch(() => {});
      step = rounds.next(NOTHING);
    }
  }
  return step.value;
}

async function shareOut(round: Round, crew: Crew<Round, Answers>): Promise<Answers> {
  const parts = round.parts as readonly unknown[];
  const threads = Math.min(crew.size, parts.length);
  const answers = await Promise.all(
    Array.from({ length: threads }, (_, thread) =>
      crew.ask(thread, { ...round, parts: parts.filter((_, k) => k % crew.size === thread) } as Round),
    ),
  );
  return parts.map((_, k) => answers[k % crew.size]![Math.floor(k / crew.size)]!) as unknown as Answers;
}
