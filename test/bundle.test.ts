import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { IRIS, neuroprint, spawnNeuroprint, temporaryFolder } from './cli.ts';

it('the bundled command writes the bytes of its modules: with its kernels, its threads and its simulator', async () => {
  const [bundled, plain] = [temporaryFolder(), temporaryFolder()];
  const both = async (args: (folder: string) => readonly string[]) => {
    const own = spawnNeuroprint(args(bundled));
    const { code, out, err } = await neuroprint(args(plain));
    expect(own.code, own.err).toBe(code);
    expect(code, err).not.toBe(1);
    return [own.out, out] as const;
  };
  const small = ['--epochs', '12', '--restarts', '2', '--draws', '4'];
  await both((folder) => ['train', '--data', IRIS, '--out', join(folder, 'network'), ...small]);
  const given = (folder: string) => ['--network', join(folder, 'network', 'network.json'), '--data', IRIS];
  const steps = ['--steps', '3', '--workers', '2'];
  await both((folder) => ['compile', ...given(folder), '--out', join(folder, 'netlist'), ...steps]);
  for (const part of ['network', 'netlist'])
    for (const file of readdirSync(join(plain, part)).filter((name) => /\.(json|cir|csv)$/.test(name)))
      expect(readFileSync(join(bundled, part, file), 'utf8')).toBe(readFileSync(join(plain, part, file), 'utf8'));
  const verify = ['--engine', 'embedded', '--monte-carlo', '4', '--workers', '2'];
  const [said] = await both((folder) => ['verify', '--netlist', join(folder, 'netlist'), ...verify]);
  expect(said).toContain('ngspice');
});
