export { outputLine } from './line.ts';
export { type RegressionScore, scoreRegression, trainRegression } from './regress.ts';
export { randomNoise, smoothShapes } from './shapes.ts';
export {
  crossing,
  hiddenSizes,
  rankCorrelation,
  type StudiedNetwork,
  type StudyOptions,
  studyActivations,
} from './study.ts';
export { type RegressionRows, type RegressionTable, readRegressionTable } from './table.ts';
