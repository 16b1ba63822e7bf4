import { type Line, OVERALL, titleOf } from './summary.ts';

/** Width of a character of the labels, roughly. */
const CHARACTER = 6.4;
const WIDTH = 420;
const ROW = 24;
const TOP = 34;
/** Okabe and Ito's vermillion and blue. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73'];

/** Accuracy of every case over all tables as an SVG: a dot with one standard deviation over prints, one colour a spread. */
export function toPlot(lines: readonly Line[]): string {
  const shown = lines.filter((line) => line.dataset === OVERALL);
  const titles = [...new Set(shown.map(titleOf))];
  const spreads = [...new Set(shown.map((line) => line.testedAt))].sort();
  const left = 20 + CHARACTER * Math.max(...titles.map(({ length }) => length));
  const low = Math.floor(20 * Math.min(...shown.map((line) => line.mean - line.std))) / 20;
  const x = (value: number) => left + (WIDTH * (value - low)) / (1 - low);
  const bottom = TOP + ROW * titles.length;
  const ticks = Array.from({ length: Math.round((1 - low) * 20) + 1 }, (_, i) => low + i / 20);
  const grid = ticks.map(
    (tick) =>
      `<line x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${TOP - 6}" y2="${bottom}" stroke="#e8ebee"/>` +
      `<text x="${x(tick).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${tick.toFixed(2)}</text>`,
  );
  const labels = titles.map(
    (title, i) => `<text x="${left - 10}" y="${TOP + ROW * i + 16}" text-anchor="end">${title}</text>`,
  );
  const dots = shown.map((line) => {
    const shift = 4 * (2 * spreads.indexOf(line.testedAt) - spreads.length + 1);
    const y = TOP + ROW * titles.indexOf(titleOf(line)) + 12 + shift;
    const colour = COLOURS[spreads.indexOf(line.testedAt) % COLOURS.length]!;
    const [from, to] = [x(Math.max(low, line.mean - line.std)), x(Math.min(1, line.mean + line.std))];
    return (
      `<line x1="${from.toFixed(1)}" x2="${to.toFixed(1)}" y1="${y}" y2="${y}" stroke="${colour}"/>` +
      `<circle cx="${x(line.mean).toFixed(1)}" cy="${y}" r="3.5" fill="${colour}"/>`
    );
  });
  const legend = spreads.map(
    (spread, i) =>
      `<circle cx="${left + 130 * i}" cy="12" r="4" fill="${COLOURS[i % COLOURS.length]}"/>` +
      `<text x="${left + 130 * i + 10}" y="16">tested at ${100 * spread} %</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(left + WIDTH + 30)}" height="${bottom + 44}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">`,
    '<title>Test accuracy under variation of every case</title>',
    '<rect width="100%" height="100%" fill="white"/>',
    ...grid,
    ...labels,
    ...dots,
    ...legend,
    `<text x="${left + WIDTH / 2}" y="${bottom + 36}" text-anchor="middle">test accuracy, mean and standard deviation over prints</text>`,
    '</svg>',
    '',
  ].join('\n');
}
