import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import build from './scripts/build.js';

/** Builds what the tests run, and gives them a temporary folder that goes with them. */
export default async function setup(): Promise<() => void> {
  await build();
  const folder = mkdtempSync(join(tmpdir(), 'neuroprint-'));
  // Slurm's key service runs as a user of its own, and has its files in there
  chmodSync(folder, 0o711);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
