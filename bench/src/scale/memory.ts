import { linkSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readArtifact, SampleShardKind, SamplesKind, writeArtifact } from '@neuroprint/core';
import { table } from '../table.ts';
import type { Build } from './builds.ts';
import type { Scene } from './measures.ts';
import { command, type Taken } from './process.ts';

/** What each is measured with first: what a process takes anyway. */
const FEW = 10_000;
const CELL = ['--cell', 'negweight', '--technology', 'egt'];

/**
 * Largest resident sizes: so many printed copies of Iris, and so many samples inspected, exported, and gone on with. Samples are one
 * simulated shard over and over, each with its own indices.
 */
export function memory(folder: string, build: Build, scene: Scene, many: number): void {
  const samples = (count: number): string => join(folder, `samples-${count}`);
  const shard = join(folder, 'one-shard');
  command(build, folder, ['sample', ...CELL, '--count', '500', '--out', shard]);
  for (const count of [FEW, many]) repeatShard(shard, samples(count), count);
  const netlist = scene.netlist('iris', build);
  const steps: [what: string, line: (count: number) => readonly string[]][] = [
    ['verify --monte-carlo', (count) => ['verify', '--netlist', netlist, '--monte-carlo', `${count}`]],
    ['samples inspect --plots', (count) => ['inspect', '--samples', samples(count), '--plots', join(folder, 'plots')]],
    ['samples export to CSV', (count) => ['export', '--samples', samples(count), '--out', join(folder, 'all.csv')]],
    [
      'samples export to Parquet',
      (count) => ['export', '--samples', samples(count), '--out', join(folder, 'all.parquet')],
    ],
    [
      'sample, 500 more',
      (count) => ['sample', ...CELL, '--count', `${count + 500}`, '--out', samples(count), '--workers', '1'],
    ],
  ];
  const rows = steps.map(([what, line]) => {
    const taken = [FEW, many].map((count): Taken => {
      process.stderr.write(`${what}, ${count.toLocaleString('en')}\n`);
      const words = line(count);
      return command(build, folder, what.startsWith('samples') ? ['samples', ...words] : words);
    });
    const [few, most] = taken as [Taken, Taken];
    return [what, ...[few.megabytes, most.megabytes, most.cpuSeconds].map((value) => value.toFixed(0))];
  });
  rmSync(samples(many), { recursive: true });
  const [first, last] = [FEW, many].map((count) => count.toLocaleString('en'));
  process.stdout.write(
    `Largest resident size, MB\n\n${table(['command', first!, last!, `processor s of ${last}`], rows)}\n\n`,
  );
}

/** A folder of `count` samples whose shards are all the first one of another folder. */
function repeatShard(from: string, to: string, count: number): void {
  const name = (index: number): string => `shard-${String(index).padStart(10, '0')}`;
  const { checksum: _, kind: __, version: ___, ...samples } = readArtifact(join(from, 'samples.json'), SamplesKind);
  const {
    checksum: ____,
    kind: _____,
    version: ______,
    ...shard
  } = readArtifact(join(from, `${name(0)}.json`), SampleShardKind);
  mkdirSync(to);
  for (let first = 0; first < count; first += shard.count) {
    for (const ending of ['f64', 'curves.f64'])
      linkSync(join(from, `${name(0)}.${ending}`), join(to, `${name(first)}.${ending}`));
    writeArtifact(join(to, `${name(first)}.json`), SampleShardKind, {
      ...shard,
      firstIndex: first,
      data: { ...shard.data, file: `${name(first)}.f64` },
      curves: { ...shard.curves, file: `${name(first)}.curves.f64` },
      failures: shard.failures.map(({ index, reason }) => ({ index: index + first, reason })),
    });
  }
  writeArtifact(join(to, 'samples.json'), SamplesKind, { ...samples, count });
}
