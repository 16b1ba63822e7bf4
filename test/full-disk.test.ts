import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const DAMP = join(ROOT, 'examples', 'damp.json');

describe.skipIf(process.platform === 'win32')('a disk that takes no more', () => {
  it('ends a compile with the name of the file, and the same command does it once there is room', async () => {
    const out = join(temporaryFolder(), 'damp');
    // blocks of 512 or 1,024 bytes: the network and the circuit fit, the drawings do not
    const run = spawnSync(
      'sh',
      ['-c', `ulimit -f 8; exec "$0" "$@"`, process.execPath, BIN, 'compile', '--network', DAMP, '--out', out],
      { encoding: 'utf8' },
    );
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/damp\/[a-z.-]+: cannot be written: it is larger than a file may be here/);
    expect(readdirSync(out)).toEqual([]);
    expect((await neuroprint(['compile', '--network', DAMP, '--out', out])).code).toBe(0);
    expect((await neuroprint(['lvs', '--netlist', out])).code).toBe(0);
  });
});

describe('a folder that compile was killed in', () => {
  it('is taken for no compiled circuit', async () => {
    const out = join(temporaryFolder(), 'damp');
    await neuroprint(['compile', '--network', DAMP, '--out', out]);
    rmSync(join(out, 'manifest.json'));
    for (const args of [
      ['verify', '--netlist'],
      ['report', '--of'],
      ['lvs', '--netlist'],
    ]) {
      const { code, err } = await neuroprint([...args, out]);
      expect(code).toBe(2);
      expect(err).toContain('manifest.json: is missing: this is no folder that compile has finished');
    }
    expect((await neuroprint(['compile', '--network', DAMP, '--out', out, '--overwrite'])).code).toBe(0);
  });
});
