import type { Technology } from '@neuroprint/circuit';
import { InputFileError } from '@neuroprint/core';
import { type End, type Extracted, inWords } from '../extract/extract.ts';
import { type Known, piecesOf } from './conductor.ts';
import { ResistorGraph } from './graph.ts';
import { isOnPad, placeOf, type Terminal } from './terminals.ts';

/** Every conductor of a layout as resistors between sites: ends of devices, labels, places where conductors touch. */
export class Metal {
  readonly graph = new ResistorGraph();
  /** Of the labels on pads, in their order. */
  readonly labelSites: readonly (number | undefined)[];
  readonly #sites = new Map<End, number>();
  readonly #gates = new Map<number, number>();
  readonly #places = new Map<number, { readonly x: number; readonly y: number }>();
  /** The two ends of legs on every net. */
  readonly #legs = new Map<number, number[]>();
  readonly siteOf = (end: End): number => this.#sites.get(end)!;

  constructor(file: string, { conductors, devices }: Extracted, technology: Technology) {
    const { graph } = this;
    const terminals = conductors.islands.map((): Terminal[] => []);
    const add = (conductor: number, terminal: (site: number) => Terminal): number => {
      const one = terminal(this.#gates.get(conductor) ?? graph.add());
      if (!this.#gates.has(conductor)) terminals[conductor]!.push(one);
      if (!this.#places.has(one.site)) this.#places.set(one.site, placeOf(one));
      return one.site;
    };
    // the ink of a gate conducts nothing to speak of, and is one place
    conductors.islands.forEach((_, k) => {
      if (conductors.roleOf(k) === 'gate') this.#gates.set(k, graph.add());
    });
    for (const device of devices)
      for (const [k, end] of device.ends.entries()) {
        const site = add(end.conductor, (number) => ({ kind: 'edge', site: number, end }));
        this.#sites.set(end, site);
        if (device.kind === 'resistor')
          this.#legs.set(device.nets[k]!, [...(this.#legs.get(device.nets[k]!) ?? []), site]);
      }
    this.labelSites = conductors.labels.map(({ conductor, x, y }) =>
      isOnPad(conductors.islands[conductor]!, x, y)
        ? add(conductor, (site) => ({ kind: 'point', site, x, y }))
        : undefined,
    );
    for (const { conductors: pair, island } of conductors.joins) {
      const site = this.#gates.get(pair[0]) ?? this.#gates.get(pair[1]) ?? graph.add();
      for (const conductor of pair) add(conductor, () => ({ kind: 'area', site, island }));
    }
    const sheets = new Map(technology.layout!.layers.map(({ role, sheetOhms }) => [role as string, sheetOhms]));
    const known: Known = new Map();
    conductors.islands.forEach((island, k) => {
      const role = conductors.roleOf(k);
      if (role === 'gate') return;
      const found = piecesOf(island, terminals[k]!, known);
      if (found === undefined)
        throw new InputFileError(
          { file },
          `the ${role} at ${inWords(island.outline[0]!)} has a slanting edge, and squares are counted between right angles only`,
        );
      const inner = found.places.map((place) => {
        const node = graph.add();
        this.#places.set(node, place);
        return node;
      });
      const node = (end: number): number => (end < 0 ? inner[-end - 1]! : end);
      for (const { ends, squares } of found.pieces)
        graph.connect(node(ends[0]), node(ends[1]), 1 / (squares * sheets.get(role)!));
      for (const [a, b] of found.same) graph.join(a, b);
    });
  }

  gateOf(conductor: number): number {
    return this.#gates.get(conductor) ?? -1;
  }

  place(node: number): { readonly x: number; readonly y: number } {
    return this.#places.get(node)!;
  }

  /** Ohms of the metal that joins the legs of a folded resistor, which is in series with them. Every end must still be there. */
  jointOhms(joints: readonly number[] = []): number {
    return joints.reduce((sum, net) => {
      const [a, b] = this.#legs.get(net)! as [number, number];
      return sum + 1 / (this.graph.between(a, b) ?? Number.NaN);
    }, 0);
  }

  /** All sites of ends and gates. */
  sites(): number[] {
    return [...this.#sites.values(), ...this.#gates.values(), ...this.labelSites].filter((site) => site !== undefined);
  }

  /** A new node that leads to a site through so many ohms. */
  behind(site: number, ohms: number): number {
    if (ohms === 0) return site;
    const node = this.graph.add();
    this.#places.set(node, this.place(site));
    this.graph.connect(node, site, 1 / ohms);
    return node;
  }
}
