import { sha256 } from '@neuroprint/core';

/** What a row depends on, in short. */
export function recipeOf(parts: object): string {
  return sha256(JSON.stringify(parts)).slice(0, 16);
}

/** The file of a row, within the folder of its run. */
export function rowFileOf(name: string): string {
  return `rows/${name}.json`;
}

/** Where the network of a row is kept, within the folder of its run. */
export function networkFileOf(name: string): string {
  return `networks/${name}.json`;
}
