import type { Eta } from '@neuroprint/core';
import { formatNumber } from '../format.ts';
import { diagonalSpec } from './diagonal.ts';
import { axisTitle, type Plot, renderPlot } from './plot.ts';
import { evenIndices, rmsDifference } from './statistics.ts';

/** The ptanh parameters as they are written, and their units. */
export const ETA = [
  { name: 'η₁', unit: 'V', meaning: 'offset' },
  { name: 'η₂', unit: 'V', meaning: 'swing' },
  { name: 'η₃', unit: 'V', meaning: 'midpoint' },
  { name: 'η₄', unit: '1/V', meaning: 'steepness' },
] as const;

/** Designs in a parity plot at most. */
export const DRAWN_DESIGNS = 600;
/** From this ratio of extremes on a positive parameter is drawn on logarithmic axes. */
const LOG_RATIO = 30;

/** Predicted against fitted η of held-out designs, for the parameter number `index` from 0. */
export function parityPlot(index: 0 | 1 | 2 | 3, fitted: readonly Eta[], predicted: readonly Eta[]): Promise<Plot> {
  const { name, unit } = ETA[index];
  const [truth, guess] = [fitted.map((eta) => eta[index]), predicted.map((eta) => eta[index])];
  const values = evenIndices(truth.length, DRAWN_DESIGNS).map((i) => ({ fitted: truth[i]!, predicted: guess[i]! }));
  const all = values.flatMap((value) => [value.fitted, value.predicted]);
  const isWide = Math.min(...all) > 0 && Math.max(...all) / Math.min(...all) > LOG_RATIO;
  return renderPlot({
    name: `parity-eta${index + 1}`,
    description: `Predicted against fitted ${name} of ${truth.length} held-out designs; rms error ${formatNumber(rmsDifference(truth, guess), 3)} ${unit}.`,
    spec: diagonalSpec({
      values,
      x: { field: 'fitted', title: axisTitle(`${name} fitted to ngspice`, unit) },
      y: { field: 'predicted', title: axisTitle(`${name} predicted`, unit) },
      scale: isWide ? 'log' : 'linear',
      size: 170,
    }),
  });
}
