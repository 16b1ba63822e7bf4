import { formatPercent, formatVolts } from '../format.ts';
import { axisTitle, COLOURS, type Plot, renderPlot } from '../plot.ts';

/** One model of the same network, from the one that was trained to the one that ngspice simulates. */
export interface LadderStep {
  /** In words: `network`, `naive circuit`, `calibrated circuit`, … */
  readonly step: string;
  /** Share of test rows decided rightly. */
  readonly accuracyTest: number | null;
  /** Accuracy over draws of component variation. */
  readonly underVariation?: { readonly mean: number; readonly std: number } | undefined;
  /** Root mean square distance of the outputs from the network's prediction, over the test rows. */
  readonly rmsVoltsFromNetwork: number | null;
  /** Share of rows that are decided as the network decides them. */
  readonly decisionAgreement?: number | undefined;
  readonly resistors?: number | undefined;
  readonly transistors?: number | undefined;
  /** Mean static power; null for what has none. */
  readonly watts?: number | null | undefined;
}

const ROW_PIXELS = 44;

/** Test accuracy of every step as dots; under variation as diamonds with one standard deviation to both sides. */
export function accuracyLadderPlot(ladder: readonly LadderStep[]): Promise<Plot> {
  const nominal = ladder.flatMap(({ step, accuracyTest }) =>
    accuracyTest === null
      ? []
      : [{ step, series: 'nominal', share: accuracyTest, low: accuracyTest, high: accuracyTest }],
  );
  const varied = ladder.flatMap(({ step, underVariation }) =>
    underVariation === undefined
      ? []
      : [
          {
            step,
            series: 'under variation (mean ± std)',
            share: underVariation.mean,
            low: Math.max(0, underVariation.mean - underVariation.std),
            high: Math.min(1, underVariation.mean + underVariation.std),
          },
        ],
  );
  const values = [...nominal, ...varied].map((value) => ({ ...value, label: formatPercent(value.share) }));
  const names = [...new Set(values.map(({ series }) => series))];
  const floor = Math.max(0, Math.floor((Math.min(...values.map(({ low }) => low)) - 0.02) * 10) / 10);
  const x = {
    field: 'share',
    type: 'quantitative',
    title: axisTitle('accuracy on test rows', '%'),
    scale: { domain: [floor, 1] },
    axis: { format: '.0%', tickCount: 5, labelOverlap: false },
  };
  const y = stepAxis(ladder);
  const offset = names.length > 1 ? { yOffset: { field: 'series', scale: { domain: names, paddingOuter: 0.2 } } } : {};
  const colour = {
    field: 'series',
    type: 'nominal',
    scale: { domain: names, range: [COLOURS.blue, COLOURS.vermillion] },
    ...(names.length > 1 ? {} : { legend: null }),
  };
  const shape = { field: 'series', type: 'nominal', scale: { domain: names, range: ['circle', 'diamond'] } };
  return renderPlot({
    name: 'ladder-accuracy',
    description: `Accuracy on the test rows, step by step: ${values.map((v) => `${v.step}, ${v.series}: ${v.label}`).join('; ')}.`,
    spec: {
      width: 270,
      height: ladder.length * ROW_PIXELS,
      data: { values },
      layer: [
        {
          transform: [{ filter: 'datum.low < datum.high' }],
          mark: { type: 'rule', strokeWidth: 1.5 },
          encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, ...offset, color: colour },
        },
        {
          mark: { type: 'point', filled: true, opacity: 1, size: 70 },
          encoding: { x, y, ...offset, color: colour, shape },
        },
        {
          mark: { type: 'text', align: 'left', dx: 8 },
          transform: [{ filter: 'datum.low == datum.high' }],
          encoding: { x, y, ...offset, text: { field: 'label' } },
        },
        {
          mark: { type: 'text', align: 'left', dx: 8 },
          transform: [{ filter: 'datum.low < datum.high' }],
          encoding: { x: { ...x, field: 'high' }, y, ...offset, text: { field: 'label' } },
        },
      ],
    },
  });
}

/** Distance of the outputs from the trained network's prediction, in millivolts. */
export function distanceLadderPlot(ladder: readonly LadderStep[]): Promise<Plot> {
  const values = ladder.flatMap(({ step, rmsVoltsFromNetwork: volts }) =>
    volts === null ? [] : [{ step, millivolts: volts * 1e3, label: formatVolts(volts) }],
  );
  const x = {
    field: 'millivolts',
    type: 'quantitative',
    title: axisTitle('rms distance from the network', 'mV'),
    axis: { tickCount: 5 },
  };
  const y = stepAxis(ladder);
  return renderPlot({
    name: 'ladder-distance',
    description: `Distance of the output voltages from the network: ${values.map((v) => `${v.step}: ${v.label}`).join('; ')}.`,
    spec: {
      width: 270,
      height: ladder.length * ROW_PIXELS,
      data: { values },
      layer: [
        { mark: { type: 'bar', color: COLOURS.blue, height: 12 }, encoding: { x, y } },
        { mark: { type: 'text', align: 'left', dx: 6 }, encoding: { x, y, text: { field: 'label' } } },
      ],
    },
  });
}

function stepAxis(ladder: readonly LadderStep[]) {
  const domain = ladder.map(({ step }) => step);
  return {
    field: 'step',
    type: 'nominal',
    sort: null,
    title: 'model',
    scale: { domain },
    axis: { grid: true, ticks: false, domain: false },
  };
}
