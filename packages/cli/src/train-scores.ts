import { idealVoltages, type Technology } from '@neuroprint/circuit';
import {
  type ArtifactContent,
  type ClassScores,
  formatPercent,
  formatUnits,
  isLopsided,
  type Labels,
  lineInWords,
  regressionOf,
  scoreClasses,
  type TrainedNetworkKind,
  type UnderVariation,
  type VoltageRows,
} from '@neuroprint/core';
import { decisions } from '@neuroprint/numeric';

type Network = ArtifactContent<typeof TrainedNetworkKind>;

/** Recall by class of a network on its test rows; undefined in regression. */
export function classScoresOf(
  network: Network,
  { volts, labels }: VoltageRows<Labels>,
  technology: Technology,
): ClassScores | undefined {
  if (regressionOf(network) !== undefined) return undefined;
  const outputs = idealVoltages(network, volts, labels.length, technology).outputs.at(-1)!;
  return scoreClasses(decisions(outputs, network.classes.length), labels, network.classes);
}

/** More classes than this are summed up by the worst of them. */
const SHOWN_CLASSES = 6;

/** Recall by class and its mean as lines: what they are of, and what they say. */
export function recallLines(classes: ClassScores['classes'], balanced: string): [string, string][] {
  const known = classes.filter((one) => one.recall !== null).sort((a, b) => a.recall! - b.recall!);
  const shown = known
    .slice(0, SHOWN_CLASSES)
    .map(({ class: name, rows, recall }) => `${name} ${formatPercent(recall!)} of ${rows}`);
  const more = known.length > shown.length ? `, ${known.length - shown.length} more are better` : '';
  return [
    ['recall', `${shown.join(', ')}${more}`],
    ['balanced', balanced],
  ];
}

/** How well the network does, as JSON and in words: accuracy, or in regression the error and the correlation. */
export function scoresOf({
  network,
  byClass,
}: {
  readonly network: Network;
  readonly byClass: ClassScores | undefined;
}) {
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
  const recall =
    byClass === undefined
      ? []
      : recallLines(
          byClass.classes,
          `accuracy ${formatPercent(byClass.balancedAccuracy)} on test rows, the mean recall`,
        ).map(([name, text]) => `${name.padEnd(10)} ${text}`);
  const isRecallFirst = byClass !== undefined && isLopsided(byClass.classes);
  return {
    accuracy,
    byClass,
    underVariation,
    sensingMarginVolts,
    words: [
      ...(isRecallFirst ? recall : []),
      `accuracy   train ${formatPercent(accuracy.train)}, validation ${formatPercent(accuracy.valid)}, test ${formatPercent(accuracy.test)}`,
      `printed    test ${formatPercent(underVariation.mean)} ± ${formatPercent(underVariation.std)} ${under(underVariation)}`,
      ...(isRecallFirst ? [] : recall),
      `margin     ${(1000 * sensingMarginVolts!.median).toFixed(0)} mV between first and second output at the median, ${(1000 * sensingMarginVolts!.p5).toFixed(0)} mV at the 5th percentile`,
    ],
  };
}
