import { escapeHtml } from '../pages/html.ts';
import { COLOURS } from '../plots/plot.ts';

/** Pieces of a drawing as markup. Coordinates are in the drawing's own unit, with y downwards. */
export type Piece = string;

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** A number with at most two decimals, so that the same drawing has the same bytes everywhere. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A line through points. */
export function wire(points: readonly (readonly [number, number])[], colour: string = COLOURS.ink, width = 1.2): Piece {
  const d = points.map(([x, y], k) => `${k === 0 ? 'M' : 'L'}${coordinate(x)} ${coordinate(y)}`).join('');
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${coordinate(width)}"/>`;
}

/** Where wires that cross are joined. */
export function dot(x: number, y: number, colour: string = COLOURS.ink): Piece {
  return `<circle cx="${coordinate(x)}" cy="${coordinate(y)}" r="2.4" fill="${colour}"/>`;
}

export function rectangle(
  x: number,
  y: number,
  width: number,
  height: number,
  attributes: Readonly<Record<string, string | number>>,
  title?: string,
): Piece {
  const more = Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeHtml(String(value))}"`)
    .join('');
  const head = `<rect x="${coordinate(x)}" y="${coordinate(y)}" width="${coordinate(width)}" height="${coordinate(height)}"${more}`;
  return title === undefined ? `${head}/>` : `${head}><title>${escapeHtml(title)}</title></rect>`;
}

export interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly colour?: string;
  readonly bold?: boolean;
}

export function label(x: number, y: number, text: string, style: TextStyle = {}): Piece {
  const { size = 10, anchor = 'start', colour = COLOURS.ink, bold = false } = style;
  return `<text x="${coordinate(x)}" y="${coordinate(y)}" font-size="${coordinate(size)}" text-anchor="${anchor}" fill="${colour}"${bold ? ' font-weight="600"' : ''}>${escapeHtml(text)}</text>`;
}

/** A text cut to so many characters, the cut shown. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** A drawing that stands alone as a file and goes into a page as it is. */
export function drawing(options: {
  readonly width: number;
  readonly height: number;
  /** Pixels for one unit; default 1. */
  readonly scale?: number;
  readonly description: string;
  readonly pieces: readonly Piece[];
}): string {
  const { width, height, scale = 1, description, pieces } = options;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${coordinate(width * scale)}" height="${coordinate(height * scale)}" viewBox="0 0 ${coordinate(width)} ${coordinate(height)}" font-family="${escapeHtml(FONT)}" role="img" aria-label="${escapeHtml(description)}"><rect width="100%" height="100%" fill="white"/>
${pieces.join('\n')}
</svg>
`;
}
