import type { Technology } from '@neuroprint/circuit';
import type { Blame, Circuit, TrainedNetwork } from '@neuroprint/core';
import { formatOhms, formatValue } from '../format.ts';
import { type LayerNames, layerNames } from '../pages/crossbars.ts';
import { COLOURS } from '../plots/plot.ts';
import { type Heat, heatOf } from './heat.ts';
import { dot, drawing, label, type Piece, shortened, wire } from './svg.ts';
import { activationSymbol, type Drawn, fallingSymbol, opampSymbol, resistorSymbol, SYMBOL } from './symbols.ts';

type Device = Circuit['devices'][number];

export interface SchematicData {
  readonly circuit: Circuit;
  readonly network: TrainedNetwork;
  readonly technology: Pick<Technology, 'name' | 'cells' | 'assumed' | 'bias'>;
  /** Shades every component by its share of the decisions that variation flips. */
  readonly blame?: Blame | undefined;
  /** Shades every component by something else. */
  readonly heat?: Heat | undefined;
}

const ROW = 32;
const TOP = 74;
const LABELS = 170;
const COLUMN = 104;
/** A column with an op-amp has a second wire, that of the op-amp's inverting input. */
const OPAMP_COLUMN = 184;
const MINUS_OFFSET = 100;
const CHANNEL = 12;

/** The colours of wires by what they carry. */
const WIRES = { plain: COLOURS.blue, inverted: COLOURS.orange, bias: COLOURS.green, ground: COLOURS.muted } as const;

/**
 * The circuit as a person draws it: layers from left to right, each a crossbar with its inputs as rows and its neurons as columns, a
 * resistor with its value where they meet, falling stages in front of the rows, activations (and op-amps) below the columns.
 */
export function schematicSvg(data: SchematicData): string {
  const { circuit, network, technology, heat = heatOf(data.blame) } = data;
  const names = layerNames(network);
  const pieces: Piece[] = [];
  let left = 16;
  let bottom = 0;
  let feeds: readonly (readonly [number, number])[] = [];
  names.forEach((layer, l) => {
    const drawn = new LayerDrawing(data, layer, l, names.length - 1, left, feeds, heat);
    pieces.push(...drawn.pieces);
    feeds = drawn.outputs;
    left = drawn.right;
    bottom = Math.max(bottom, drawn.bottom);
  });
  const width = Math.max(left + 16, 560);
  const rests = technology.assumed.some((path) => /^(crossbar|printing|cells)/.test(path));
  pieces.push(
    label(16, 26, `${shortened(circuit.name, 60)} in ${technology.name}`, { size: 15, bold: true }),
    ...legend(16, 46, heat?.legend),
    ...(heat === undefined ? [] : [label(16, bottom + 18, heat.note, { colour: COLOURS.muted })]),
    ...(rests
      ? [
          label(
            16,
            bottom + 34,
            `† Values rest on assumed numbers of ${technology.name}: resistance step, layout grid.`,
            { colour: COLOURS.muted },
          ),
        ]
      : []),
  );
  const stages = circuit.devices.filter(({ kind }) => kind === 'stage').length;
  const resistors = circuit.devices.filter(({ kind }) => kind === 'resistor').length;
  return drawing({
    width,
    height: bottom + 46,
    description: `Schematic of ${circuit.name}: ${names.length} layers, ${resistors} crossbar resistors, ${stages} stages.`,
    pieces,
  });
}

function legend(x: number, y: number, shade: string | undefined): Piece[] {
  const items: readonly [string, string][] = [
    [WIRES.plain, 'input'],
    [WIRES.inverted, 'through the falling stage'],
    [WIRES.bias, 'bias'],
    [WIRES.ground, 'pull-down'],
    ...(shade === undefined ? [] : [[COLOURS.vermillion, shade] as [string, string]]),
  ];
  let at = x;
  return items.flatMap(([colour, text]) => {
    const from = at;
    at += 34 + 6.2 * text.length;
    return [
      wire(
        [
          [from, y - 4],
          [from + 16, y - 4],
        ],
        colour,
        2.4,
      ),
      label(from + 21, y, text, { colour: COLOURS.muted }),
    ];
  });
}

/** One layer: its pieces, and where its outputs leave it. */
class LayerDrawing {
  readonly pieces: Piece[] = [];
  readonly outputs: (readonly [number, number])[] = [];
  readonly right: number;
  readonly bottom: number;
  readonly #data: SchematicData;
  readonly #names: LayerNames;
  readonly #devices: readonly Device[];
  readonly #heat: Heat | undefined;
  /** Height of the wire of every node that is a row. */
  readonly #rows = new Map<string, { readonly y: number; readonly colour: string }>();

