import { axisTitle, COLOURS, type Plot, renderPlot } from './plot.ts';

/** A training of nodes whose sum of conductances may change its sign. */
export interface NodeHistory {
  readonly title: string;
  /** Mean squared distance from the targets after every epoch, in V². */
  readonly loss: ArrayLike<number>;
  /** Σg of every output node after every epoch. */
  readonly totals: readonly ArrayLike<number>[];
  /** Epochs in which Σg of a node changed its sign. */
  readonly flips: number;
}

/** Beyond these Σg is drawn at the edge. */
const SHOWN_TOTAL = 6;

/** Loss above and Σg of each output node below, against epochs, one training beside the other. */
export function signFlipPlot(name: string, histories: readonly NodeHistory[]): Promise<Plot> {
  const x = { field: 'epoch', type: 'quantitative', title: 'epoch', axis: { tickCount: 4, grid: false } };
  const losses = histories.flatMap(({ loss }) => Array.from(loss)).filter((value) => value > 0);
  const extent = [Math.min(...losses), Math.max(...losses)];
  const [low, high] = [Math.floor(Math.log10(extent[0]!)), Math.ceil(Math.log10(extent[1]!))];
  const decades = Array.from({ length: high - low + 1 }, (_, k) => 10 ** (low + k));
  const frame = { width: 330, height: 150 };
  return renderPlot({
    name,
    description: `Loss and sum of conductances against epochs: ${histories.map(({ title, flips }) => `${title}, ${flips} sign changes`).join('; ')}.`,
    spec: {
      hconcat: histories.map(({ title, loss, totals, flips }) => ({
        vconcat: [
          {
            ...frame,
            title: `Loss, ${title}`,
            data: { values: Array.from(loss, (value, epoch) => ({ epoch, loss: value })).filter((p) => p.loss > 0) },
            mark: { type: 'line', strokeWidth: 1.4, color: COLOURS.blue },
            encoding: {
              x,
              y: {
                field: 'loss',
                type: 'quantitative',
                title: axisTitle('mean squared distance', 'V²'),
                scale: { type: 'log', domain: extent },
                axis: { format: '.0e', values: decades },
              },
            },
          },
          {
            ...frame,
            title: `Σg of the outputs, sign changes: ${flips}`,
            data: {
              values: totals.flatMap((values, k) =>
                Array.from(values, (total, epoch) => ({
                  node: `node ${k}`,
                  epoch,
                  total: Math.max(-SHOWN_TOTAL, Math.min(SHOWN_TOTAL, total)),
                })),
              ),
            },
            layer: [
              { mark: { type: 'line', strokeWidth: 1.4 }, encoding: { x, y: sum, color: node } },
              { mark: { type: 'rule', color: COLOURS.ink }, encoding: { y: { datum: 0 } } },
            ],
          },
        ],
      })),
    },
  });
}

const sum = { field: 'total', type: 'quantitative', title: 'Σg', scale: { domain: [-SHOWN_TOTAL, SHOWN_TOTAL] } };
const node = {
  field: 'node',
  type: 'nominal',
  scale: { range: [COLOURS.blue, COLOURS.vermillion, COLOURS.green, COLOURS.orange, COLOURS.sky, COLOURS.ink] },
};
