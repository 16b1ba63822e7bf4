export { CurveSurrogate } from './curve.ts';
export { type CurveRows, curveTest } from './curve-train.ts';
export { errorBars } from './error-bar.ts';
export { comparePredicted, evaluateSurrogate, type SurrogateEvaluation } from './evaluate.ts';
export { readSurrogate, surrogateFolder, writeSurrogate } from './files.ts';
export type { Fitter } from './fit.ts';
export { ForeignSurrogate } from './foreign.ts';
export { type SurrogateContent, SurrogateModel } from './model.ts';
export { encodeOnnx } from './onnx.ts';
export { LEAST_ROWS, readSampleCsv, withCurves } from './sample-table.ts';
export { tfjsFitter } from './tfjs.ts';
export { readTfjsModel, writeTfjsModel } from './tfjs-files.ts';
export { type CellTopology, conductanceRatios, type TopologyElement } from './topology.ts';
export {
  type TableRows,
  type TrainedSurrogate,
  type TrainOptions,
  type TrainProgress,
  trainSurrogate,
} from './train.ts';
export { type DesignBounds, OutsideTrustRegionError, TrustRegion } from './trust-region.ts';
