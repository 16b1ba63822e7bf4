import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Dataset,
  inLockedFolder,
  makeFolder,
  OutputInUseError,
  readingRecipe,
  readTextFile,
  stopwatch,
  writeFileAtomic,
} from '@neuroprint/core';
import { curvesPlot } from '@neuroprint/report';
import type { StudyContext } from '../context.ts';
import { type SearchResult, searchInjection } from './search.ts';
import { type BayesmultiSummary, METHODS, summarise } from './summary.ts';

/** Steps of a training unless epochs are given, and rows of a step. */
export const STEPS = 2000;
const BATCH_ROWS = 64;
export interface BayesmultiRequest {
  /** Reads the table with its rows split by a seed, where it does not say their split. */
  readonly read: (seed: number) => Dataset;
  readonly out: string;
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

/**
 * Searches the noise of every layer, once for every seed; trials that are in the folder are not trained again. Writes
 * trials-<seed>.csv, result.json, sigma.svg and usability.svg. Throws OutputInUseError where a result is there.
 */
export async function runBayesmulti(
  request: BayesmultiRequest,
  { signal, onProgress }: StudyContext,
): Promise<BayesmultiSummary> {
  const { read, resplit, hidden, judged, trials, draws, out } = request;
  const data = read(request.seed);
  const trainingRows = data.split.filter((part) => part === 0).length;
  const epochs = request.epochs ?? Math.ceil(STEPS / Math.ceil(trainingRows / BATCH_ROWS));
  const resultFile = join(out, 'result.json');
  if (existsSync(resultFile) && !request.overwrite)
    throw new OutputInUseError(resultFile, 'is there already', 'Name another folder with --out, or add --overwrite.');
  makeFolder(out);
  return inLockedFolder(out, async () => {
    const spent = stopwatch();
    claimFolder(out, {
      ...{ data: data.sha256, label: data.labelName, split: data.splitName, resplit, hidden, epochs, judged },
      ...readingRecipe(data),
    });
    const searches: SearchResult[] = [];
    for (let k = 0; k < request.seeds; k += 1) {
      const seed = request.seed + k;
      searches.push(
        await searchInjection(read(seed), { out, hidden, seed, epochs, judged, trials, draws }, (done) => {
          signal.throwIfAborted();
          onProgress(k * trials + done, request.seeds * trials, 'trainings');
        }),
      );
    }
    const { cpuSeconds } = spent();
    const result = summarise(data.name, searches, cpuSeconds);
    await draw(request, result);
    writeFileAtomic(resultFile, `${JSON.stringify(result, null, 1)}\n`);
    return result;
  });
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
