import { escapeHtml } from '../pages/html.ts';
import { COLOURS } from '../plots/plot.ts';
import { coordinate, dot, label, type Piece, rectangle, wire } from './svg.ts';

/** Widths of the symbols. */
export const SYMBOL = { resistor: 52, falling: 30, activation: 40 } as const;

/** The device that a symbol stands for, and what is said where one points at it. */
export interface Drawn {
  readonly device: string;
  readonly title: string;
}

/** What makes a shape that of a device: a page finds it by the attribute. */
function ofDevice({ device }: Drawn): Readonly<Record<string, string>> {
  return { 'data-device': device };
}

/** A resistor as a box with its value in it; its left end at x, its axis at y. */
export function resistorSymbol(x: number, y: number, value: string, fill: string, drawn: Drawn): Piece[] {
  const style = { rx: 2, fill, stroke: COLOURS.ink, 'stroke-width': 1, ...ofDevice(drawn) };
  return [
    rectangle(x, y - 7, SYMBOL.resistor, 14, style, drawn.title),
    label(x + SYMBOL.resistor / 2, y + 3.5, value, { size: 9.5, anchor: 'middle' }),
  ];
}

/** A falling stage: the triangle with a bubble of an inverter, from x to x + its width. */
export function fallingSymbol(x: number, y: number, fill: string, drawn: Drawn): Piece[] {
  const tip = x + SYMBOL.falling - 7;
  return [
    triangle([x, y - 11], [tip, y], [x, y + 11], fill, drawn),
    `<circle cx="${coordinate(tip + 3.5)}" cy="${coordinate(y)}" r="3.2" fill="white" stroke="${COLOURS.ink}"/>`,
  ];
}

/** An activation: a box with a rising curve, hung below y at x. */
export function activationSymbol(
  x: number,
  y: number,
  fill: string,
  drawn: Drawn,
): { readonly pieces: Piece[]; readonly bottom: number } {
  const half = SYMBOL.activation / 2;
  const top = y + 8;
  const middle = top + half * 0.8;
  const curve = `M${coordinate(x - half + 6)} ${coordinate(middle + 9)}C${coordinate(x - 2)} ${coordinate(middle + 9)} ${coordinate(x + 2)} ${coordinate(middle - 9)} ${coordinate(x + half - 6)} ${coordinate(middle - 9)}`;
  return {
    pieces: [
      wire([
        [x, y],
        [x, top],
      ]),
      rectangle(
        x - half,
        top,
        2 * half,
        1.6 * half,
        { rx: 4, fill, stroke: COLOURS.ink, ...ofDevice(drawn) },
        drawn.title,
      ),
      `<path d="${curve}" fill="none" stroke="${COLOURS.ink}" stroke-width="1.4"/>`,
    ],
    bottom: top + 1.6 * half,
  };
}

function triangle(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  [x3, y3]: readonly [number, number],
  fill: string,
  { device, title }: Drawn,
): Piece {
  const at = [x1, y1, x2, y2, x3, y3].map(coordinate);
  return `<path d="M${at[0]} ${at[1]}L${at[2]} ${at[3]}L${at[4]} ${at[5]}Z" fill="${fill}" stroke="${COLOURS.ink}" data-device="${escapeHtml(device)}"><title>${escapeHtml(title)}</title></path>`;
}

/** A resistor of an op-amp: its device, and its ohms in words. */
interface Resistance {
  readonly device: string;
  readonly ohms: string;
}

/**
 * The op-amp of a column's negative conductances, below y: its − input hangs on the wire at `minus`, its + input on the column's node at
 * x; the feedback resistor leads back to `minus`, the drive resistor to the node, which goes on downwards.
 */
export function opampSymbol(
  minus: number,
  x: number,
  y: number,
  opamp: string,
  feedback: Resistance,
  drive: Resistance,
): { readonly pieces: Piece[]; readonly bottom: number } {
  const [from, to] = [minus - 10, x - 10];
  const apex = (from + to) / 2;
  const tip = y + 46;
  const out = tip + 20;
  const rail = minus - SYMBOL.resistor / 2 - 12;
  const of = ({ device }: Resistance, what: string): Drawn => ({ device, title: `${opamp}: ${what}` });
  return {
    pieces: [
      triangle([from, y + 8], [to, y + 8], [apex, tip], 'white', { device: opamp, title: opamp }),
      label(minus + 6, y + 18, '−', { size: 11 }),
      label(to - 22, y + 18, '+', { size: 11 }),
      wire([
        [minus, y],
        [minus, y + 8],
      ]),
      dot(x, y),
      wire([
        [x, y],
        [to - 12, y],
        [to - 12, y + 8],
      ]),
      wire([
        [apex, tip],
        [apex, out],
      ]),
      dot(apex, out),
      dot(minus, y),
      wire([
        [minus, y],
        [rail, y],
        [rail, out],
      ]),
      wire([
        [rail, out],
        [apex, out],
      ]),
      ...resistorSymbol(apex - SYMBOL.resistor - 8, out, feedback.ohms, 'white', of(feedback, 'feedback')),
      ...resistorSymbol(apex + 2, out + 20, drive.ohms, 'white', of(drive, 'drive')),
      wire([
        [apex, out],
        [apex, out + 20],
        [apex + 2, out + 20],
      ]),
      wire([
        [apex + 2 + SYMBOL.resistor, out + 20],
        [x, out + 20],
      ]),
      dot(x, out + 20),
      wire([
        [x, y],
        [x, out + 34],
      ]),
    ],
    bottom: out + 34,
  };
}
