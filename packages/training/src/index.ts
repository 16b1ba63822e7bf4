export { type BaselineOptions, trainBaseline } from './digital.ts';
export { type Ask, featuresOf, teacherOf } from './import/distil.ts';
export { classesOf, decisionsOf, endOf, limitOf, spelled } from './import/onnx/meaning.ts';
export { decided, type SingleOutput } from './import/onnx/output.ts';
export { type ExaminedModel, examineModel, type MappedModel } from './import/onnx/read-model.ts';
export { type ModelOutput, openModel, type RunningModel, requireModel } from './import/onnx/runtime.ts';
export { type DenseLayer, evaluatePerceptron } from './import/perceptron.ts';
export { printPerceptron } from './import/print-perceptron.ts';
export {
  type JobResult,
  openTrainingThread,
  type PortableProblem,
  runJob,
  runJobs,
  type TrainingJob,
} from './jobs.ts';
export { type Activation, bandPass, CellActivation, evenSigmoid, identity, sigmoid } from './opamp/activation.ts';
export { type PhysicalLayer, PhysicalModel } from './opamp/kirchhoff-model.ts';
export {
  type PhysicalMode,
  type PhysicalOptions,
  type ResolvedPhysicalOptions,
  resolvePhysicalOptions,
} from './opamp/kirchhoff-options.ts';
export { START_SPREAD, startOf } from './opamp/starts.ts';
export { type CircuitOptions, HIDDEN_CELLS, type HiddenCell, trainCircuit } from './opamp/train-circuit.ts';
export { entriesOf, WEIGHT_MAPS, type WeightMap } from './opamp/weight-maps.ts';
export { standardLine } from './output-line.ts';
export { kernelAgreement } from './printed/agreement.ts';
export type { NetworkCost } from './printed/cost/measured.ts';
export { SHARES, type Share } from './printed/layer/parameters.ts';
export {
  DEFAULT_OPTIONS,
  defaultPowerPrice,
  FREE_POWER_SAVED_WATTS,
  resolveOptions,
  type TrainingOptions,
} from './printed/options.ts';
export type { Agreement } from './printed/outcome.ts';
export { ACTIVATION_CELL, FALLING_CELL, measuredInTraining, type TrainingProblem } from './printed/problem.ts';
export { type ProblemRequest, readProblem, tableOf } from './printed/read-problem.ts';
export { BLOCK_ROWS, type Block, blocksOf } from './printed/rows.ts';
export { type TrainingResult, trainNetwork } from './printed/train.ts';
export { TrainingCrew } from './training-crew.ts';
