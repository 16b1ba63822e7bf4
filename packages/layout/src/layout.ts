import type { Layer, Process } from './process.ts';

/** A rectangle in database units, x1 < x2 and y1 < y2, with y upwards. */
export interface Rectangle {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A printed rectangle; every shape of a layout is one. */
export interface Shape extends Rectangle {
  readonly layer: Layer;
  /** Node of the circuit, or `device:1` for metal inside of a folded resistor; empty for what conducts nothing. */
  readonly net: string;
  /** `r_l0_i1_c2`, `act_l0_c1.load1`; empty for lines. */
  readonly device: string;
}

/** A text at a point: the name of a net on a metal, or words on the title layer. */
export interface Label {
  readonly layer: Layer;
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Shapes in coordinates of their own, with the lower left corner of all of them at 0, 0. */
interface Cell {
  readonly name: string;
  readonly shapes: readonly Shape[];
}

/** A cell at a place. */
export interface Instance {
  readonly cell: Cell;
  readonly x: number;
  readonly y: number;
}

/** A pad at the edge, or of an op-amp. */
export interface Pad extends Rectangle {
  readonly layer: Layer;
  readonly net: string;
  readonly text: string;
}

/** A routed print: cells at their places, lines and labels of the whole, its outline. */
export interface Layout {
  readonly name: string;
  readonly process: Process;
  readonly instances: readonly Instance[];
  readonly shapes: readonly Shape[];
  readonly labels: readonly Label[];
  readonly pads: readonly Pad[];
  readonly outline: Rectangle;
}

/** Every shape of a layout at its place. */
export function flatShapes({ instances, shapes }: Pick<Layout, 'instances' | 'shapes'>): Shape[] {
  return [
    ...shapes,
    ...instances.flatMap(({ cell, x, y }) =>
      cell.shapes.map((shape) => ({
        ...shape,
        x1: shape.x1 + x,
        y1: shape.y1 + y,
        x2: shape.x2 + x,
        y2: shape.y2 + y,
      })),
    ),
  ];
}

/** The smallest rectangle around others; undefined around none. */
export function boundsOf(rectangles: Iterable<Rectangle>): Rectangle | undefined {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const one of rectangles) {
    x1 = Math.min(x1, one.x1);
    y1 = Math.min(y1, one.y1);
    x2 = Math.max(x2, one.x2);
    y2 = Math.max(y2, one.y2);
  }
  return x1 <= x2 ? { x1, y1, x2, y2 } : undefined;
}
