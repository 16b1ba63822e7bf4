import { join } from 'node:path';
import type { Technology } from '@neuroprint/circuit';
import {
  type ArtifactContent,
  availableCores,
  type ClassScores,
  formatUnits,
  inLockedFolder,
  makeArtifact,
  platform,
  TrainedNetworkKind,
  untilAborted,
  writeArtifact,
  writeFileAtomic,
} from '@neuroprint/core';
import type { TrainingReportData } from '@neuroprint/report';
import {
  DEFAULT_OPTIONS,
  defaultPowerPrice,
  type ProblemRequest,
  readProblem,
  resolveOptions,
  TrainingCrew,
  type TrainingOptions,
  type TrainingResult,
} from '@neuroprint/training';
import { TEMPLATES } from '#host';
import { openCheckpoint } from './checkpoint.ts';
import { withProgress } from './output.ts';
import { terminal } from './terminal.ts';
import { TimeLeft } from './time-left.ts';
import { classScoresOf } from './train-scores.ts';

export interface TrainRequest extends Omit<ProblemRequest, 'templates'>, Omit<TrainingOptions, 'seed'> {
  readonly out: string;
  readonly overwrite: boolean;
  /** Threads; where none are given, one per core for what is large. */
  readonly workers?: number | undefined;
}

/** Writes network.json and the page about its training; with a technology the page has the room of trained components in it. */
export async function writeTrained(
  out: string,
  network: ArtifactContent<typeof TrainedNetworkKind>,
  history: TrainingReportData['history'],
  byClass: ClassScores | undefined,
  technology?: Technology,
): Promise<void> {
  const made = makeArtifact(TrainedNetworkKind, network);
  const { renderTrainingReport } = await import('@neuroprint/report');
  const { html } = await renderTrainingReport({ network: made, history, byClass, technology });
  const page = join(out, 'report.html');
  writeFileAtomic(page, html);
  try {
    // last: a folder that has a network is complete, and without one a training goes on from its checkpoint
    writeArtifact(join(out, 'network.json'), TrainedNetworkKind, network);
  } catch (error) {
    platform.files.remove(page);
    throw error;
  }
}

/** Bytes of a table below which more threads than two take longer to warm up than they save. */
const SMALL_BYTES = 100_000;

/** Work with threads for a training, which end whatever happens. They begin to load at once: before the table is read, so that both go on at the same time. */
export async function withTrainingCrew<T>(
  table: string,
  { workers, restarts = DEFAULT_OPTIONS.restarts }: Pick<TrainRequest, 'workers' | 'restarts'>,
  work: (crew: TrainingCrew) => Promise<T>,
): Promise<T> {
  const most = (platform.files.stat(table)?.bytes ?? 0) < SMALL_BYTES ? 2 : availableCores();
  const crew = new TrainingCrew(workers ?? Math.min(most, availableCores(), restarts));
  try {
    return await work(crew);
  } finally {
    await crew.close();
  }
}

/**
 * Trains a network on a table in threads and writes `out/network.json`; any number of them gives the same bits. Its state is kept in
 * `out/checkpoint.json` meanwhile; the same request goes on from there, to the same bits.
 */
export function runTraining(
  crew: TrainingCrew,
  request: TrainRequest,
): Promise<TrainingResult & { readonly clippedCells: number; readonly byClass: ClassScores | undefined }> {
  return trainWith(crew, { ...request, powerPenalty: request.powerPenalty ?? defaultPowerPrice(request.data) });
}

async function trainWith(crew: TrainingCrew, request: TrainRequest): ReturnType<typeof runTraining> {
  const { out, overwrite } = request;
  const problem = readProblem({ ...request, templates: TEMPLATES });
  const checkpoint = openCheckpoint(out, overwrite, problem, request);
  return inLockedFolder(out, async () => {
    const { signal, tell } = terminal();
    const timeLeft = new TimeLeft();
    const result = await withProgress(`train ${problem.name}`, (onProgress) => {
      const training = crew.train(problem, resolveOptions(request), {
        onProgress: ({ looks, seconds, ...progress }) => {
          const { done, total, restart, restarts, trainLoss, validAccuracy, validRmse } = progress;
          onProgress(
            done,
            total,
            `start ${restart + 1} of ${restarts}, loss ${trainLoss.toFixed(3)}, validation ${validRmse === undefined ? `accuracy ${validAccuracy!.toFixed(3)}` : `RMSE ${formatUnits(validRmse)}`}`,
          );
          const secondsLeft = timeLeft.at(seconds, done, total);
          for (const look of looks)
            tell?.({
              ...{ printedBand: undefined, validAccuracy: undefined, validRmse: undefined },
              ...look,
              ...{ kind: 'training', restarts, done, total, secondsLeft },
            });
        },
        onState: (state) => checkpoint.save(state()),
        resume: checkpoint.resume,
      });
      // the page is drawn by much code, which loads and warms up meanwhile
      const drawing = import('@neuroprint/report').then(({ warmUpTrainingReport }) => warmUpTrainingReport());
      return untilAborted(
        training.then(async (trained) => {
          await drawing;
          return trained;
        }),
        signal,
      );
    });
    const { network, history, bestRestart } = result;
    const { technology } = problem;
    const byClass = classScoresOf(network, problem.test, technology);
    await writeTrained(
      out,
      network,
      history.filter(({ restart }) => restart === bestRestart),
      byClass,
      technology,
    );
    checkpoint.remove();
    return { ...result, byClass, clippedCells: problem.valid.clipped + problem.test.clipped };
  });
}
