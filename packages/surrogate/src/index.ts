export { errorBars } from './error-bar.ts';
export { compareEta, comparePredicted, etaNoise, evaluateSurrogate, type SurrogateEvaluation } from './evaluate.ts';
export { type FeatureSet, feature, featureSets } from './features.ts';
export { readPort, readSurrogate, surrogateFolder, writePort, writeSurrogate } from './files.ts';
export type { Fitter } from './fit.ts';
export { ForeignSurrogate } from './foreign.ts';
export { type SurrogateContent, SurrogateModel } from './model.ts';
export { encodeOnnx } from './onnx.ts';
export { type OnnxConstant, type OnnxGraph, type OnnxNode, OnnxUnsupported, readOnnxGraph } from './onnx-read.ts';
export { type PortContent, PortModel } from './port.ts';
export { evaluatePort, type UnloadedTest } from './port-evaluate.ts';
export { type PortNetwork, PortNetworkError, type PortStage, solvePortNetwork } from './port-network.ts';
export { hasPortModel, type PortTopology } from './port-structure.ts';
export { type PortTrainOptions, trainPort } from './port-train.ts';
export { ProtobufError } from './protobuf-read.ts';
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
