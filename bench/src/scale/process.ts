import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Build } from './builds.ts';

/** What a process has taken with its threads, and what it printed. */
export interface Taken {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Largest resident size. */
  readonly megabytes: number;
  readonly printed: string;
}

/** One command of a build's command line. Throws where it fails; exit code 3, not as promised, is no failure here. */
export function command(build: Build, folder: string, args: readonly string[]): Taken {
  return start(join(build.root, 'packages', 'cli', 'bin', 'neuroprint.js'), args, folder);
}

/** One measurement in a process of its own, with the packages of a build (measure.ts); what it printed is JSON. */
export function measurement<T>(build: Build, folder: string, name: string, args: readonly string[]): T {
  const script = new URL('./measure.js', import.meta.url).pathname;
  return JSON.parse(start(script, [build.root, name, ...args], folder).printed) as T;
}

function start(script: string, args: readonly string[], folder: string): Taken {
  const file = join(folder, `usage-${process.pid}.json`);
  const usage = new URL('./usage.js', import.meta.url).href;
  const { status, stdout, stderr, error } = spawnSync(process.execPath, ['--import', usage, script, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, NEUROPRINT_USAGE: file },
  });
  if (error !== undefined) throw error;
  if (status !== 0 && status !== 3) throw new Error(`${[script, ...args].join(' ')} ended with ${status}: ${stderr}`);
  const used = JSON.parse(readFileSync(file, 'utf8')) as Omit<Taken, 'printed'>;
  rmSync(file);
  return { ...used, printed: stdout };
}
