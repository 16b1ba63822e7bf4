import { findCell, loadTechnology } from '@neuroprint/circuit';
import { formatSeconds } from '@neuroprint/core';
import { type SampleSummary, sample } from '@neuroprint/sampler';
import type { Engine, EngineChoice } from '@neuroprint/spice';
import { given } from './options.ts';
import { Progress } from './output.ts';
import { TEMPLATES } from './paths.ts';
import { terminal } from './terminal.ts';

export interface SampleRequest {
  readonly technology: string;
  readonly cell: string;
  readonly count: number;
  readonly out: string;
  readonly seed?: number | undefined;
  readonly shard?: { readonly index: number; readonly of: number } | undefined;
  readonly engine: EngineChoice | Engine;
  readonly workers?: number | undefined;
  readonly sweepPoints?: number | undefined;
  readonly port?: boolean;
  readonly maxFailures?: number | undefined;
  readonly timeout?: number | undefined;
  readonly reuse?: readonly string[] | undefined;
}

/** Samples a cell with progress on standard error. */
export async function runSampling(request: SampleRequest): Promise<SampleSummary> {
  const technology = loadTechnology(TEMPLATES, request.technology);
  const cell = findCell(technology, request.cell);
  const progress = new Progress(`sample ${request.technology} ${request.cell}`);
  try {
    return await sample({
      technology,
      cell,
      count: request.count,
      out: request.out,
      engine: request.engine,
      signal: terminal().signal,
      ...given({
        seed: request.seed,
        shard: request.shard,
        workers: request.workers,
        sweepPoints: request.sweepPoints,
        port: request.port,
        maxFailures: request.maxFailures,
        timeoutMilliseconds: request.timeout === undefined ? undefined : 1000 * request.timeout,
        reuse: request.reuse,
      }),
      onProgress: ({ done, total, failed }) => progress.update(done, total, failed > 0 ? `${failed} failed` : ''),
    });
  } finally {
    progress.done();
  }
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
