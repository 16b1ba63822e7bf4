import type { VoltRange } from '@neuroprint/core';
import { formatRound, formatVolts } from '../format.ts';
import { axisTitle, COLOURS, type Plot, renderPlot } from './plot.ts';
import { maxDifference, rmsDifference } from './statistics.ts';

/** Curves of one stage at the same input volts. What was not computed is absent. */
export interface TransferCurves {
  readonly title: string;
  /** Of a page with many, the first of every group is shown at once. */
  readonly group?: string | undefined;
  readonly inputVolts: ArrayLike<number>;
  /** ngspice. */
  readonly simulatedVolts: ArrayLike<number>;
  /** The exact solver of this project. */
  readonly exactVolts?: ArrayLike<number> | undefined;
  /** Another curve that it should be: by default the four-parameter ptanh that the surrogate predicts. */
  readonly predictedVolts?: ArrayLike<number> | undefined;
  /** Whose that is; default `surrogate`. */
  readonly predictedBy?: string | undefined;
  /** What crossbars and inputs give: shaded, and a sweep that goes much further is drawn around it, or the bend could not be seen. */
  readonly operatingVolts?: VoltRange | undefined;
}

const SURROGATE = 'surrogate';
const SERIES = [
  { label: 'ngspice', key: 'simulatedVolts', colour: COLOURS.ink, dash: [2, 3] },
  { label: 'exact solver', key: 'exactVolts', colour: COLOURS.blue, dash: [1, 0] },
  { label: SURROGATE, key: 'predictedVolts', colour: COLOURS.vermillion, dash: [5, 4] },
] as const;
/** So much of what crossbars give is drawn beyond it on either side. */
const SHOWN_BEYOND = 0.5;
const DRAWN_POINTS = 31;

/** Output against input volts: ngspice as points, the exact solver as a line, the surrogate or what was trained dashed. */
export function transferPlot(name: string, curves: TransferCurves): Promise<Plot> {
  const inputs = Array.from(curves.inputVolts);
  const [low, high] = shownVolts(inputs, curves.operatingVolts);
  const shown = [...inputs.keys()]
    .filter((i) => inputs[i]! >= low && inputs[i]! <= high)
    .sort((a, b) => inputs[a]! - inputs[b]!);
  const points = (label: string, volts: ArrayLike<number>, indices: readonly number[]) => ({
    values: indices.map((i) => ({ series: label, in: inputs[i]!, out: volts[i]! })),
  });
  const { predictedBy = SURROGATE } = curves;
  const present = SERIES.filter(({ key }) => curves[key] !== undefined).map((series) =>
    series.key === 'predictedVolts' ? { ...series, label: predictedBy } : series,
  );
  const domain = present.map(({ label }) => label);
  const encoding = {
    x: {
      field: 'in',
      type: 'quantitative',
      title: axisTitle('input', 'V'),
      scale: { domain: [low, high], nice: false },
      axis: { tickCount: 5 },
    },
    y: {
      field: 'out',
      type: 'quantitative',
      title: axisTitle('output', 'V'),
      scale: { zero: false },
      axis: { tickCount: 5 },
    },
    color: {
      field: 'series',
      type: 'nominal',
      scale: { domain, range: present.map(({ colour }) => colour) },
      legend: { symbolType: 'stroke', symbolStrokeWidth: 2, symbolSize: 260 },
    },
    strokeDash: { field: 'series', type: 'nominal', scale: { domain, range: present.map(({ dash }) => dash) } },
  };
  const { strokeDash: _, ...undashed } = encoding;
  const line = (label: string, volts: ArrayLike<number> | undefined) =>
    volts === undefined
      ? []
      : [{ data: points(label, volts, shown), mark: { type: 'line', strokeWidth: 2 }, encoding }];
  return renderPlot({
    name,
    description: `${curves.title}: output volts against input volts. ${transferCaption(curves)}`,
    spec: {
      title: curves.title,
      width: 250,
      height: 180,
      layer: [
        ...operatingBand(low, high, curves.operatingVolts),
        ...line('exact solver', curves.exactVolts),
        ...line(predictedBy, curves.predictedVolts),
        {
          data: points('ngspice', curves.simulatedVolts, spacedOut(inputs, shown, high - low)),
          mark: { type: 'point', size: 20, strokeWidth: 1.2, fill: 'white', opacity: 1 },
          encoding: undashed,
        },
      ],
    },
  });
}

/** The part of the input axis that is drawn. */
function shownVolts(inputs: readonly number[], operating: VoltRange | undefined): [low: number, high: number] {
  const [low, high] = [Math.min(...inputs), Math.max(...inputs)];
  if (operating === undefined) return [low, high];
  const beyond = SHOWN_BEYOND * (operating.maximum - operating.minimum);
  return [Math.max(low, operating.minimum - beyond), Math.min(high, operating.maximum + beyond)];
}

/** The range that crossbars give, where the axis goes beyond it. */
function operatingBand(low: number, high: number, operating: VoltRange | undefined) {
  if (operating === undefined || low >= operating.minimum || high <= operating.maximum) return [];
  return [
    {
      data: { values: [{ from: operating.minimum, to: operating.maximum }] },
      mark: { type: 'rect', color: COLOURS.wash },
      encoding: { x: { field: 'from', type: 'quantitative' }, x2: { field: 'to' } },
    },
  ];
}

/** What the curves say in figures, over the whole sweep. */
export function transferCaption({
  inputVolts,
  simulatedVolts,
  exactVolts,
  predictedVolts,
  predictedBy = SURROGATE,
}: TransferCurves): string {
  const parts = [
    exactVolts && `exact solver within ${formatVolts(maxDifference(simulatedVolts, exactVolts))} of ngspice`,
    predictedVolts && `${predictedBy} ${formatVolts(rmsDifference(simulatedVolts, predictedVolts))} rms from ngspice`,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return '';
  const inputs = Array.from(inputVolts);
  const [from, to] = [Math.min(...inputs), Math.max(...inputs)].map((volts) => formatRound(volts, 'V'));
  return `From ${from} to ${to}: ${parts.join(', ')}.`;
}

/** Points that stand apart along the input axis, because adaptive sweeps crowd where the curve bends. */
function spacedOut(inputs: readonly number[], sorted: readonly number[], span: number): number[] {
  const gap = (span / (DRAWN_POINTS - 1)) * 0.999;
  let last = -Infinity;
  return sorted.filter((i) => {
    if (inputs[i]! - last < gap) return false;
    last = inputs[i]!;
    return true;
  });
}
