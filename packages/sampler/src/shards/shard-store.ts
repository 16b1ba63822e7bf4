import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  InputFileError,
  NeuroprintError,
  OutputInUseError,
  readArtifact,
  type SampleShard,
  SampleShardKind,
  type Samples,
  SamplesKind,
  sha256,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import { assertSameRecipe, type SamplesContent } from '../rows/recipe.ts';

export const SAMPLES_FILE = 'samples.json';
/** Columns after the component values. */
export const RESULT_COLUMNS = ['eta1', 'eta2', 'eta3', 'eta4', 'residualVolts', 'differenceVolts'] as const;

/** One shard in memory: `data` [count × columns], `curves` [count × quantities × points], failures by index. */
export interface ShardRows {
  readonly firstIndex: number;
  readonly count: number;
  readonly data: Float64Array;
  readonly curves: Float64Array;
  readonly failures: readonly { readonly index: number; readonly reason: string }[];
}

/** Numbers that are kept of the curve of one row. */
export function curveSpan({ quantities, sweep }: Pick<SamplesContent, 'quantities' | 'sweep'>): number {
  return (quantities?.length ?? 2) * sweep.points;
}

/** The index ranges of the shards of a folder: cut at multiples of `shardRows`, so that neighbours of other folders fit. */
export function shardRanges(samples: Pick<SamplesContent, 'firstIndex' | 'count' | 'shardRows'>) {
  const ranges: { firstIndex: number; count: number }[] = [];
  const end = samples.firstIndex + samples.count;
  for (let first = samples.firstIndex; first < end; ) {
    const next = Math.min(end, (Math.floor(first / samples.shardRows) + 1) * samples.shardRows);
    ranges.push({ firstIndex: first, count: next - first });
    first = next;
  }
  return ranges;
}

/** What a folder of samples holds besides shards: what was asked for, and what became of its jobs. */
const OWN_ENTRIES = ['jobs.json', 'ledger', 'slurm'];

/**
 * Checks that a folder is for these samples: it is empty, or asks for the same or for a part of it, because a folder may grow.
 * Throws OutputInUseError for a folder with other files, OtherSamplesError.
 */
export function assertFolderFor(folder: string, wanted: SamplesContent): void {
  const path = join(folder, SAMPLES_FILE);
  if (existsSync(path)) {
    const there = readArtifact(path, SamplesKind);
    const { firstIndex, count } = grows(there, wanted) ? wanted : there;
    assertSameRecipe(folder, { ...there, firstIndex, count }, wanted);
    return;
  }
  const entries = existsSync(folder) ? readdirSync(folder) : [];
  if (entries.some((entry) => !entry.startsWith('.') && !OWN_ENTRIES.includes(entry))) {
    throw new OutputInUseError(
      folder,
      `the folder is not empty and has no ${SAMPLES_FILE}`,
      'Name another folder with --out.',
    );
  }
}

/** Claims a folder for these samples: writes samples.json where it does not say so. Throws as assertFolderFor does. */
export function claimFolder(folder: string, wanted: SamplesContent): void {
  assertFolderFor(folder, wanted);
  const path = join(folder, SAMPLES_FILE);
  const there = existsSync(path) ? readArtifact(path, SamplesKind) : undefined;
  if (there === undefined || there.firstIndex !== wanted.firstIndex || there.count !== wanted.count)
    writeArtifact(path, SamplesKind, wanted);
}

function grows(there: Samples, { firstIndex, count }: SamplesContent): boolean {
  return there.firstIndex >= firstIndex && there.firstIndex + there.count <= firstIndex + count;
}

/** The files of a shard: the sidecar that vouches for it, and those before. */
export function shardFiles(firstIndex: number): { readonly file: string; readonly besides: readonly string[] } {
  const name = shardName(firstIndex);
  return { file: `${name}.json`, besides: [`${name}.f64`, `${name}.curves.f64`] };
}

function shardName(firstIndex: number): string {
  return `shard-${String(firstIndex).padStart(10, '0')}`;
}

/** Writes a shard: data and curves first, the sidecar that vouches for them last. */
export function writeShard(folder: string, samples: SamplesContent, rows: ShardRows): void {
  const name = shardName(rows.firstIndex);
  const write = (file: string, values: Float64Array) => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    writeFileAtomic(join(folder, file), bytes);
    return { file, sha256: sha256(bytes) };
  };
  const data = write(`${name}.f64`, rows.data);
  const curves = write(`${name}.curves.f64`, rows.curves);
  writeArtifact(join(folder, `${name}.json`), SampleShardKind, {
    inputHashes: samples.inputHashes,
    technology: samples.technology,
    cell: samples.cell,
    recipe: samples.recipe,
    simulator: samples.simulator,
    firstIndex: rows.firstIndex,
    count: rows.count,
    columns: [...samples.parameters.map((parameter) => parameter.name), ...RESULT_COLUMNS],
    data,
    curves: { ...curves, points: samples.sweep.points },
    failures: [...rows.failures],
  });
}

/** Keeps the deck of a row whose simulated curve is not the exact solver's: `ngspice -b incident-<index>.cir` shows it. */
export function writeIncident(folder: string, index: number, deck: string): void {
  writeFileAtomic(join(folder, `incident-${String(index).padStart(10, '0')}.cir`), deck);
}

/**
 * Reads and checks the shard that starts at an index: sidecar, recipe, range, sizes, checksums.
 * Returns undefined where there is no sidecar; throws InputFileError where something is damaged.
 */
export function readShard(
  folder: string,
  samples: SamplesContent | Samples,
  range: { readonly firstIndex: number; readonly count: number },
): ShardRows | undefined {
  const path = join(folder, `${shardName(range.firstIndex)}.json`);
  if (!existsSync(path)) return undefined;
  const shard = readArtifact(path, SampleShardKind);
  if (shard.recipe !== samples.recipe) throw damaged(path, 'belongs to other samples');
  if (shard.firstIndex !== range.firstIndex || shard.count !== range.count) {
    throw damaged(
      path,
      `holds rows ${shard.firstIndex} to ${shard.firstIndex + shard.count - 1}, not the range of its name`,
    );
  }
  const name = shardName(range.firstIndex);
  const data = readFloats(folder, `${name}.f64`, shard.data, shard.count * shard.columns.length);
  const curves = readFloats(folder, `${name}.curves.f64`, shard.curves, shard.count * curveSpan(samples));
  return { firstIndex: shard.firstIndex, count: shard.count, data, curves, failures: shard.failures };
}

/** The shard, or undefined where it is missing or damaged and has to be made again. */
export function readValidShard(folder: string, samples: SamplesContent, range: { firstIndex: number; count: number }) {
  try {
    return readShard(folder, samples, range);
  } catch (error) {
    if (error instanceof NeuroprintError) return undefined;
    throw error;
  }
}

function readFloats(folder: string, file: string, entry: SampleShard['data'], length: number): Float64Array {
  const path = join(folder, file);
  if (!existsSync(path)) throw damaged(path, 'is missing');
  const bytes = readFileSync(path);
  if (bytes.length !== length * 8) throw damaged(path, `has ${bytes.length} bytes instead of ${length * 8}`);
  if (sha256(bytes) !== entry.sha256) throw damaged(path, 'is damaged: its checksum does not match');
  const values = new Float64Array(length);
  new Uint8Array(values.buffer).set(bytes);
  return values;
}

function damaged(file: string, message: string): InputFileError {
  return new InputFileError(
    { file },
    message,
    'Run the same sample command again: it makes what is missing or damaged.',
  );
}
