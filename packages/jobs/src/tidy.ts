import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dropLeftClaims, readClaims } from './claims.ts';
import type { Job } from './job.ts';

/** Removes what killed runs have left: their claims, and where nobody works in the folder, what is half written beside the results. */
export function tidy(folder: string, jobs: readonly Job[]): void {
  dropLeftClaims(folder);
  if (readClaims(folder).size > 0) return;
  const places = new Set(jobs.flatMap(({ file, besides = [] }) => [file, ...besides].map((one) => dirname(one))));
  for (const place of places) {
    const path = join(folder, place);
    if (!existsSync(path)) continue;
    for (const name of readdirSync(path))
      if (/^\.[0-9a-f-]+\.tmp$/.test(name)) rmSync(join(path, name), { force: true });
  }
}
