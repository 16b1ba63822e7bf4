import { COLOURS, type Plot, renderPlot } from './plot.ts';

/** One choice with its cost, its accuracy over prints as a share, and whether no other is both better and cheaper. */
export interface CostedChoice {
  readonly label: string;
  readonly cost: number;
  readonly mean: number;
  readonly std: number;
  readonly onFront: boolean;
}

const ON = 'on the front';
const OFF = 'beaten';

/** Accuracy over prints against cost; the Pareto front is joined by a line, and only its choices are named. */
export function frontPlot(options: {
  readonly name: string;
  readonly title: string;
  readonly costTitle: string;
  readonly choices: readonly CostedChoice[];
}): Promise<Plot> {
  const { name, title, costTitle, choices } = options;
  const values = choices.map((choice) => ({
    ...choice,
    low: choice.mean - choice.std,
    high: Math.min(1, choice.mean + choice.std),
    kind: choice.onFront ? ON : OFF,
  }));
  const front = values.filter(({ onFront }) => onFront).sort((a, b) => a.cost - b.cost);
  const x = { field: 'cost', type: 'quantitative', title: costTitle, axis: { tickCount: 8, grid: false } };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    title: 'test accuracy over prints (%)',
    scale: { zero: false },
    axis: { format: '.0%', tickCount: 8 },
  });
  const color = {
    field: 'kind',
    type: 'nominal',
    scale: { domain: [ON, OFF], range: [COLOURS.vermillion, COLOURS.blue] },
  };
  return renderPlot({
    name,
    description: `${title}: test accuracy over prints of ${choices.length} choices against ${costTitle}; on the front ${front.map(({ label }) => label).join(', ')}.`,
    spec: {
      title,
      width: 540,
      height: 320,
      layer: [
        {
          data: { values },
          mark: { type: 'rule', strokeWidth: 1.2 },
          encoding: { x, y: y('low'), y2: { field: 'high' }, color },
        },
        {
          data: { values: front },
          mark: { type: 'line', color: COLOURS.vermillion, strokeWidth: 1.2 },
          encoding: { x, y: y('mean') },
        },
        {
          data: { values },
          mark: { type: 'point', filled: true, size: 55, opacity: 1 },
          encoding: { x, y: y('mean'), color },
        },
        // neighbours on the front are named on different sides, so that the names do not lie over each other
        ...[0, 1].map((side) => ({
          data: { values: front.filter((_, i) => i % 2 === side) },
          mark: { type: 'text', align: 'left', dx: 7, dy: side === 0 ? -8 : 10, fontSize: 10 },
          encoding: { x, y: y('mean'), text: { field: 'label' } },
        })),
      ],
    },
  });
}
