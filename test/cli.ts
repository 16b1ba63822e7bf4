import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { run as runCommand } from '../packages/cli/src/main.ts';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const BIN = join(ROOT, 'packages', 'cli', 'bin', 'neuroprint.js');
export const IRIS = join(ROOT, 'examples', 'iris.csv');
/** Tables of the project that a user's clone does not have. */
export const KIT13 = join(ROOT, '..', 'shared', 'data', 'kit13');
export const hasKit13 = existsSync(KIT13);
export const hasNgspice = spawnSync('ngspice', ['--version']).status === 0;

/** The command as users run it: its bundle, whose threads start in a fraction of the time that those of the packages take. */
const bundle = new URL('../packages/cli/dist/bundle/main.js', import.meta.url);
const { run } = (await import(bundle.href)) as { readonly run: typeof runCommand };

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process: its exit code, and what it wrote. */
export async function neuroprint(args: readonly string[]): Promise<Outcome> {
  const [stdout, stderr] = [new Written(), new Written()];
  const code = await run(args, { stdout, stderr, colours: false, signal: new AbortController().signal });
  return { code, out: stdout.text, err: stderr.text };
}

class Written {
  text = '';

  write(text: string): void {
    this.text += text;
  }
}

/** Runs the command as a user does, in a process of its own. */
export function spawnNeuroprint(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Outcome {
  const result = spawnSync(process.execPath, [BIN, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    timeout: 540_000,
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

/** Runs a command with --json, and fails with its message where it fails. */
export async function json<T>(args: readonly string[]): Promise<T> {
  const { code, out, err } = await neuroprint([...args, '--json']);
  if (code !== 0) throw new Error(`neuroprint ${args.join(' ')} ended with ${code}:\n${err}`);
  return JSON.parse(out) as T;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'neuroprint-test-'));
}
