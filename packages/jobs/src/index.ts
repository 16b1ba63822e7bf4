export { HandThreads } from './hand-threads.ts';
export { inputOf } from './input.ts';
export type { Job, JobFailure, JobPlan, Made, Shard } from './job.ts';
export { JsonResults } from './json-results.ts';
export { runOnHands, type ThreadedJobs } from './on-threads.ts';
export { inRanges } from './ranges.ts';
export { type JobOutcome, type JobPlace, runJobList } from './run.ts';
export { type JobCost, type JobsState, readJobsState } from './state.ts';
export type { SlurmPlace } from './task-array.ts';
