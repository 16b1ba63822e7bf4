import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { IRIS, json, neuroprint, temporaryFolder } from './cli.ts';

const root = temporaryFolder();
const netlist = join(root, 'netlist');
const COUNT = 22_000;

describe('copies as jobs', () => {
  beforeAll(async () => {
    const network = join(root, 'network');
    const quick = ['--hidden', '2', '--epochs', '5'];
    expect((await neuroprint(['train', '--data', IRIS, ...quick, '--out', network])).code).toBe(0);
    const args = ['--network', join(network, 'network.json'), '--data', IRIS, '--out', netlist, '--steps', '0'];
    expect([0, 3]).toContain((await neuroprint(['compile', ...args])).code);
  });
  const copies = (out: string, ...more: string[]) =>
    ['copies', '--netlist', netlist, '--count', String(COUNT), '--out', join(root, out), ...more] as const;
  interface Made {
    readonly made: number;
    readonly found: number;
    readonly copies?: { readonly draws: number };
  }

  it('are those of verify, whatever the workers and shards', async () => {
    const whole = await json<Made>(copies('whole', '--workers', '2'));
    expect(whole.copies).toMatchObject({ draws: COUNT });
    await neuroprint(['verify', '--netlist', netlist, '--monte-carlo', String(COUNT)]);
    const { monteCarlo } = JSON.parse(readFileSync(join(netlist, 'report.json'), 'utf8')) as { monteCarlo: object };
    expect(whole.copies).toEqual(monteCarlo);

    const parts = [
      await json<Made>(copies('parts', '--shard', '0/2')),
      await json<Made>(copies('parts', '--shard', '1/2')),
    ];
    expect(parts.map(({ copies: summary }) => summary)).toEqual([undefined, undefined]);
    expect(parts[0]!.made + parts[1]!.made).toBe(whole.made);
    expect(await json<Made>(copies('parts'))).toMatchObject({ made: 0, found: whole.made, copies: whole.copies });
    const bytesOf = (out: string) =>
      readdirSync(join(root, out, 'copies')).map((name) => [
        name,
        readFileSync(join(root, out, 'copies', name), 'utf8'),
      ]);
    expect(bytesOf('parts')).toEqual(bytesOf('whole'));
  });

  it('of another variation are refused in the same folder', async () => {
    const { code, err } = await neuroprint(copies('whole', '--variation', '0.2'));
    expect(code).toBe(2);
    expect(err).toMatch(/jobs\.json: copies 0 to \d+ was made with other data, surrogates or options/);
  });
});
