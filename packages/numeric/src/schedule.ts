/** Adam's rate as a share of the first one: 1 for the first half of a training, then linearly down to `last`; `done` is the share of its steps (0..1). */
export function fallingRate(done: number, last = 0.05): number {
  return Math.min(1, 2 * (1 - done) + last);
}

/** What a nat of loss counts beside accuracy when states are compared, so that ties are not decided by chance. */
export const LOSS_WEIGHT = 0.05;
