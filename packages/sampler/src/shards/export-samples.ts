import { UsageError, writeFileAtomic } from '@neuroprint/core';
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
  const good = [['index', ...names, ...RESULT_COLUMNS].join()];
  const bad = [['index', ...names, 'reason'].join()];
  for (const row of rows()) {
    if (row.eta === undefined) bad.push([row.index, ...row.values, `"${row.reason?.replaceAll('"', '""')}"`].join());
    else good.push([row.index, ...row.values, ...row.eta, row.residualVolts, row.differenceVolts].join());
  }
  writeFileAtomic(file, `${good.join('\n')}\n`);
  if (bad.length === 1) return [file];
  const failures = file.replace(/(\.csv)?$/i, '-failures.csv');
  writeFileAtomic(failures, `${bad.join('\n')}\n`);
  return [file, failures];
}

/** Writes all rows as Parquet: failed ones have nulls for η and a `reason`. */
function exportSamplesParquet(folder: string, file: string): string[] {
  const { samples, rows } = readSamples(folder);
  const doubles = [...samples.parameters.map((parameter) => parameter.name), ...RESULT_COLUMNS];
  const columns = doubles.map((): (number | null)[] => []);
  const indices: bigint[] = [];
  const reasons: (string | null)[] = [];
  for (const { index, values, eta, residualVolts, differenceVolts, reason } of rows()) {
    indices.push(BigInt(index));
    reasons.push(reason ?? null);
    const row = [...values, ...(eta ?? [null, null, null, null]), residualVolts, differenceVolts];
    row.forEach((value, k) => {
      columns[k]!.push(value !== null && Number.isNaN(value) ? null : value);
    });
  }
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: 'index', data: indices, type: 'INT64' },
      ...doubles.map((name, k) => ({ name, data: columns[k]!, type: 'DOUBLE' as const, nullable: true })),
      { name: 'reason', data: reasons, type: 'STRING', nullable: true },
    ],
  });
  writeFileAtomic(file, new Uint8Array(bytes));
  return [file];
}
