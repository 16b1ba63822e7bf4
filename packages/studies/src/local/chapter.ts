import { type JobThread, openThread } from '@neuroprint/core';
import type { Plot } from '@neuroprint/report';
import { type CircuitJob, doCircuitJob } from './circuit-job.ts';
import type { StageEpoch } from './stages.ts';
import { doStagesJob, type StagesJob } from './stages-job.ts';
import { runStudy, type StudyJob, type StudyResult } from './study.ts';

/** A piece of a chapter: networks of resistors, or one network of stages. */
export type LocalJob = { readonly kind: 'resistors'; readonly networks: readonly StudyJob[] } | StagesJob | CircuitJob;

/** Of resistors, a result a network; of stages, the histories of learning. */
export type LocalResult =
  | { readonly networks: readonly StudyResult[] }
  | { readonly histories: readonly (readonly StageEpoch[])[]; readonly ideal?: number };

/** A table, its numbers, and figures. */
export interface Part {
  readonly markdown: string;
  readonly numbers: object;
  readonly plots: readonly Plot[];
}

/** What is computed for a part of the study, and what is made of the results, which come in the order of the jobs. */
export interface Chapter {
  readonly jobs: readonly LocalJob[];
  readonly toPart: (results: readonly LocalResult[]) => Part | Promise<Part>;
}

/** Networks of a job at most. */
const NETWORKS = 100;

/** A chapter of networks of resistors in groups, such as all seeds of one rule. */
export function chapterOfGroups(
  groups: readonly (readonly StudyJob[])[],
  toPart: (results: readonly (readonly StudyResult[])[]) => Part | Promise<Part>,
): Chapter {
  const pieces = groups.map((group) =>
    Array.from({ length: Math.ceil(group.length / NETWORKS) }, (_, k) => group.slice(k * NETWORKS, (k + 1) * NETWORKS)),
  );
  return {
    jobs: pieces.flat().map((networks) => ({ kind: 'resistors', networks })),
    toPart: (results) => {
      const left = (results as readonly { readonly networks: readonly StudyResult[] }[]).values();
      return toPart(pieces.map((own) => own.flatMap(() => left.next().value!.networks)));
    },
  };
}

/** Does one job. */
export function doLocalJob(job: LocalJob): LocalResult {
  if (job.kind === 'stages') return doStagesJob(job);
  if (job.kind === 'circuit') return doCircuitJob(job);
  return { networks: job.networks.map((network) => runStudy(network).result) };
}

/** Starts a thread that does one job after another. */
export function openLocalThread(): JobThread<LocalJob, LocalResult> {
  return openThread(new URL('./local-worker.js', import.meta.url));
}
