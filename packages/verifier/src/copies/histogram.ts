import type { MonteCarlo } from '@neuroprint/core';

const MOST_BINS = 30;

type Histogram = NonNullable<MonteCarlo['histogram']>;

/**
 * Copies by what they are worth. With `step` values are multiples of it (accuracies, of one over the rows) and stand in the middle of their bins;
 * without it the bins divide what the values, 0 or more, span. At least one value.
 */
export function histogramOf(values: Float64Array, step?: number): Histogram {
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const { from, width, count } = step === undefined ? spanned(low, high) : stepped(low, high, step);
  const copies = new Array<number>(count).fill(0);
  for (const value of values) copies[Math.min(count - 1, Math.floor((value - from) / width))]! += 1;
  return copies.map((number, i) => ({ from: from + i * width, to: from + (i + 1) * width, copies: number }));
}

function stepped(low: number, high: number, step: number) {
  const steps = Math.round((high - low) / step) + 1;
  const width = step * Math.ceil(steps / MOST_BINS);
  return { from: low - step / 2, width, count: Math.ceil((steps * step) / width - 1e-9) };
}

function spanned(low: number, high: number) {
  const width = (high - low) / MOST_BINS;
  if (width > Number.EPSILON * high) return { from: low, width, count: MOST_BINS };
  // copies that are all alike have a bin all the same
  return { from: low, width: Math.max(high, 1) * 1e-6, count: 1 };
}
