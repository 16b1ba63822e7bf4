import type { SignFlipHistory } from '@neuroprint/network';

const WIDTH = 380;
const HEIGHT = 170;
const LEFT = 60;
const TOP = 34;
const GAP = 56;
/** Okabe and Ito's colours. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];
/** Beyond these Σg is drawn at the edge. */
const SHOWN_TOTAL = 6;

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly { readonly label: string; readonly values: ArrayLike<number> }[];
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  readonly log: boolean;
}

/** Loss against epochs and Σg of each output node, without the penalty and with it, as an SVG. */
export function signFlipPlot(histories: readonly SignFlipHistory[]): string {
  const losses = histories.flatMap(({ loss }) => [...loss]).filter((value) => value > 0 && Number.isFinite(value));
  const [low, high] = [Math.floor(Math.log10(Math.min(...losses))), Math.ceil(Math.log10(Math.max(...losses)))];
  const panels = histories.flatMap(({ lambda, loss, totals, flips }, column) => {
    const name = lambda === 0 ? 'without the penalty' : `λ = ${lambda}`;
    const above: Panel = {
      title: `Loss, ${name}`,
      unit: 'mean squared distance (V²)',
      lines: [{ label: '', values: loss.map((value) => Math.log10(Math.max(value, 1e-300))) }],
      low,
      high,
      ticks: Array.from({ length: high - low + 1 }, (_, i) => low + i),
      log: true,
    };
    const below: Panel = {
      title: `Σg of the outputs, sign changes: ${flips}`,
      unit: 'Σg',
      lines: totals.map((values, c) => ({ label: `node ${c}`, values })),
      low: -SHOWN_TOTAL,
      high: SHOWN_TOTAL,
      ticks: [-5, 0, 5],
      log: false,
    };
    return [above, below].map((panel, row) => drawn(panel, column, row));
  });
  const width = LEFT + histories.length * (WIDTH + GAP + 24);
  const height = TOP + 2 * (HEIGHT + GAP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">`,
    '<title>Loss and sum of conductances against epochs</title>',
    '<rect width="100%" height="100%" fill="white"/>',
    ...panels,
    '</svg>',
    '',
  ].join('\n');
}

function drawn({ title, unit, lines, low, high, ticks, log }: Panel, column: number, row: number): string {
  const left = LEFT + column * (WIDTH + GAP + 24);
  const top = TOP + row * (HEIGHT + GAP);
  const count = lines[0]!.values.length;
  const x = (k: number): number => left + (WIDTH * k) / (count - 1);
  const y = (value: number): number => top + HEIGHT * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low));
  const grid = ticks.map(
    (tick) =>
      `<line x1="${left}" x2="${left + WIDTH}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" stroke="${tick === 0 && !log ? '#5b6770' : '#e8ebee'}"/>` +
      `<text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${log ? `10${superscript(tick)}` : tick}</text>`,
  );
  const paths = lines.map(({ values }, k) => {
    const points = Array.from(values, (value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return `<polyline points="${points}" fill="none" stroke="${COLOURS[k % COLOURS.length]}" stroke-width="1.4"/>`;
  });
  const legend = lines
    .filter(({ label }) => label !== '')
    .map(
      ({ label }, k) =>
        `<text x="${left + WIDTH - 44 * (lines.length - k - 1)}" y="${top - 10}" text-anchor="end" fill="${COLOURS[k % COLOURS.length]}">${label}</text>`,
    );
  const epochs = [0, Math.floor(count / 2), count - 1].map(
    (k) => `<text x="${x(k).toFixed(1)}" y="${top + HEIGHT + 16}" text-anchor="middle">${k}</text>`,
  );
  return [
    `<text x="${left}" y="${top - 10}" font-weight="600">${title}</text>`,
    ...grid,
    ...paths,
    ...legend,
    ...epochs,
    `<text x="${left + WIDTH}" y="${top + HEIGHT + 30}" text-anchor="end" fill="#5b6770">epoch</text>`,
    `<text x="${left - 44}" y="${top + HEIGHT / 2}" fill="#5b6770" text-anchor="middle" transform="rotate(-90 ${left - 44} ${top + HEIGHT / 2})">${unit}</text>`,
  ].join('\n');
}

function superscript(n: number): string {
  return [...String(n)].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('');
}
