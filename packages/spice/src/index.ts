export {
  type CurveGrid,
  type CurveRequest,
  type CurveResult,
  curveDeckText,
  innerDrains,
  renderCurveDeck,
  simulateCurves,
} from './curves.ts';
export {
  type Start,
  simulateFrom,
  simulateTransients,
  type TransientRequest,
  type Waveform,
} from './dynamics.ts';
export { buildDeck, type Engine, type EngineChoice, type EngineReport, type RunOptions } from './engine.ts';
export * from './errors.ts';
export { simulateFlat, type TransistorModel, transistorModel } from './flatDeck.ts';
export * from './grid.ts';
export { type CircuitLike, networkPorts, opampSubckt, renderNetlist } from './netlist.ts';
export type { NodeVoltages } from './networkDeck.ts';
export { inspectEngines, openEngine } from './open.ts';
export * from './parser.ts';
export { type Poles, simulatePoles } from './poles.ts';
export { type Plot, parseRaw, RawFormatError } from './raw.ts';
export { simulateRows, simulateVariants } from './rows.ts';
export { renderTestbench } from './testbench.ts';
