import { formatNumber, formatPercent, formatVolts } from '../format.ts';
import { axisTitle, COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';

/** One model of the same network, from the one that was trained to the one that ngspice simulates. */
export interface LadderStep {
  /** In words: `network`, `naive circuit`, `calibrated circuit`, … */
  readonly step: string;
  /** Share of test rows decided rightly. */
  readonly accuracyTest: number | null;
  /** Accuracy over draws of component variation. */
  readonly underVariation?: { readonly mean: number; readonly std: number } | undefined;
  /** In regression, where accuracies are null: error in units of the target and correlation, nominal and on printed copies. */
  readonly regression?:
    | {
        readonly rmse: number;
        readonly r: number;
        readonly underVariation: { readonly mean: number; readonly std: number } | null;
      }
    | undefined;
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

/** A figure of a step: of the circuit as it is meant, and of printed copies. */
interface Scored {
  readonly step: string;
  readonly nominal: number | null;
  readonly varied: { readonly mean: number; readonly std: number } | null | undefined;
}

/** Test accuracy of every step as dots; under variation as diamonds with one standard deviation to both sides. */
export function accuracyLadderPlot(ladder: readonly LadderStep[]): Promise<Plot> {
  const scored = ladder.map(({ step, accuracyTest, underVariation }) => ({
    step,
    nominal: accuracyTest,
    varied: underVariation,
  }));
  const lowest = Math.min(
    ...scored.flatMap(({ nominal, varied }) => [nominal ?? 1, varied ? varied.mean - varied.std : 1]),
  );
  return scoreLadderPlot(ladder, scored, {
    name: 'ladder-accuracy',
    quantity: 'Accuracy',
    title: axisTitle('accuracy on test rows', '%'),
    domain: [Math.max(0, Math.floor((lowest - 0.02) * 10) / 10), 1],
    largest: 1,
    axis: { format: PERCENT_TICKS },
    format: formatPercent,
  });
}

/** The same of a regression network: root mean square error on the test rows. */
export function errorLadderPlot(ladder: readonly LadderStep[], target: string): Promise<Plot> {
  const scored = ladder.map(({ step, regression }) => ({
    step,
    nominal: regression?.rmse ?? null,
    varied: regression?.underVariation,
  }));
  const largest = Math.max(
    ...scored.flatMap(({ nominal, varied }) => [nominal ?? 0, varied ? varied.mean + varied.std : 0]),
  );
  return scoreLadderPlot(ladder, scored, {
    name: 'ladder-error',
    quantity: 'Root mean square error',
    title: axisTitle('root mean square error on test rows', target),
    domain: [0, 1.05 * largest],
    largest: Number.POSITIVE_INFINITY,
    axis: {},
    format: (value) => formatNumber(value, 3),
  });
}

function scoreLadderPlot(
  ladder: readonly LadderStep[],
  scored: readonly Scored[],
  options: {
    readonly name: string;
    readonly quantity: string;
    readonly title: string;
    readonly domain: readonly [number, number];
    /** What no figure is above. */
    readonly largest: number;
    readonly axis: object;
    readonly format: (value: number) => string;
  },
): Promise<Plot> {
  const { name, quantity, title, domain, largest, axis, format } = options;
  const nominal = scored.flatMap(({ step, nominal: share }) =>
    share === null ? [] : [{ step, series: 'nominal', share, low: share, high: share }],
  );
  const varied = scored.flatMap(({ step, varied: spread }) =>
    spread === undefined || spread === null
      ? []
      : [
          {
            step,
            series: 'under variation (mean ± std)',
            share: spread.mean,
            low: Math.max(0, spread.mean - spread.std),
            high: Math.min(largest, spread.mean + spread.std),
          },
        ],
  );
  const values = [...nominal, ...varied].map((value) => ({ ...value, label: format(value.share) }));
  const names = [...new Set(values.map(({ series }) => series))];
  const x = {
    field: 'share',
    type: 'quantitative',
    title,
    scale: { domain },
    axis: { ...axis, tickCount: 5, labelOverlap: false },
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
    name,
    description: `${quantity} on the test rows, step by step: ${values.map((v) => `${v.step}, ${v.series}: ${v.label}`).join('; ')}.`,
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
