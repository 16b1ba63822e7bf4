import type { CellElement } from '@neuroprint/circuit';
import type { Pad } from '../layout.ts';
import { type Layer, METRES_PER_UNIT, type Process } from '../process.ts';
import { type Drawing, drawVia } from './drawing.ts';
import { drawResistor, ImpossibleShapeError, jointHeight, resistorShape } from './resistor.ts';

/**
 * One element of a stage, or an op-amp, with its lower left corner at 0, 0: every terminal is a line of top metal at `x`, which begins at `y` inside of
 * the element and leaves it downwards.
 */
export interface Element {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly terminals: readonly { readonly net: string; readonly x: number; readonly y: number }[];
  draw(drawing: Drawing, cell: string, x: number, y: number): void;
}

/** An element of a cell, its values in ohms and metres, its nodes by name. */
export type ElementValues =
  | { readonly kind: 'resistor'; readonly nodes: readonly [string, string]; readonly ohms: number }
  | {
      readonly kind: 'transistor';
      readonly drain: string;
      readonly gate: string;
      readonly source: string;
      readonly widthMetres: number;
      readonly lengthMetres: number;
      /** The kind of transistor, where the technology has several. */
      readonly model?: string;
    }
  | { readonly kind: 'opamp'; readonly plus: string; readonly minus: string; readonly output: string };

/** Nets of the supplies that packaged op-amps have of their own; no netlist has them, because its op-amps are ideal within them. */
export const OPAMP_SUPPLIES = ['opamp_high', 'opamp_low'] as const;

/** Values and nodes of a cell's element in a stage. */
export function elementValues(
  element: CellElement,
  values: Readonly<Record<string, number>>,
  local: (node: string) => string,
): ElementValues {
  if (element.kind === 'resistor')
    return {
      kind: 'resistor',
      nodes: [local(element.nodes[0]), local(element.nodes[1])],
      ohms: values[element.ohms]!,
    };
  if (element.kind === 'opamp')
    return {
      kind: 'opamp',
      plus: local(element.plus),
      minus: local(element.minus),
      output: local(element.output),
    };
  const { model } = element as { readonly model?: string };
  return {
    kind: 'transistor',
    drain: local(element.drain),
    gate: local(element.gate),
    source: local(element.source),
    widthMetres: values[element.width]!,
    lengthMetres: values[element.length]!,
    ...(model === undefined ? {} : { model }),
  };
}

/** The nodes that an element touches. */
export function nodesOf(values: ElementValues): readonly string[] {
  if (values.kind === 'resistor') return values.nodes;
  return values.kind === 'transistor'
    ? [values.drain, values.gate, values.source]
    : [values.plus, values.minus, values.output, ...OPAMP_SUPPLIES];
}

/** Plans an element; `leg` is the length of a resistor's legs that is aimed at. Throws ImpossibleShapeError. */
export function planElement(name: string, values: ElementValues, process: Process, leg: number): Element {
  if (values.kind === 'resistor') return planResistor(name, values, process, leg);
  return values.kind === 'transistor' ? planTransistor(name, values, process) : planOpamp(name, values, process);
}

function planResistor(
  name: string,
  { nodes, ohms }: Extract<ElementValues, { kind: 'resistor' }>,
  process: Process,
  leg: number,
): Element {
  const { line, clear, apart, crossing, inkEnclosure, inkOverlap } = process;
  const shape = resistorShape(name, ohms, process, leg);
  const joint = jointHeight(process);
  // the first pad holds a line too; the box stands above its via
  const shift = Math.max(0, line - (shape.width + 2 * inkEnclosure));
  const foot = Math.max(0, line + crossing + apart - (joint - inkOverlap));
  const right = Math.max(shift + shape.boxWidth + Math.max(0, apart + crossing - inkEnclosure), line + clear);
  const end = foot + shape.boxHeight;
  return {
    name,
    width: right + line,
    height: end,
    terminals: [
      { net: nodes[0], x: 0, y: line },
      { net: nodes[1], x: right, y: end },
    ],
    draw: (drawing, cell, x, y) => {
      const pen = drawing.pen(cell, name, x, y);
      const box = drawing.pen(cell, name, x + shift, y + foot);
      drawResistor(
        box,
        process,
        shape,
        { device: name, first: nodes[0], last: nodes[1] },
        { stubTo: -foot, stubFrom: -shift, padTo: right + line - shift },
      );
      drawVia(pen, process, 0, 0);
      drawVia(pen, process, right, end - line);
      pen(process.top, 0, 0, line, line, nodes[0]);
      pen(process.top, right, 0, right + line, end, nodes[1]);
    },
  };
}

