import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '@neuroprint/core';

/** A commit of the whole workspace, installed and built. */
export interface Build {
  readonly label: 'before' | 'after';
  readonly root: string;
  readonly commit: string;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The workspace that this bench belongs to, as it stands. */
export function presentBuild(): Build {
  const changed = git('status', '--porcelain').length > 0 ? ' with changes' : '';
  return { label: 'after', root: ROOT, commit: `${git('rev-parse', '--short', 'HEAD')}${changed}` };
}

/**
 * Another commit, cloned from this one's history into the folder for temporary files, and built there: once, then found by the name of
 * the commit. Throws UsageError for what names no commit.
 */
export function buildOf(revision: string): Build {
  const commit = commitOf(revision);
  const root = join(tmpdir(), `neuroprint-build-${commit.slice(0, 12)}`);
  if (!existsSync(root)) {
    process.stderr.write(`builds ${commit.slice(0, 7)} in ${root}\n`);
    // under another name until it is whole, so that one that was interrupted is not taken for a build
    const making = `${root}.${process.pid}`;
    try {
      run('git', ['clone', '--quiet', '--no-checkout', ROOT, making], tmpdir());
      run('git', ['checkout', '--quiet', commit], making);
      run('npm', ['ci', '--no-fund', '--no-audit'], making);
      run('npm', ['run', 'build'], making);
      renameSync(making, root);
    } catch (error) {
      rmSync(making, { recursive: true, force: true });
      throw error;
    }
  }
  return { label: 'before', root, commit: commit.slice(0, 7) };
}

function commitOf(revision: string): string {
  try {
    return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`);
  } catch {
    throw new UsageError(`--against ${revision} names no commit of this repository.`, 'git log shows them.');
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** What tools say goes to standard error. */
function run(tool: string, args: readonly string[], cwd: string): void {
  execFileSync(tool, args, { cwd, stdio: ['ignore', 2, 2] });
}
