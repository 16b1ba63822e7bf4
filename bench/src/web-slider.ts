import type { Page } from 'playwright-core';

const MOVES = 400;
/** Timed together, because the clock of a page has steps of a tenth of a millisecond. */
const TOGETHER = 10;

/** What a move of an input's slider takes on the page, in milliseconds, and the exact solver in it, in microseconds. */
export interface SliderTimes {
  /** Of moves one after the other: message to the worker, a row by the exact solver, message back. */
  readonly median: number;
  readonly slowest: number;
  readonly solverMicroseconds: number;
}

/** Opens a circuit in the session of the page, and moves its first input from end to end. */
export function measureSlider(page: Page, folder: string): Promise<SliderTimes> {
  return page.evaluate<SliderTimes>(`(async () => {
    const { inputs, microsecondsPerRow } = await neuroprint.circuit('${folder}');
    const { values } = await neuroprint.caseRow(0);
    const { minimum, maximum } = inputs[0];
    const took = [];
    for (let from = 0; from < ${MOVES}; from += ${TOGETHER}) {
      const began = performance.now();
      for (let k = from; k < from + ${TOGETHER}; k += 1)
        await neuroprint.solve(values.with(0, minimum + ((maximum - minimum) * k) / ${MOVES}), {});
      took.push((performance.now() - began) / ${TOGETHER});
    }
    took.sort((a, b) => a - b);
    return { median: took[took.length >> 1], slowest: took.at(-1), solverMicroseconds: microsecondsPerRow };
  })()`);
}
