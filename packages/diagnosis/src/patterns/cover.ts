import { choleskyFactor } from '@neuroprint/numeric';
import type { Responses } from './responses.ts';

export interface CoverOptions {
  readonly width: number;
  readonly meterVolts: number;
  readonly mostPatterns: number;
  /** Faults that count, and how much each: what stands for a group of equivalent ones counts for all of them. */
  readonly weights: Float64Array;
}

/** A fault that is so many standard deviations off in all readings together is found; a margin is left for what is not linear. */
const FOUND_DEVIATIONS = 8;
/** A fault that moves a reading by so many half-spans of good copies is outside of its limits on nearly every print. */
const FOUND_SPANS = 2.5;
/** A pattern that adds less than this many faults is not worth measuring. */
const LEAST_GAIN = 0.15;

/**
 * A greedy cover: pattern after pattern the one that adds most to what is found of all faults. Of a fault the distance between good and
 * faulty sheets counts, in standard deviations of good sheets in all readings together (to first order: their covariance over copies plus
 * the meter's), and half as much the most by which it leaves the limits of one reading. After each pattern everything is conditioned on what it
 * tells, so that the next is chosen for what it adds. Returns places of the patterns, and the distance of every fault.
 */
export function cover(
  responses: Responses,
  options: CoverOptions,
): { readonly chosen: number[]; readonly distances: Float64Array } {
  const { patterns, moves, halfSpan, copies } = responses;
  const { width, mostPatterns, weights } = options;
  const readings = patterns.rows * width;
  const variance = options.meterVolts ** 2 / 3;
  const factor = responses.deviations.slice();
  const left = moves.map((move) => move?.slice());
  const squares = new Float64Array(moves.length);
  const spans = new Float64Array(moves.length);
  const chosen: number[] = [];
  const taken = new Set<number>();
  const joint = new Float64Array(width * width);
  const white = new Float64Array(width);
  const worth = (square: number, span: number): number =>
    Math.min(1, square / FOUND_DEVIATIONS ** 2) + 0.5 * Math.min(1, span / FOUND_SPANS);

  const gainOf = (pattern: number): number => {
    const at = pattern * width;
    covariance(factor, copies, readings, at, width, variance, joint);
    if (!choleskyFactor(joint, width)) return 0;
    let gain = 0;
    for (let f = 0; f < left.length; f += 1) {
      const move = left[f];
      if (move === undefined || weights[f] === 0) continue;
      const [square, span] = [squares[f]!, spans[f]!];
      if (square >= FOUND_DEVIATIONS ** 2 && span >= FOUND_SPANS) continue;
      let more = 0;
      let most = span;
      for (let a = 0; a < width; a += 1) {
        let sum = move[at + a]!;
        for (let b = 0; b < a; b += 1) sum -= joint[a * width + b]! * white[b]!;
        white[a] = sum / joint[a * width + a]!;
        more += white[a]! * white[a]!;
        most = Math.max(most, Math.abs(moves[f]![at + a]!) / halfSpan[at + a]!);
      }
      gain += weights[f]! * (worth(square + more, most) - worth(square, span));
    }
    return gain;
  };

  while (chosen.length < Math.min(mostPatterns, patterns.rows)) {
    let best = -1;
    let bestGain = LEAST_GAIN;
    for (let pattern = 0; pattern < patterns.rows; pattern += 1) {
      const gain = taken.has(pattern) ? 0 : gainOf(pattern);
      if (gain > bestGain) [best, bestGain] = [pattern, gain];
    }
    if (best < 0) break;
    chosen.push(best);
    taken.add(best);
    for (let q = best * width; q < (best + 1) * width; q += 1) {
      condition(factor, left, squares, { copies, readings, at: q, variance });
      for (let f = 0; f < spans.length; f += 1)
        spans[f] = Math.max(spans[f]!, Math.abs(moves[f]?.[q] ?? 0) / halfSpan[q]!);
    }
  }
  return { chosen, distances: squares.map(Math.sqrt) };
}

/** Lower triangle of AᵀA + variance·I over `width` readings from `at`. */
function covariance(
  factor: Float64Array,
  copies: number,
  readings: number,
  at: number,
  width: number,
  variance: number,
  out: Float64Array,
): void {
  for (let a = 0; a < width; a += 1)
    for (let b = 0; b <= a; b += 1) {
      let sum = a === b ? variance : 0;
      for (let n = 0, p = at; n < copies; n += 1, p += readings) sum += factor[p + a]! * factor[p + b]!;
      out[a * width + b] = sum;
    }
}

/**
 * What is left once one reading is known. Σ = AᵀA + σ²I; the square root of the conditioned AᵀA is A − β·a·(aᵀA), a the reading's column,
 * and every fault's move loses what the reading told.
 */
function condition(
  factor: Float64Array,
  left: readonly (Float64Array | undefined)[],
  squares: Float64Array,
  { copies, readings, at, variance }: { copies: number; readings: number; at: number; variance: number },
): void {
  const column = Float64Array.from({ length: copies }, (_, n) => factor[n * readings + at]!);
  const own = column.reduce((sum, a) => sum + a * a, 0);
  const total = own + variance;
  const beta = own > 0 ? (1 - Math.sqrt(variance / total)) / own : 0;
  const shared = new Float64Array(readings);
  for (let n = 0, p = 0; n < copies; n += 1)
    for (let q = 0; q < readings; q += 1, p += 1) shared[q]! += column[n]! * factor[p]!;
  for (let n = 0, p = 0; n < copies; n += 1) {
    const by = beta * column[n]!;
    for (let q = 0; q < readings; q += 1, p += 1) factor[p]! -= by * shared[q]!;
  }
  left.forEach((move, f) => {
    if (move === undefined) return;
    const by = move[at]! / total;
    squares[f]! += move[at]! * by;
    for (let q = 0; q < readings; q += 1) move[q]! -= by * shared[q]!;
  });
}
