import { meanAndStd, type Regression } from '@neuroprint/core';

/**
 * The line by which a training sees its targets: in standard deviations from their mean over the training rows, one of which it calls a volt. What
 * volts the network really gives, and the line that reads them, come out of the training. `targets` must vary.
 */
export function standardLine(target: string, targets: ArrayLike<number>): Regression {
  const { mean, std } = meanAndStd(targets);
  return { kind: 'regression', target, interceptUnits: mean, unitsPerVolt: std };
}
