import { findCell, loadTechnology } from '@neuroprint/circuit';
import { formatSeconds } from '@neuroprint/core';
import { type SampleOptions, type SampleSummary, sample } from '@neuroprint/sampler';
import { TEMPLATES } from '#host';
import { withProgress } from './output.ts';
import { terminal } from './terminal.ts';

export interface SampleRequest
  extends Omit<SampleOptions, 'technology' | 'cell' | 'timeoutMilliseconds' | 'signal' | 'onProgress'> {
  /** Names of a technology and of its cell. */
  readonly technology: string;
  readonly cell: string;
  /** Seconds for one run of the simulator. */
  readonly timeout?: number;
}

/** Samples a cell with progress on standard error. */
export async function runSampling({
  technology: name,
  cell,
  timeout,
  ...options
}: SampleRequest): Promise<SampleSummary> {
  const technology = loadTechnology(TEMPLATES, name);
  return withProgress(`sample ${name} ${cell}`, (onProgress) =>
    sample({
      ...options,
      technology,
      cell: findCell(technology, cell),
      ...(timeout !== undefined && { timeoutMilliseconds: 1000 * timeout }),
      signal: terminal().signal,
      onProgress: ({ done, total, failed }) => onProgress(done, total, failed > 0 ? `${failed} failed` : ''),
    }),
  );
}

/** The lines that a person reads of a sampling. */
export function describeSampling(cell: string, summary: SampleSummary): string[] {
  const cost =
    summary.simulated === 0
      ? 'all found from an earlier run'
      : `${(1000 * summary.cpuSecondsPerCurve).toFixed(2)} ms of processor time a curve`;
  return [
    `${cell}: ${summary.converged} of ${summary.requested} designs converged in ${formatSeconds(summary.wallSeconds)}, ${cost} (${summary.engine} ${summary.simulatorVersion})`,
    `written: ${summary.out}`,
  ];
}
