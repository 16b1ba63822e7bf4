export { evaluateSurrogate, type SurrogateEvaluation } from './evaluate.ts';
export { type SurrogateContent, SurrogateModel } from './model.ts';
export { LEAST_ROWS, readSampleCsv, type SampleTable } from './sample-table.ts';
export { type TrainedSurrogate, type TrainOptions, type TrainProgress, trainSurrogate } from './train.ts';
export { type DesignBounds, OutsideTrustRegionError, TrustRegion } from './trust-region.ts';
