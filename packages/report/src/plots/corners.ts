import type { Corner } from '@neuroprint/core';
import { formatEngineering, formatPercent, formatRound } from '../format.ts';
import { axisTitle, COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';

const TITLES: Readonly<Record<Corner['factor'], { readonly title: string; readonly axis: string }>> = {
  supply: { title: 'Supply', axis: axisTitle('supply, change', '%') },
  resistance: { title: 'All resistances', axis: axisTitle('common drift', '%') },
  threshold: { title: 'All thresholds', axis: axisTitle('shift', 'mV') },
  temperature: { title: 'Temperature', axis: axisTitle('temperature', '°C') },
  'source resistance': { title: 'Source of each input', axis: axisTitle('resistance', 'kΩ') },
};

/** Values as the axis has them: per cent, millivolts, kiloohms. */
function shown(corner: Corner, value: number): number {
  if (corner.unit === 'celsius') return value;
  return corner.unit === 'relative' ? 100 * value : corner.unit === 'volts' ? 1000 * value : value / 1000;
}

/** A value of a corner in words: `−12.5 %`, `+85 mV`, `500 kΩ`. */
function cornerValue(corner: Pick<Corner, 'unit'>, value: number): string {
  if (corner.unit === 'celsius') return `${Number(value.toPrecision(3))} °C`;
  const sign = value > 0 ? '+' : '';
  if (corner.unit === 'relative') return `${sign}${formatPercent(value)}`;
  return corner.unit === 'volts' ? `${sign}${formatEngineering(value, 'V', 3)}` : formatRound(value, 'Ω');
}

/** What the plot says in figures. */
export function cornerCaption(corner: Corner): string {
  const { below, above } = corner.fails;
  const limit = formatPercent(corner.limitAccuracy);
  const values = corner.points.map(({ value }) => value);
  const ends = [below, above].filter((value) => value !== null).map((value) => cornerValue(corner, value));
  const lost = (corner.notStable ?? []).map(
    ({ value, verdict }) => ` The circuit is ${verdict} at ${cornerValue(corner, value)}.`,
  );
  const kept =
    ends.length === 0
      ? `Never below ${limit} from ${cornerValue(corner, values[0]!)} to ${cornerValue(corner, values.at(-1)!)}.`
      : `Below ${limit} at ${ends.join(' and ')}.`;
  return `${kept}${lost.join('')}`;
}

/** Accuracy against one thing that moves as a whole; the limit is dashed, where it is crossed a line stands. */
export function cornerPlot(corner: Corner): Promise<Plot> {
  const { title, axis } = TITLES[corner.factor];
  // a logarithmic axis has no place for 0, the nominal source
  const log = corner.unit === 'ohms';
  const values = corner.points
    .filter(({ value }) => !log || value > 0)
    .map(({ value, accuracy, agreement }) => ({ value: shown(corner, value), share: accuracy ?? agreement }));
  // the limit is drawn too, also where nothing comes near it
  const lowest = Math.min(corner.limitAccuracy, ...values.map(({ share }) => share));
  const floor = Math.max(0, Math.floor((lowest - 0.02) * 10) / 10);
  const x = {
    field: 'value',
    type: 'quantitative',
    title: axis,
    scale: log ? { type: 'log' } : { nice: false },
    axis: { tickCount: 5, grid: false },
  };
  const y = {
    field: 'share',
    type: 'quantitative',
    title: axisTitle(corner.points[0]!.accuracy === null ? 'decisions kept' : 'accuracy', '%'),
    scale: { domain: [floor, 1] },
    axis: { tickCount: 5, format: PERCENT_TICKS },
  };
  const crossed = [corner.fails.below, corner.fails.above].filter((value) => value !== null);
  return renderPlot({
    name: `corner-${corner.factor.replace(' ', '-')}`,
    description: `${title}: accuracy against ${axis}. ${cornerCaption(corner)}`,
    spec: {
      title,
      width: 200,
      height: 150,
      layer: [
        {
          data: { values: [{ share: corner.limitAccuracy }] },
          mark: { type: 'rule', color: COLOURS.muted, strokeDash: [4, 3] },
          encoding: { y },
        },
        ...crossed.map((value) => ({
          data: { values: [{ value: shown(corner, value) }] },
          mark: { type: 'rule', color: COLOURS.vermillion, strokeWidth: 1.5 },
          encoding: { x },
        })),
        { data: { values }, mark: { type: 'line', color: COLOURS.blue, strokeWidth: 1.8 }, encoding: { x, y } },
        {
          data: { values },
          mark: { type: 'point', filled: true, color: COLOURS.blue, size: 36, opacity: 1 },
          encoding: { x, y },
        },
      ],
    },
  });
}
