import { UsageError, writeFileAtomic, writeLinesAtomic } from '@neuroprint/core';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readSamples } from './read-samples.ts';
import { RESULT_COLUMNS } from './shard-store.ts';

/**
 * Writes the rows of a folder to a `.csv` or `.parquet` file, as its name says. Returns the files.
 * Throws UsageError for another ending.
 */
export function exportSamples(folder: string, file: string): string[] {
  if (/\.parquet$/i.test(file)) return exportSamplesParquet(folder, file);
  if (/\.csv$/i.test(file)) return exportSamplesCsv(folder, file);
  throw new UsageError(`${file}: the name must end in .csv or .parquet.`);
}

/**
 * Writes the rows that converged as a CSV that `surrogate train` reads (parameters in ohms and metres, eta1..eta4, residual),
 * and the others, where there are any, with their reasons to `<file>-failures.csv`. Returns the files.
 */
export function exportSamplesCsv(folder: string, file: string): string[] {
  const { samples, rows } = readSamples(folder);
  const names = samples.parameters.map((parameter) => parameter.name);
  const bad = [['index', ...names, 'reason'].join()];
  writeLinesAtomic(
    file,
    (function* () {
      yield ['index', ...names, ...RESULT_COLUMNS].join();
      for (const { index, values, eta, reason, residualVolts, differenceVolts } of rows()) {
        if (eta === undefined) bad.push([index, ...values, `"${reason?.replaceAll('"', '""')}"`].join());
        else yield [index, ...values, ...eta, residualVolts, differenceVolts].join();
      }
    })(),
  );
  if (bad.length === 1) return [file];
  const failures = file.replace(/(\.csv)?$/i, '-failures.csv');
  writeLinesAtomic(failures, bad);
  return [file, failures];
}

/** Writes all rows as Parquet: failed ones have nulls for η and a `reason`. */
function exportSamplesParquet(folder: string, file: string): string[] {
  const { samples, rows } = readSamples(folder);
  const doubles = [...samples.parameters.map((parameter) => parameter.name), ...RESULT_COLUMNS];
  const columns = doubles.map(() => new Float64Array(samples.count));
  const indices = new BigInt64Array(samples.count);
  const reasons: (string | null)[] = [];
  for (const { index, values, eta, residualVolts, differenceVolts, reason } of rows()) {
    const at = reasons.length;
    indices[at] = BigInt(index);
    reasons.push(reason ?? null);
    const row = [...values, ...(eta ?? [NaN, NaN, NaN, NaN]), residualVolts, differenceVolts];
    row.forEach((value, k) => {
      columns[k]![at] = value;
    });
  }
  const nulls = (column: Float64Array) => Array.from(column, (value) => (Number.isNaN(value) ? null : value));
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'index', data: indices, type: 'INT64' },
      ...doubles.map((name, k) => ({
        name,
        data: columns[k]!.some(Number.isNaN) ? nulls(columns[k]!) : columns[k]!,
        type: 'DOUBLE' as const,
        nullable: true,
      })),
      { name: 'reason', data: reasons, type: 'STRING', nullable: true },
    ],
  });
  writeFileAtomic(file, new Uint8Array(bytes));
  return [file];
}
