import type { MonteCarlo } from '@neuroprint/core';
import { axisTitle, COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';

/** Printed copies by their accuracy or error, with the line from which, or up to which, one is good. */
export function copiesPlot(options: {
  readonly histogram: NonNullable<MonteCarlo['histogram']>;
  readonly quantity: string;
  /** Of the quantity; shares are drawn as per cent. */
  readonly unit: string;
  readonly limit: number;
  readonly limitInWords: string;
}): Promise<Plot> {
  const { histogram, quantity, unit, limit, limitInWords } = options;
  const isShare = unit === '%';
  const ends = [limit, histogram[0]!.from, histogram.at(-1)!.to];
  const x = {
    field: 'from',
    type: 'quantitative',
    title: axisTitle(quantity, unit),
    scale: { zero: false, nice: false, domain: [Math.min(...ends), Math.max(...ends)] },
    axis: { tickCount: 5, grid: false, ...(isShare ? { format: PERCENT_TICKS } : {}) },
  };
  const marked = { values: [{ from: limit, label: limitInWords }] };
  const isRight = limit - x.scale.domain[0]! > x.scale.domain[1]! - limit;
  return renderPlot({
    name: 'copies',
    description: `Histogram of ${histogram.reduce((sum, { copies }) => sum + copies, 0)} printed copies by their ${quantity}; ${limitInWords}.`,
    spec: {
      width: 300,
      height: 180,
      layer: [
        {
          data: { values: histogram.filter(({ copies }) => copies > 0) },
          mark: { type: 'rect', color: COLOURS.blue, stroke: 'white', strokeWidth: 0.5 },
          encoding: {
            x,
            x2: { field: 'to' },
            y: {
              field: 'copies',
              type: 'quantitative',
              title: axisTitle('copies', 'count'),
              scale: { zero: true },
              axis: { tickCount: 5, format: 'd', tickMinStep: 1 },
            },
            y2: { datum: 0 },
          },
        },
        {
          data: marked,
          mark: { type: 'rule', color: COLOURS.vermillion, strokeDash: [4, 3], strokeWidth: 1.5 },
          encoding: { x },
        },
        {
          data: marked,
          mark: {
            type: 'text',
            align: isRight ? 'right' : 'left',
            baseline: 'bottom',
            y: -3,
            color: COLOURS.vermillion,
          },
          encoding: { x, text: { field: 'label' } },
        },
      ],
    },
  });
}
