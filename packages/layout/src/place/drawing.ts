import type { Label, Pad, Shape } from '../layout.ts';
import type { Layer, Process } from '../process.ts';

/** A horizontal line of bottom metal: `y` is its lower edge. */
export interface Track {
  readonly net: string;
  readonly y: number;
  x1: number;
  x2: number;
}

/** A vertical line of top metal: `x` is its left edge. */
export interface Vertical {
  readonly net: string;
  readonly x: number;
  readonly y1: number;
  readonly y2: number;
}

/** What is drawn, as it comes: shapes by cell (undefined: lines of the whole), horizontal and vertical lines, labels, pads. */
export class Drawing {
  readonly process: Process;
  readonly shapes = new Map<string | undefined, Shape[]>();
  readonly tracks: Track[] = [];
  readonly verticals: Vertical[] = [];
  readonly labels: Label[] = [];
  readonly pads: Pad[] = [];

  constructor(process: Process) {
    this.process = process;
  }

  /** Draws into a cell, with coordinates from a place in it. */
  pen(cell: string | undefined, device: string, x: number, y: number): Pen {
    const { process } = this;
    const shapes = this.shapes.get(cell) ?? [];
    this.shapes.set(cell, shapes);
    return (layer, x1, y1, x2, y2, net = '') => {
      const shape = { layer, x1: x + x1, y1: y + y1, x2: x + x2, y2: y + y2, net, device };
      if (!(x1 < x2 && y1 < y2)) throw new Error(`${device || net}: an empty rectangle on ${layer.name}`);
      if ([shape.x1, shape.y1, shape.x2, shape.y2].some((at) => at % process.grid !== 0))
        throw new Error(
          `${device || net}: a corner off the grid on ${layer.name}: ${[shape.x1, shape.y1, shape.x2, shape.y2]}`,
        );
      shapes.push(shape);
    };
  }

  /** A track around so many places; with none it grows with what is joined to it, and is not drawn where nothing is. */
  track(net: string, y: number, ...xs: readonly number[]): Track {
    const track = { net, y, x1: Math.min(...xs), x2: Math.max(...xs) };
    this.tracks.push(track);
    return track;
  }

  vertical(net: string, x: number, ...ys: readonly number[]): void {
    this.verticals.push({ net, x, y1: Math.min(...ys), y2: Math.max(...ys) });
  }
}

/** Draws a rectangle on a layer; the net is empty for what conducts nothing. */
export type Pen = (layer: Layer, x1: number, y1: number, x2: number, y2: number, net?: string) => void;

/**
 * Joins the metals where a line of top metal ends on a pad or crosses a line of bottom metal of its own net, both being `line` wide, with
 * its lower left corner at x, y. Where vias are cuts, that is a dielectric with a hole; else nothing, because the metals touch.
 */
export function drawVia(pen: Pen, process: Process, x: number, y: number): void {
  const { cut, line, viaWidth, grid } = process;
  if (cut === undefined) return;
  drawDielectric(pen, process, x, y);
  const margin = Math.floor((line - viaWidth) / 2 / grid) * grid;
  pen(cut, x + margin, y + margin, x + margin + viaWidth, y + margin + viaWidth);
}

/** Keeps the metals apart where two lines cross. */
function drawDielectric(pen: Pen, { dielectric, crossing, line }: Process, x: number, y: number): void {
  pen(dielectric, x - crossing, y - crossing, x + line + crossing, y + line + crossing);
}

/** Draws all lines, and at every crossing of two a via (one net) or a dielectric (two nets). */
export function drawLines(drawing: Drawing): void {
  const { process, tracks, verticals } = drawing;
  const { line, bottom, top } = process;
  const pen = drawing.pen(undefined, '', 0, 0);
  const sorted = tracks.filter(({ x1, x2 }) => x1 < x2).sort((a, b) => a.y - b.y);
  for (const { net, y, x1, x2 } of sorted) pen(bottom, x1, y, x2, y + line, net);
  for (const { net, x, y1, y2 } of verticals) {
    pen(top, x, y1, x + line, y2, net);
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]!.y < y1) low = middle + 1;
      else high = middle;
    }
    for (let k = low; k < sorted.length && sorted[k]!.y + line <= y2; k += 1) {
      const track = sorted[k]!;
      if (track.x1 > x || track.x2 < x + line) continue;
      if (track.net === net) drawVia(pen, process, x, track.y);
      else drawDielectric(pen, process, x, track.y);
    }
  }
}
