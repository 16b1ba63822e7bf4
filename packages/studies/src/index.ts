export { crossing, rankCorrelation, type StudiedNetwork, studyActivations } from './activations/activation-study.ts';
export { scoreRegression, trainRegression } from './activations/regress.ts';
export { type RegressionTable, readRegressionTable } from './activations/regression-table.ts';
export { BASELINE_TITLES, BASELINES, type BaselineName, type BaselineRow, baselines } from './baselines/baselines.ts';
export { certifiedRadius, publishedRadius, smoothedProbabilities } from './bayesmulti/certificate.ts';
export {
  type DenseTrainingOptions,
  denseAccuracy,
  denseUnderVariation,
  type Injection,
  trainDense,
} from './bayesmulti/classify.ts';
export { DenseNetwork } from './bayesmulti/dense-network.ts';
export { type ClassRows, denseRows } from './bayesmulti/dense-rows.ts';
export { type PhysicalJob, type PhysicalJobResult, runPhysicalJobs } from './kirchhoff/kirchhoff-jobs.ts';
export { signFlipHistory } from './kirchhoff/sign-flip.ts';
export { DIRECTIONS } from './local/gradient.ts';
export type { Graph } from './local/graph.ts';
export { TARGETS, type Targets } from './local/learn.ts';
export { runStudies } from './local/pool.ts';
export { resistorNetworkFile, type StateName, stateCircuit } from './local/portable.ts';
export { DEFAULT_SCALE, type ResistorNetwork } from './local/resistors.ts';
export { RULES, type Rule } from './local/rules.ts';
export { type Feedback, learnStages, type StageEpoch } from './local/stages.ts';
export { StageCircuit, type StageDesign } from './local/stages-circuit.ts';
export { runStudy, type StudyJob, type StudyResult } from './local/study.ts';
export { REGRESSION_NAMES, type RegressionName, SELECTIONS, type Selection } from './local/tasks.ts';
