import { formatSeconds } from '@neuroprint/core';
import { type JobsState, readJobsState } from '@neuroprint/jobs';
import { defineCommand, outcome } from '../command.ts';
import { required, text, whole } from '../options.ts';

/** So many failures and remarks are listed. */
const SHOWN = 10;

/** `neuroprint jobs`: how the jobs of a folder stand, while others work at them or after. */
export const jobsCommand = defineCommand({
  positionals: { folder: required(text('The --out folder of a command that makes many things')) },
  options: {
    workers: whole('Says the time that is left on so many workers; default those that work now', { min: 1, max: 1e6 }),
  },
  examples: [
    ['$0 jobs sweep', 'How far a sweep is, and what failed'],
    ['$0 jobs ablation --workers 400', 'What is left of it on 400 cores'],
  ],
  run: ({ folder, workers }) => {
    const state = readJobsState(folder);
    const { done, total, failed, failures, cost } = state;
    const secondsLeft = workers === undefined ? state.secondsLeft : leftOn(workers, state);
    return outcome(
      { asPromised: failed === 0, ...state, ...(secondsLeft === undefined ? {} : { secondsLeft }) },
      [
        ...(failed === 0 ? [] : [`NOT AS PROMISED: ${failed} of ${total} failed: ${failures[0]!.name}`]),
        `${state.what}: ${done} of ${total} done${countsOf(state)}`,
        ...(cost === undefined ? [] : [`a job takes ${formatSeconds(cost.seconds)}${processorOf(cost)}`]),
        ...(secondsLeft === undefined || done === total
          ? []
          : [
              `about ${formatSeconds(secondsLeft)} left on ${inWorkers(workers ?? Math.max(1, state.running))}${state.running === 0 ? ', once somebody works at them' : ''}`,
            ]),
        ...failures
          .slice(0, SHOWN)
          .map(
            ({ name, reason, hint, host, times }) =>
              `failed     ${name} on ${host}${times > 1 ? `, ${times} times` : ''}: ${reason}${hint === undefined ? '' : `\n           ${hint}`}`,
          ),
        ...(failures.length > SHOWN ? [`           and ${failures.length - SHOWN} more, which --json lists`] : []),
        ...state.said.slice(-SHOWN).map(({ at, host, what }) => `${at} ${host}: ${what}`),
      ],
      failed === 0 ? 0 : 3,
    );
  },
});

function countsOf({ running, left, failed, waiting }: JobsState): string {
  const counts = [
    [running, 'being done'],
    [waiting, 'waiting'],
    [left, 'left by a process that is gone'],
    [failed, 'failed'],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `, ${count} ${what}`)
    .join('');
}

function processorOf({ cpuSeconds, measured }: NonNullable<JobsState['cost']>): string {
  const processor = cpuSeconds === undefined ? '' : `, ${formatSeconds(cpuSeconds)} of processor time`;
  return `${processor} (mean of ${measured})`;
}

function inWorkers(workers: number): string {
  return workers === 1 ? 'one worker' : `${workers} workers`;
}

/** Seconds that so many workers take for what is not done: whole rounds of jobs, and never less than one job took. */
function leftOn(workers: number, { total, done, cost }: JobsState): number | undefined {
  if (cost === undefined || done === total) return cost && 0;
  return Math.max(cost.longestSeconds, Math.ceil((total - done) / workers) * cost.seconds);
}
