export type { CompileResult } from '@neuroprint/compiler';
export {
  type Circuit,
  InputFileError,
  type Manifest,
  NeuroprintError,
  type TrainedNetwork,
  UsageError,
  type VerificationReport,
} from '@neuroprint/core';
export {
  compile,
  type NetlistOptions,
  readTable,
  type Table,
  type TableOptions,
  type TrainOptions,
  train,
  type VerificationOptions,
  verify,
} from './library.ts';