  constructor(
    data: SchematicData,
    names: LayerNames,
    l: number,
    last: number,
    left: number,
    feeds: readonly (readonly [number, number])[],
    heat: Heat | undefined,
  ) {
    this.#data = data;
    this.#names = names;
    this.#heat = heat;
    this.#devices = data.circuit.devices.filter(({ origin }) => origin.layer === l);
    const columns = names.columns.length;
    const hasOpamp = this.#devices.some(({ kind }) => kind === 'opamp');
    const pitch = hasOpamp ? OPAMP_COLUMN : COLUMN;
    const channel = l === 0 ? 0 : CHANNEL * (feeds.length + 2);
    const start = left + channel + LABELS;
    const end = start + pitch * columns;
    this.pieces.push(label(left + channel, TOP - 10, `Layer ${l}`, { bold: true, size: 12 }));
    const below = this.#drawRows(l, left + channel, start, end, feeds, left);
    let deepest = below;
    for (let c = 0; c < columns; c += 1) {
      const x = start + pitch * (c + 1) - 20;
      const y = this.#drawColumn(c, x, below, hasOpamp);
      const name = l === last ? names.columns[c]! : `neuron ${c}`;
      const out = this.#drawActivation(c, x, y, name);
      deepest = Math.max(deepest, out);
      this.outputs.push([x, out]);
    }
    this.right = end;
    // outputs leave below the stages, the leftmost lowest, so that none crosses a stage
    this.bottom = deepest + (l === last ? 8 : CHANNEL * (columns + 1));
    if (l < last)
      this.outputs.forEach(([x, y], c) => {
        const track = deepest + CHANNEL * (columns - c);
        this.pieces.push(
          wire(
            [
              [x, y],
              [x, track],
              [end, track],
            ],
            WIRES.plain,
          ),
        );
        this.outputs[c] = [end, track];
      });
  }

