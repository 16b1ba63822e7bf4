import type { Process } from '../process.ts';
import { type Band, bandsOf, type PlannedGroup, type Rails, type Tap } from './bands.ts';
import { type Drawing, drawVia, type Track } from './drawing.ts';
import { type Element, planElement } from './elements.ts';
import { type Block, type Group, UnroutableError } from './netlist.ts';
import { drawResistor, type ResistorShape, resistorShape } from './resistor.ts';

/** Draws one layer from `top` downwards. */
export class BlockPlacer {
  readonly #drawing: Drawing;
  readonly #process: Process;
  readonly #block: Block;
  readonly #rails: Rails;
  readonly #left: readonly PlannedGroup[];
  readonly #below: readonly PlannedGroup[];
  readonly #shapes: readonly ResistorShape[];
  /** Tracks of each net in this block. */
  readonly #tracks = new Map<string, Track[]>();
  readonly #rowTracks = new Map<string, Track[]>();
  #bands: readonly Band[] = [];
  /** Left edge of every column's line, and of the lines beyond the last that bound the places of stages. */
  readonly #columnX = new Map<string, number>();
  readonly #slotX: number[] = [];
  /** Where the pads of inputs are: their left edge, and the lower edge of their line. */
  readonly inputPads = new Map<string, { readonly x: number; readonly y: number }>();
  /** Lower edge of everything drawn so far. */
  y: number;

  constructor(drawing: Drawing, block: Block, rails: Rails, top: number, leg: number) {
    const { process } = drawing;
    this.#drawing = drawing;
    this.#process = process;
    this.#block = block;
    this.#rails = rails;
    this.y = top;
    const plan = (group: Group): PlannedGroup => ({
      ...group,
      planned: group.elements.map(({ name, values }) => planElement(name, values, process, leg)),
    });
    this.#left = block.left.map(plan);
    this.#below = block.below.map(plan);
    const twice = block.below.find(({ input }, k) => block.below.findIndex((other) => other.input === input) !== k);
    if (twice !== undefined)
      throw new UnroutableError(
        `${twice.name}: another stage reads its input ${twice.input} too, and a column has one.`,
      );
    this.#shapes = block.resistors.map(({ device }) => resistorShape(device.name, device.ohms, process, leg));
  }

