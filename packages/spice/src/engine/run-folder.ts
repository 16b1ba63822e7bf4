import { readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = `neuroprint-${hostname()}-`;

/** A fresh folder for one run of a simulator, whose name says to which process it belongs. */
export function makeRunFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Removes what processes of this machine that were killed left behind. */
export function removeStaleRunFolders(): void {
  for (const entry of readdirSync(tmpdir())) {
    const pid = entry.startsWith(PREFIX) ? Number(/^(\d+)-/.exec(entry.slice(PREFIX.length))?.[1]) : Number.NaN;
    if (pid > 0 && isGone(pid)) rmSync(join(tmpdir(), entry), { recursive: true, force: true });
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
