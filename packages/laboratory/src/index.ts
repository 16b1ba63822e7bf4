export { type MeasuredVolts, readMeasuredVolts } from './after-print/measured-volts.ts';
export { readMeasuredCurves } from './after-print/stage-curves.ts';
export {
  type SheetResult,
  type TunedSheet,
  type TuningSetup,
  testAccuracy,
  tuneSheet,
  tuneSimulatedSheet,
} from './after-print/study.ts';
export { appendExperiments, readExperiments } from './experiments/experiments.ts';
export { type Experiment, suggest } from './experiments/optimiser.ts';
export { readSpace, type Setting, Space } from './experiments/space.ts';
export { type Aged, type AgeingChoice, ageingEntry, fitAgeing } from './fit/ageing.ts';
export { readAgeing } from './fit/ageing-table.ts';
export { cardOf, type TransistorCard } from './fit/card.ts';
export { type FittedDevice, type FittedKind, fitKind, type LawName } from './fit/choose.ts';
export type { DeviceFit } from './fit/fit-device.ts';
export { guessManifest } from './fit/guess.ts';
export { type DeviceEntry, readManifest } from './fit/manifest.ts';
export { fitSquares, type SquaresFit } from './fit/resistors.ts';
export { deviceSpread, spreadOf } from './fit/spread.ts';
export { type FittedParts, putInto } from './fit/technology-file.ts';
export { readIvCurves } from './usability/current-curves.ts';
export { AMPERE_UNITS, VOLT_UNITS } from './usability/units.ts';
export {
  conductanceRatios,
  FULL_LENGTH,
  SMOOTHING_POINTS,
  type Usability,
  usabilityOf,
} from './usability/usability.ts';
