import {
  and,
  boundsOfPath,
  Index,
  IslandMap,
  islandsOf,
  mergedRectangles,
  minus,
  outlineOf,
  pointInside,
  type Region,
  sized,
} from '../geometry/region.ts';
import { flatShapes, type Layout, type Rectangle, type Shape } from '../layout.ts';
import type { Layer, Process } from '../process.ts';
import { Distances } from './edges.ts';

/** A place where a layout breaks a rule. */
export interface Violation {
  /** `smallest width`, `gap`, `enclosure of a cut`, … */
  readonly rule: string;
  readonly layer: string;
  /** In database units. */
  readonly place: Rectangle;
  /** The device it belongs to, or the net where it is a line's; empty where it is neither. */
  readonly device: string;
  /** What is wrong, in words with the rule's number. */
  readonly text: string;
}

/** Checks the shapes of a layout against its rules; none is what a layout should have. */
export function checkRules(layout: Layout): Violation[] {
  return new RuleCheck(layout.process, flatShapes(layout)).run();
}

/** Most violations that are told of one rule on one layer. */
const MOST = 100;

class RuleCheck {
  readonly #process: Process;
  readonly #shapes = new Map<Layer, Shape[]>();
  readonly #regions = new Map<Layer, Region>();
  readonly #indices = new Map<Layer, Index>();
  readonly #found: Violation[] = [];

  constructor(process: Process, shapes: readonly Shape[]) {
    this.#process = process;
    for (const shape of shapes) {
      const list = this.#shapes.get(shape.layer);
      if (list === undefined) this.#shapes.set(shape.layer, [shape]);
      else list.push(shape);
    }
  }

