export { type CompileOptions, type CompileResult, compile, compileOnThreads, compileRetuned } from './compile.ts';
export { type PassContext, type PassOptions, passContext } from './context.ts';
export { circuitOf } from './devices.ts';
export { type CircuitDiff, diffCircuits, type ValueChange } from './diff.ts';
export type { Metal } from './ladder.ts';
export { type Layered, NEGATIVE_FORMS, type NegativeForm } from './layered.ts';
export type { AnyPass } from './pass.ts';
export { E_SERIES, type ESeries, PrintGrid } from './passes/snap/grid.ts';
export { layeredOf, PASSES, runPasses } from './passes.ts';
