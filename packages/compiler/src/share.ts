import type { Draft } from './draft.ts';

/**
 * One falling stage for each input that some column takes negated, shared by all columns; before, every negative entry has one of its own.
 * A gate draws no current, so sharing costs the input nothing; the stage's output then feeds all its columns.
 */
export function shareInverters(draft: Draft): Draft {
  return { layers: draft.layers.map((layer) => ({ ...layer, invertersPerEntry: false })) };
}
