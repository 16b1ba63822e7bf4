import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Dataset,
  makeFolder,
  OutputInUseError,
  openThread,
  readingRecipe,
  readTextFile,
  writeFileAtomic,
} from '@neuroprint/core';
import { HandThreads, type Job, type JobFailure, JsonResults, runJobList } from '@neuroprint/jobs';
import { curvesPlot } from '@neuroprint/report';
import { placeOf, type StudyContext, type StudyPlace } from '../context.ts';
import { recipeOf, rowFileOf } from '../recipe.ts';
import type { SearchResult } from './search.ts';
import type { SearchJob } from './search-worker.ts';
import { type BayesmultiSummary, METHODS, summarise } from './summary.ts';

/** Steps of a training unless epochs are given, and rows of a step. */
export const STEPS = 2000;
const BATCH_ROWS = 64;
export interface BayesmultiRequest extends StudyPlace {
  /** Reads the table with its rows split by a seed, where it does not say their split. */
  readonly read: (seed: number) => Dataset;
  readonly resplit: boolean;
  readonly hidden: readonly number[];
  /** In multiples of the drift at which plain training loses 20 points. */
  readonly judged: readonly number[];
  readonly trials: number;
  readonly draws: number;
  readonly epochs?: number;
  readonly seed: number;
  readonly seeds: number;
  readonly overwrite: boolean;
}

/** Throws OutputInUseError where the trials in a folder are those of other settings. */
function claimFolder(out: string, settings: object): void {
  const file = join(out, 'settings.json');
  const text = `${JSON.stringify(settings, null, 1)}\n`;
  if (existsSync(file) && readTextFile(file) !== text)
    throw new OutputInUseError(file, 'the trials there are of other settings', 'Name another folder with --out.');
  writeFileAtomic(file, text);
}

/** The search of one seed as it is kept: one with fewer trials is gone on with. */
interface SearchRow extends SearchResult {
  readonly draws: number;
}

export interface BayesmultiResult {
  /** Undefined for a shard, and where a search has failed. */
  readonly summary: BayesmultiSummary | undefined;
  readonly made: number;
  readonly found: number;
  readonly failures: readonly JobFailure[];
}

/**
 * Searches the noise of every layer, once for every seed, a job each; trials that are in the folder are not trained again. Writes
 * trials-<seed>.csv, result.json, sigma.svg and usability.svg. Throws OutputInUseError where a result is there.
 */
export async function runBayesmulti(request: BayesmultiRequest, context: StudyContext): Promise<BayesmultiResult> {
  const { read, resplit, hidden, judged, trials, draws, out } = request;
  const data = read(request.seed);
  const trainingRows = data.split.filter((part) => part === 0).length;
  const epochs = request.epochs ?? Math.ceil(STEPS / Math.ceil(trainingRows / BATCH_ROWS));
  const resultFile = join(out, 'result.json');
  if (existsSync(resultFile) && !request.overwrite)
    throw new OutputInUseError(resultFile, 'is there already', 'Name another folder with --out, or add --overwrite.');
  makeFolder(out);
  const settings = {
    ...{ data: data.sha256, label: data.labelName, split: data.splitName, resplit, hidden, epochs, judged },
    ...readingRecipe(data),
  };
  claimFolder(out, settings);
  const store = new JsonResults<SearchRow>(out);
  const seeds = new Map(
    Array.from({ length: request.seeds }, (_, k) => [`seed-${request.seed + k}`, request.seed + k]),
  );
  const jobs = [...seeds].map(
    ([name, seed]): Job => ({ name, input: recipeOf({ ...settings, seed }), file: rowFileOf(name) }),
  );
  const file = new URL('./search-worker.js', import.meta.url);
  const threads = new HandThreads(() => openThread<SearchJob, SearchResult, number>(file));
  const told = new Map<string, number>();
  const outcome = await runJobList<SearchRow>(
    {
      ...{ what: `noise for ${data.name} by BayesMulti`, unit: 'search', jobs },
      read: (job) => {
        const row = store.read(job);
        return row?.trials === trials && row.draws === draws ? row : undefined;
      },
      work: async (job, hand) => {
        const seed = seeds.get(job.name)!;
        const options = { out, hidden, seed, epochs, judged, trials, draws };
        const onTrial = (done: number) => {
          const all = [...told.set(job.name, done).values()].reduce((a, b) => a + b);
          context.onProgress(all, jobs.length * trials, 'trainings');
        };
        const result = await threads.run(hand, { data: read(seed), options }, onTrial);
        return { result: store.write(job, { ...result, draws }) };
      },
    },
    { ...placeOf(request, context), onProgress: () => undefined },
  ).finally(() => threads.close());
  const { made, found, failures, cpuSeconds } = outcome;
  const searches = outcome.results.filter((row) => row !== undefined);
  const counts = { made, found, failures };
  if (request.shard !== undefined || failures.length > 0) return { summary: undefined, ...counts };
  const summary = summarise(data.name, searches, cpuSeconds);
  await draw(request, summary);
  writeFileAtomic(resultFile, `${JSON.stringify(summary, null, 1)}\n`);
  return { summary, ...counts };
}

async function draw({ out, seeds, draws }: BayesmultiRequest, result: BayesmultiSummary): Promise<void> {
  for (const [name, axis] of [
    ['sigma', { quantity: 'σ of log-normal drift', unit: '1' }],
    ['usability', { quantity: 'usability e^(−σ)', unit: '1', reversed: true }],
  ] as const) {
    const { svg } = await curvesPlot({
      name,
      title: `${result.dataset}: ${seeds} × ${draws} copies`,
      description: `Accuracy of plain, injected and drift-aware training against ${axis.quantity}.`,
      x: axis,
      y: { quantity: 'test accuracy', unit: 'share', percent: true },
      curves: METHODS.map(([method, label]) => {
        const { at, mean, std } = result[method][name];
        return {
          label,
          x: at,
          y: mean,
          low: mean.map((m, k) => m - std[k]!),
          high: mean.map((m, k) => Math.min(1, m + std[k]!)),
        };
      }),
    });
    writeFileAtomic(join(out, `${name}.svg`), svg);
  }
}
