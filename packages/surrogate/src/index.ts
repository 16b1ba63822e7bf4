export { type SurrogateContent, SurrogateModel } from './model.ts';
export { LEAST_ROWS, readSampleCsv, type SampleTable } from './sample-table.ts';
export { type DesignBounds, OutsideTrustRegionError, TrustRegion } from './trust-region.ts';
