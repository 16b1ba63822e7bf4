import { spanOf } from './limits.ts';
import type { Patterns, SheetSampler } from './sheets.ts';

/** How a circuit and its faults answer to candidate patterns. A reading is one observed node at one pattern. */
export interface Responses {
  readonly patterns: Patterns;
  /** States of the good circuit as designed. */
  readonly state: Float64Array;
  /** What is read of it [patterns × observed]. */
  readonly good: Float64Array;
  /** Of every fault how it moves each reading as designed; undefined where it has no operating point at some pattern. */
  readonly moves: readonly (Float64Array | undefined)[];
  /** Deviations of good copies from their mean over √(copies − 1) [copies × readings], and half of what they span, meter included. */
  readonly deviations: Float64Array;
  readonly copies: number;
  readonly halfSpan: Float64Array;
}

/** Good copies that the choice looks at. */
const COPIES = 300;

/** Solves the good circuit, all its faults and some good copies at the candidates. */
export function respond(
  sampler: SheetSampler,
  patterns: Patterns,
  onFault?: (done: number, total: number) => void,
): Responses {
  const { faults, meterVolts } = sampler.task;
  const state = sampler.goodState(patterns);
  const good = sampler.read(state);
  const moves = faults.map((_, k) => {
    const read = sampler.read(sampler.faultyState(k, patterns, state));
    onFault?.(k + 1, faults.length);
    for (let q = 0; q < read.length; q += 1) {
      if (Number.isNaN(read[q]!)) return undefined;
      read[q]! -= good[q]!;
    }
    return read;
  });
  const readings = good.length;
  const deviations = new Float64Array(COPIES * readings);
  for (let copy = 0; copy < COPIES; copy += 1)
    deviations.set(sampler.print('choosing patterns', copy, patterns, state), copy * readings);
  const [low, high] = spanOf(deviations, readings);
  const mean = new Float64Array(readings);
  for (let i = 0; i < deviations.length; i += 1) mean[i % readings]! += deviations[i]! / COPIES;
  const scale = 1 / Math.sqrt(COPIES - 1);
  for (let i = 0; i < deviations.length; i += 1) deviations[i] = (deviations[i]! - mean[i % readings]!) * scale;
  return {
    patterns,
    state,
    good,
    moves,
    deviations,
    copies: COPIES,
    halfSpan: low.map((v, q) => 0.5 * (high[q]! - v) + meterVolts),
  };
}
