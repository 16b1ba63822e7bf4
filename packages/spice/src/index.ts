export {
  type CurveGrid,
  type CurveRequest,
  type CurveResult,
  curveDeckText,
  innerDrains,
  renderCurveDeck,
  simulateCurves,
} from './analyses/curves.ts';
export { simulatePoles } from './analyses/poles.ts';
export { type SimulatedRows, simulateRows, simulateVariants } from './analyses/rows.ts';
export { type Start, simulateFrom, simulateTransients, type Waveform } from './analyses/transients.ts';
export {
  buildDeck,
  DEFAULT_TIMEOUT_MILLISECONDS,
  type Engine,
  type EngineChoice,
  optionsLine,
} from './engine/engine.ts';
export {
  EngineMissingError,
  NetlistError,
  NoConvergenceError,
  SimulationError,
  SimulationTimeoutError,
  TemplateError,
} from './engine/errors.ts';
export { inspectEngines, openEngine } from './engine/open.ts';
export { type Plot, parseRaw } from './engine/raw.ts';
export { simulateFlat } from './render/flat-deck.ts';
export { type SinhShape, sinhGrid, sinhParameters, uniformGrid } from './render/grid.ts';
export { type TransistorModel, transistorModels } from './render/models.ts';
export { type CircuitLike, opampSubckt, renderLibrary, renderNetlist } from './render/netlist.ts';
export { renderTestbench } from './render/testbench.ts';
export { type Elements, expand, type Leaf } from './text/expand.ts';
export { readStatements } from './text/include.ts';
export { Refusals } from './text/lex.ts';
export { findSubckt, type ParsedInstance, type ParsedNetlist, parseNetlist } from './text/own-netlist.ts';
export { parseStatements, textOf } from './text/parse.ts';
export type { KnownSubckts, Netlist, Scope } from './text/scopes.ts';
