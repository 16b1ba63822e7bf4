export * from './designMap.ts';
export * from './ptanhFit.ts';
export * from './readSamples.ts';
export { OtherSamplesError, SHARD_ROWS } from './recipe.ts';
export { AUDIT_VOLTS } from './rows.ts';
export * from './sample.ts';
export { RESULT_COLUMNS, SAMPLES_FILE } from './shardStore.ts';
export * from './sobol.ts';
export * from './sweep.ts';
