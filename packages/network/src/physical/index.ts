export { type PhysicalJob, type PhysicalJobResult, runPhysicalJobs } from './jobs.ts';
export { PHYSICAL_MODES, type PhysicalMode, type PhysicalOptions } from './options.ts';
export { type SignFlipHistory, signFlipHistory } from './signFlip.ts';
export { type PhysicalResult, trainPhysical } from './train.ts';
export { WEIGHT_MAPS, type WeightMap } from './weights.ts';
