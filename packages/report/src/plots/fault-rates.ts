import type { FaultTolerance } from '@neuroprint/core';
import { axisTitle, COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';

/** Mean accuracy and yield of copies against the probability that a part is broken, the yield with its 95 % interval. */
export function faultRatesPlot({
  rates,
  yieldAccuracy = 0,
}: Pick<FaultTolerance, 'rates' | 'yieldAccuracy'>): Promise<Plot> {
  const values = rates.flatMap(({ rate, meanAccuracy, yield: good, yieldInterval }) => [
    { rate, share: meanAccuracy, of: 'mean accuracy' },
    { rate, share: good, low: yieldInterval[0], high: yieldInterval[1], of: 'yield' },
  ]);
  const x = {
    field: 'rate',
    type: 'quantitative',
    title: axisTitle('probability that a part is broken', '%'),
    scale: { nice: false },
    axis: { tickCount: 6, format: PERCENT_TICKS, grid: false },
  };
  const scale = { domain: [0, 1] };
  const y = {
    field: 'share',
    type: 'quantitative',
    title: axisTitle('share', '%'),
    scale,
    axis: { tickCount: 5, format: PERCENT_TICKS },
  };
  const color = {
    field: 'of',
    type: 'nominal',
    title: null,
    scale: { domain: ['mean accuracy', 'yield'], range: [COLOURS.blue, COLOURS.vermillion] },
  };
  return renderPlot({
    name: 'fault-rates',
    description: `Mean accuracy of printed copies and yield (from an accuracy of ${(100 * yieldAccuracy).toFixed(1)} % on) against the probability that a part is broken.`,
    spec: {
      title: 'Copies with broken parts',
      width: 420,
      height: 220,
      data: { values },
      layer: [
        {
          transform: [{ filter: "datum.of === 'yield'" }],
          mark: { type: 'rule', strokeWidth: 1.5 },
          encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
        },
        { mark: { type: 'line', strokeWidth: 1.8, point: true }, encoding: { x, y, color } },
      ],
    },
  });
}
