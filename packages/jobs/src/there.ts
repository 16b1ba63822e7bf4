import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Those of the jobs whose files are there, by their names alone; who reads a file checks it. */
export function jobsThere<J extends { readonly name: string; readonly file: string }>(
  folder: string,
  jobs: readonly J[],
): Set<string> {
  const listed = new Map<string, Set<string>>();
  const namesIn = (place: string): Set<string> => {
    const known = listed.get(place);
    if (known !== undefined) return known;
    const names = new Set(namesOf(join(folder, place)));
    listed.set(place, names);
    return names;
  };
  return new Set(jobs.filter(({ file }) => namesIn(dirname(file)).has(basename(file))).map(({ name }) => name));
}

/** The names in a folder; none where it is not there or is none. */
export function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