  run(): Violation[] {
    const { layers, bottom, grid, channel } = this.#process;
    for (const layer of layers) {
      if (layer.role === 'title') continue;
      const off = (this.#shapes.get(layer) ?? []).filter(({ x1, y1, x2, y2 }) =>
        [x1, y1, x2, y2].some((at) => at % grid !== 0),
      );
      this.#tell('grid', layer, off, `a corner is off the grid of ${inWords(grid)}`);
      if (layer.role === 'via') continue;
      const distances = new Distances(this.#region(layer));
      this.#tell('right angles', layer, distances.slanting, 'an edge is neither level nor upright');
      this.#tell('smallest width', layer, distances.narrow(layer.width), `narrower than ${inWords(layer.width)}`);
      const near = distances.near(layer.gap);
      const places = layer === bottom ? this.#byChannel(near, false) : near;
      this.#tell('gap', layer, places, `nearer than ${inWords(layer.gap)}`);
      if (layer !== bottom) continue;
      const short = this.#byChannel(distances.near(channel), true);
      this.#tell('channel length', layer, short, `source and drain are nearer than ${inWords(channel)}`);
    }
    this.#metals();
    this.#inks();
    this.#transistors();
    return this.#found;
  }

  #region(layer: Layer | undefined): Region {
    if (layer === undefined) return [];
    let region = this.#regions.get(layer);
    if (region === undefined) {
      region = mergedRectangles(this.#shapes.get(layer) ?? []);
      this.#regions.set(layer, region);
    }
    return region;
  }

  /** Source and drain are as near to each other as a channel is long: places that lie under the gate's dielectric, or the others. */
  #byChannel(places: readonly Rectangle[], under: boolean): Rectangle[] {
    return places.filter((place) => {
      const over = mergedRectangles(this.#meeting(this.#process.gateDielectric, place));
      return (minus([outlineOf(place)], over).length === 0) === under;
    });
  }

  #metals(): void {
    const { bottom, top, dielectric, cut, crossing, viaWidth, viaGap, viaEnclosure } = this.#process;
    const both = this.#common(bottom, top);
    // most crossings lie in one piece of dielectric without a cut, and are no contacts
    const open = both.filter((one) => !this.#covered(one, dielectric) || this.#meeting(cut, one).length > 0);
    const apart = (layer: Layer | undefined): Region =>
      mergedRectangles(open.flatMap((one) => this.#meeting(layer, one)));
    const contacts = new Distances(minus(mergedRectangles(open), minus(apart(dielectric), apart(cut))));
    this.#tell('via width', top, contacts.narrow(viaWidth), `the metals meet on less than ${inWords(viaWidth)}`);
    this.#tell('via gap', top, contacts.near(viaGap), `two vias are nearer than ${inWords(viaGap)}`);
    const crossings =
      cut === undefined ? both.flatMap((one) => this.#meeting(dielectric, one).map((d) => shared(one, d))) : both;
    this.#tell(
      'enclosure of a crossing',
      dielectric,
      this.#uncovered(crossings, crossing, dielectric),
      `the dielectric reaches less than ${inWords(crossing)} beyond the metals`,
    );
    if (cut === undefined) return;
    for (const metal of [bottom, top])
      this.#tell(
        'enclosure of a cut',
        metal,
        this.#uncovered(this.#shapes.get(cut) ?? [], viaEnclosure, metal),
        `the metal reaches less than ${inWords(viaEnclosure)} beyond the cut`,
      );
  }

  #inks(): void {
    const { bottom, top, dielectric, inks, inkOverlap, inkEnclosure, semiconductors, gate, gateDielectric } =
      this.#process;
    const m1 = this.#region(bottom);
    for (const ink of inks) {
      const pads = mergedRectangles(this.#common(ink, bottom));
      const least = new Distances(pads).narrow(inkOverlap);
      this.#tell('overlap of ink and metal', ink, least, `the ink lies on less than ${inWords(inkOverlap)} of metal`);
      this.#tell(
        'metal beyond ink',
        bottom,
        // before the metal's edge, where the ink goes on, a rectangle is left, and another shape where it goes on beside it
        islandsOf(minus(sized(pads, inkEnclosure), m1)).flatMap(({ outline }) =>
          outline.length === 4 ? [] : [outline],
        ),
        `the metal reaches less than ${inWords(inkEnclosure)} beyond the ink`,
      );
      const others = [
        top,
        dielectric,
        ...semiconductors,
        gate,
        gateDielectric,
        ...inks.filter((other) => other.index > ink.index),
      ];
      for (const other of others) this.#apart(ink, this.#shapes.get(ink), other);
    }
  }

  #transistors(): void {
    const { bottom, top, dielectric, gate, gateDielectric, semiconductors, overlap, transistorEnclosure, apart } =
      this.#process;
    if (gate === undefined || gateDielectric === undefined) return;
    const [m1, g, gd] = [this.#region(bottom), this.#region(gate), this.#region(gateDielectric)];
    for (const layer of semiconductors) {
      const region = this.#region(layer);
      const over = this.#onMetal(region, m1);
      const least = new Distances(and(over, m1)).narrow(overlap);
      this.#tell(
        'overlap of semiconductor and metal',
        layer,
        least,
        `less than ${inWords(overlap)} over source or drain`,
      );
      this.#tell(
        'gate dielectric beyond semiconductor',
        gateDielectric,
        minus(sized(over, transistorEnclosure), gd),
        `reaches less than ${inWords(transistorEnclosure)} beyond it`,
      );
      this.#tell(
        'gate beyond the channel',
        gate,
        minus(sized(minus(over, m1), overlap), g),
        `reaches less than ${inWords(overlap)} beyond it`,
      );
      for (const other of [top, dielectric]) this.#apart(layer, this.#shapes.get(layer), other);
    }
    for (const other of [top, dielectric]) this.#apart(gateDielectric, this.#shapes.get(gateDielectric), other);
    this.#tellApart(gate, and(sized(minus(g, gd), apart - 1), m1), bottom);
    this.#apart(gate, this.#shapes.get(gate), dielectric);
  }

  /** The pieces of a region that touch metal: others are marks. */
  #onMetal(region: Region, metal: Region): Region {
    const pieces = new IslandMap(region);
    const touched = new Set(islandsOf(and(region, metal)).map((island) => pieces.at(pointInside(island))));
    return [...touched].flatMap((k) => [pieces.islands[k]!.outline, ...pieces.islands[k]!.holes]);
  }

  /** All that rectangles and shapes of another layer have in common, the rectangles grown; what grows and then meets does so piece by piece. */
  #apart(layer: Layer, own: readonly Rectangle[] = [], other: Layer | undefined): void {
    if (other === undefined) return;
    const near = own.flatMap((one) => {
      const reach = grown(one, this.#process.apart - 1);
      return this.#meeting(other, reach).map((shape) => shared(reach, shape));
    });
    this.#tellApart(layer, mergedRectangles(near), other);
  }

  #tellApart(layer: Layer, near: Region, { name }: Layer): void {
    this.#tell(`apart from ${name}`, layer, near, `nearer than ${inWords(this.#process.apart)} to ${name}`);
  }

  /** What two layers both cover, shape by shape. */
  #common(a: Layer, b: Layer): Rectangle[] {
    return (this.#shapes.get(a) ?? []).flatMap((one) => this.#meeting(b, one).map((other) => shared(one, other)));
  }

  /** Whether a single shape of a layer covers a rectangle. */
  #covered({ x1, y1, x2, y2 }: Rectangle, layer: Layer): boolean {
    const place = { x1, y1, x2, y2 };
    return this.#meeting(layer, place).some((s) => s.x1 <= x1 && s.x2 >= x2 && s.y1 <= y1 && s.y2 >= y2);
  }

  /** What of rectangles, grown, a layer does not cover. */
  #uncovered(places: readonly Rectangle[], by: number, layer: Layer): Region {
    const left = places.map((one) => grown(one, by)).filter((one) => !this.#covered(one, layer));
    return minus(mergedRectangles(left), mergedRectangles(left.flatMap((one) => this.#meeting(layer, one))));
  }

  /** Shapes of a layer that have an area in common with a rectangle. */
  #meeting(layer: Layer | undefined, { x1, y1, x2, y2 }: Rectangle): Shape[] {
    if (layer === undefined) return [];
    const shapes = this.#shapes.get(layer) ?? [];
    return [...this.#indexOf(layer, shapes).near({ x1, y1, x2, y2 })]
      .map((k) => shapes[k]!)
      .filter((shape) => shape.x1 < x2 && shape.x2 > x1 && shape.y1 < y2 && shape.y2 > y1);
  }

  #indexOf(layer: Layer, shapes: readonly Shape[]): Index {
    let index = this.#indices.get(layer);
    if (index === undefined) {
      index = new Index(shapes);
      this.#indices.set(layer, index);
    }
    return index;
  }

  #tell(rule: string, layer: Layer, places: readonly Rectangle[] | Region, text: string): void {
    for (const place of places.slice(0, MOST)) {
      const rectangle = Array.isArray(place) ? boundsOfPath(place) : (place as Rectangle);
      const device = this.#ownerOf(layer, rectangle);
      const where = `x ${inWords(rectangle.x1)}, y ${inWords(rectangle.y1)}`;
      this.#found.push({
        rule,
        layer: layer.name,
        place: rectangle,
        device,
        text: `${layer.name}, ${rule}: ${text} at ${where}${device === '' ? '' : ` (${device})`}`,
      });
    }
  }

  /** The device of the nearest shape on the layer, else the net of one that is touched. */
  #ownerOf(layer: Layer, place: Rectangle): string {
    const shapes = this.#shapes.get(layer) ?? [];
    const index = this.#indexOf(layer, shapes);
    const around = this.#process.line;
    const reach = { x1: place.x1 - around, y1: place.y1 - around, x2: place.x2 + around, y2: place.y2 + around };
    const touching = [...index.near(reach)]
      .map((k) => shapes[k]!)
      .filter((s) => s.x1 <= reach.x2 && s.x2 >= reach.x1 && s.y1 <= reach.y2 && s.y2 >= reach.y1);
    return touching.find(({ device }) => device !== '')?.device ?? touching.find(({ net }) => net !== '')?.net ?? '';
  }
}

function grown({ x1, y1, x2, y2 }: Rectangle, by: number): Rectangle {
  return { x1: x1 - by, y1: y1 - by, x2: x2 + by, y2: y2 + by };
}

function shared(a: Rectangle, b: Rectangle): Rectangle {
  return {
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
    x2: Math.min(a.x2, b.x2),
    y2: Math.min(a.y2, b.y2),
  };
}

function inWords(units: number): string {
  return `${units / 1000} µm`;
}
