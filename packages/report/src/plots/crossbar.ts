import { formatOhms } from '../format.ts';
import { axisTitle, COLOURS, type Plot, renderPlot } from './plot.ts';

/** A layer's resistors: signed conductances [rows × columns]; 0 is no resistor, negative passes a falling stage or an op-amp. */
export interface CrossbarPicture {
  readonly layer: number;
  readonly rowNames: readonly string[];
  readonly columnNames: readonly string[];
  readonly siemens: readonly (readonly number[])[];
}

/** Columns from which cells become too narrow for numbers. */
const WIDEST_WITH_NUMBERS = 12;

/** Heat map of a crossbar in microsiemens: blue adds the input, orange its inversion. */
export function crossbarPlot({ layer, rowNames, columnNames, siemens }: CrossbarPicture): Promise<Plot> {
  const values = siemens.flatMap((row, r) =>
    row.map((g, c) => ({
      row: rowNames[r]!,
      column: columnNames[c]!,
      microsiemens: g * 1e6,
      text: g === 0 ? '–' : (g * 1e6).toFixed(2).replace('-', '−'),
    })),
  );
  const largest = Math.max(...values.map(({ microsiemens }) => Math.abs(microsiemens)), Number.MIN_VALUE);
  const withNumbers = columnNames.length <= WIDEST_WITH_NUMBERS;
  const axis = { domain: false, ticks: false };
  const x = {
    field: 'column',
    type: 'nominal',
    sort: null,
    title: 'column (neuron)',
    axis: { ...axis, labelAngle: columnNames.every((n) => n.length < 4) ? 0 : -35, labelLimit: 110 },
  };
  const y = { field: 'row', type: 'nominal', sort: null, title: 'row (input)', axis: { ...axis, labelLimit: 200 } };
  const smallestOhms = 1e6 / largest;
  return renderPlot({
    name: `crossbar-${layer}`,
    description: `Conductances of layer ${layer}, ${rowNames.length} rows and ${columnNames.length} columns; the largest is ${largest.toFixed(3)} µS (${formatOhms(smallestOhms)}).`,
    spec: {
      title: axisTitle(`Layer ${layer}: conductance`, 'µS'),
      width: { step: withNumbers ? 50 : 16 },
      height: { step: withNumbers ? 26 : 16 },
      data: { values },
      layer: [
        {
          mark: { type: 'rect', stroke: 'white', strokeWidth: 1.5 },
          encoding: {
            x,
            y,
            color: {
              field: 'microsiemens',
              type: 'quantitative',
              scale: {
                domain: [-largest, 0, largest],
                range: [COLOURS.orange, COLOURS.wash, COLOURS.blue],
                interpolate: 'rgb',
              },
              legend: withNumbers ? null : { title: 'µS', gradientLength: 160 },
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
                  color: {
                    condition: { test: `datum.microsiemens > ${0.6 * largest}`, value: 'white' },
                    value: COLOURS.ink,
                  },
                },
              },
            ]
          : []),
      ],
    },
  });
}
