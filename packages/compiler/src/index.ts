export { type CalibrationOptions, calibrate } from './calibrate/calibrate.ts';
export { type CompileOptions, type CompileResult, compile } from './compile.ts';
export { type CircuitDiff, diffCircuits, type ValueChange } from './diff.ts';
export { circuitOf, type Draft, type DraftLayer, lower } from './draft.ts';
export { accuracyUnderVariation, type LadderContext, type Solution, solveCircuit } from './ladder.ts';
export { PASSES, type Pass } from './passes.ts';
export { scaleColumns, UnprintableColumnError } from './scale.ts';
export { nearestOhms, snap } from './snap.ts';
