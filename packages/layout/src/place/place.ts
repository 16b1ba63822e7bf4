import type { Technology } from '@neuroprint/circuit';
import { type Circuit, sha256 } from '@neuroprint/core';
import { boundsOf, type Instance, type Label, type Layout, type Rectangle, type Shape } from '../layout.ts';
import { METRES_PER_UNIT, type Process, processOf } from '../process.ts';
import type { Rails, Tap } from './bands.ts';
import { BlockPlacer } from './block.ts';
import { Drawing, drawLines } from './drawing.ts';
import { OPAMP_SUPPLIES, padAt } from './elements.ts';
import { type Block, blocksOf, UnroutableError } from './netlist.ts';

export interface LayoutOptions {
  /** Name of the rule set; default the technology's first. */
  readonly rules?: string;
  /** Width to height that is aimed at; default 1. Lengths of folded resistors are chosen for it. */
  readonly aspect?: number;
  /** Names of the inputs as people know them, in their order. */
  readonly inputNames?: readonly string[];
}

/** Lengths of a resistor's legs that are tried, in metres. */
const LEGS = [1e-4, 1.5e-4, 2.2e-4, 3.3e-4, 5e-4, 7.5e-4, 1.1e-3, 1.7e-3, 2.5e-3, 4e-3];
/** A print may be so much larger than the smallest, for the sake of its aspect. */
const LARGER = 1.25;

/**
 * Places and routes a circuit by construction. Throws UsageError where the technology has no layers, InputFileError where its rules
 * contradict each other, ImpossibleShapeError for a device that no shape can be, UnroutableError for wires that this way cannot lay.
 */
export function layOut(circuit: Circuit, technology: Technology, options: LayoutOptions = {}): Layout {
  const process = processOf(technology, options.rules);
  const blocks = blocksOf(circuit, technology);
  const tried = LEGS.map((metres) => {
    const drawing = draw(circuit, process, blocks, options, Math.round(metres / METRES_PER_UNIT));
    return { drawing, outline: outlineOf(drawing) };
  });
  const area = ({ x1, y1, x2, y2 }: Rectangle): number => (x2 - x1) * (y2 - y1);
  const smallest = Math.min(...tried.map(({ outline }) => area(outline)));
  const { aspect = 1 } = options;
  const skew = ({ x1, y1, x2, y2 }: Rectangle): number => Math.abs(Math.log((x2 - x1) / (y2 - y1) / aspect));
  const { drawing } = tried
    .filter(({ outline }) => area(outline) <= LARGER * smallest)
    .reduce((best, one) => (skew(one.outline) < skew(best.outline) ? one : best));
  finish(drawing, circuit);
  return assemble(drawing, circuit.name);
}

/** Ground, the supplies of the technology, and those of op-amps where there are some; with the words at their pads. */
function suppliesOf(
  { technology }: Process,
  blocks: readonly Block[],
): { readonly net: string; readonly text: string }[] {
  const { supplies, opamp } = technology;
  const groups = blocks.flatMap(({ left, below }) => [...left, ...below]);
  const packaged = groups.some(({ elements }) => elements.some(({ values }) => values.kind === 'opamp'));
  const volts = packaged && opamp !== undefined ? [opamp.highVolts, opamp.lowVolts] : [];
  return [
    { net: '0', text: 'ground' },
    ...Object.keys(supplies).map((net) => ({ net, text: net })),
    ...volts.map((value, k) => ({ net: OPAMP_SUPPLIES[k]!, text: `op-amps ${value > 0 ? '+' : ''}${value} V` })),
  ];
}

function draw(
  circuit: Circuit,
  process: Process,
  blocks: readonly Block[],
  { inputNames = circuit.inputs }: LayoutOptions,
  leg: number,
): Drawing {
  const drawing = new Drawing(process);
  const { pad, padGap, line, clear, bottom } = process;
  const supplies = suppliesOf(process, blocks);
  const firstRail = pad + 2 * clear;
  const rails: Rails = {
    supplies: new Map(supplies.map(({ net }, k) => [net, firstRail + k * (line + clear)])),
    padX: [0, -pad - padGap],
    inputs: circuit.inputs,
  };
  const below = Math.floor((pad - line) / 2 / process.grid) * process.grid;
  const addPad = (net: string, text: string, x: number, trackY: number): void => {
    drawing.pads.push(padAt(bottom, net, text, x, trackY - below, pad));
    drawing.pen(undefined, '', x, trackY - below)(bottom, 0, 0, pad, pad, net);
  };
  let y = -line;
  const railTop = new Map<string, number>();
  for (const [net, rail] of rails.supplies) {
    drawing.track(net, y, pad - line, rail + line);
    addPad(net, supplies.find((one) => one.net === net)!.text, 0, y);
    railTop.set(net, y + line);
    y -= pad + padGap;
  }
  let taps: Tap[] = [];
  for (const block of blocks) {
    const placer = new BlockPlacer(drawing, block, rails, y, leg);
    taps = placer.place(taps);
    y = placer.y;
    for (const [net, at] of placer.inputPads) addPad(net, inputNames[circuit.inputs.indexOf(net)] ?? net, at.x, at.y);
  }
  for (const [net, rail] of rails.supplies) {
    const ys = drawing.tracks.filter((track) => track.net === net && track.x1 <= rail).map((track) => track.y);
    drawing.vertical(net, rail, Math.min(...ys), railTop.get(net)!);
  }
  outputPads(drawing, circuit, taps, y, addPad);
  drawLines(drawing);
  return drawing;
}

