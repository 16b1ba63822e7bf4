export { type Diagnosis, type DiagnosisRequest, SheetDiagnosis, type Verdict } from './diagnose/diagnose.ts';
export type { SheetCells } from './diagnose/model.ts';
export { type NextMeasurement, nextMeasurement } from './diagnose/next.ts';
export type { Candidate } from './diagnose/posterior.ts';
export { withFault } from './faults/apply.ts';
export type { Fault, FaultKind } from './faults/fault.ts';
export { FaultSolver } from './faults/fault-solver.ts';
export { type FaultOptions, faultsOf } from './faults/list.ts';
export { type Neighbours, neighboursByRowAndColumn } from './faults/neighbours.ts';
export { solveFaults } from './faults/solve.ts';
export { confirmPatterns, falseAlarmsOn } from './patterns/confirm.ts';
export {
  openPatternThread,
  type PatternStep,
  type PatternStepResult,
  type PatternTold,
} from './patterns/pattern-thread.ts';
export { type FaultFinding, type PatternChoice, type PatternRequest, PatternSearch } from './patterns/search.ts';
export {
  calibratedFit,
  FITTED_GOOD,
  type TestPatterns,
  testPatterns,
  testPatternsOf,
} from './patterns/test-patterns.ts';
export { type Confirmed, confirmFaults, faultsToConfirm } from './tolerance/confirm.ts';
export { openFaultThread } from './tolerance/fault-thread.ts';
export {
  type FaultAccuracy,
  type FaultRange,
  type JudgedFaults,
  judgeFaults,
  type SingleFaults,
  type ToleranceTask,
  worstByDevice,
  worstFirst,
} from './tolerance/single-faults.ts';
