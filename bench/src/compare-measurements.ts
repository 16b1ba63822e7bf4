import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** One command, all of its children counted. */
export interface Measurement {
  readonly code: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Mean number of processes that wanted to run in the minute before. */
  readonly load: number;
}

/** Measurements by key in a file of one JSON object a line, which a stopped run leaves whole. */
export function openMeasurements(file: string) {
  mkdirSync(dirname(file), { recursive: true });
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const known = new Map(
    lines.map((line) => {
      const { key, ...measurement } = JSON.parse(line) as Measurement & { readonly key: string };
      return [key, measurement];
    }),
  );
  return {
    has: (key: string): boolean => known.has(key),
    get: (key: string): Measurement => known.get(key)!,
    add: (key: string, measurement: Measurement): void => {
      appendFileSync(file, `${JSON.stringify({ key, ...measurement })}\n`);
      known.set(key, measurement);
    },
  };
}
