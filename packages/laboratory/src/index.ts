export { simulateBehavioural } from './after-print/behavioural.ts';
export { type FittedStage, fitStage } from './after-print/fit.ts';
export { simulateSheet } from './after-print/sheet.ts';
export { type MeasuredCurve, readMeasuredCurves } from './after-print/stage-curves.ts';
export { trimCrossbars } from './after-print/trim.ts';
export { appendExperiments, readExperiments } from './experiments/experiments.ts';
export { type Experiment, suggest } from './experiments/optimiser.ts';
export { readSpace, type Setting, Space } from './experiments/space.ts';
export { readIvCurves } from './usability/current-curves.ts';
export {
  conductanceRatios,
  FULL_LENGTH,
  SMOOTHING_POINTS,
  type Usability,
  usabilityOf,
} from './usability/usability.ts';