  /** Rows from the top: every input, its inverse under it, bias and ground. Returns where the columns may end. */
  #drawRows(
    l: number,
    labels: number,
    start: number,
    end: number,
    feeds: readonly (readonly [number, number])[],
    channel: number,
  ): number {
    let y = TOP + 12;
    const inputs = this.#names.rows.length - 2;
    const isUsed = (node: string): boolean =>
      this.#devices.some((device) => device.kind === 'resistor' && device.nodes.includes(node));
    for (let i = 0; i < inputs; i += 1) {
      const node = l === 0 ? this.#data.circuit.inputs[i]! : this.#outputOf(l - 1, i);
      this.#rows.set(node, { y, colour: WIRES.plain });
      const feed = feeds[i];
      if (feed !== undefined) {
        const track = channel + CHANNEL * (i + 1);
        this.pieces.push(
          wire(
            [
              [feed[0], feed[1]],
              [track, feed[1]],
              [track, y],
              [start, y],
            ],
            WIRES.plain,
          ),
        );
      }
      this.pieces.push(
        label(labels + 4, y - 4, shortened(l === 0 ? this.#names.rows[i]! : `neuron ${i}`, 22), { size: 11 }),
        wire(
          [
            [labels + (feed === undefined ? 0 : 2), y],
            [end - 14, y],
          ],
          WIRES.plain,
        ),
      );
      y += ROW;
      for (const stage of this.#devices) {
        if (stage.kind !== 'stage' || stage.origin.role !== 'falling' || stage.origin.row !== i) continue;
        this.#rows.set(stage.output, { y, colour: WIRES.inverted });
        const at = start - SYMBOL.falling - 10;
        this.pieces.push(
          dot(at - 10, y - ROW, WIRES.plain),
          wire(
            [
              [at - 10, y - ROW],
              [at - 10, y],
              [at, y],
            ],
            WIRES.plain,
          ),
          ...fallingSymbol(at, y, this.#fill(stage.name), this.#about(stage)),
          wire(
            [
              [at + SYMBOL.falling, y],
              [end - 14, y],
            ],
            WIRES.inverted,
          ),
          ...this.#values(stage).map((text, k) =>
            label(at - 16, y - 6 + 9.5 * k, text, { size: 8.5, anchor: 'end', colour: COLOURS.muted }),
          ),
        );
        y += ROW;
      }
    }
    const { bias } = this.#data.technology;
    for (const [node, colour, text] of [
      [bias.node, WIRES.bias, `bias, ${bias.volts} V`],
      ['0', WIRES.ground, 'pull-down, 0 V'],
    ] as const) {
      if (!isUsed(node)) continue;
      this.#rows.set(node, { y, colour });
      this.pieces.push(
        label(labels + 4, y - 4, text, { size: 11 }),
        wire(
          [
            [labels, y],
            [end - 14, y],
          ],
          colour,
        ),
      );
      y += ROW;
    }
    return y + 6;
  }

  /** A column with its resistors, and its op-amp if it has one. Returns where the wire ends. */
  #drawColumn(c: number, x: number, below: number, hasOpamp: boolean): number {
    const opamps = this.#devices.filter(({ kind, origin }) => kind === 'opamp' && origin.column === c);
    const [opamp] = opamps;
    const minus = x - MINUS_OFFSET;
    let [highest, highestMinus] = [below, below];
    for (const device of this.#devices) {
      if (device.kind !== 'resistor' || device.origin.column !== c) continue;
      const row = device.nodes.map((node) => this.#rows.get(node)).find((found) => found !== undefined);
      if (row === undefined) continue;
      const negative = device.origin.role === 'negative';
      const to = negative ? minus : x;
      const y = row.y + 14;
      const at = (hasOpamp ? minus : x) - SYMBOL.resistor - 8;
      if (negative) highestMinus = Math.min(highestMinus, y);
      else highest = Math.min(highest, y);
      this.pieces.push(
        dot(at - 6, row.y, row.colour),
        wire(
          [
            [at - 6, row.y],
            [at - 6, y],
            [at, y],
          ],
          row.colour,
        ),
        ...resistorSymbol(at, y, formatOhms(device.ohms), this.#fill(device.name), this.#about(device)),
        wire([
          [at + SYMBOL.resistor, y],
          [to, y],
        ]),
        dot(to, y),
      );
    }
    this.pieces.push(
      wire([
        [x, highest],
        [x, below],
      ]),
    );
    if (opamp === undefined) return below;
    const of = (role: string): Device | undefined =>
      this.#devices.find(({ origin }) => origin.column === c && origin.role === role);
    const resistance = (device: Device | undefined) => ({
      device: device?.name ?? '',
      ohms: device?.kind === 'resistor' ? formatOhms(device.ohms) : '',
    });
    this.pieces.push(
      wire([
        [minus, highestMinus],
        [minus, below],
      ]),
    );
    const symbol = opampSymbol(minus, x, below, opamp.name, resistance(of('feedback')), resistance(of('drive')));
    this.pieces.push(...symbol.pieces);
    if (opamps.length > 1)
      this.pieces.push(
        label(minus, symbol.bottom - 4, `× ${opamps.length}: each negative entry has its own`, {
          size: 8.5,
          anchor: 'middle',
          colour: COLOURS.muted,
        }),
      );
    return symbol.bottom;
  }

  /** The activation below a column, where it has one. Returns where its output leaves. */
  #drawActivation(c: number, x: number, y: number, name: string): number {
    const stage = this.#devices.find(
      ({ kind, origin }) => kind === 'stage' && origin.role === 'activation' && origin.column === c,
    );
    if (stage === undefined) {
      // the column itself is the output
      this.pieces.push(dot(x, y), label(x - 8, y + 4, shortened(name, 16), { anchor: 'end', bold: true, size: 10.5 }));
      return y;
    }
    const symbol = activationSymbol(x, y, this.#fill(stage.name), this.#about(stage));
    const values = this.#values(stage);
    this.pieces.push(
      ...symbol.pieces,
      label(x - 24, symbol.bottom - 12, shortened(name, 11), { anchor: 'end', bold: true, size: 10.5 }),
      ...values.map((text, k) =>
        label(x - 5, symbol.bottom + 12 + 9.5 * k, text, { size: 8.5, anchor: 'end', colour: COLOURS.muted }),
      ),
    );
    const out = symbol.bottom + 14 + 9.5 * values.length;
    this.pieces.push(
      wire(
        [
          [x, symbol.bottom],
          [x, out],
        ],
        WIRES.plain,
      ),
    );
    return out;
  }

  /** The output node of a column's activation. */
  #outputOf(layer: number, column: number): string {
    const stage = this.#data.circuit.devices.find(
      ({ kind, origin }) =>
        kind === 'stage' && origin.role === 'activation' && origin.layer === layer && origin.column === column,
    );
    return stage?.kind === 'stage' ? stage.output : '';
  }

  #values(device: Device): string[] {
    if (device.kind !== 'stage') return [];
    const parameters = this.#data.technology.cells[device.cell]?.parameters ?? [];
    return parameters.map(({ name, unit }) => `${name} ${formatValue(device.values[name]!, unit)}`);
  }

  #about({ name: device }: Device): Drawn {
    const share = this.#heat?.shares.get(device);
    return { device, title: `${device}${share === undefined ? '' : `, ${this.#heat!.about(share)}`}` };
  }

  /** White, or the shade of the heat: the square root, so that small shares show beside the largest. */
  #fill(device: string): string {
    if (this.#heat === undefined) return 'white';
    const { shares } = this.#heat;
    const largest = Math.max(...shares.values(), 1e-9);
    const t = Math.sqrt(Math.max(0, shares.get(device) ?? 0) / largest);
    const mix = (from: number, to: number): number => Math.round(from + t * (to - from));
    return `rgb(${mix(255, 0xd5)},${mix(255, 0x5e)},${mix(255, 0x00)})`;
  }
}
