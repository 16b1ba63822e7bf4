export { readMeasuredCurves } from './after-print/stage-curves.ts';
export {
  type SheetResult,
  type TuningSetup,
  testAccuracy,
  tuneSheet,
  tuneSimulatedSheet,
} from './after-print/study.ts';
export {
  columnsOf,
  type InstrumentColumn,
  type InstrumentTable,
  readInstrumentTable,
} from './curves/instrument-table.ts';
export { appendExperiments, readExperiments } from './experiments/experiments.ts';
export { type Experiment, suggest } from './experiments/optimiser.ts';
export { readSpace, type Setting, Space } from './experiments/space.ts';
export { type IvColumns, readIvCurves } from './usability/current-curves.ts';
export { AMPERE_UNITS, VOLT_UNITS } from './usability/units.ts';
export {
  conductanceRatios,
  FULL_LENGTH,
  SMOOTHING_POINTS,
  type Usability,
  usabilityOf,
} from './usability/usability.ts';
