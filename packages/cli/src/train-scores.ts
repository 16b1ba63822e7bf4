import { formatPercent, formatUnits, lineInWords, type UnderVariation } from '@neuroprint/core';
import type { TrainingResult } from '@neuroprint/training';

/** How well the network does, as JSON and in words: accuracy, or in regression the error and the correlation. */
export function scoresOf({ network }: TrainingResult) {
  const { metrics, regressionMetrics, task } = network;
  const under = ({ law, relativeSpread, draws }: UnderVariation): string =>
    `under ${law ?? `${formatPercent(relativeSpread)} variation`} (${draws} draws)`;
  if (task?.kind === 'regression') {
    const { rmse, r, underVariation } = regressionMetrics!;
    const { mean, std, p5, p95 } = underVariation;
    const part = (name: 'train' | 'valid' | 'test'): string => `${formatUnits(rmse[name])} (R ${r[name].toFixed(3)})`;
    return {
      task,
      rmse,
      r,
      underVariation,
      words: [
        `line       ${lineInWords(task)} volts`,
        `RMSE       train ${part('train')}, validation ${part('valid')}, test ${part('test')}`,
        `printed    test RMSE ${formatUnits(mean)} ± ${formatUnits(std)}, 5th to 95th percentile ${formatUnits(p5)} to ${formatUnits(p95)}, ${under(underVariation)}`,
      ],
    };
  }
  const { accuracy, underVariation, sensingMarginVolts } = metrics!;
  return {
    accuracy,
    underVariation,
    sensingMarginVolts,
    words: [
      `accuracy   train ${formatPercent(accuracy.train)}, validation ${formatPercent(accuracy.valid)}, test ${formatPercent(accuracy.test)}`,
      `printed    test ${formatPercent(underVariation.mean)} ± ${formatPercent(underVariation.std)} ${under(underVariation)}`,
      `margin     ${(1000 * sensingMarginVolts!.median).toFixed(0)} mV between first and second output at the median, ${(1000 * sensingMarginVolts!.p5).toFixed(0)} mV at the 5th percentile`,
    ],
  };
}
