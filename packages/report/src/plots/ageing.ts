import type { AgeingReport } from '@neuroprint/core';
import { formatPercent } from '../format.ts';
import { axisTitle, COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';

function dayInWords(days: number): string {
  return `day ${Number(days.toPrecision(3))}`;
}

/** What the plot says in figures. */
export function ageingCaption({ failsAtDay, limitAccuracy, measuredDays, points }: AgeingReport): string {
  const limit = formatPercent(limitAccuracy);
  const last = points.at(-1)!.days;
  const held =
    failsAtDay === null
      ? `The mean stays at ${limit} or more to ${dayInWords(last)}.`
      : `The mean falls below ${limit} at ${dayInWords(failsAtDay)}.`;
  const continued =
    last > measuredDays[1]
      ? ` Resistors were measured to ${dayInWords(measuredDays[1])}; beyond it, in grey, the fitted law is only continued.`
      : '';
  return `${held}${continued}`;
}

/** Accuracy of printed copies against their age: mean and 5th percentile; days beyond the measured ones on grey. */
export function ageingPlot(report: AgeingReport): Promise<Plot> {
  const { points, limitAccuracy, measuredDays, failsAtDay } = report;
  const values = points.flatMap(({ days, meanAccuracy, p5Accuracy }) => [
    { days, share: meanAccuracy, of: 'mean' },
    { days, share: p5Accuracy, of: '5th percentile' },
  ]);
  const lowest = Math.min(limitAccuracy, ...values.map(({ share }) => share));
  const floor = Math.max(0, Math.floor((lowest - 0.02) * 10) / 10);
  const last = points.at(-1)!.days;
  const x = {
    field: 'days',
    type: 'quantitative',
    title: axisTitle('age', 'days'),
    scale: { nice: false },
    axis: { tickCount: 6, grid: false },
  };
  const y = {
    field: 'share',
    type: 'quantitative',
    title: axisTitle('accuracy', '%'),
    scale: { domain: [floor, 1] },
    axis: { tickCount: 5, format: PERCENT_TICKS },
  };
  const color = {
    field: 'of',
    type: 'nominal',
    title: null,
    scale: { domain: ['mean', '5th percentile'], range: [COLOURS.blue, COLOURS.vermillion] },
  };
  return renderPlot({
    name: 'ageing',
    description: `Accuracy of printed copies against their age in days. ${ageingCaption(report)}`,
    spec: {
      title: 'Accuracy against age',
      width: 420,
      height: 200,
      layer: [
        ...(last > measuredDays[1]
          ? [
              {
                data: { values: [{ days: measuredDays[1], end: last }] },
                mark: { type: 'rect', color: COLOURS.muted, opacity: 0.15 },
                encoding: { x, x2: { field: 'end' } },
              },
            ]
          : []),
        {
          data: { values: [{ share: limitAccuracy }] },
          mark: { type: 'rule', color: COLOURS.muted, strokeDash: [4, 3] },
          encoding: { y },
        },
        ...(failsAtDay === null
          ? []
          : [
              {
                data: { values: [{ days: failsAtDay }] },
                mark: { type: 'rule', color: COLOURS.vermillion, strokeWidth: 1.5 },
                encoding: { x },
              },
            ]),
        { data: { values }, mark: { type: 'line', strokeWidth: 1.8, point: true }, encoding: { x, y, color } },
      ],
    },
  });
}
