import { join } from 'node:path';
import {
  type Eta,
  InputFileError,
  type PortTable,
  readArtifact,
  type Samples,
  SamplesKind,
  type SampleTable,
  sha256,
} from '@neuroprint/core';
import { curveSpan, RESULT_COLUMNS, readShard, SAMPLES_FILE, type ShardRows, shardRanges } from './shard-store.ts';

/** One row of a folder of samples. */
interface SampleRow {
  readonly index: number;
  /** Ohms and metres, in the order of the cell's parameters. */
  readonly values: Float64Array;
  /** Absent where the row failed; `reason` then says why. */
  readonly eta?: Eta;
  readonly reason?: string;
  /** Rms residual of the fit, and largest difference from the exact solver's curve; NaN where there is none. */
  readonly residualVolts: number;
  readonly differenceVolts: number;
  /** The simulated curve; NaN where there is none. */
  readonly inputVolts: Float64Array;
  readonly outputVolts: Float64Array;
  /** Power from all supplies and the input at every point; absent in folders of versions that did not keep it. */
  readonly watts?: Float64Array;
}

/** A folder of samples, checked. */
export interface SampleFolder {
  readonly samples: Samples;
  readonly failures: ShardRows['failures'];
  /** The rows that converged, without their curves. */
  readonly table: SampleTable;
  /** All rows in the order of their indices, one shard in memory at a time. */
  rows(): Generator<SampleRow>;
}

/**
 * Reads a folder that `sample` has written and checks every checksum.
 * Throws InputFileError where it is incomplete or damaged, with what to do.
 */
export function readSamples(folder: string): SampleFolder {
  const path = join(folder, SAMPLES_FILE);
  const samples = readArtifact(path, SamplesKind);
  if (samples.sweep.kind === 'port') {
    throw new InputFileError(
      { file: path },
      'is of two-dimensional sweeps, which have no η',
      'Train a port model on them with surrogate train --port, or sample without --port.',
    );
  }
  const load = (range: { firstIndex: number; count: number }) => loadShard(folder, samples, range);
  const ranges = shardRanges(samples);
  const failures: ShardRows['failures'][number][] = [];
  const hashes = [samples.recipe];
  const dimensions = samples.parameters.length;
  const columns = {
    values: new Float64Array(samples.count * dimensions),
    eta: new Float64Array(samples.count * 4),
    residualVolts: new Float64Array(samples.count),
  };
  let converged = 0;
  for (const range of ranges) {
    const shard = load(range);
    failures.push(...shard.failures);
    hashes.push(sha256(new Uint8Array(shard.data.buffer)));
    converged = addConverged(shard, dimensions, columns, converged);
  }
  return {
    samples,
    failures,
    table: {
      technology: samples.technology,
      cell: samples.cell,
      parameters: samples.parameters,
      constraints: samples.constraints,
      values: columns.values.subarray(0, converged * dimensions),
      eta: columns.eta.subarray(0, converged * 4),
      residualVolts: columns.residualVolts.subarray(0, converged),
      hash: sha256(hashes.join('\n')),
    },
    *rows() {
      for (const range of ranges) yield* rowsOf(load(range), samples);
    },
  };
}

function loadShard(folder: string, samples: Samples, range: { firstIndex: number; count: number }): ShardRows {
  const shard = readShard(folder, samples, range);
  if (shard !== undefined) return shard;
  throw new InputFileError(
    { file: join(folder, SAMPLES_FILE) },
    `is incomplete: the rows ${range.firstIndex} to ${range.firstIndex + range.count - 1} are not there`,
    'Run the same sample command again: it goes on where it stopped.',
  );
}

/**
 * Reads the two-dimensional sweeps of a folder that `sample --port` has written and checks every checksum.
 * Throws InputFileError where it holds curves, or is incomplete or damaged.
 */
