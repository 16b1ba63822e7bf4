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
export * from './dense/index.ts';
export {
  JobError,
  type JobHooks,
  type JobResult,
  type PortableProblem,
  runJob,
  runJobs,
  type TrainingJob,
} from './jobs.ts';
export { SHARES, type Share } from './layer/parameters.ts';
export * from './local/errors.ts';
export { DIRECTIONS, type Direction } from './local/gradient.ts';
export type { Graph } from './local/graph.ts';
export { TARGETS, type Targets } from './local/learn.ts';
export { runStudies } from './local/pool.ts';
export { resistorNetworkFile, type StateName, stateCircuit } from './local/portable.ts';
export { DEFAULT_SCALE, type ResistorNetwork, type ResistorScale } from './local/resistors.ts';
export { RULES, type Rule } from './local/rules.ts';
export { type Feedback, learnStages, type StageEpoch } from './local/stages.ts';
export { StageCircuit, type StageDesign } from './local/stagesCircuit.ts';
export { type Comparison, runStudy, type Study, type StudyJob, type StudyResult } from './local/study.ts';
export { REGRESSION_NAMES, type RegressionName, SELECTIONS, type Selection } from './local/tasks.ts';
export type { KernelChoice } from './model.ts';
export { type DenseLayer, evaluatePerceptron, readPerceptron } from './onnx/perceptron.ts';
export { type PrintedPerceptron, printPerceptron } from './onnx/printed.ts';
export { DEFAULT_OPTIONS, resolveOptions, type TrainingOptions } from './options.ts';
export * from './physical/index.ts';
export {
  ACTIVATION_CELL,
  FALLING_CELL,
  type NetworkContent,
  type TrainingProblem,
} from './problem.ts';
export * from './regression/index.ts';
export { type TrainingResult, trainNetwork } from './train.ts';
export type { HistoryEntry, TrainingHooks, TrainingProgress } from './trainer.ts';
