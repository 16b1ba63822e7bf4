export {
  compareDecisions,
  compareVoltages,
  NodesDifferError,
  type NodeTable,
  select,
  wilsonInterval,
} from './compare.ts';
export { type ExtractedCircuit, extractCircuit } from './extract.ts';
export { type NetlistFolder, readNetlistFolder } from './folder.ts';
export { type LvsResult, lvs } from './lvs.ts';
export type { MonteCarloOptions } from './monteCarlo.ts';
export { type VerifyOptions, type VerifyResult, verify } from './verify.ts';
