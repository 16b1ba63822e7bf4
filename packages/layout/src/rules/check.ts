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
  readonly #owners = new Map<Layer, Index>();
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
    const over = this.#region(this.#process.gateDielectric);
    return places.filter((place) => (minus([outlineOf(place)], over).length === 0) === under);
  }

  #metals(): void {
    const { bottom, top, dielectric, cut, crossing, viaWidth, viaGap, viaEnclosure } = this.#process;
    const [m1, m2, d, v] = [this.#region(bottom), this.#region(top), this.#region(dielectric), this.#region(cut)];
    const both = and(m1, m2);
    const contacts = new Distances(minus(both, minus(d, v)));
    this.#tell('via width', top, contacts.narrow(viaWidth), `the metals meet on less than ${inWords(viaWidth)}`);
    this.#tell('via gap', top, contacts.near(viaGap), `two vias are nearer than ${inWords(viaGap)}`);
    const covered = cut === undefined ? and(both, d) : both;
    this.#tell(
      'enclosure of a crossing',
      dielectric,
      minus(sized(covered, crossing), d),
      `the dielectric reaches less than ${inWords(crossing)} beyond the metals`,
    );
    if (cut === undefined) return;
    for (const metal of [bottom, top])
      this.#tell(
        'enclosure of a cut',
        metal,
        minus(sized(v, viaEnclosure), this.#region(metal)),
        `the metal reaches less than ${inWords(viaEnclosure)} beyond the cut`,
      );
  }

  #inks(): void {
    const { bottom, top, dielectric, inks, inkOverlap, inkEnclosure, semiconductors, gate, gateDielectric } =
      this.#process;
    const m1 = this.#region(bottom);
    for (const ink of inks) {
      const region = this.#region(ink);
      const pads = and(region, m1);
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
      for (const other of others) this.#apart(ink, region, other);
    }
  }

  #transistors(): void {
    const { bottom, top, dielectric, gate, gateDielectric, semiconductors, overlap, transistorEnclosure } =
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
      for (const other of [top, dielectric]) this.#apart(layer, region, other);
    }
    for (const other of [top, dielectric]) this.#apart(gateDielectric, gd, other);
    this.#apart(gate, minus(g, gd), bottom);
    this.#apart(gate, g, dielectric);
  }

  /** The pieces of a region that touch metal: others are marks. */
  #onMetal(region: Region, metal: Region): Region {
    const pieces = new IslandMap(region);
    const touched = new Set(islandsOf(and(region, metal)).map((island) => pieces.at(pointInside(island))));
    return [...touched].flatMap((k) => [pieces.islands[k]!.outline, ...pieces.islands[k]!.holes]);
  }

  #apart(layer: Layer, region: Region, other: Layer | undefined): void {
    if (other === undefined) return;
    const { apart } = this.#process;
    const near = and(sized(region, apart - 1), this.#region(other));
    this.#tell(`apart from ${other.name}`, layer, near, `nearer than ${inWords(apart)} to ${other.name}`);
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
    let index = this.#owners.get(layer);
    if (index === undefined) {
      index = new Index(shapes);
      this.#owners.set(layer, index);
    }
    const around = this.#process.line;
    const reach = { x1: place.x1 - around, y1: place.y1 - around, x2: place.x2 + around, y2: place.y2 + around };
    const touching = [...index.near(reach)]
      .map((k) => shapes[k]!)
      .filter((s) => s.x1 <= reach.x2 && s.x2 >= reach.x1 && s.y1 <= reach.y2 && s.y2 >= reach.y1);
    return touching.find(({ device }) => device !== '')?.device ?? touching.find(({ net }) => net !== '')?.net ?? '';
  }
}

function inWords(units: number): string {
  return `${units / 1000} µm`;
}
