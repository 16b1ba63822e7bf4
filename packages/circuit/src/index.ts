export { type BrokenPart, brokenStage, type StuckAt } from './fast/broken-stage.ts';
export { CellTable, cellTable } from './fast/cell-table.ts';
export {
  idealVoltages,
  type OutputScore,
  scoreOutputs,
  stageAt,
  stageCurve,
} from './fast/ideal.ts';
export { unloadedVoltages } from './fast/unloaded.ts';
export { checkCircuit } from './ir/check.ts';
export { describeOrigin, deviceNodes, nodesInWords, type Place, placeInWords, printCircuit } from './ir/describe.ts';
export {
  type Component,
  componentValues,
  type FlatCapacitor,
  type FlatCircuit,
  type FlatLeak,
  type FlatLine,
  type FlatResistor,
  type FlatTransistor,
  flatten,
  IDEAL_GAIN,
  opampLaw,
  opampModel,
  openNode,
  type SlottedDevice,
  transistorEnds,
} from './ir/flatten.ts';
export { type PrintedElement, printedElements, resistorInk } from './ir/geometry.ts';
export { addByLog, type ValueSlot } from './ir/slot.ts';
export { AGEING_LAWS, type AgeingLaw, compileAgeing } from './law/ageing.ts';
export { checkLaw, type LawRange } from './law/check.ts';
export { type CompiledLaw, compileLaw } from './law/evaluate.ts';
export { LAW_SYMBOLS, type Law, LawError, type LawSymbol, type LawText, parseLaw } from './law/law.ts';
export { LAW_LIBRARY, type OfferedLaw, type OfferedParameter } from './law/library.ts';
export { scanNumber } from './law/numbers.ts';
export { type SpiceModel, type SpiceTextOptions, spiceModel } from './law/spice-text.ts';
export { ExpressionError, parseExpression, type Syntax } from './law/syntax.ts';
export { DeviceLaw, type DrainCurrent, deviceLaw } from './solver/device.ts';
export { ExactSolver } from './solver/exact-solver.ts';
export {
  type AdjointRequest,
  BatchSolver,
  defaultSolver,
  type SolverKind,
  solvedRows,
} from './solver/kernel/batch-solver.ts';
export { hasSolverKernel } from './solver/kernel/kernel.ts';
export { type OutputResistance, outputResistance, resistanceInWords } from './solver/output-resistance.ts';
export { elementWatts } from './solver/power.ts';
export { isStable, isStableForAnyCapacitances, type Stability, stabilityOf, worstNode } from './solver/stability.ts';
export { CellSolver, cellCurve, cellWatts } from './technology/cell.ts';
export { channelArea, channelAreaGradient, printedArea, printedAreaGradient } from './technology/cell-area.ts';
export { covarianceRoot } from './technology/covariance.ts';
export { type DesignBox, DesignPolytope, ImpossibleConstraintsError } from './technology/design-space.ts';
export type { FaultSpec } from './technology/faults.ts';
export type { LayerRole, LayerSpec, RuleSet } from './technology/layers.ts';
export { type WidthSpread, widthSpreads } from './technology/prefactor.ts';
export { gridStates, shareOfGrid, wattsGradient, wattsOnGrid } from './technology/stage-watts.ts';
export {
  type Cell,
  type CellElement,
  designSpaceOf,
  elementNodes,
  elementParameters,
  findCell,
  loadTechnology,
  ptanhCurve,
  type Technology,
  transistorOf,
} from './technology/technology.ts';
export {
  lawRange,
  readsTemperature,
  type TransistorKind,
  type TransistorSpread,
  withParameter,
} from './technology/transistor.ts';
export { stageVolts, toleranceVolts } from './technology/volts.ts';
export { AGEING_OWN_NUMBERS, AGEING_SHEET_NUMBERS, ResistorAgeing } from './variation/ageing.ts';
export { componentPlaces, variedValues } from './variation/copies.ts';
export { dependsOnValue, drawnFactor, valueFactor } from './variation/factor.ts';
export {
  type BreakableCircuit,
  breakable,
  breakPart,
  drawnFault,
  type HardFault,
  hasFaults,
  NO_CHANNEL,
  OPEN_OHMS,
  type Part,
  RESISTOR_FAULTS,
  SHORT_OHMS,
  TRANSISTOR_FAULTS,
  withFaultSites,
  withoutFaults,
} from './variation/faults.ts';
export { type FirstOrder, firstOrder, varianceParts } from './variation/first-order.ts';
export {
  atLeastOpen,
  cutNormal,
  NORMAL_REACH,
  OPEN_FACTOR,
  type Placed,
  SHEET_NUMBERS,
  uniformFactor,
  VariationLaw,
} from './variation/law.ts';
export {
  factorParts,
  fallsOn,
  isNominal,
  reachOf,
  seriesAmplitude,
  seriesParts,
  variationOf,
} from './variation/model.ts';
export {
  addSmoothCurve,
  CURVE_LENGTH,
  curveAt,
  drawSeries,
  hasSeries,
  type SeriesVolts,
  WAVE_PERIOD,
  WAVES,
} from './variation/series.ts';
export { hasMeasuredTransistors, transistorSpreads } from './variation/transistors.ts';
