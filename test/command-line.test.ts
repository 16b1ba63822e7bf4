import { expect, it } from 'vitest';
import { run } from '../packages/cli/src/main.ts';
import { neuroprint } from './cli.ts';

it('two command lines in one process write each to its own terminal, and leave the exit code of the process alone', async () => {
  const before = process.exitCode;
  const [help, wrong, version] = await Promise.all([
    neuroprint(['lvs', '--help']),
    neuroprint(['lvs', '--netlist', 'no-such-folder']),
    neuroprint(['--version']),
  ]);
  expect(help).toMatchObject({ code: 0, err: '' });
  expect(help.out).toMatch(/^neuroprint lvs\n/);
  expect(wrong).toMatchObject({ code: 2, out: '' });
  expect(wrong.err).toMatch(/^error .*no-such-folder/);
  expect(version).toMatchObject({ code: 0, err: '' });
  expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(process.exitCode).toBe(before);
});

it('help is as wide as its terminal, up to 110 columns', async () => {
  const widths = await Promise.all(
    [60, 300].map(async (columns) => {
      let out = '';
      const stdout = {
        columns,
        write: (text: string) => {
          out += text;
        },
      };
      const { signal } = new AbortController();
      await run(['--help'], { stdout, stderr: stdout, colours: false, signal });
      return Math.max(...out.split('\n').map((line) => line.length));
    }),
  );
  expect(widths[0]).toBeLessThanOrEqual(60);
  expect(widths[1]).toBe(110);
});
