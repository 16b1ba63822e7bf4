export { type KernelAgreement, kernelAgreement } from './agreement.ts';
export { type BaselineOptions, type BaselineResult, trainBaseline } from './baseline.ts';
export {
  BASELINE_TITLES,
  BASELINES,
  type BaselineName,
  type BaselineProblem,
  type BaselineRow,
  baselines,
} from './baselines/baselines.ts';
export type { NetworkCost } from './cost/cost.ts';
export type { CurveModel } from './curve.ts';
export { JobError, type JobResult, type PortableProblem, runJob, runJobs, type TrainingJob } from './jobs.ts';
export { SHARES, type Share } from './layer/parameters.ts';
export type { NodeRule } from './layer/weights.ts';
export type { KernelChoice } from './model.ts';
export { DEFAULT_OPTIONS, type TrainingOptions } from './options.ts';
export {
  ACTIVATION_CELL,
  FALLING_CELL,
  type NetworkContent,
  type TrainingProblem,
} from './problem.ts';
export { type HistoryEntry, type TrainingProgress, type TrainingResult, trainNetwork } from './train.ts';
