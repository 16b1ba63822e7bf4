import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dropLeftClaims, readClaims } from './claims.ts';
import type { Job } from './job.ts';
import { namesOf } from './there.ts';

/** Removes what killed runs have left: their claims, and where nobody works in the folder, what is half written beside the results. */
export function tidy(folder: string, jobs: readonly Job[]): void {
  dropLeftClaims(folder);
  if (readClaims(folder).size > 0) return;
  const places = new Set(jobs.flatMap(({ file, besides = [] }) => [file, ...besides].map((one) => dirname(one))));
  for (const place of places) {
    const path = join(folder, place);
    for (const name of namesOf(path)) if (/^\.[0-9a-f-]+\.tmp$/.test(name)) rmSync(join(path, name), { force: true });
  }
}
