import type { FlatCircuit } from '@neuroprint/circuit';

/** Parts of a flat circuit by the names that faults use. */
export interface NamedElements {
  /** Place among the resistors. */
  readonly resistors: ReadonlyMap<string, number>;
  readonly transistors: ReadonlyMap<string, number>;
  /** Number of every node, unknown or driven. */
  readonly nodes: ReadonlyMap<string, number>;
}

const made = new WeakMap<FlatCircuit['resistors'], NamedElements>();

/** The parts by name. A value that several resistors of a cell share names them `act_l0_c1.R1`, `act_l0_c1.R1#2`, … */
export function namedElements(flat: FlatCircuit): NamedElements {
  let named = made.get(flat.resistors);
  if (named === undefined) {
    const resistors = new Map<string, number>();
    flat.resistors.forEach(({ component }, i) => {
      const { name } = flat.components[component]!;
      let own = name;
      for (let k = 2; resistors.has(own); k += 1) own = `${name}#${k}`;
      resistors.set(own, i);
    });
    named = {
      resistors,
      transistors: new Map(flat.transistors.map(({ name }, i) => [name, i])),
      nodes: new Map([...flat.unknowns, ...flat.driven].map((node, i) => [node, i])),
    };
    made.set(flat.resistors, named);
  }
  return named;
}

export function nodeName(flat: FlatCircuit, node: number): string {
  const size = flat.unknowns.length;
  return node < size ? flat.unknowns[node]! : flat.driven[node - size]!;
}