function planTransistor(
  name: string,
  { drain, gate: gateNet, source, widthMetres, lengthMetres, model }: Extract<ElementValues, { kind: 'transistor' }>,
  process: Process,
): Element {
  const { grid, line, clear, apart, crossing, overlap, transistorEnclosure, bottom, top, gate, gateDielectric } =
    process;
  const refuse = (what: string): never => {
    throw new ImpossibleShapeError(`${name}: ${what}.`, `The technology is ${process.technology.name}.`);
  };
  const semiconductor = process.semiconductors.find((layer) => layer.model === undefined || layer.model === model);
  if (semiconductor === undefined || gate === undefined || gateDielectric === undefined)
    return refuse(`layers has no semiconductor${model === undefined ? '' : ` for ${model}`}, gate dielectric or gate`);
  const snap = (metres: number): number => Math.round(metres / METRES_PER_UNIT / grid) * grid;
  const up = (units: number): number => Math.ceil(units / grid) * grid;
  const [W, L] = [snap(widthMetres), snap(lengthMetres)];
  if (L < process.channel)
    refuse(`a channel of ${L} nm is shorter than ${process.channel} nm, the shortest of the rules ${process.rules}`);
  if (W < semiconductor.width)
    refuse(
      `a channel of ${W} nm across is narrower than ${semiconductor.width} nm, the smallest width of ${semiconductor.name}`,
    );
  // below the channel the electrodes step back, until vias side by side have room
  const apartBelow = Math.max(clear, 2 * bottom.gap - L);
  const electrode = line + up(Math.max(0, apartBelow - L) / 2);
  const left = Math.max(0, overlap + transistorEnclosure - electrode);
  const [sourceRight, drainLeft] = [left + electrode, left + electrode + L];
  const drainRight = drainLeft + electrode;
  const step = line + crossing + apart;
  const [bottomOf, topOf] = [step + transistorEnclosure, step + transistorEnclosure + W];
  const metalTop = topOf + overlap;
  const dielectricTop = Math.max(topOf + transistorEnclosure, metalTop + apart);
  const contact = dielectricTop + apart;
  const dielectricRight = drainLeft + overlap + transistorEnclosure;
  // a channel shorter than the gate's smallest width has a gate that reaches further over source and drain
  const over = Math.max(overlap, up((gate.width - L) / 2));
  const gateX = Math.max(dielectricRight + apart, drainRight + clear, drainRight + apart);
  const drainX = drainRight - line;
  return {
    name,
    width: gateX + line,
    height: contact + line,
    terminals: [
      { net: source, x: left, y: line },
      { net: drain, x: drainX, y: line },
      { net: gateNet, x: gateX, y: contact + line },
    ],
    draw: (drawing, cell, x, y) => {
      const pen = drawing.pen(cell, name, x, y);
      pen(bottom, left, 0, left + line, step, source);
      pen(bottom, left, step, sourceRight, metalTop, source);
      pen(bottom, drainX, 0, drainRight, step, drain);
      pen(bottom, drainLeft, step, drainRight, metalTop, drain);
      pen(semiconductor, sourceRight - overlap, bottomOf, drainLeft + overlap, topOf);
      pen(gateDielectric, sourceRight - overlap - transistorEnclosure, step, dielectricRight, dielectricTop);
      pen(gate, sourceRight - over, bottomOf - overlap, drainLeft + over, contact + line, gateNet);
      pen(top, sourceRight - over, contact, gateX + line, contact + line, gateNet);
      pen(top, gateX, 0, gateX + line, contact, gateNet);
      for (const [at, net] of [
        [left, source],
        [drainX, drain],
      ] as const) {
        drawVia(pen, process, at, 0);
        pen(top, at, 0, at + line, line, net);
      }
    },
  };
}

/** Pads for a packaged op-amp, one over the other. */
function planOpamp(
  name: string,
  { plus, minus, output }: Extract<ElementValues, { kind: 'opamp' }>,
  process: Process,
): Element {
  const { pad, padGap, line, clear, top } = process;
  const [high, low] = OPAMP_SUPPLIES;
  const pads = [low, output, minus, plus, high].map((net, k) => ({
    net,
    x: pad + clear + k * (line + clear),
    y: k * (pad + padGap),
    text: `${name} ${['V−', 'out', '−', '+', 'V+'][k]}`,
  }));
  return {
    name,
    width: pads.at(-1)!.x + line,
    height: pads.at(-1)!.y + pad,
    terminals: pads.map(({ net, x, y }) => ({ net, x, y: y + line })),
    draw: (drawing, cell, atX, atY) => {
      const pen = drawing.pen(cell, name, atX, atY);
      for (const { net, x, y, text } of pads) {
        pen(top, 0, y, pad, y + pad, net);
        pen(top, pad, y, x + line, y + line, net);
        if (y > 0) pen(top, x, 0, x + line, y, net);
        drawing.pads.push(padAt(top, net, text, atX, atY + y, pad));
      }
    },
  };
}

/** A square pad with its lower left corner at x, y. */
export function padAt(layer: Layer, net: string, text: string, x: number, y: number, size: number): Pad {
  return { layer, net, text, x1: x, y1: y, x2: x + size, y2: y + size };
}
