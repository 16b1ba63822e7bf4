import type { Technology } from '@neuroprint/circuit';
import { InputFileError } from '@neuroprint/core';
import type { Drawn } from '../gds/read.ts';
import {
  and,
  type Island,
  IslandMap,
  islandsOf,
  merged,
  minus,
  or,
  pointInside,
  type Region,
  signedArea,
} from '../geometry/region.ts';
import { METRES_PER_UNIT } from '../process.ts';
import { type Contact, Contacts, channelOf, squaresOf } from './devices.ts';

/** A device as the polygons have it, its terminals by number of net. */
export type FoundDevice =
  | {
      readonly kind: 'resistor';
      readonly nets: readonly [number, number];
      readonly ohms: number;
      readonly squares: number;
      readonly at: Place;
      /** Where its two ends meet metal, in the order of the nets. */
      readonly ends: readonly [End, End];
      /** Nets of metal that joins its legs. */
      readonly joints?: readonly number[];
    }
  | {
      readonly kind: 'transistor';
      readonly gate: number;
      readonly nets: readonly [number, number];
      readonly ends: readonly [End, End];
      /** The conductor of the gate. */
      readonly gateConductor: number;
      readonly model: string | undefined;
      readonly widthMetres: number;
      readonly lengthMetres: number;
      readonly at: Place;
    };

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where a device meets metal: the conductor, and the edge that they share. */
export interface End extends Pick<Contact, 'x' | 'y' | 'upright' | 'level'> {
  readonly conductor: number;
}

/** The conductors that nets are made of: pieces of bottom metal, then of top metal, then of gate ink. */
interface Conductors {
  readonly islands: readonly Island[];
  readonly roleOf: (conductor: number) => 'bottom metal' | 'top metal' | 'gate';
  readonly netOf: (conductor: number) => number;
  /** Where two conductors touch. */
  readonly joins: readonly { readonly conductors: readonly [number, number]; readonly island: Island }[];
  readonly labels: readonly (Place & { readonly text: string; readonly conductor: number })[];
  /** Where the metals cross with dielectric between them, by net of the bottom and the top metal. */
  crossings(): { readonly nets: readonly [number, number]; readonly squareMetres: number }[];
}

/** What the polygons of a file are as a circuit. */
export interface Extracted {
  /** Names on each net; none for a net inside of a stage that nobody labelled. */
  readonly nets: readonly (readonly string[])[];
  readonly devices: readonly FoundDevice[];
  readonly conductors: Conductors;
  /** Shapes that are no device, and labels on nothing. */
  readonly remarks: readonly string[];
}

/** Polygons → circuit, by the layers of the technology alone. Throws InputFileError for a file that draws none of them. */
export function extract(file: string, drawn: Drawn, technology: Technology): Extracted {
  return new Extraction(file, drawn, technology).result();
}

class Extraction {
  readonly #drawn: Drawn;
  readonly #technology: Technology;
  readonly #bottom: IslandMap;
  readonly #top: IslandMap;
  readonly #gate: IslandMap;
  readonly #parent: number[];
  readonly #remarks: string[] = [];
  readonly #devices: FoundDevice[] = [];
  readonly #joins: Conductors['joins'][number][] = [];
  readonly #crossed: () => Region;

