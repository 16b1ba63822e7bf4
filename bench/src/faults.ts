import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Draws } from '@neuroprint/core';
import { inspectEngines } from '@neuroprint/spice';
import { census } from './census.ts';
import { table } from './table.ts';

const CLI = fileURLToPath(new URL('../../packages/cli/bin/neuroprint.js', import.meta.url));
const ROWS = 4000;
/** A kill comes this long after the start at most; a whole run takes longer. */
const LONGEST_MILLISECONDS = 2500;

interface Outcome {
  readonly injected: number;
  readonly runs: number;
}

/** Injects faults into `neuroprint sample` and compares what is there in the end with an undisturbed run. */
export async function faults(folder: string, kills: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const ngspice = (await inspectEngines()).find((engine) => engine.name === 'ngspice' && engine.usable);
  if (ngspice === undefined) {
    process.stdout.write('The faults are left out: they need the ngspice program.\n');
    return;
  }
  await command(join(folder, 'whole'));
  const truth = census(join(folder, 'whole'));
  const rows: string[][] = [];
  const record = async (what: string, inject: (out: string) => Promise<Outcome>) => {
    const out = mkdtempSync(join(folder, 'case-'));
    rmSync(out, { recursive: true });
    const { injected, runs } = await inject(out);
    const { lost, doubled, hash } = census(out);
    rows.push([
      what,
      String(injected),
      String(runs),
      String(lost),
      String(doubled),
      hash === truth.hash ? 'yes' : 'NO',
    ]);
  };
  await record('SIGKILL at random moments', (out) => killed(out, kills));
  const real = ngspice.path!;
  const odd = '$((n % 5)) = 1';
  for (const [what, misdeed] of [
    ['simulator hangs', 'exec sleep 1000'],
    ['simulator dies of a segmentation fault', 'kill -SEGV $$'],
    ['raw file without its end', `'${real}' "$@"; truncate -s -100 result.raw; exit 0`],
    ['half a raw file', `'${real}' "$@"; truncate -s $(($(stat -c %s result.raw) / 2)) result.raw; exit 0`],
  ] as const) {
    await record(what, async (out) => {
      const bin = mkdtempSync(join(folder, 'bin-'));
      fakeNgspice(bin, real, misdeed, odd);
      const code = await command(out, { PATH: [bin, process.env.PATH].join(delimiter) }, [
        '--timeout',
        '20',
        '--workers',
        '1',
      ]);
      if (code !== 0) throw new Error(`${what}: sample ended with ${code}`);
      const runs = Number(spawnSync('cat', [join(bin, 'runs')], { encoding: 'utf8' }).stdout);
      return { injected: Math.floor((runs + 3) / 5), runs: 1 };
    });
  }
  await fullDisk(join(folder, 'small'), record);
  process.stdout.write(
    `${table([`${ROWS} rows of egt-date23 negweight`, 'injected', 'runs', 'rows lost', 'rows doubled', 'same bits'], rows)}\n`,
  );
}

/** Runs the command to its end, or kills it with its simulators left alone. Returns the exit code, or null. */
function command(
  out: string,
  env: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
  killAfter?: number,
): Promise<number | null> {
  const args = [
    'sample',
    '--technology',
    'egt-date23',
    '--cell',
    'negweight',
    '--count',
    String(ROWS),
    '--out',
    out,
    '--engine',
    'ngspice',
    '--json',
    ...more,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env }, stdio: 'ignore' });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

async function killed(out: string, kills: number): Promise<Outcome> {
  const draws = new Draws(1, 'bench kills');
  let injected = 0;
  for (let i = 0; i < kills; i += 1) {
    const code = await command(out, {}, [], LONGEST_MILLISECONDS * draws.uniform(i, 0));
    if (code === null) injected += 1;
    // done before its kill came: begin again with a quarter of it lost
    else for (const row of ['0000000500', '0000002500']) rmSync(join(out, `shard-${row}.json`));
  }
  await command(out);
  return { injected, runs: kills + 1 };
}

function fakeNgspice(folder: string, real: string, misdeed: string, when: string): void {
  const lines = [
    '#!/bin/sh',
    `[ "$1" = --version ] && exec '${real}' --version`,
    `n=$(cat '${folder}/runs' 2>/dev/null || echo 0)`,
    `echo $((n + 1)) > '${folder}/runs'`,
    `if [ ${when} ]; then`,
    misdeed,
    'fi',
    `exec '${real}' "$@"`,
    '',
  ];
  writeFileSync(join(folder, 'ngspice'), lines.join('\n'));
  chmodSync(join(folder, 'ngspice'), 0o755);
}

async function fullDisk(
  mount: string,
  record: (what: string, inject: (out: string) => Promise<Outcome>) => Promise<void>,
): Promise<void> {
  mkdirSync(mount);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount]).status !== 0) {
    process.stdout.write('The full disk is left out: a tmpfs cannot be mounted here (it takes root).\n');
    return;
  }
  try {
    await record('full disk (tmpfs of 2 MB, later enlarged)', async (out) => {
      const code = await command(join(mount, 'out'));
      if (code !== 1) throw new Error(`a full disk ended with exit code ${code}`);
      spawnSync('mount', ['-o', 'remount,size=64m', mount]);
      await command(join(mount, 'out'));
      spawnSync('cp', ['-r', join(mount, 'out'), out]);
      return { injected: 1, runs: 2 };
    });
  } finally {
    spawnSync('umount', [mount]);
  }
}
