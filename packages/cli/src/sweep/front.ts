/** Means over the trainings of one choice of hidden layers and of the prices of inverters, power and area. */
export interface Choice {
  readonly hidden: string;
  /** Nats for a falling stage, and for each e-fold of power and of area. */
  readonly price: number;
  readonly powerPrice: number;
  readonly areaPrice: number;
  readonly trainings: number;
  readonly valid: number;
  readonly test: number;
  /** Test accuracy over prints. */
  readonly mean: number;
  readonly std: number;
  /** Volts between first and second output at the median. */
  readonly marginVolts: number;
  readonly fallingStages: number;
  readonly resistors: number;
  readonly watts: number;
  readonly areaSquareMetres: number;
}

/** What accuracy is set against: the number that falls, how it is written, and its unit. */
export interface Axis {
  readonly title: string;
  readonly of: (choice: Choice) => number;
}

export const AXES = {
  components: {
    title: 'crossbar resistors and falling stages',
    of: ({ fallingStages, resistors }: Choice) => fallingStages + resistors,
  },
  power: { title: 'static power on the fast model, µW', of: ({ watts }: Choice) => 1e6 * watts },
  area: { title: 'transistor area, mm²', of: ({ areaSquareMetres }: Choice) => 1e6 * areaSquareMetres },
} as const satisfies Readonly<Record<string, Axis>>;

export type AxisName = keyof typeof AXES;

/** The Pareto front: choices that no other beats in accuracy over prints at the same cost or less. */
export function frontOf(choices: readonly Choice[], axis: Axis): Choice[] {
  return choices.filter(
    (a) =>
      !choices.some(
        (b) => b !== a && b.mean >= a.mean && axis.of(b) <= axis.of(a) && (b.mean > a.mean || axis.of(b) < axis.of(a)),
      ),
  );
}

const LEFT = 64;
const TOP = 36;
const WIDTH = 560;
const HEIGHT = 320;
/** Okabe and Ito's vermillion and blue: on the front and not. */
const [ON, OFF] = ['#D55E00', '#0072B2'];

/** Steps of 1, 2 or 5 times a power of ten, five to ten of them up to `most`. */
function stepOf(most: number): number {
  const decade = 10 ** Math.floor(Math.log10(most));
  return decade * ([0.1, 0.2, 0.5, 1].find((share) => most / (decade * share) <= 10) ?? 1);
}

/** Accuracy over prints against cost as an SVG; the front is joined by a line. */
export function toSweepPlot(choices: readonly Choice[], axis: Axis, title: string): string {
  const largest = Math.max(...choices.map(axis.of));
  const step = stepOf(largest);
  const most = Math.ceil(largest / step) * step;
  const low = Math.floor(20 * Math.min(...choices.map(({ mean, std }) => mean - std))) / 20;
  const x = (cost: number) => LEFT + (WIDTH * cost) / most;
  const high = Math.min(1, Math.ceil(20 * Math.max(...choices.map(({ mean, std }) => mean + std))) / 20);
  const y = (accuracy: number) => TOP + (HEIGHT * (high - accuracy)) / (high - low);
  const front = [...frontOf(choices, axis)].sort((a, b) => axis.of(a) - axis.of(b));
  const across = Array.from({ length: Math.round(most / step) + 1 }, (_, i) => i * step).map(
    (cost) =>
      `<text x="${x(cost).toFixed(1)}" y="${TOP + HEIGHT + 18}" text-anchor="middle">${Number(cost.toPrecision(3))}</text>`,
  );
  const up = Array.from({ length: Math.round((high - low) * 20) + 1 }, (_, i) => low + i / 20).map(
    (accuracy) =>
      `<line x1="${LEFT}" x2="${LEFT + WIDTH}" y1="${y(accuracy).toFixed(1)}" y2="${y(accuracy).toFixed(1)}" stroke="#e8ebee"/>` +
      `<text x="${LEFT - 8}" y="${(y(accuracy) + 4).toFixed(1)}" text-anchor="end">${accuracy.toFixed(2)}</text>`,
  );
  const points = choices.map((choice) => {
    const [at, height] = [x(axis.of(choice)), y(choice.mean)];
    const [from, to] = [y(Math.max(low, choice.mean - choice.std)), y(Math.min(high, choice.mean + choice.std))];
    const colour = front.includes(choice) ? ON : OFF;
    return (
      `<line x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${from.toFixed(1)}" y2="${to.toFixed(1)}" stroke="${colour}"/>` +
      `<circle cx="${at.toFixed(1)}" cy="${height.toFixed(1)}" r="4" fill="${colour}"><title>${labelOf(choice)}</title></circle>`
    );
  });
  // only the front is named: the names of all would lie over each other
  const names = front.map((choice, i) => {
    const [at, height] = [x(axis.of(choice)), y(choice.mean)];
    return `<text x="${(at + 7).toFixed(1)}" y="${(height + (i % 2 === 0 ? -6 : 15)).toFixed(1)}" font-size="10">${labelOf(choice)}</text>`;
  });
  const line = front.map((choice) => `${x(axis.of(choice)).toFixed(1)},${y(choice.mean).toFixed(1)}`).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 90}" height="${TOP + HEIGHT + 48}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${LEFT}" y="18">${title.replace(/[&<>]/g, ' ')}: test accuracy over prints; beside the front hidden layers and prices</text>`,
    ...up,
    ...across,
    `<polyline points="${line}" fill="none" stroke="${ON}"/>`,
    ...points,
    ...names,
    `<text x="${LEFT + WIDTH / 2}" y="${TOP + HEIGHT + 40}" text-anchor="middle">${axis.title}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** Hidden layers and the prices that are not zero. */
export function labelOf({ hidden, price, powerPrice, areaPrice }: Choice): string {
  const prices = [
    ...(price > 0 ? [`inverter ${price}`] : []),
    ...(powerPrice > 0 ? [`power ${powerPrice}`] : []),
    ...(areaPrice > 0 ? [`area ${areaPrice}`] : []),
  ];
  return `${hidden}${prices.length === 0 ? '' : `; ${prices.join(', ')}`}`;
}
