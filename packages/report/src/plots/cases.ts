import { axisTitle, COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';

/** What one way of training reaches under one variation, as shares. */
export interface CaseAccuracy {
  readonly title: string;
  readonly group: string;
  readonly mean: number;
  readonly std: number;
}

/** Accuracy of every case, a dot with one standard deviation to both sides, one colour a group. */
export function casesPlot(name: string, cases: readonly CaseAccuracy[]): Promise<Plot> {
  const groups = [...new Set(cases.map(({ group }) => group))];
  const values = cases.map((one) => ({ ...one, low: one.mean - one.std, high: Math.min(1, one.mean + one.std) }));
  const encoding = {
    y: {
      field: 'title',
      type: 'nominal',
      sort: null,
      title: null,
      axis: { labelLimit: 400, grid: true, ticks: false, domain: false },
    },
    yOffset: { field: 'group', sort: groups },
    color: {
      field: 'group',
      type: 'nominal',
      scale: { domain: groups, range: [COLOURS.blue, COLOURS.vermillion, COLOURS.green] },
    },
  };
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    title: axisTitle('test accuracy, mean and standard deviation over prints', '%'),
    scale: { zero: false },
    axis: { format: PERCENT_TICKS, grid: false },
  });
  return renderPlot({
    name,
    description: `Test accuracy of ${new Set(cases.map(({ title }) => title)).size} ways of training: ${groups.join(', ')}.`,
    spec: {
      width: 420,
      height: { step: 12 },
      data: { values },
      layer: [
        { mark: { type: 'rule', strokeWidth: 1.4 }, encoding: { ...encoding, x: x('low'), x2: { field: 'high' } } },
        { mark: { type: 'point', filled: true, size: 50, opacity: 1 }, encoding: { ...encoding, x: x('mean') } },
      ],
    },
  });
}
