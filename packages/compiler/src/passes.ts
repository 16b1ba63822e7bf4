import type { Technology } from '@neuroprint/circuit';
import { type Calibration, type Manifest, type Rung, type TrainedNetwork, UsageError } from '@neuroprint/core';
import { type PassContext, type PassOptions, passContext } from './context.ts';
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

export interface Passed extends Partial<Representations> {
  readonly ladder: readonly Rung[];
  /** What every pass did; one that does not apply says so. */
  readonly passes: Manifest['passes'];
  readonly calibration: Calibration | undefined;
}

/**
 * Runs the passes; after each its output is checked, and its rungs are measured as soon as columns are scaled: before, values may be such
 * as no circuit has. `onPass` sees what each did, and what there is then. Throws UsageError where a pass is not given what it takes.
 */
export function runPasses(
  context: PassContext,
  passes: readonly AnyPass[] = PASSES,
  onPass?: (done: Manifest['passes'][number], made: Partial<Representations>) => void,
): Passed {
  const ladder: Rung[] = [];
  const all: Manifest['passes'][number][] = [];
  const waiting: (() => Rung[])[] = [];
  let calibration: Calibration | undefined;
  let made: Partial<Representations> = {};
  for (const step of run(context, passes)) {
    const { pass, input, output, note, changed } = step;
    if (output !== undefined) {
      pass.check(output, context, input);
      waiting.push(() => pass.rungs(output, context));
      if (pass.to !== 'layered') for (const rungs of waiting.splice(0)) ladder.push(...rungs());
    }
    made = step.made;
    calibration ??= step.calibration;
    all.push({ name: pass.name, note, changed });
    onPass?.(all.at(-1)!, made);
  }
  return { ...made, ladder, passes: all, calibration };
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
  const { scaled, layered } = [...run(passContext(network, technology, options), giving.slice(0, last + 1))].at(
    -1,
  )!.made;
  return (scaled ?? layered)!;
}

/** Runs passes one after the other: what each was given and gave, and what there is then. */
function* run(context: PassContext, passes: readonly AnyPass[]) {
  let made: Partial<Representations> = { network: context.network };
  for (const pass of passes as readonly Pass[]) {
    const input = made[pass.from];
    if (input === undefined)
      throw new UsageError(
        `The pass "${pass.name}" takes what is ${pass.from}, and no pass before it gives that.`,
        `The order is ${PASSES.map(({ name }) => name).join(', ')}.`,
      );
    const result = pass.run(input, context);
    if (result.output !== undefined) made = { ...made, [pass.to]: result.output };
    yield { pass, input, ...result, made };
  }
}
