// first: a page sets zod up before anything declares a schema
import '#platform';

export { platform } from '#platform';
export { type ClassScores, isLopsided, scoreClasses } from './class-scores.ts';
export { type Constraint, ConstraintError, constraintHolds, constraintSlack, parseConstraint } from './constraint.ts';
export { Crew } from './crew.ts';
export { describeVariation } from './describe-variation.ts';
export { formatEngineering, formatWatts, NO_BREAK_SPACE, withMinus } from './engineering.ts';
export {
  type ArtifactContent,
  checkArgument,
  checkSchema,
  type DeepReadonly,
  formatJson,
  makeArtifact,
  parseJson,
  readArtifact,
  writeArtifact,
} from './files/artifact.ts';
export {
  bundledFile,
  fileExists,
  LOCK_NAME,
  makeFolder,
  prepareOutputFolder,
  readBytes,
  readTextFile,
  sha256,
  sha256OfFile,
  writeFailure,
  writeFileAtomic,
  writeLinesAtomic,
} from './files/atomic-files.ts';
export { FileWriteError, InputFileError, NeuroprintError, OutputInUseError, UsageError } from './files/errors.ts';
export { writeJsonSchemas } from './files/json-schemas.ts';
export { inLockedFolder, isGone, lockFolder, readHolder, takeLock } from './files/lock.ts';
export { formatPercent, formatSeconds, formatUnits } from './in-words.ts';
export { forbiddenIn } from './plain-names.ts';
export type { LockHolder, Thread } from './platform/platform.ts';
export { Draws } from './random.ts';
export { apart, ROUNDING } from './rounding.ts';
export type { Ageing } from './schemas/ageing.ts';
export { type Budget, budgetSchema } from './schemas/budget.ts';
export {
  type Circuit,
  CircuitKind,
  type Device,
  type OpampDevice,
  type Origin,
  type StageDevice,
} from './schemas/circuit.ts';
export {
  constraintSchema,
  type Eta,
  nameSchema,
  nodeSchema,
  type Parameter,
  parameterNameSchema,
  parameterSchema,
  type Simulator,
  technologyNameSchema,
  valuesSchema,
} from './schemas/common.ts';
export { type DesignSpace, DesignSpaceKind } from './schemas/design-space.ts';
export { type FaultTolerance, FaultToleranceKind } from './schemas/fault-tolerance.ts';
export { type Jobs, JobsKind } from './schemas/jobs.ts';
export { LayoutReportKind } from './schemas/layout.ts';
export { type Calibration, type Lines, type Manifest, ManifestKind, type Rung } from './schemas/manifest.ts';
export {
  type AccuracyBySplit,
  biasVoltsOf,
  isLinear,
  type ModelOrigin,
  type NetworkLayer,
  type SensingMargin,
  type Stage,
  type TrainedNetwork,
  TrainedNetworkKind,
  type UnderVariation,
  type Variation,
  variationSchema,
} from './schemas/network.ts';
export {
  type FactorPart,
  type NonIdeality,
  nonIdealityPresetsSchema,
  nonIdealitySchema,
  type SeriesPart,
} from './schemas/non-ideality.ts';
export { type PortModelFile, PortModelKind } from './schemas/port.ts';
export { type ResistorNetworkFile, ResistorNetworkKind } from './schemas/resistor-network.ts';
export { type SampleShard, SampleShardKind, type Samples, SamplesKind, type Sweep } from './schemas/samples.ts';
export { type CurveTest, type Surrogate, SurrogateKind, type SurrogateTest } from './schemas/surrogate.ts';
export type { ErrorSpread, Regression, TargetScore, Task } from './schemas/task.ts';
export { type TestPatternsFile, TestPatternsKind } from './schemas/test-patterns.ts';
export { TrainingCheckpointKind, type TrainingState } from './schemas/training.ts';
export {
  type AgeingReport,
  type Blame,
  type Corner,
  type ErrorMonteCarlo,
  type FaultFacts,
  type LaidOutReport,
  type LayoutCheck,
  type ModelAgreement,
  type ModelDistance,
  type MonteCarlo,
  type Promises,
  type RegressionReport,
  type SpecificationResult,
  type StabilityReport,
  type VerificationReport,
  VerificationReportKind,
} from './schemas/verification.ts';
export { meanAndStd, quantile, summariseCopies, summariseMargins } from './statistics.ts';
export { stopwatch } from './stopwatch.ts';
export { type CaseTable, formatCaseTable, parseCaseTable } from './tables/case-table.ts';
export { isMissing, numberOf } from './tables/cells.ts';
export { findClassColumn } from './tables/class-column.ts';
export {
  type Dataset,
  type DatasetOptions,
  featureMatrix,
  type Labels,
  type ReadingOptions,
  readDataset,
  readingRecipe,
  readTargets,
  type TargetDataset,
} from './tables/dataset.ts';
export { decodeText } from './tables/decode-text.ts';
export { MISSING_POLICIES, type MissingPolicy, type TableReading } from './tables/feature-rows.ts';
export { circles, friedman1, type GeneratedTable, generatedCsv, moons, yinYang } from './tables/generated.ts';
export { type ColumnsInVolts, inputRanges } from './tables/input-ranges.ts';
export { interleaved, type NodeTable, rowOf, selectColumns, selectVolts } from './tables/node-table.ts';
export { type Records, turnedRecords } from './tables/records.ts';
export type { PortTable, SampleCurves, SampleTable } from './tables/sample-table.ts';
export { isInVolts, rangeInWords, sensorColumns, sensorInWords, sensorValue, unitOf } from './tables/sensor.ts';
export { readSheetMark, sheetMark } from './tables/sheet-mark.ts';
export { SPLITS, type Split } from './tables/splits.ts';
export { lineInWords, regressionOf, scoreTarget, summariseErrors, unitsOf, voltsOf } from './tables/target-line.ts';
export {
  columnOf,
  numericColumn,
  parseTextTable,
  readFileRecords,
  readTextTable,
  type TextTable,
  tableOfRecords,
} from './tables/text-table.ts';
export {
  type InputRange,
  inputVolts,
  toVoltageRows,
  type VoltageRows,
  type VoltRange,
  voltsOfValue,
} from './tables/voltage-rows.ts';
export { answerJobs, availableCores, JobError, type JobThread, openThread, runOnThreads } from './threads.ts';
export { untilAborted } from './until-aborted.ts';