  /** Room between neighbouring elements: lines, vias and inks keep apart. */
  get #room(): number {
    const { clear, apart, crossing } = this.#process;
    return Math.max(clear, apart + crossing, apart * 2);
  }

  /**
   * Draws the block; nets that come from the block above go down from their taps. Returns the outputs of its stages, each with the
   * place where its line goes on.
   */
  place(from: readonly Tap[]): Tap[] {
    const { line, clear } = this.#process;
    this.#bands = bandsOf(this.#block, this.#left, this.#rails, from);
    const read = new Set(this.#bands.flatMap(({ tracks }) => tracks.map(({ net }) => net)));
    const feeds = this.#channel(from.filter(({ net }) => read.has(net)));
    const trunks = this.#trunkNets(feeds.map(({ net }) => net));
    let x = Math.max(...this.#rails.supplies.values()) + line + clear;
    const trunkX = new Map(trunks.map((net, k) => [net, x + k * (line + clear)]));
    x += trunks.length * (line + clear) + this.#room;
    const widest = Math.max(0, ...this.#left.map(({ planned }) => this.#widthOf(planned)));
    this.#planColumns(x + widest + this.#room);
    for (const { net, track } of feeds) {
      const feed = trunkX.get(net)!;
      track.x1 = Math.min(track.x1, feed);
      track.x2 = Math.max(track.x2, feed + line);
    }
    this.y -= clear;
    this.#drawBands(x);
    const spans = this.#crossbar();
    this.#joinTracks(trunkX, new Map(feeds.map(({ net, track }) => [net, track.y])));
    return this.#shelves(spans);
  }

  #widthOf(elements: readonly Element[]): number {
    return elements.reduce((sum, { width }) => sum + width + this.#room, 0);
  }

  /** A track of its own for each net that comes from above. */
  #channel(from: readonly Tap[]): { readonly net: string; readonly track: Track }[] {
    const { line, clear } = this.#process;
    return from.map(({ net, x, y }) => {
      this.y -= clear + line;
      this.#drawing.vertical(net, x, y, this.y);
      return { net, track: this.#drawing.track(net, this.y, x, x + line) };
    });
  }

  /** Nets of which several tracks of this block, or one and the channel, are joined by a vertical line at its left. */
  #trunkNets(fed: readonly string[]): string[] {
    const count = new Map<string, number>(fed.map((net) => [net, 1]));
    for (const { net } of this.#bands.flatMap(({ tracks }) => tracks)) count.set(net, (count.get(net) ?? 0) + 1);
    const joined = (net: string): boolean => this.#rails.supplies.has(net) || this.#block.columns.includes(net);
    return [...count].filter(([net, times]) => times > 1 && !joined(net)).map(([net]) => net);
  }

  #planColumns(from: number): void {
    const { line, apart, crossing, inkEnclosure } = this.#process;
    const { columns, resistors } = this.#block;
    const toLine = Math.max(0, apart + crossing - inkEnclosure);
    const slot = Math.max(0, ...this.#below.flatMap(({ planned }) => planned.map(({ width }) => width)));
    let x = from;
    columns.forEach((net, c) => {
      const widest = Math.max(
        0,
        ...resistors.flatMap(({ column }, k) => (column === net ? [this.#shapes[k]!.boxWidth] : [])),
      );
      x += Math.max(widest + toLine + this.#room, c === 0 ? 0 : slot + 2 * this.#room);
      this.#columnX.set(net, x);
      this.#slotX.push(x);
      x += line;
    });
    const most = Math.max(1, ...this.#below.map(({ planned }) => planned.length));
    for (let k = 0; k < most; k += 1) {
      x += slot + 2 * this.#room;
      this.#slotX.push(x);
      x += line;
    }
  }

  /** Rows and the stages left of the crossbar. */
  #drawBands(left: number): void {
    const { line, clear, pad, padGap } = this.#process;
    const heights = this.#boxHeights();
    const pads: number[] = [];
    for (const { group, tracks } of this.#bands) {
      const devices = group?.planned ?? [];
      const top = this.y;
      const below = devices.length === 0 ? top : top - Math.max(...devices.map(({ height }) => height)) - clear;
      let foot = below;
      let room = top;
      tracks.forEach(({ net, row }, k) => {
        let y = (k === 0 ? below : this.y - clear) - line;
        if (row) y = Math.min(y, room - (heights.get(net)?.shift() ?? 0) - clear - line);
        const isInput = this.#block.layer === 0 && this.#rails.inputs.includes(net) && !this.#tracks.has(net);
        if (isInput) {
          // a pad is as high above its line as below it; the line of the outer one runs between two others
          y = Math.min(
            y,
            (pads.at(-1) ?? top + pad) - pad / 2 - line - clear,
            (pads.at(-2) ?? Infinity) - pad - padGap,
          );
          this.inputPads.set(net, { x: this.#rails.padX[pads.length % 2]!, y });
          pads.push(y);
        }
        if (k === 0) foot = y + line + clear;
        // what leads into the crossbar bounds the boxes of the row below it
        if (row || k === 0 || this.#block.columns.includes(net)) room = y;
        const track = this.#drawing.track(net, y);
        this.#tracks.set(net, [...(this.#tracks.get(net) ?? []), track]);
        if (row) this.#rowTracks.set(net, [...(this.#rowTracks.get(net) ?? []), track]);
        this.y = y;
      });
      let x = left;
      for (const element of devices) {
        element.draw(this.#drawing, group!.name, x, foot);
        this.#drop(element, x, foot);
        x += element.width + this.#room;
      }
      this.y -= clear;
    }
  }

  /** Heights of the boxes that stand on each track of a row. */
  #boxHeights(): Map<string, number[]> {
    const heights = new Map<string, number[]>();
    const times = new Map<string, number>();
    this.#block.resistors.forEach(({ row, column }, k) => {
      const at = times.get(`${row} ${column}`) ?? 0;
      times.set(`${row} ${column}`, at + 1);
      const own = heights.get(row) ?? [];
      own[at] = Math.max(own[at] ?? 0, this.#shapes[k]!.boxHeight + this.#process.clear); // its stub included
      heights.set(row, own);
    });
    return heights;
  }

  /** The lines of an element's terminals, down to the nearest track of their net below it. */
  #drop(element: Element, x: number, foot: number): void {
    const { line } = this.#process;
    for (const terminal of element.terminals) {
      const track = this.#tracks.get(terminal.net)?.findLast(({ y }) => y < foot);
      if (track === undefined)
        throw new UnroutableError(`${element.name}: its node ${terminal.net} has no line beside it.`);
      const at = x + terminal.x;
      track.x1 = Math.min(track.x1, at);
      track.x2 = Math.max(track.x2, at + line);
      this.#drawing.vertical(terminal.net, at, foot + terminal.y, track.y);
    }
  }

  /** The crossbar's resistors; returns the range of y that each column's line has to span. */
  #crossbar(): Map<string, { low: number; high: number }> {
    const { line, apart, crossing, inkEnclosure, clear } = this.#process;
    const toLine = Math.max(0, apart + crossing - inkEnclosure);
    const spans = new Map<string, { low: number; high: number }>();
    const reach = (net: string, low: number, high: number): void => {
      const old = spans.get(net);
      spans.set(net, { low: Math.min(low, old?.low ?? low), high: Math.max(high, old?.high ?? high) });
    };
    const times = new Map<string, number>();
    const cell = `crossbar_l${this.#block.layer}`;
    this.#block.resistors.forEach(({ device, row, column }, k) => {
      const shape = this.#shapes[k]!;
      const at = times.get(`${row} ${column}`) ?? 0;
      times.set(`${row} ${column}`, at + 1);
      const track = this.#rowTracks.get(row)?.[at];
      if (track === undefined) throw new UnroutableError(`${device.name}: its row ${row} has no line.`);
      const right = this.#columnX.get(column)!;
      const x = right - toLine - shape.boxWidth;
      const y = track.y + line + clear;
      const pen = this.#drawing.pen(cell, device.name, x, y);
      const nets = { device: device.name, first: row, last: column };
      drawResistor(pen, this.#process, shape, nets, { stubTo: -clear, padTo: right + line - x });
      const pad = y + shape.boxHeight;
      const via = this.#drawing.pen(cell, device.name, right, pad - line);
      drawVia(via, this.#process, 0, 0);
      track.x1 = Math.min(track.x1, x);
      track.x2 = Math.max(track.x2, x + shape.width + 2 * inkEnclosure);
      reach(column, pad - line, pad);
    });
    // lines beside the crossbar that lead into a column
    for (const [net, x] of this.#columnX)
      for (const track of this.#tracks.get(net) ?? []) {
        track.x1 = Math.min(track.x1, x);
        track.x2 = Math.max(track.x2, x + line);
        reach(net, track.y, track.y + line);
      }
    return spans;
  }

  /** Joins the tracks of each net: at the supplies' lines, at a line of its own, at the pad of an input. */
  #joinTracks(trunkX: ReadonlyMap<string, number>, fedY: ReadonlyMap<string, number>): void {
    const { line } = this.#process;
    const { supplies } = this.#rails;
    for (const [net, tracks] of this.#tracks) {
      const rail = supplies.get(net) ?? trunkX.get(net);
      if (rail !== undefined)
        for (const track of tracks) {
          track.x1 = Math.min(track.x1, rail);
          track.x2 = Math.max(track.x2, rail + line);
        }
      if (trunkX.has(net)) {
        const ys = [...tracks.map(({ y }) => y), ...(fedY.has(net) ? [fedY.get(net)!] : [])];
        this.#drawing.vertical(net, rail!, Math.min(...ys), Math.max(...ys) + line);
      }
      const pad = this.inputPads.get(net);
      if (pad !== undefined) tracks[0]!.x1 = Math.min(tracks[0]!.x1, pad.x);
    }
  }

  /** The stages below the crossbar, on shelves; each column's line ends at its stage, whose output goes on below. */
  #shelves(spans: ReadonlyMap<string, { low: number; high: number }>): Tap[] {
    const { line, clear } = this.#process;
    const { columns } = this.#block;
    const { supplies } = this.#rails;
    const shelves = Math.max(1, ...this.#below.map(({ planned }) => planned.length));
    const taps: Tap[] = [];
    const ends = new Map<string, number>();
    for (let shelf = 0; shelf < shelves; shelf += 1) {
      const stages = this.#below.filter(({ input }) => columns.indexOf(input!) % shelves === shelf);
      if (stages.length === 0) continue;
      const height = Math.max(...stages.flatMap(({ planned }) => planned.map((element) => element.height)));
      const foot = this.y - height;
      const inY = foot - clear - line;
      const own = Math.max(...stages.map((stage) => stage.own.length));
      const shared = [...supplies.keys()].filter((net) =>
        stages.some(({ planned }) => planned.some(({ terminals }) => terminals.some((t) => t.net === net))),
      );
      const at = (k: number): number => inY - k * (line + clear);
      const railTracks = new Map(
        shared.map((net, k) => {
          const rail = supplies.get(net)!;
          return [net, this.#drawing.track(net, at(1 + own + k), rail, rail + line)];
        }),
      );
      const outY = at(1 + own + shared.length);
      for (const stage of stages) {
        const c = columns.indexOf(stage.input!);
        const x = this.#slotX[c]!;
        const tracks = new Map<string, Track>(railTracks);
        const add = (net: string, y: number, ...xs: number[]): void => {
          tracks.set(net, this.#drawing.track(net, y, ...xs));
        };
        add(stage.input!, inY, x, x + line);
        for (const [k, net] of stage.own.entries()) add(net, at(1 + k));
        add(stage.output, outY, x, x + line);
        stage.planned.forEach((element, k) => {
          const left = this.#slotX[c + k]! + line + this.#room;
          element.draw(this.#drawing, stage.name, left, foot);
          for (const terminal of element.terminals) {
            const track = tracks.get(terminal.net)!;
            const to = left + terminal.x;
            track.x1 = Math.min(track.x1, to);
            track.x2 = Math.max(track.x2, to + line);
            this.#drawing.vertical(terminal.net, to, foot + terminal.y, track.y);
          }
        });
        ends.set(stage.input!, inY);
        taps.push({ net: stage.output, x, y: outY + line });
      }
      this.y = outY - clear;
    }
    for (const [net, x] of this.#columnX) {
      const span = spans.get(net);
      const end = ends.get(net) ?? span?.low;
      if (span === undefined || end === undefined)
        throw new UnroutableError(`${net}: no line leads to this column of layer ${this.#block.layer}.`);
      this.#drawing.vertical(net, x, Math.min(end, span.low), span.high);
      if (!ends.has(net)) taps.push({ net, x, y: Math.min(end, span.low) + line });
    }
    return columns.flatMap((net) => {
      const stage = this.#below.find(({ input }) => input === net);
      return taps.filter((tap) => tap.net === (stage?.output ?? net));
    });
  }
}
