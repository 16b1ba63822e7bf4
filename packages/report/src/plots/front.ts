import { placeLabels } from './place-labels.ts';
import { COLOURS, PERCENT_TICKS, type Plot, renderPlot } from './plot.ts';
import { textWidth } from './text-width.ts';

/** One choice with its cost, its accuracy over prints as a share, and whether no other is both better and cheaper. */
export interface CostedChoice {
  readonly label: string;
  readonly cost: number;
  readonly mean: number;
  readonly std: number;
  readonly onFront: boolean;
}

const ON = 'on the front of the validation rows';
const OFF = 'beaten';
const WIDTH = 540;
const HEIGHT = 320;
const FONT_SIZE = 10;
/** Half of a dot, and of the line of a spread. */
const DOT = 5;
const RULE = 1.5;
/** Room about the values, so that names have places. */
const MARGIN = 0.08;

/** A scale from values to pixels, with room at both ends. */
function scaleOf(values: readonly number[], from: number, to: number, most = Number.POSITIVE_INFINITY) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = MARGIN * (high - low || Math.abs(high) || 1);
  const domain = [low - room, Math.min(most, high + room)] as const;
  return {
    domain,
    at: (value: number): number => from + ((to - from) * (value - domain[0])) / (domain[1] - domain[0]),
  };
}

/** Accuracy over prints against cost; the Pareto front is joined by a line, and only its choices are named, beside the dots. */
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
  const across = scaleOf(
    values.map(({ cost }) => cost),
    0,
    WIDTH,
  );
  const up = scaleOf(
    values.flatMap(({ low, high }) => [low, high]),
    HEIGHT,
    0,
    1.02,
  );
  const obstacles = values.flatMap(({ cost, mean, low, high }) => {
    const [x, y] = [across.at(cost), up.at(mean)];
    return [
      { left: x - DOT, right: x + DOT, top: y - DOT, bottom: y + DOT },
      { left: x - RULE, right: x + RULE, top: up.at(high), bottom: up.at(low) },
    ];
  });
  // the line, in pieces that a name does not lie over either
  const along = front.slice(1).flatMap((to, i) => {
    const [a, b] = [front[i]!, to].map(({ cost, mean }) => ({ x: across.at(cost), y: up.at(mean) }));
    const pieces = Math.ceil(Math.hypot(b!.x - a!.x, b!.y - a!.y) / DOT);
    return Array.from({ length: pieces }, (_, k) => {
      const [x, y] = [a!.x + ((b!.x - a!.x) * k) / pieces, a!.y + ((b!.y - a!.y) * k) / pieces];
      return { left: x - RULE, right: x + RULE, top: y - RULE, bottom: y + RULE };
    });
  });
  const named = front.map(({ label, cost, mean }) => ({
    label,
    x: across.at(cost),
    y: up.at(mean),
    width: textWidth({ fontSize: FONT_SIZE }, label),
  }));
  const places = placeLabels(named, [...obstacles, ...along], { left: 0, top: 0, right: WIDTH, bottom: HEIGHT });
  const labels = named.map((one, i) => {
    const { left } = places[i]!;
    // a line leads to the end of the name that is nearer
    return { ...one, ...places[i]!, end: Math.min(left + one.width + 1, Math.max(left - 1, one.x)) };
  });
  const x = {
    field: 'cost',
    type: 'quantitative',
    title: costTitle,
    scale: { domain: across.domain, nice: false, zero: false },
    axis: { tickCount: 8, grid: false },
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    title: 'test accuracy over prints (%)',
    scale: { domain: up.domain, nice: false, zero: false },
    axis: { format: PERCENT_TICKS, tickCount: 8 },
  });
  const pixel = (field: string) => ({ field, type: 'quantitative', scale: null, axis: null });
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
      width: WIDTH,
      height: HEIGHT,
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
          data: { values: labels.filter(({ isFar }) => isFar) },
          mark: { type: 'rule', color: COLOURS.line, strokeWidth: 0.8 },
          encoding: { x: pixel('x'), y: pixel('y'), x2: { field: 'end' }, y2: { field: 'middle' } },
        },
        {
          data: { values },
          mark: { type: 'point', filled: true, size: 55, opacity: 1 },
          encoding: { x, y: y('mean'), color },
        },
        {
          data: { values: labels },
          mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: FONT_SIZE },
          encoding: { x: pixel('left'), y: pixel('middle'), text: { field: 'label' } },
        },
      ],
    },
  });
}