/** Pads of the outputs at the right edge, from below upwards, each at the end of a line of its own. */
function outputPads(
  drawing: Drawing,
  { outputs, classes }: Circuit,
  taps: readonly Tap[],
  bottomY: number,
  addPad: (net: string, text: string, x: number, trackY: number) => void,
): void {
  const { line, clear, pad, padGap } = drawing.process;
  const right = Math.max(...drawing.tracks.map(({ x2 }) => x2), ...drawing.verticals.map(({ x }) => x + line)) + clear;
  let y = bottomY;
  const padX = right + outputs.length * (line + clear);
  // the lowest pad is that of the last output, whose line is the lowest and rises farthest to the right: none meets another's
  const lowest = bottomY - outputs.length * (line + clear);
  outputs.forEach((net, k) => {
    const tap = taps.find((one) => one.net === net);
    if (tap === undefined)
      throw new UnroutableError(
        `The output ${net} is no output of the last layer, and lines lead to the edge from there only.`,
      );
    y -= clear + line;
    const rise = right + k * (line + clear);
    const at = lowest + (outputs.length - 1 - k) * (pad + padGap);
    drawing.vertical(net, tap.x, tap.y, y);
    drawing.track(net, y, tap.x, rise + line);
    if (at !== y) {
      drawing.track(net, at, rise, padX + line);
      drawing.vertical(net, rise, y, y + line, at, at + line);
    } else drawing.track(net, y, rise, padX + line);
    addPad(net, classes[k] ?? net, padX, at);
  });
}

/** Labels of nets, the title and the alignment marks. */
function finish(drawing: Drawing, circuit: Circuit): void {
  const { process, tracks, pads } = drawing;
  const { title, line, layers, pad, padGap } = process;
  const named = new Set<string>();
  const label = (layer: Label['layer'], x: number, y: number, text: string): unknown =>
    drawing.labels.push({ layer, x, y, text });
  for (const { layer, net, text, x1, y1, x2, y2 } of pads) {
    label(layer, (x1 + x2) / 2, (y1 + y2) / 2, net);
    label(title, x1, y2, text);
    named.add(net);
  }
  for (const { net, x1, y } of tracks) {
    if (named.has(net)) continue;
    label(process.bottom, x1 + line / 2, y + line / 2, net);
    named.add(net);
  }
  const { x1, y1, x2, y2 } = outlineOf(drawing);
  const hash = sha256(JSON.stringify([circuit.devices, process.technology.hash, process.rules])).slice(0, 12);
  label(title, x1, y2 + 2 * pad, `${circuit.name} ${hash} ${process.technology.name} ${process.rules}`);
  const marked = layers.filter(({ role }) => role !== 'title' && role !== 'via');
  // a cross of every ink, side by side, at two corners
  marked.forEach((layer, k) => {
    const arm = Math.max(line, layer.width);
    for (const [x, y] of [
      [x1 + k * (pad + padGap), y1 - padGap - pad],
      [x2 - pad - (marked.length - 1 - k) * (pad + padGap), y2 + padGap],
    ] as const) {
      const middle = Math.floor((pad - arm) / 2 / process.grid) * process.grid;
      const pen = drawing.pen('marks', '', x, y);
      pen(layer, 0, middle, pad, middle + arm);
      pen(layer, middle, 0, middle + arm, pad);
    }
  });
}

function outlineOf(drawing: Drawing): Rectangle {
  return boundsOf([...drawing.shapes.values()].flat())!;
}

/** Cells with their own origin, and everything moved so that the lower left corner is 0, 0. */
function assemble(drawing: Drawing, name: string): Layout {
  const { x1, y1, x2, y2 } = outlineOf(drawing);
  const moved = <R extends Rectangle>(shape: R, dx: number, dy: number): R => ({
    ...shape,
    x1: shape.x1 - dx,
    y1: shape.y1 - dy,
    x2: shape.x2 - dx,
    y2: shape.y2 - dy,
  });
  const instances: Instance[] = [];
  let shapes: Shape[] = [];
  for (const [cell, own] of drawing.shapes) {
    if (cell === undefined) {
      shapes = own.map((shape) => moved(shape, x1, y1));
      continue;
    }
    const corner = boundsOf(own);
    if (corner === undefined) continue;
    instances.push({
      cell: { name: cell, shapes: own.map((shape) => moved(shape, corner.x1, corner.y1)) },
      x: corner.x1 - x1,
      y: corner.y1 - y1,
    });
  }
  return {
    name,
    process: drawing.process,
    instances,
    shapes,
    labels: drawing.labels.map((label) => ({ ...label, x: label.x - x1, y: label.y - y1 })),
    pads: drawing.pads.map((pad) => moved(pad, x1, y1)),
    outline: { x1: 0, y1: 0, x2: x2 - x1, y2: y2 - y1 },
  };
}
