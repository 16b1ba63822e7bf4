import { Draws } from '@neuroprint/core';
import type { Layout } from '@neuroprint/layout';

type Shape = Layout['shapes'][number];

/** A layout with one thing wrong, and in words what. */
export interface Fault {
  readonly kind: string;
  readonly what: string;
  readonly layout: Layout;
}

type Rectangle = Pick<Shape, 'x1' | 'y1' | 'x2' | 'y2'>;

/** Faults of each kind in turn, at places drawn by the seed: what a printer, a drawing or a hand can do. */
export function plantFaults(layout: Layout, count: number, seed: number): Fault[] {
  const draws = new Draws(seed, 'layout faults');
  const planter = new Planter(layout);
  const kinds = Object.keys(planter.kinds) as (keyof Planter['kinds'])[];
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (let k = 0; faults.length < count && k < 100 * count; k += 1) {
    const kind = kinds[faults.length % kinds.length]!;
    const fault = planter.kinds[kind](
      () => draws.uniform(k, faults.length % 997),
      (n) => Math.floor(draws.uniform(k, 1000 + n) * 1e9),
    );
    if (fault === undefined || seen.has(`${kind} ${fault.what}`)) continue;
    seen.add(`${kind} ${fault.what}`);
    faults.push({ kind, ...fault });
  }
  return faults;
}

type Planted = Omit<Fault, 'kind'> | undefined;
type Uniform = () => number;
type Choice = (n: number) => number;

