import { axisTitle, COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';

/** A quantity that was followed over steps of an optimisation. */
export interface HistoryLine {
  readonly label: string;
  readonly steps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** Lines against steps; `marked` is a step worth pointing at, the one that was kept. */
export function historyPlot(options: {
  readonly name: string;
  readonly stepName: string;
  readonly quantity: string;
  readonly unit: string;
  readonly lines: readonly HistoryLine[];
  readonly percent?: boolean;
  readonly log?: boolean;
  readonly marked?: number | undefined;
}): Promise<Plot> {
  const { name, stepName, quantity, unit, lines, percent = false, log = false, marked } = options;
  const names = lines.map(({ label }) => label);
  const values = lines.flatMap(({ label, steps, values: numbers }) =>
    Array.from(steps, (step, i) => ({ line: label, step, value: numbers[i]! })).filter(
      ({ value }) => Number.isFinite(value) && (!log || value > 0),
    ),
  );
  const x = {
    field: 'step',
    type: 'quantitative',
    title: axisTitle(stepName, 'count'),
    scale: { nice: false },
    axis: { tickCount: 6, grid: false },
  };
  return renderPlot({
    name,
    description: `${quantity} against ${stepName}: ${names.join(', ')}.`,
    spec: {
      width: 290,
      height: 180,
      data: { values },
      layer: [
        {
          mark: { type: 'line', strokeWidth: 1.8 },
          encoding: {
            x,
            y: {
              field: 'value',
              type: 'quantitative',
              title: axisTitle(quantity, unit),
              scale: log ? { type: 'log' } : { zero: false },
              axis: { tickCount: 5, ...(percent ? { format: PERCENT_TICKS } : {}) },
            },
            color: {
              field: 'line',
              type: 'nominal',
              scale: { domain: names, range: [COLOURS.blue, COLOURS.vermillion, COLOURS.green] },
              // below, where the mark has no label
              legend: names.length > 1 ? { orient: 'bottom' } : null,
            },
          },
        },
        ...(marked === undefined
          ? []
          : [
              {
                data: { values: [{ step: marked }] },
                mark: { type: 'rule', color: COLOURS.muted, strokeDash: [3, 3] },
                encoding: { x },
              },
              {
                data: { values: [{ step: marked, label: 'kept' }] },
                mark: { type: 'text', align: 'center', baseline: 'bottom', y: -3, color: COLOURS.muted },
                encoding: { x, text: { field: 'label' } },
              },
            ]),
      ],
    },
  });
}
