import type { Refusal } from './session.ts';

/** Whether what is done in this tab outlives it, in the browser's own database. */
export type Keeping =
  | { readonly kind: 'kept' }
  /** Another tab of this page keeps its files: those of this one end with it. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'impossible'; readonly why: string };

/** A circuit that came in a zip. */
export interface OpenedCircuit {
  readonly name: string;
  readonly folder: string;
  readonly task: 'classification' | 'regression';
}

/** What goes out of the page and comes back into it. */
export interface FolderSession {
  /** A folder that compile wrote as one zip with that folder in it; the same bytes for the same files. */
  zip(folder: string): Promise<Uint8Array>;
  /** Puts the circuit of a zip into a folder of its own, in place of everything else. */
  openZip(name: string, zip: Blob): Promise<OpenedCircuit | { readonly refusal: Refusal }>;
  /** What the last tab left behind: its note, and whether this tab's files are kept. */
  recall(): Promise<{ readonly note: string | undefined; readonly keeping: Keeping }>;
  /** Keeps a note beside the files; resolves when it and they are in the browser's database. */
  remember(note: string): Promise<void>;
  /** Forgets every table, network and circuit, here and in the browser's database. */
  forget(): Promise<void>;
}
