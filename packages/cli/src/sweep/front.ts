/** Means over the trainings of one choice of hidden layers and of the price of a falling stage. */
export interface Choice {
  readonly hidden: string;
  readonly price: number;
  readonly trainings: number;
  readonly valid: number;
  readonly test: number;
  /** Test accuracy over prints. */
  readonly mean: number;
  readonly std: number;
  readonly fallingStages: number;
  readonly resistors: number;
}

function componentsOf({ fallingStages, resistors }: Choice): number {
  return fallingStages + resistors;
}

/** The Pareto front: choices that no other beats in accuracy over prints with as few resistors and falling stages. */
export function frontOf(choices: readonly Choice[]): Choice[] {
  return choices.filter(
    (a) =>
      !choices.some(
        (b) =>
          b !== a &&
          b.mean >= a.mean &&
          componentsOf(b) <= componentsOf(a) &&
          (b.mean > a.mean || componentsOf(b) < componentsOf(a)),
      ),
  );
}

const LEFT = 64;
const TOP = 36;
const WIDTH = 480;
const HEIGHT = 300;

/** Accuracy over prints against components as an SVG; the front is joined by a line. */
export function toSweepPlot(choices: readonly Choice[], title: string): string {
  const counts = choices.map(componentsOf);
  const most = Math.ceil(Math.max(...counts) / 5) * 5;
  const low = Math.floor(20 * Math.min(...choices.map(({ mean, std }) => mean - std))) / 20;
  const x = (count: number) => LEFT + (WIDTH * count) / most;
  const y = (accuracy: number) => TOP + (HEIGHT * (1 - accuracy)) / (1 - low);
  const front = [...frontOf(choices)].sort((a, b) => componentsOf(a) - componentsOf(b));
  const across = Array.from({ length: 6 }, (_, i) => (most * i) / 5).map(
    (count) =>
      `<text x="${x(count).toFixed(1)}" y="${TOP + HEIGHT + 18}" text-anchor="middle">${count.toFixed(0)}</text>`,
  );
  const up = Array.from({ length: Math.round((1 - low) * 20) + 1 }, (_, i) => low + i / 20).map(
    (accuracy) =>
      `<line x1="${LEFT}" x2="${LEFT + WIDTH}" y1="${y(accuracy).toFixed(1)}" y2="${y(accuracy).toFixed(1)}" stroke="#e8ebee"/>` +
      `<text x="${LEFT - 8}" y="${(y(accuracy) + 4).toFixed(1)}" text-anchor="end">${accuracy.toFixed(2)}</text>`,
  );
  const points = choices.map((choice) => {
    const [at, height] = [x(componentsOf(choice)), y(choice.mean)];
    const [from, to] = [y(Math.max(low, choice.mean - choice.std)), y(Math.min(1, choice.mean + choice.std))];
    const colour = front.includes(choice) ? '#D55E00' : '#0072B2';
    return (
      `<line x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${from.toFixed(1)}" y2="${to.toFixed(1)}" stroke="${colour}"/>` +
      `<circle cx="${at.toFixed(1)}" cy="${height.toFixed(1)}" r="4" fill="${colour}"/>` +
      `<text x="${(at + 7).toFixed(1)}" y="${(height - 5).toFixed(1)}" font-size="10">${choice.hidden}, ${choice.price}</text>`
    );
  });
  const line = front.map((choice) => `${x(componentsOf(choice)).toFixed(1)},${y(choice.mean).toFixed(1)}`).join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 60}" height="${TOP + HEIGHT + 48}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${LEFT}" y="18">${title.replace(/[&<>]/g, ' ')}: accuracy over prints; hidden layers and price beside the points</text>`,
    ...up,
    ...across,
    `<polyline points="${line}" fill="none" stroke="#D55E00"/>`,
    ...points,
    `<text x="${LEFT + WIDTH / 2}" y="${TOP + HEIGHT + 40}" text-anchor="middle">crossbar resistors and falling stages</text>`,
    '</svg>',
    '',
  ].join('\n');
}
