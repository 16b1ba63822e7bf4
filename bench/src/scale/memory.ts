import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArtifact, SampleShardKind, SamplesKind, sha256, writeArtifact } from '@neuroprint/core';
import { writeLargeTable } from '../large-table.ts';
import { table } from '../table.ts';
import type { Build } from './builds.ts';
import type { Scene } from './measures.ts';
import { command, type Taken } from './process.ts';

/** What each is measured with first: what a process takes anyway. */
const FEW = 10_000;
/** Of row n a number is so much times n larger: another float64 in every row, and within the ranges as before. */
const ROW_SHARE = 1e-13;
const CELL = ['--cell', 'negweight', '--technology', 'egt'];

/** A large table, and one of the same columns with few rows. */
const TABLE = { few: 500, many: 50_000, columns: 200 };

/**
 * Largest resident sizes: so many printed copies of Iris; so many samples inspected, exported, and gone on with; a training on a large table.
 * Samples that nobody has the time to simulate are made by rule of those of one shard: all are different.
 */
export function memory(folder: string, build: Build, scene: Scene, many: number): void {
  const samples = (count: number): string => join(folder, `samples-${count}`);
  const shard = join(folder, 'one-shard');
  command(build, folder, ['sample', ...CELL, '--count', '500', '--out', shard]);
  for (const count of [FEW, many]) shardsByRule(shard, samples(count), count);
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
  largeTable(folder, build);
}

/** The same of `train` for three epochs, in one thread and in two. */
function largeTable(folder: string, build: Build): void {
  const file = join(folder, 'table.csv');
  const taken = (rows: number, workers: number): Taken => {
    process.stderr.write(`train, ${rows.toLocaleString('en')} rows, ${workers} threads\n`);
    writeLargeTable(file, rows, TABLE.columns);
    const brief = ['--epochs', '3', '--restarts', '1', '--workers', `${workers}`];
    return command(build, folder, [
      'train',
      '--data',
      file,
      '--out',
      join(folder, `table-${rows}-${workers}`),
      ...brief,
    ]);
  };
  const rows = [1, 2].map((workers) => {
    const [few, most] = [taken(TABLE.few, workers), taken(TABLE.many, workers)];
    return [`${workers}`, ...[few.megabytes, most.megabytes, most.cpuSeconds].map((value) => value.toFixed(0))];
  });
  const [few, many] = [TABLE.few, TABLE.many].map((count) => `${count.toLocaleString('en')} rows`);
  process.stdout.write(
    `train on ${TABLE.columns} columns, largest resident size, MB\n\n${table(['threads', few!, many!, `processor s of ${many}`], rows)}\n\n`,
  );
}

/** A folder of `count` samples: the values, η and curves of a simulated shard, each a little off, by another share in every row. */
function shardsByRule(from: string, to: string, count: number): void {
  const nameOf = (index: number): string => `shard-${String(index).padStart(10, '0')}`;
  const { checksum: _, kind: __, version: ___, ...samples } = readArtifact(join(from, 'samples.json'), SamplesKind);
  const {
    checksum: ____,
    kind: _____,
    version: ______,
    ...shard
  } = readArtifact(join(from, `${nameOf(0)}.json`), SampleShardKind);
  const numbers = (file: string): Float64Array =>
    new Float64Array(new Uint8Array(readFileSync(join(from, file))).buffer);
  const [data, curves] = [numbers(shard.data.file), numbers(shard.curves.file)];
  mkdirSync(to);
  for (let first = 0; first < count; first += shard.count) {
    const written = (name: string, values: Float64Array) => {
      const width = values.length / shard.count;
      const own = values.map((value, at) => value * (1 + ROW_SHARE * (first + Math.floor(at / width))));
      const bytes = new Uint8Array(own.buffer);
      writeFileSync(join(to, name), bytes);
      return { file: name, sha256: sha256(bytes) };
    };
    writeArtifact(join(to, `${nameOf(first)}.json`), SampleShardKind, {
      ...shard,
      firstIndex: first,
      data: written(`${nameOf(first)}.f64`, data),
      curves: { ...shard.curves, ...written(`${nameOf(first)}.curves.f64`, curves) },
      failures: shard.failures.map(({ index, reason }) => ({ index: index + first, reason })),
    });
  }
  writeArtifact(join(to, 'samples.json'), SamplesKind, { ...samples, count });
}
