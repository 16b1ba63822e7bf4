import type { StabilityRow } from './stability.ts';

const LEFT = 90;
const TOP = 60;
const WIDTH = 560;
const HEIGHT = 320;
/** Okabe and Ito's colours. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00'];
/** Real parts between these, 1/s, are drawn linearly around zero, larger ones by their logarithm. */
const SMALLEST = 1e3;

/** Least Σg/Σ|g| of a network's columns against the largest real part of its circuit's eigenvalues: above zero it runs away. */
export function stabilityPlot(
  rows: readonly StabilityRow[],
  variants: readonly { readonly name: string; readonly title: string }[],
): string {
  const decades = (value: number): number => Math.sign(value) * Math.log10(1 + Math.abs(value) / SMALLEST);
  const most = Math.ceil(Math.max(...rows.map((row) => Math.abs(decades(row.largestRealPart)))));
  const x = (share: number): number => LEFT + (WIDTH * (share + 1)) / 2;
  const y = (value: number): number => TOP + (HEIGHT * (most - decades(value))) / (2 * most);
  const ticks = Array.from({ length: most }, (_, k) => SMALLEST * 10 ** (k + 1)).flatMap((value) => [-value, value]);
  const label = (value: number): string =>
    value === 0
      ? '0'
      : `${value < 0 ? '−' : ''}10${[...String(Math.log10(Math.abs(value)))].map((c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]).join('')}`;
  const grid = [...ticks, 0].map(
    (value) =>
      `<line x1="${LEFT}" x2="${LEFT + WIDTH}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="${value === 0 ? '#5b6770' : '#e8ebee'}"/>` +
      `<text x="${LEFT - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${label(value)}</text>`,
  );
  const shares = [-1, -0.5, 0, 0.5, 1].map(
    (share) =>
      `<line x1="${x(share)}" x2="${x(share)}" y1="${TOP}" y2="${TOP + HEIGHT}" stroke="${share === 0 ? '#5b6770' : '#e8ebee'}"/>` +
      `<text x="${x(share)}" y="${TOP + HEIGHT + 18}" text-anchor="middle">${share}</text>`,
  );
  const dots = rows.map((row) => {
    const k = variants.findIndex(({ name }) => name === row.variant);
    const at = `cx="${x(row.leastShare).toFixed(1)}" cy="${y(row.largestRealPart).toFixed(1)}" r="5"`;
    const colour = COLOURS[k % COLOURS.length]!;
    // hollow: it does not settle
    return row.verdict === 'stable'
      ? `<circle ${at} fill="${colour}"/>`
      : `<circle ${at} fill="white" stroke="${colour}" stroke-width="2"/>`;
  });
  const legend = variants.map(
    ({ title }, k) =>
      `<circle cx="${LEFT + 136 * k}" cy="18" r="5" fill="${COLOURS[k % COLOURS.length]}"/><text x="${LEFT + 136 * k + 9}" y="22">${title}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 120}" height="${TOP + HEIGHT + 50}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">`,
    '<title>Which circuits settle: eigenvalues against the smallest sum of conductances</title>',
    '<rect width="100%" height="100%" fill="white"/>',
    ...legend,
    `<text x="${LEFT}" y="44" fill="#5b6770">filled: settles; hollow: does not, for an eigenvalue has a positive real part</text>`,
    ...grid,
    ...shares,
    ...dots,
    `<text x="${LEFT + WIDTH / 2}" y="${TOP + HEIGHT + 40}" text-anchor="middle">smallest Σg/Σ|g| of a column</text>`,
    `<text x="24" y="${TOP + HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 24 ${TOP + HEIGHT / 2})">largest real part of the eigenvalues (1/s)</text>`,
    '</svg>',
    '',
  ].join('\n');
}
