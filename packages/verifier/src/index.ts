export {
  compareDecisions,
  compareVoltages,
  NodesDifferError,
  type NodeTable,
  select,
  wilsonInterval,
} from './compare.ts';
export { type ExtractedCircuit, extractCircuit } from './extract.ts';
export { FloatingNodeError } from './floating.ts';
export { type NetlistFolder, readNetlistFolder } from './folder.ts';
export { technologyOfMap } from './foreign/map.ts';
export { type ForeignReport, verifyForeign } from './foreign/verifyForeign.ts';
export { junitXml, TOLERANCE_VOLTS, testCases } from './junit.ts';
export { type LvsResult, lvs } from './lvs.ts';
export { type MonteCarloOptions, monteCarlo } from './monteCarlo.ts';
export { readSpecification, type Specification } from './specification.ts';
export { checkStability, type StabilityCases } from './stability.ts';
export { type VerifyOptions, type VerifyResult, verify } from './verify.ts';
