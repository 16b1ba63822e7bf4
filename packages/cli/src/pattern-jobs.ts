import { NeuroprintError } from '@neuroprint/core';
import {
  calibratedFit,
  FITTED_GOOD,
  openPatternThread,
  type PatternChoice,
  type PatternRequest,
  PatternSearch,
  type PatternStep,
  type PatternStepResult,
  type PatternTold,
  type TestPatterns,
  testPatternsOf,
} from '@neuroprint/diagnosis';
import { inputOf, inRanges, type Job, type JobOutcome, type JobPlace, runOnHands } from '@neuroprint/jobs';

/** Good sheets that a job fits, and faults that a job judges with fits and without: seconds of work. */
const FITS = 50;
const FITTED_FAULTS = 8;
const FAULTS = 100;

/** Of a shard, or where jobs failed, there are no patterns. */
export interface PatternsMade extends Pick<JobOutcome<PatternStepResult>, 'made' | 'found' | 'failures'> {
  readonly tested: TestPatterns | undefined;
}

/** A job, and what is asked of a thread for it once what it needs is there. */
interface Step {
  readonly job: Job;
  readonly asked: (needed: readonly PatternStepResult[]) => PatternStep;
}

/** The choice, which every shard needs, as do fits to good sheets; then the faults. */
function stepsOf(request: PatternRequest, search: PatternSearch): Step[] {
  const input = inputOf({ ...request, onProgress: undefined });
  const choose: Step = {
    job: { name: 'choice', input, file: 'choice.json', common: true },
    asked: () => ({ kind: 'choose' }),
  };
  const fits = inRanges(search.isFitted ? FITTED_GOOD : 0, FITS, (from, to): Step => {
    const name = `good copies ${from} to ${to - 1}, fitted`;
    const job = { name, input, file: `fits/${from}-${to - 1}.json`, needs: ['choice'], common: true };
    return { job, asked: ([choice]) => ({ kind: 'fit', choice: choice as PatternChoice, from, to }) };
  });
  const needs = [choose, ...fits].map(({ job }) => job.name);
  const faults = inRanges(request.faults.length, search.isFitted ? FITTED_FAULTS : FAULTS, (from, to): Step => {
    const job = { name: `faults ${from} to ${to - 1}`, input, file: `faults/${from}-${to - 1}.json`, needs };
    return {
      job,
      asked: ([choice, ...rest]) => {
        const mostChiSquare = search.isFitted ? calibratedFit(chiSquaresOf(rest), search.falseAlarms).most : undefined;
        return { kind: 'findings', choice: choice as PatternChoice, mostChiSquare, from, to };
      },
    };
  });
  return [choose, ...fits, ...faults];
}

function chiSquaresOf(results: readonly PatternStepResult[]): (number | null)[] {
  return results.flatMap((one) => ('chiSquares' in one ? one.chiSquares : []));
}

/** Chooses and judges test patterns as a list of jobs. Throws the UsageError of a request that cannot be met. */
export async function findPatterns(request: PatternRequest, what: string, place: JobPlace): Promise<PatternsMade> {
  const search = new PatternSearch(request);
  const steps = stepsOf(request, search);
  const byName = new Map(steps.map((step) => [step.job.name, step]));
  const { results, made, found, failures } = await runOnHands<PatternStep, PatternStepResult, PatternTold>(
    {
      ...{ what, unit: 'part', jobs: steps.map(({ job }) => job) },
      open: () => openPatternThread(request),
      asked: ({ name }, needed) => byName.get(name)!.asked(needed),
      onTold: ({ what: doing, done, total }, { common }) => {
        // nobody knows how long the rest takes before the choice is there
        if (common === true) place.onProgress(done, total, doing);
      },
      isFatal: (error) => error instanceof NeuroprintError && error.exitCode === 2,
    },
    place,
  );
  const counts = { made, found, failures };
  if (place.shard !== undefined || failures.length > 0) return { tested: undefined, ...counts };
  const [choice, ...others] = results as PatternStepResult[];
  const findings = others.flatMap((one) => ('findings' in one ? one.findings : []));
  return { tested: testPatternsOf(search, choice as PatternChoice, chiSquaresOf(others), findings), ...counts };
}
