export {
  type CircuitOptions,
  type CircuitProblem,
  type CircuitResult,
  HIDDEN_CELLS,
  type HiddenCell,
  trainCircuit,
} from './circuit.ts';
export { type PhysicalJob, type PhysicalJobResult, runPhysicalJobs } from './jobs.ts';
export { PHYSICAL_MODES, type PhysicalMode, type PhysicalOptions } from './options.ts';
export { type SignFlipHistory, signFlipHistory } from './signFlip.ts';
export { type PhysicalResult, trainPhysical } from './train.ts';
export { WEIGHT_MAPS, type WeightMap } from './weights.ts';
