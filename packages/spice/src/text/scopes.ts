import type { Place } from './lex.ts';

/** A device as it stands in the text; values are words still. `words` are those behind the nodes, `params` what has an `=`. */
export interface Item extends Place {
  readonly kind: 'resistor' | 'instance' | 'source';
  readonly name: string;
  readonly nodes: readonly string[];
  readonly words: readonly string[];
  readonly params: ReadonlyMap<string, string>;
}

/** A `.param`. */
interface Local extends Place {
  readonly name: string;
  readonly word: string;
}

/** A subcircuit, or what stands outside of all; a subcircuit inside another is known only there. */
export interface Scope extends Place {
  readonly name: string;
  readonly parent: Scope | undefined;
  readonly ports: readonly string[];
  /** Parameters of the header with their defaults. */
  readonly params: ReadonlyMap<string, string>;
  readonly locals: Local[];
  readonly items: Item[];
  readonly subckts: Map<string, Scope>;
}

/** A `.model` line of a kind that neuroprint reads (R), or of another one, which no device may use. */
export interface Model extends Place {
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
}

export interface Netlist {
  readonly file: string;
  readonly top: Scope;
  readonly models: ReadonlyMap<string, Model>;
  /** What was understood, as the simulator gets it: devices, and the text of other statements. */
  readonly kept: readonly (Item | string)[];
  /** What says nothing about the circuit at rest, in the order of the text. */
  readonly leftOut: readonly (Place & { readonly text: string })[];
  /** Where the text sets a temperature. */
  readonly temperature: Place | undefined;
  /** Names in lower case → as they were first written. */
  readonly written: ReadonlyMap<string, string>;
}

/** Subcircuits that are not read: their text must be the given one, or, where it is null, may be any. */
export type KnownSubckts = ReadonlyMap<string, string | null>;
