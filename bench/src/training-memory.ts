import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJob } from '@neuroprint/training';
import { writeLargeTable } from './large-table.ts';
import { problemOf } from './training-problem.ts';

/*
 * A process of its own, because the largest resident size is one of a process: writes a table of so many rows and columns,
 * reads it, trains one epoch on it, and prints what that took as JSON.
 */
const [rows, columns, surrogates] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]!];
const folder = mkdtempSync(join(tmpdir(), 'neuroprint-memory-'));
try {
  const file = join(folder, 'table.csv');
  writeLargeTable(file, rows, columns);
  const before = process.resourceUsage().maxRSS;
  const problem = problemOf(file, surrogates);
  const read = process.resourceUsage().maxRSS;
  const { cpuSeconds } = runJob({ kind: 'printed', problem, options: { epochs: 3, restarts: 1 } });
  const trained = process.resourceUsage().maxRSS;
  const megabytes = (kilobytes: number) => Math.round(kilobytes / 1000);
  process.stdout.write(
    JSON.stringify({ before: megabytes(before), read: megabytes(read), trained: megabytes(trained), cpuSeconds }),
  );
} finally {
  rmSync(folder, { recursive: true });
}