  constructor(file: string, drawn: Drawn, technology: Technology) {
    this.#drawn = drawn;
    this.#technology = technology;
    const [bottom, top] = [this.#region('bottom metal'), this.#region('top metal')];
    if (bottom.length === 0)
      throw new InputFileError(
        { file },
        `draws nothing on the bottom metal of ${technology.name}`,
        'Give the layout of a circuit of this technology.',
      );
    const dielectric = minus(this.#region('crossover dielectric'), this.#region('via'));
    const [gate, gateDielectric] = [this.#region('gate'), this.#region('gate dielectric')];
    this.#bottom = new IslandMap(bottom);
    this.#top = new IslandMap(top);
    this.#gate = new IslandMap(gate);
    const [bottoms, tops] = [this.#bottom.islands.length, this.#top.islands.length];
    this.#parent = Array.from({ length: bottoms + tops + this.#gate.islands.length }, (_, k) => k);
    const overlap = and(bottom, top);
    this.#crossed = () => and(overlap, dielectric);
    this.#join(minus(overlap, dielectric), this.#bottomAt, this.#topAt);
    this.#join(and(gate, top), this.#gateAt, this.#topAt);
    this.#join(minus(minus(minus(and(gate, bottom), gateDielectric), dielectric), top), this.#gateAt, this.#bottomAt);
    this.#resistors(bottom, top, dielectric);
    this.#transistors(bottom, gate, gateDielectric);
  }

  readonly #bottomAt = (point: Place): number => this.#bottom.at(point);
  readonly #topAt = (point: Place): number => {
    const k = this.#top.at(point);
    return k < 0 ? -1 : this.#bottom.islands.length + k;
  };
  readonly #gateAt = (point: Place): number => {
    const k = this.#gate.at(point);
    return k < 0 ? -1 : this.#bottom.islands.length + this.#top.islands.length + k;
  };

  result(): Extracted {
    const numbers = new Map<number, number>();
    const nets: Set<string>[] = [];
    const numberOf = (node: number): number => {
      const root = this.#find(node);
      let number = numbers.get(root);
      if (number === undefined) {
        number = nets.length;
        numbers.set(root, number);
        nets.push(new Set());
      }
      return number;
    };
    const labels: Conductors['labels'][number][] = [];
    for (const [role, at] of [
      ['bottom metal', this.#bottomAt],
      ['top metal', this.#topAt],
      ['gate', this.#gateAt],
    ] as const)
      for (const { gds } of this.#technology.layout!.layers.filter((layer) => layer.role === role))
        for (const label of this.#drawn.texts.get(`${gds.layer}/${gds.datatype + 1}`) ?? []) {
          const node = at(label);
          if (node < 0) this.#remarks.push(`the label ${label.text} lies on no ${role} at ${inWords(label)}`);
          else {
            nets[numberOf(node)]!.add(label.text);
            labels.push({ text: label.text, x: label.x, y: label.y, conductor: node });
          }
        }
    const devices = this.#devices.map((device): FoundDevice => {
      const ends = [numberOf(device.nets[0]), numberOf(device.nets[1])] as const;
      return device.kind === 'resistor'
        ? { ...device, nets: ends }
        : { ...device, nets: ends, gate: numberOf(device.gate) };
    });
    const [bottoms, metals] = [this.#bottom.islands.length, this.#bottom.islands.length + this.#top.islands.length];
    const conductors: Conductors = {
      islands: [...this.#bottom.islands, ...this.#top.islands, ...this.#gate.islands],
      roleOf: (k) => (k < bottoms ? 'bottom metal' : k < metals ? 'top metal' : 'gate'),
      netOf: numberOf,
      joins: this.#joins,
      labels,
      crossings: () =>
        islandsOf(this.#crossed()).map((island) => {
          const point = pointInside(island);
          const area = [island.outline, ...island.holes].reduce((sum, path) => sum + signedArea(path), 0);
          return {
            nets: [numberOf(this.#bottomAt(point)), numberOf(this.#topAt(point))],
            squareMetres: Math.abs(area) * METRES_PER_UNIT ** 2,
          };
        }),
    };
    return { nets: nets.map((names) => [...names]), devices, conductors, remarks: this.#remarks };
  }

  #region(role: string): Region {
    return merged(
      this.#technology
        .layout!.layers.filter((layer) => layer.role === role)
        .flatMap(({ gds }) => this.#drawn.polygons.get(`${gds.layer}/${gds.datatype}`) ?? []),
    );
  }

  #find(node: number): number {
    let root = node;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    let at = node;
    while (this.#parent[at] !== root) {
      const next = this.#parent[at]!;
      this.#parent[at] = root;
      at = next;
    }
    return root;
  }

  /** Two conductors are one net wherever the region is. */
  #join(region: Region, first: (point: Place) => number, second: (point: Place) => number): void {
    for (const island of islandsOf(region)) {
      const point = pointInside(island);
      const [a, b] = [first(point), second(point)];
      if (a < 0 || b < 0) continue;
      this.#parent[this.#find(a)] = this.#find(b);
      this.#joins.push({ conductors: [a, b], island });
    }
  }

  #resistors(bottom: Region, top: Region, dielectric: Region): void {
    const sheets = new Map(this.#technology.printing.resistorInks.map(({ name, sheetOhms }) => [name, sheetOhms]));
    for (const { role, gds, ink: name } of this.#technology.layout!.layers) {
      if (role !== 'resistor') continue;
      const ink = merged(this.#drawn.polygons.get(`${gds.layer}/${gds.datatype}`) ?? []);
      const touched = minus(bottom, and(ink, dielectric));
      const contacts = new Contacts();
      contacts.add(and(ink, touched), this.#bottomAt);
      contacts.add(and(ink, top), this.#topAt);
      for (const body of islandsOf(minus(ink, or(touched, top)))) {
        const ends = contacts.of(body);
        const at = pointInside(body);
        // ink that touches no metal is a mark
        if (ends?.length === 0) continue;
        const squares = ends?.length === 2 ? squaresOf(body, ends as [Contact, Contact]) : undefined;
        if (squares === undefined) {
          this.#remarks.push(
            `ink at ${inWords(at)} is no resistor: ${ends === undefined ? 'its outline is not of right angles' : ends.length === 2 ? 'it is no straight piece' : `it touches metal at ${ends.length} places`}`,
          );
          continue;
        }
        const [first, second] = ends!;
        this.#devices.push({
          kind: 'resistor',
          nets: [first!.net, second!.net],
          ends: [endOf(first!), endOf(second!)],
          squares,
          ohms: squares * sheets.get(name!)!,
          at,
        });
      }
    }
  }

  #transistors(bottom: Region, gate: Region, gateDielectric: Region): void {
    for (const { role, gds, model } of this.#technology.layout!.layers) {
      if (role !== 'semiconductor') continue;
      const semiconductor = merged(this.#drawn.polygons.get(`${gds.layer}/${gds.datatype}`) ?? []);
      const contacts = new Contacts();
      contacts.add(and(semiconductor, bottom), this.#bottomAt);
      const channels: Island[] = islandsOf(minus(and(and(semiconductor, gate), gateDielectric), bottom));
      for (const channel of channels) {
        const at = pointInside(channel);
        const ends = contacts.of(channel);
        const gateNode = this.#gateAt(at);
        if (ends?.length !== 2 || gateNode < 0) {
          this.#remarks.push(
            `the channel at ${inWords(at)} is no transistor: it touches metal at ${ends?.length ?? 'slanting'} places`,
          );
          continue;
        }
        const { w, l } = channelOf(channel, ends as [Contact, Contact]);
        this.#devices.push({
          kind: 'transistor',
          gate: gateNode,
          gateConductor: gateNode,
          nets: [ends[0]!.net, ends[1]!.net],
          ends: [endOf(ends[0]!), endOf(ends[1]!)],
          model,
          widthMetres: w * METRES_PER_UNIT,
          lengthMetres: l * METRES_PER_UNIT,
          at,
        });
      }
    }
  }
}

function endOf({ net: conductor, x, y, upright, level }: Contact): End {
  return { conductor, x, y, upright, level };
}

/** A place in micrometres. */
export function inWords({ x, y }: Place): string {
  return `x ${(x / 1000).toFixed(1)} µm, y ${(y / 1000).toFixed(1)} µm`;
}
