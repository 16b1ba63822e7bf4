import type { Blame } from '@neuroprint/core';
import { formatPercent } from '../format.ts';
import type { LayerNames } from '../pages/crossbars.ts';
import { axisTitle, COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';

/** Components in the bar plot at most. */
const DRAWN_COMPONENTS = 12;

/** A layer without blame is drawn on a scale all the same. */
const SMALLEST_SCALE = 1e-6;

/** The components that variation flips decisions by, ranked. */
export function blamePlot({ components }: Blame): Promise<Plot> {
  const values = components.slice(0, DRAWN_COMPONENTS).map(({ name, share }) => ({
    name,
    share,
    label: formatPercent(share),
  }));
  const y = { field: 'name', type: 'nominal', sort: null, title: 'component', axis: { ticks: false, domain: false } };
  const x = {
    field: 'share',
    type: 'quantitative',
    title: axisTitle('share of the expected flips', '%'),
    axis: { format: PERCENT_TICKS, tickCount: 4 },
  };
  return renderPlot({
    name: 'blame',
    description: `Components by their share of the decisions that variation flips: ${values.map(({ name, label }) => `${name} ${label}`).join(', ')}.`,
    spec: {
      width: 220,
      height: { step: 19 },
      data: { values },
      layer: [
        { mark: { type: 'bar', color: COLOURS.vermillion, height: 10 }, encoding: { x, y } },
        { mark: { type: 'text', align: 'left', dx: 5 }, encoding: { x, y, text: { field: 'label' } } },
      ],
    },
  });
}

/** Blame of a layer's places: shares by row and column, stages and op-amps in columns and rows of their own. */
export interface BlameMap {
  readonly layer: number;
  readonly rowNames: readonly string[];
  readonly columnNames: readonly string[];
  /** [rows × columns]; NaN where there is no component. */
  readonly shares: readonly (readonly number[])[];
}

/**
 * Where the blame sits: a heat map of every layer as it is drawn, rows by columns, with the falling stage of each input in a last
 * column, and op-amps and activation of each column in last rows; what a layer has none of is left out.
 */
export function blameMaps(blame: Blame, places: readonly BlamePlace[], names: readonly LayerNames[]): BlameMap[] {
  const shares = new Map<string, number>();
  for (const { name, share } of blame.components) {
    const device = name.split('.')[0]!;
    shares.set(device, (shares.get(device) ?? 0) + share);
  }
  return names.map(({ rows, columns }, layer) => {
    const own = places.filter((place) => place.layer === layer);
    const hasOpamps = own.some(({ isOpamp }) => isOpamp);
    const hasFalling = own.some(({ column }) => column === undefined);
    const rowNames = [...rows, ...(hasOpamps ? ['op-amp'] : []), 'activation'];
    const columnNames = [...columns, ...(hasFalling ? ['falling stage'] : [])];
    const grid = rowNames.map(() => new Array<number>(columnNames.length).fill(Number.NaN));
    for (const place of own) {
      const row = place.isOpamp ? rows.length : (place.row ?? rowNames.length - 1);
      const column = place.column ?? columns.length;
      if (grid[row]?.[column] === undefined) continue;
      // an op-amp has two resistors
      const before = Number.isNaN(grid[row][column]) ? 0 : grid[row][column];
      grid[row][column] = before + (shares.get(place.device) ?? 0);
    }
    return { layer, rowNames, columnNames, shares: grid };
  });
}

/** Where a device is drawn: a resistor at row and column, a falling stage at a row, an activation or an op-amp at a column. */
export interface BlamePlace {
  readonly device: string;
  readonly layer: number;
  readonly row: number | undefined;
  readonly column: number | undefined;
  /** One of an op-amp's own resistors. */
  readonly isOpamp: boolean;
}

export function blameMapPlot({ layer, rowNames, columnNames, shares }: BlameMap): Promise<Plot> {
  const values = shares.flatMap((row, r) =>
    row.flatMap((share, c) =>
      Number.isNaN(share)
        ? []
        : [{ row: rowNames[r]!, column: columnNames[c]!, share, text: (100 * share).toFixed(1) }],
    ),
  );
  const largest = Math.max(...values.map(({ share }) => share), SMALLEST_SCALE);
  const axis = { domain: false, ticks: false };
  const x = {
    field: 'column',
    type: 'nominal',
    sort: null,
    scale: { domain: columnNames },
    title: 'column (neuron)',
    axis: { ...axis, labelAngle: -35, labelLimit: 110 },
  };
  const y = {
    field: 'row',
    type: 'nominal',
    sort: null,
    scale: { domain: rowNames },
    title: 'row (input)',
    axis: { ...axis, labelLimit: 200 },
  };
  const withNumbers = columnNames.length <= 13;
  return renderPlot({
    name: `blame-layer-${layer}`,
    description: `Layer ${layer}: share of the expected flips by place; the largest is ${formatPercent(largest)}.`,
    spec: {
      title: axisTitle(`Layer ${layer}: share of the flips`, '%'),
      width: { step: withNumbers ? 46 : 16 },
      height: { step: withNumbers ? 24 : 16 },
      data: { values },
      layer: [
        {
          mark: { type: 'rect', stroke: 'white', strokeWidth: 1.5 },
          encoding: {
            x,
            y,
            color: {
              field: 'share',
              type: 'quantitative',
              scale: { domain: [0, largest], range: [COLOURS.wash, COLOURS.vermillion], interpolate: 'rgb' },
              legend: null,
            },
          },
        },
        ...(withNumbers
          ? [
              {
                mark: { type: 'text' },
                encoding: {
                  x,
                  y,
                  text: { field: 'text' },
                  color: { condition: { test: `datum.share > ${0.6 * largest}`, value: 'white' }, value: COLOURS.ink },
                },
              },
            ]
          : []),
      ],
    },
  });
}