class Planter {
  readonly #layout: Layout;
  readonly #flat: readonly Shape[];

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#flat = layout.shapes;
  }

  readonly kinds = {
    'cut line': (_: Uniform, at: Choice): Planted => {
      const { line, bottom, top } = this.#layout.process;
      const lines = this.#lines().filter((s) => length(s) > 20 * line);
      const s = lines[at(0) % lines.length]!;
      const along = 4 * line + (at(1) % (length(s) - 8 * line));
      const level = s.x2 - s.x1 > s.y2 - s.y1;
      const gap = level
        ? { x1: s.x1 + along, x2: s.x1 + along + line, y1: s.y1 - 1, y2: s.y2 + 1 }
        : { y1: s.y1 + along, y2: s.y1 + along + line, x1: s.x1 - 1, x2: s.x2 + 1 };
      // where another piece of the same net lies over the cut, nothing is cut
      const others = this.#all().filter((o) => o.layer === s.layer && o !== s && meets(o, gap));
      if (others.length > 0) return undefined;
      if (this.#flat.some((o) => (o.layer === bottom || o.layer === top) && o.layer !== s.layer && meets(o, gap)))
        return undefined;
      const pieces: Shape[] = level
        ? [
            { ...s, x2: gap.x1 },
            { ...s, x1: gap.x2 },
          ]
        : [
            { ...s, y2: gap.y1 },
            { ...s, y1: gap.y2 },
          ];
      return { what: `${s.net} on ${s.layer.name} ${where(gap)}`, layout: this.#with((o) => (o === s ? pieces : [o])) };
    },
    short: (_: Uniform, at: Choice): Planted => {
      const { line } = this.#layout.process;
      const lines = this.#lines();
      const s = lines[at(0) % lines.length]!;
      const level = s.x2 - s.x1 > s.y2 - s.y1;
      const beside = lines.filter((o) => {
        if (o.layer !== s.layer || o.net === s.net) return false;
        if (o.x2 - o.x1 > o.y2 - o.y1 !== level) return false;
        return level
          ? o.y1 > s.y2 && overlap(o.x1, o.x2, s.x1, s.x2) > line
          : o.x1 > s.x2 && overlap(o.y1, o.y2, s.y1, s.y2) > line;
      });
      beside.sort((a, b) => (level ? a.y1 - b.y1 : a.x1 - b.x1));
      const other = beside[0];
      if (other === undefined) return undefined;
      const bridge = level
        ? { x1: Math.max(s.x1, other.x1), x2: Math.max(s.x1, other.x1) + line, y1: s.y1, y2: other.y2 }
        : { y1: Math.max(s.y1, other.y1), y2: Math.max(s.y1, other.y1) + line, x1: s.x1, x2: other.x2 };
      return {
        what: `${s.net} and ${other.net} on ${s.layer.name} ${where(bridge)}`,
        layout: { ...this.#layout, shapes: [...this.#layout.shapes, { ...s, ...bridge, net: '' }] },
      };
    },
    'missing via': (_: Uniform, at: Choice): Planted => {
      const { process } = this.#layout;
      if (process.cut !== undefined) {
        const cuts = this.#flat.filter(({ layer }) => layer === process.cut);
        const cut = cuts[at(0) % cuts.length]!;
        return { what: `cut ${where(cut)}`, layout: this.#with((o) => (o === cut ? [] : [o])) };
      }
      const [via, shape] = this.#meeting(at) ?? [];
      if (via === undefined || shape === undefined) return undefined;
      const blot = { x1: via.x1 - 10_000, y1: via.y1 - 10_000, x2: via.x2 + 10_000, y2: via.y2 + 10_000 };
      return {
        what: `dielectric over ${shape.net} ${where(via)}`,
        layout: {
          ...this.#layout,
          shapes: [...this.#layout.shapes, { ...shape, ...blot, layer: process.dielectric, net: '' }],
        },
      };
    },
    'moved via': (_: Uniform, at: Choice): Planted => {
      const { process } = this.#layout;
      const layer = process.cut ?? process.dielectric;
      const all = this.#flat.filter((s) => s.layer === layer);
      const s = all[at(0) % all.length]!;
      const by = 3 * process.line;
      const moved = { ...s, x1: s.x1 + by, x2: s.x2 + by, y1: s.y1 + by, y2: s.y2 + by };
      return { what: `${layer.name} ${where(s)}`, layout: this.#with((o) => (o === s ? [moved] : [o])) };
    },
    'wrong length': (_: Uniform, at: Choice): Planted => {
      const { process } = this.#layout;
      const channels = this.#all().filter((s) => process.semiconductors.includes(s.layer) && s.device !== '');
      const inks = this.#all().filter((s) => s.layer.role === 'resistor' && s.device !== '');
      if (at(0) % 2 === 0) {
        const ink = inks[at(1) % inks.length]!;
        const whole = inks.filter(({ device }) => device === ink.device).reduce((sum, s) => sum + s.y2 - s.y1, 0);
        const longer = Math.ceil((0.05 * whole) / process.grid) * process.grid;
        // metal that lies further over one leg
        const pad = this.#all().find(
          (s) =>
            s.layer === process.bottom &&
            s.device === ink.device &&
            s.y2 > ink.y2 - 1 &&
            s.x1 <= ink.x1 &&
            s.x2 >= ink.x2,
        );
        if (pad === undefined || longer > (ink.y2 - ink.y1) / 2) return undefined;
        return {
          what: `${ink.device}: one leg shorter by ${longer / 1000} µm`,
          layout: this.#with((o) => (o === pad ? [{ ...o, y1: o.y1 - longer }] : [o])),
        };
      }
      const semi = channels[at(1) % channels.length]!;
      const source = this.#all().find(
        (s) =>
          s.layer === process.bottom &&
          s.device === semi.device &&
          s.x1 < semi.x1 &&
          s.x2 > semi.x1 &&
          s.y1 > 0 &&
          s.y2 > semi.y1,
      );
      if (source === undefined) return undefined;
      return {
        what: `${semi.device}: a channel shorter by 5 µm`,
        layout: this.#with((o) => (o === source ? [{ ...o, x2: o.x2 + 5000 }] : [o])),
      };
    },
    'wrong width': (_: Uniform, at: Choice): Planted => {
      const { process } = this.#layout;
      const films = this.#all().filter(
        (s) => (s.layer.role === 'resistor' || process.semiconductors.includes(s.layer)) && s.device !== '',
      );
      const s = films[at(0) % films.length]!;
      if (s.layer.role !== 'resistor')
        return {
          what: `${s.device}: a channel narrower by 5 µm`,
          layout: this.#with((o) => (o === s ? [{ ...o, y2: o.y2 - 5000 }] : [o])),
        };
      const narrower = Math.round(((s.x2 - s.x1) * 0.3) / process.grid) * process.grid;
      return {
        what: `${s.device}: legs narrower by ${narrower / 1000} µm`,
        layout: this.#with((o) =>
          o.device === s.device && o.layer === s.layer ? [{ ...o, x2: o.x2 - narrower }] : [o],
        ),
      };
    },
    'missing dielectric': (_: Uniform, at: Choice): Planted => {
      const { process } = this.#layout;
      const cuts = this.#flat.filter(({ layer }) => layer === process.cut);
      const patches = this.#flat.filter((s) => s.layer === process.dielectric && !cuts.some((cut) => meets(cut, s)));
      const patch = patches[at(0) % patches.length]!;
      return { what: where(patch), layout: this.#with((o) => (o === patch ? [] : [o])) };
    },
    'exchanged labels': (_: Uniform, at: Choice): Planted => {
      const { pads, labels } = this.#layout;
      const [a, b] = [pads[at(0) % pads.length]!.net, pads[at(1) % pads.length]!.net];
      if (a >= b) return undefined;
      const names = new Map([
        [a, b],
        [b, a],
      ]);
      return {
        what: `${a} and ${b}`,
        layout: {
          ...this.#layout,
          labels: labels.map((label) => ({ ...label, text: names.get(label.text) ?? label.text })),
        },
      };
    },
  };

  /** Lines of either metal that lead from place to place. */
  #lines(): Shape[] {
    const { bottom, top, line } = this.#layout.process;
    return this.#flat.filter(
      (s) => (s.layer === bottom || s.layer === top) && s.net !== '' && Math.min(s.x2 - s.x1, s.y2 - s.y1) === line,
    );
  }

  /** A place where two lines of one net meet, and the one above. */
  #meeting(at: Choice): readonly [Rectangle, Shape] | undefined {
    const { bottom, top } = this.#layout.process;
    const lines = this.#lines();
    const uppers = lines.filter(({ layer }) => layer === top);
    const upper = uppers[at(0) % uppers.length]!;
    const lower = lines.filter((s) => s.layer === bottom && s.net === upper.net && meets(s, upper));
    const one = lower[at(1) % Math.max(1, lower.length)];
    if (one === undefined) return undefined;
    return [
      {
        x1: Math.max(one.x1, upper.x1),
        y1: Math.max(one.y1, upper.y1),
        x2: Math.min(one.x2, upper.x2),
        y2: Math.min(one.y2, upper.y2),
      },
      upper,
    ];
  }

  /** Shapes of lines and of cells, the latter in their cell's coordinates. */
  #all(): Shape[] {
    return [...this.#flat, ...this.#layout.instances.flatMap(({ cell }) => cell.shapes)];
  }

  #with(change: (shape: Shape) => Shape[]): Layout {
    return {
      ...this.#layout,
      shapes: this.#layout.shapes.flatMap(change),
      instances: this.#layout.instances.map((one) => ({
        ...one,
        cell: { ...one.cell, shapes: one.cell.shapes.flatMap(change) },
      })),
    };
  }
}

function length({ x1, y1, x2, y2 }: Rectangle): number {
  return Math.max(x2 - x1, y2 - y1);
}

function overlap(a1: number, a2: number, b1: number, b2: number): number {
  return Math.min(a2, b2) - Math.max(a1, b1);
}

function meets(a: Rectangle, b: Rectangle): boolean {
  return overlap(a.x1, a.x2, b.x1, b.x2) > 0 && overlap(a.y1, a.y2, b.y1, b.y2) > 0;
}

function where({ x1, y1 }: Rectangle): string {
  return `at ${x1 / 1000}, ${y1 / 1000} µm`;
}
