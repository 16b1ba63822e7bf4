import type { Technology } from '@neuroprint/circuit';
import {
  type Calibration,
  type Manifest,
  type Rung,
  stopwatch,
  type TrainedNetwork,
  UsageError,
} from '@neuroprint/core';
import { type PassContext, type PassOptions, passContext } from './context.ts';
import { LAID_OUT } from './ladder.ts';
import type { Layered } from './layered.ts';
import type { AnyPass, Pass, Representations } from './pass.ts';
import { calibratePass } from './passes/calibrate.ts';
import { calibrateLayoutPass } from './passes/calibrate-layout.ts';
import { emitPass } from './passes/emit.ts';
import { lowerPass } from './passes/lower.ts';
import { placeNamesPass } from './passes/place-names.ts';
import { prunePass } from './passes/prune.ts';
import { scaleColumnsPass } from './passes/scale-columns.ts';
import { shareInvertersPass } from './passes/share-inverters.ts';
import { snapPass } from './passes/snap.ts';
import { doHere, type Rounds, subjectOf } from './rounds.ts';
import { Workshop } from './workshop.ts';

/** All passes, in the order in which they run. */
export const PASSES = [
  lowerPass,
  prunePass,
  scaleColumnsPass,
  shareInvertersPass,
  calibratePass,
  snapPass,
  placeNamesPass,
  emitPass,
] as const satisfies readonly AnyPass[];

/** The same with the lines of the layout in the loop of a second calibration. */
export const PASSES_WITH_LINES: readonly AnyPass[] = PASSES.flatMap((pass): AnyPass[] =>
  pass === calibratePass ? [pass, calibrateLayoutPass] : [pass],
);

type OnPass = (done: Manifest['passes'][number], made: Partial<Representations>) => void;

export interface Passed extends Partial<Representations> {
  readonly ladder: readonly Rung[];
  /** What every pass did; one that does not apply says so. */
  readonly passes: Manifest['passes'];
  readonly calibration: Calibration | undefined;
  /** What every pass took on the clock, and what the rungs of the ladder took: RUNGS. */
  readonly seconds: Readonly<Record<string, number>>;
}

const RUNGS = 'error ladder';

/**
 * Runs the passes; after each its output is checked, and its rungs are measured as soon as columns are scaled: before, values may be such
 * as no circuit has. `onPass` sees what each did, and what there is then. Throws UsageError where a pass is not given what it takes.
 */
export function runPasses(context: PassContext, passes?: readonly AnyPass[], onPass?: OnPass): Passed {
  const workshop = new Workshop(subjectOf(context));
  return doHere(passesInRounds(context, passes, onPass), (round) => workshop.do(round));
}

/** The same in rounds. */
export function* passesInRounds(
  context: PassContext,
  passes: readonly AnyPass[] = PASSES,
  onPass?: OnPass,
): Rounds<Passed> {
  const ladder: Rung[] = [];
  const all: Manifest['passes'][number][] = [];
  const waiting: (() => Rung[])[] = [];
  let calibration: Calibration | undefined;
  let made: Partial<Representations> = { network: context.network };
  const seconds: Record<string, number> = {};
  let taken = stopwatch();
  const count = (name: string): void => {
    seconds[name] = (seconds[name] ?? 0) + taken().wallSeconds;
    taken = stopwatch();
  };
  const begin = (name: string): void => context.onProgress?.(0, 0, name);
  // rungs whose copies go on beside what follows, in their order
  const begun: (() => Rounds<Rung[]>)[] = [];
  const tell = function* (): Rounds<void> {
    for (const end of begun.splice(0))
      for (const rung of yield* end()) {
        ladder.push(rung);
        context.onRung?.(rung);
      }
  };
  for (const pass of passes as readonly Pass[]) {
    begin(pass.name);
    // what the threads do for a pass comes after the copies anyway
    if ('rounds' in pass) yield* tell();
    const { input, result } = yield* runPass(pass, made, context);
    const { output, note, changed } = result;
    count(pass.name);
    if (output !== undefined) {
      made = { ...made, [pass.to]: output };
      pass.check(output, context, input);
      waiting.push(() => pass.rungs(output, context));
      begin(`${RUNGS} after ${pass.name}`);
      if (pass.to !== 'layered')
        for (const rungs of waiting.splice(0)) begun.push(yield* context.ladder.withCopies(rungs()));
      count(RUNGS);
    }
    calibration ??= result.calibration;
    all.push({ name: pass.name, note, changed });
    onPass?.(all.at(-1)!, made);
  }
  begin(`${RUNGS}, ${LAID_OUT}`);
  yield* tell();
  ladder.push(...(yield* context.ladder.laidOutRungs()));
  count(RUNGS);
  return { ...made, ladder, passes: all, calibration, seconds };
}

/**
 * The values of a network after the pass `until`. Nothing is checked or measured, so that a study may look at what compile refuses; what
 * no scale can print is refused all the same. Throws UsageError where there is no such pass, or it gives no layers.
 */
export function layeredOf(
  network: TrainedNetwork,
  technology: Technology,
  { until, ...options }: PassOptions & { readonly until: string },
): Layered {
  const giving = PASSES.filter(({ to }) => to === 'layered' || to === 'scaled');
  const last = giving.findIndex(({ name }) => name === until);
  if (last < 0)
    throw new UsageError(`No pass "${until}" gives layers.`, `These do: ${giving.map(({ name }) => name).join(', ')}.`);
  const context = passContext(network, technology, options);
  const workshop = new Workshop(subjectOf(context));
  const { scaled, layered } = doHere(valuesAfter(context, giving.slice(0, last + 1)), (round) => workshop.do(round));
  return (scaled ?? layered)!;
}

function* valuesAfter(context: PassContext, passes: readonly AnyPass[]): Rounds<Partial<Representations>> {
  let made: Partial<Representations> = { network: context.network };
  for (const pass of passes as readonly Pass[]) {
    const { output } = (yield* runPass(pass, made, context)).result;
    if (output !== undefined) made = { ...made, [pass.to]: output };
  }
  return made;
}

/** Runs a pass on what there is: what it was given and what came of it. */
function* runPass(pass: Pass, made: Partial<Representations>, context: PassContext) {
  const input = made[pass.from];
  if (input === undefined)
    throw new UsageError(
      `The pass "${pass.name}" takes what is ${pass.from}, and no pass before it gives that.`,
      `The order is ${PASSES.map(({ name }) => name).join(', ')}.`,
    );
  const result = 'rounds' in pass ? yield* pass.rounds(input, context) : pass.run(input, context);
  return { input, result };
}
