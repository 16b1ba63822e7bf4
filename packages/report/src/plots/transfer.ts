import { formatVolts } from '../format.ts';
import { axisTitle, COLOURS, type Plot, renderPlot } from '../plot.ts';
import { maxDifference, rmsDifference } from '../statistics.ts';

/** Curves of one stage at the same input volts. What was not computed is absent. */
export interface TransferCurves {
  readonly title: string;
  readonly inputVolts: ArrayLike<number>;
  /** ngspice. */
  readonly simulatedVolts: ArrayLike<number>;
  /** The exact solver of this project. */
  readonly exactVolts?: ArrayLike<number> | undefined;
  /** The four-parameter ptanh that the surrogate predicts. */
  readonly predictedVolts?: ArrayLike<number> | undefined;
}

const SERIES = [
  { label: 'ngspice', key: 'simulatedVolts', colour: COLOURS.ink },
  { label: 'exact solver', key: 'exactVolts', colour: COLOURS.blue },
  { label: 'surrogate', key: 'predictedVolts', colour: COLOURS.vermillion },
] as const;
const DRAWN_POINTS = 41;

/** Output against input volts: ngspice as points, the exact solver as a line, the surrogate dashed; 0–1 V is shaded. */
export function transferPlot(name: string, curves: TransferCurves): Promise<Plot> {
  const present = SERIES.filter(({ key }) => curves[key] !== undefined);
  const values = present.flatMap(({ label, key }) =>
    Array.from(curves[key]!, (volts, i) => ({ series: label, in: curves.inputVolts[i]!, out: volts })),
  );
  const inputs = Array.from(curves.inputVolts);
  const [low, high] = [Math.min(...inputs), Math.max(...inputs)];
  const colour = {
    field: 'series',
    type: 'nominal',
    scale: { domain: present.map(({ label }) => label), range: present.map((series) => series.colour) },
    legend: { symbolType: 'stroke', symbolStrokeWidth: 2.5 },
  };
  const x = {
    field: 'in',
    type: 'quantitative',
    title: axisTitle('input', 'V'),
    scale: { domain: [low, high], nice: false },
    axis: { tickCount: 5 },
  };
  const y = { field: 'out', type: 'quantitative', title: axisTitle('output', 'V'), axis: { tickCount: 5 } };
  const only = (label: string) => [{ filter: { field: 'series', equal: label } }];
  const dots = dottedIndices(curves.inputVolts, DRAWN_POINTS);
  return renderPlot({
    name,
    description: `${curves.title}: output volts against input volts. ${transferCaption(curves)}`,
    spec: {
      title: curves.title,
      width: 250,
      height: 180,
      data: { values },
      layer: [
        ...(low < 0 && high > 1
          ? [
              {
                data: { values: [{ a: 0, b: 1 }] },
                mark: { type: 'rect', color: COLOURS.wash },
                encoding: { x: { field: 'a', type: 'quantitative' }, x2: { field: 'b' } },
              },
            ]
          : []),
        { transform: only('exact solver'), mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y, color: colour } },
        {
          transform: only('surrogate'),
          mark: { type: 'line', strokeWidth: 2, strokeDash: [5, 4] },
          encoding: { x, y, color: colour },
        },
        {
          data: { values: dots.map((i) => ({ series: 'ngspice', in: inputs[i]!, out: curves.simulatedVolts[i]! })) },
          mark: { type: 'point', size: 20, strokeWidth: 1.2, fill: 'white', opacity: 1 },
          encoding: { x, y, color: colour },
        },
      ],
    },
  });
}

/** What the plot shows in figures: solver against ngspice, surrogate against ngspice. */
export function transferCaption({ simulatedVolts, exactVolts, predictedVolts }: TransferCurves): string {
  const parts = [
    exactVolts && `exact solver within ${formatVolts(maxDifference(simulatedVolts, exactVolts))} of ngspice`,
    predictedVolts && `surrogate ${formatVolts(rmsDifference(simulatedVolts, predictedVolts))} rms from ngspice`,
  ].filter((part) => part !== undefined);
  const text = parts.join('; ');
  return text === '' ? '' : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

/** Points that stand apart along the input axis, because adaptive sweeps crowd where the curve bends. */
function dottedIndices(inputVolts: ArrayLike<number>, count: number): number[] {
  const order = Array.from(inputVolts, (_, i) => i).sort((a, b) => inputVolts[a]! - inputVolts[b]!);
  const span = inputVolts[order.at(-1)!]! - inputVolts[order[0]!]!;
  let last = -Infinity;
  return order.filter((i) => {
    if (inputVolts[i]! - last < (span / (count - 1)) * 0.999) return false;
    last = inputVolts[i]!;
    return true;
  });
}
