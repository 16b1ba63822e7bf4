import type { Eta, Parameter } from '@neuroprint/core';
import { formatValue } from '../format.ts';
import { ETA } from './parity.ts';
import { axisTitle, COLOURS, type Plot, renderPlot } from './plot.ts';

/** Bins along each component's range; each holds as many designs as the others. */
const BINS = 8;

/** Held-out designs: component values [rows × parameters] in ohms and metres with η fitted and predicted. */
export interface HeldOutDesigns {
  readonly values: ArrayLike<number>;
  readonly fitted: readonly Eta[];
  readonly predicted: readonly Eta[];
}

/**
 * Root mean square error of every η against one component, in bins of equally many designs; each η relative to its own rms
 * error over all designs, so that a line above 1 shows where the surrogate is worse than elsewhere.
 */
export function spacePlot(parameter: Parameter, index: number, width: number, designs: HeldOutDesigns): Promise<Plot> {
  const { values, fitted, predicted } = designs;
  const rows = fitted.map((_, row) => ({ row, value: values[row * width + index]! })).sort((a, b) => a.value - b.value);
  const meanSquare = (some: readonly { readonly row: number }[], k: number) =>
    some.reduce((sum, { row }) => sum + (predicted[row]![k]! - fitted[row]![k]!) ** 2, 0) / some.length;
  const bins = Math.min(BINS, rows.length);
  const points = Array.from({ length: bins }, (_, bin) => {
    const inside = rows.slice(Math.floor((bin * rows.length) / bins), Math.floor(((bin + 1) * rows.length) / bins));
    const value = inside[Math.floor(inside.length / 2)]!.value;
    return ETA.map(({ name }, k) => ({
      value,
      error: Math.sqrt(meanSquare(inside, k) / (meanSquare(rows, k) || 1)),
      name,
    }));
  }).flat();
  const unit = parameter.unit === 'ohms' ? 'Ω' : 'm';
  const [low, high] = [parameter.min, parameter.max].map((value) => formatValue(value, parameter.unit));
  return renderPlot({
    name: `space-${parameter.name}`,
    description: `Error of the four parameters over ${parameter.name} from ${low} to ${high}, relative to their error over all designs.`,
    spec: {
      width: 170,
      height: 130,
      data: { values: points },
      layer: [
        { mark: { type: 'rule', color: COLOURS.muted, strokeDash: [4, 3] }, encoding: { y: { datum: 1 } } },
        {
          mark: { type: 'line', point: { size: 18 } },
          encoding: {
            x: {
              field: 'value',
              type: 'quantitative',
              title: axisTitle(parameter.name, unit),
              scale: { type: parameter.scale === 'log' ? 'log' : 'linear', nice: false },
              axis: { tickCount: 4, format: '~s' },
            },
            y: {
              field: 'error',
              type: 'quantitative',
              title: 'error / mean error',
              axis: { tickCount: 4 },
            },
            color: { field: 'name', type: 'nominal', title: null, sort: ETA.map(({ name }) => name) },
          },
        },
      ],
    },
  });
}
