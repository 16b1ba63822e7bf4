import type { PrintedElement, Technology } from '@neuroprint/circuit';
import { type Circuit, rangeInWords, type TrainedNetwork } from '@neuroprint/core';
import { formatArea, formatMetres, formatOhms } from '../format.ts';
import { COLOURS } from '../plots/plot.ts';
import { type Placement, place } from './placement.ts';
import { drawing, label, type Piece, rectangle, wire } from './svg.ts';

const PIXELS = 1000;
const MARGIN = 24;
const HEAD = 96;
const LAYER_LABEL = 22;
const INPUT_LINE = 15;
/** Letters of a line at the size of notes. */
const LINE_LETTERS = 150;
/** Elements wider than so many pixels carry their name. */
const NAMED_PIXELS = 74;

const INKS = [COLOURS.orange, COLOURS.vermillion, COLOURS.green] as const;
const CHANNEL = COLOURS.blue;
const CONDUCTOR = '#9aa5ae';

/** The printed areas of a circuit to scale: resistors by ink, transistor channels, contacts; layer under layer. Lines are not routed. */
export function layoutSvg({
  circuit,
  network,
  technology,
}: {
  readonly circuit: Circuit;
  /** Says what the inputs mean. */
  readonly network?: Pick<TrainedNetwork, 'inputs'>;
  readonly technology: Technology;
}): string {
  const placement = place(circuit, technology);
  const scale = (PIXELS - 2 * MARGIN) / placement.widthMetres;
  const inks = technology.printing.resistorInks.map(({ name, sheetOhms }, k) => ({
    name,
    colour: INKS[k % INKS.length]!,
    text: `${name} ink, ${formatOhms(sheetOhms)} a square`,
  }));
  const colourOf = (ink: string): string => inks.find(({ name }) => name === ink)?.colour ?? COLOURS.orange;
  const assumed = technology.assumed.some((path) => path.startsWith('printing'));
  const inputs = inputLines(circuit, network);
  const head = HEAD + INPUT_LINE * inputs.length;
  const pieces: Piece[] = [
    ...inputs.map((line, k) => label(MARGIN, HEAD + INPUT_LINE * k, line, { size: 11, colour: COLOURS.muted })),
    label(MARGIN, 24, `${circuit.name} in ${technology.name}: printed areas to scale`, { size: 15, bold: true }),
    label(
      MARGIN,
      42,
      `${formatMetres(placement.widthMetres)} × ${formatMetres(placement.heightMetres)}; lines are not routed.${assumed ? ` † Geometry rests on assumed numbers of ${technology.name}: sheet resistance, smallest width and gap, grid.` : ''}`,
      { size: 11, colour: COLOURS.muted },
    ),
    ...legend([
      ...inks.map(({ colour, text }) => [colour, text] as const),
      [CHANNEL, 'transistor channel'],
      [CONDUCTOR, 'contacts'],
    ]),
    ...scaleBar(scale, placement),
  ];
  for (const { layer, yMetres, heightMetres, areaSquareMetres } of placement.layers) {
    const y = head + yMetres * scale + layer * LAYER_LABEL;
    pieces.push(
      label(MARGIN, y + 12, `Layer ${layer}: ${formatArea(areaSquareMetres)} of ink`, { size: 11, bold: true }),
      rectangle(MARGIN - 6, y + LAYER_LABEL - 6, PIXELS - 2 * MARGIN + 12, heightMetres * scale + 12, {
        fill: COLOURS.wash,
        rx: 4,
      }),
    );
  }
  for (const { element, xMetres, yMetres } of placement.placed) {
    const { layer } = element.origin;
    const x = MARGIN + xMetres * scale;
    const y = head + yMetres * scale + (layer + 1) * LAYER_LABEL;
    pieces.push(...drawElement(element, x, y, scale, technology, colourOf));
  }
  return drawing({
    width: PIXELS,
    height: head + placement.heightMetres * scale + placement.layers.length * LAYER_LABEL + MARGIN,
    description: `Printed areas of ${circuit.name} to scale: ${placement.placed.length} elements on ${formatMetres(placement.widthMetres)} by ${formatMetres(placement.heightMetres)}.`,
    pieces,
  });
}

/** The inputs and their sensors, as many to a line as fit. */
function inputLines({ inputs }: Circuit, network: Pick<TrainedNetwork, 'inputs'> | undefined): string[] {
  const lines: string[] = [];
  for (const [i, sensor] of (network?.inputs ?? []).entries()) {
    const text = `${inputs[i]} ${rangeInWords(sensor)}`;
    const last = lines.at(-1);
    if (last === undefined || last.length + text.length > LINE_LETTERS) lines.push(text);
    else lines[lines.length - 1] = `${last};  ${text}`;
  }
  return lines;
}

function drawElement(
  element: PrintedElement,
  x: number,
  y: number,
  scale: number,
  technology: Technology,
  colourOf: (ink: string) => string,
): Piece[] {
  const { box, name } = element;
  const [width, height] = [box.widthMetres * scale, box.heightMetres * scale];
  const named = width > NAMED_PIXELS ? [label(x, y + height + 11, name, { size: 9, colour: COLOURS.muted })] : [];
  if (element.kind === 'transistor') {
    const contact = technology.printing.minimumWidthMetres * scale;
    const title = `${name}: W ${formatMetres(element.widthMetres)}, L ${formatMetres(element.lengthMetres)}`;
    return [
      rectangle(x, y, width, height, { fill: CONDUCTOR }, title),
      rectangle(x, y + contact, width, height - 2 * contact, { fill: CHANNEL }, title),
      ...named,
    ];
  }
  const { legs, widthMetres, lengthMetres, squares, ink } = element.geometry;
  const title = `${name}: ${formatOhms(element.ohms)}, ${squares.toFixed(2)} squares of ${ink} ink, ${formatMetres(widthMetres)} × ${formatMetres(lengthMetres)}`;
  const leg = widthMetres * scale;
  const pitch = legs === 1 ? 0 : (width - leg) / (legs - 1);
  return [
    rectangle(x, y, width, height, { fill: 'none', stroke: COLOURS.line, 'stroke-width': 0.5 }),
    ...Array.from({ length: legs }, (_, k) => rectangle(x + k * pitch, y, leg, height, { fill: colourOf(ink) }, title)),
    // legs are joined at alternating ends
    ...Array.from({ length: legs - 1 }, (_, k) => {
      const end = k % 2 === 0 ? y + height : y;
      return wire(
        [
          [x + k * pitch + leg / 2, end],
          [x + (k + 1) * pitch + leg / 2, end],
        ],
        CONDUCTOR,
        1.5,
      );
    }),
    ...named,
  ];
}

function legend(items: readonly (readonly [string, string])[]): Piece[] {
  let at = MARGIN;
  return items.flatMap(([colour, text]) => {
    const from = at;
    at += 34 + 6 * text.length;
    return [rectangle(from, 56, 12, 12, { fill: colour }), label(from + 17, 66, text, { colour: COLOURS.muted })];
  });
}

function scaleBar(scale: number, { widthMetres }: Placement): Piece[] {
  const metres = 10 ** Math.floor(Math.log10(widthMetres / 4));
  const [right, left] = [PIXELS - MARGIN, PIXELS - MARGIN - metres * scale];
  return [
    wire(
      [
        [left, 60],
        [left, 66],
        [right, 66],
        [right, 60],
      ],
      COLOURS.ink,
      1.5,
    ),
    label((left + right) / 2, 80, formatMetres(metres), { anchor: 'middle' }),
  ];
}
