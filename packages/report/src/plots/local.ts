import { axisTitle, COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';

/** A mean with a band around it against something. */
export interface LocalLine {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly low: number; readonly high: number }[];
}

const RANGE = [COLOURS.blue, COLOURS.vermillion, COLOURS.green, COLOURS.orange, COLOURS.muted];

/** Means with bands, at most five; `reference` is a dashed line across. */
export function localPlot(options: {
  readonly name: string;
  readonly x: { readonly quantity: string; readonly unit: string };
  readonly y: { readonly quantity: string; readonly percent: boolean };
  readonly lines: readonly LocalLine[];
  readonly reference?: { readonly label: string; readonly y: number };
}): Promise<Plot> {
  const { name, x, y, lines, reference } = options;
  const labels = lines.map(({ label }) => label);
  const values = lines.flatMap(({ label, points }) => points.map((point) => ({ line: label, ...point })));
  const horizontal = {
    field: 'x',
    type: 'quantitative',
    title: axisTitle(x.quantity, x.unit),
    scale: { nice: false, zero: false },
    axis: { tickCount: 8, grid: false },
  };
  const color = {
    field: 'line',
    type: 'nominal',
    scale: { domain: labels, range: RANGE },
    legend: { columns: 2 },
  };
  const vertical = {
    field: 'y',
    type: 'quantitative',
    title: y.percent ? axisTitle(y.quantity, '%') : y.quantity,
    scale: { zero: false },
    axis: { tickCount: 6, ...(y.percent ? { format: PERCENT_TICKS } : {}) },
  };
  return renderPlot({
    name,
    description: `${y.quantity} against ${x.quantity}: ${labels.join(', ')}.`,
    spec: {
      width: 460,
      height: 250,
      data: { values },
      layer: [
        {
          mark: { type: 'area', opacity: 0.13 },
          encoding: { x: horizontal, y: { ...vertical, field: 'low' }, y2: { field: 'high' }, color },
        },
        {
          mark: { type: 'line', strokeWidth: 1.8, point: { size: 22 } },
          encoding: { x: horizontal, y: vertical, color },
        },
        ...(reference === undefined
          ? []
          : [
              {
                data: { values: [{ at: reference.y }] },
                mark: { type: 'rule', color: COLOURS.ink, strokeDash: [5, 4] },
                encoding: { y: { field: 'at', type: 'quantitative' } },
              },
              {
                data: { values: [{ at: reference.y, label: inTwoLines(reference.label) }] },
                // beside the plot, because lines and bands may lie anywhere in it
                mark: { type: 'text', align: 'left', baseline: 'middle', x: 'width', dx: 6, lineBreak: '\n' },
                encoding: { y: { field: 'at', type: 'quantitative' }, text: { field: 'label' } },
              },
            ]),
      ],
    },
  });
}

function inTwoLines(text: string): string {
  const words = text.split(' ');
  const half = Math.ceil(words.length / 2);
  return [words.slice(0, half), words.slice(half)].map((line) => line.join(' ')).join('\n');
}