export function readPortSamples(folder: string): { readonly samples: Samples; readonly table: PortTable } {
  const path = join(folder, SAMPLES_FILE);
  const samples = readArtifact(path, SamplesKind);
  const { points, output } = samples.sweep;
  const { quantities } = samples;
  if (output === undefined || quantities === undefined) {
    throw new InputFileError({ file: path }, 'is of curves, not of two-dimensional sweeps', 'Sample with --port.');
  }
  const width = samples.parameters.length + RESULT_COLUMNS.length;
  const span = curveSpan(samples);
  const values: Float64Array[] = [];
  const curves: Float64Array[] = [];
  const hashes = [samples.recipe];
  for (const range of shardRanges(samples)) {
    const shard = loadShard(folder, samples, range);
    hashes.push(sha256(new Uint8Array(shard.curves.buffer)));
    const failed = new Set(shard.failures.map(({ index }) => index));
    for (let i = 0; i < shard.count; i += 1) {
      if (failed.has(shard.firstIndex + i)) continue;
      values.push(shard.data.subarray(i * width, i * width + samples.parameters.length));
      curves.push(shard.curves.subarray(i * span, (i + 1) * span));
    }
  }
  const column = (name: string): Float64Array => {
    const from = quantities.indexOf(name) * points;
    return concatenate(curves.map((curve) => curve.subarray(from, from + points)));
  };
  const table: PortTable = {
    technology: samples.technology,
    cell: samples.cell,
    parameters: samples.parameters,
    constraints: samples.constraints,
    values: concatenate(values),
    hash: sha256(hashes.join('\n')),
    points,
    inputPoints: points / output.count,
    inputVolts: column('inputVolts'),
    outputVolts: column('outputVolts'),
    outputAmperes: column('outputAmperes'),
    drainVolts: Object.fromEntries(quantities.slice(3).map((name) => [name, column(name)])),
  };
  return { samples, table };
}

function concatenate(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Copies what converged of a shard to the end of columns that hold `rows` rows already; returns how many there are then. */
function addConverged(
  shard: ShardRows,
  dimensions: number,
  columns: Readonly<Record<'values' | 'eta' | 'residualVolts', Float64Array>>,
  rows: number,
): number {
  const width = dimensions + RESULT_COLUMNS.length;
  const failed = new Set(shard.failures.map((failure) => failure.index));
  let to = rows;
  for (let i = 0; i < shard.count; i += 1) {
    if (failed.has(shard.firstIndex + i)) continue;
    const at = i * width;
    columns.values.set(shard.data.subarray(at, at + dimensions), to * dimensions);
    columns.eta.set(shard.data.subarray(at + dimensions, at + dimensions + 4), to * 4);
    columns.residualVolts[to] = shard.data[at + dimensions + 4]!;
    to += 1;
  }
  return to;
}

function* rowsOf(shard: ShardRows, samples: Samples): Generator<SampleRow> {
  const dimensions = samples.parameters.length;
  const width = dimensions + RESULT_COLUMNS.length;
  const { points } = samples.sweep;
  const span = curveSpan(samples);
  const reasons = new Map(shard.failures.map(({ index, reason }) => [index, reason]));
  for (let i = 0; i < shard.count; i += 1) {
    const index = shard.firstIndex + i;
    const row = shard.data.subarray(i * width, (i + 1) * width);
    const reason = reasons.get(index);
    const [eta1, eta2, eta3, eta4, residualVolts, differenceVolts] = row.subarray(dimensions) as unknown as number[];
    const kept = shard.curves.subarray(i * span, (i + 1) * span);
    yield {
      index,
      values: row.slice(0, dimensions),
      ...(reason === undefined ? { eta: [eta1!, eta2!, eta3!, eta4!] as const } : { reason }),
      residualVolts: residualVolts!,
      differenceVolts: differenceVolts!,
      inputVolts: kept.slice(0, points),
      outputVolts: kept.slice(points, 2 * points),
      ...(span > 2 * points && { watts: kept.slice(2 * points, 3 * points) }),
    };
  }
}
