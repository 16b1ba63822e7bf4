export * from './certificate.ts';
export {
  type DenseTrainingOptions,
  denseAccuracy,
  denseUnderVariation,
  type Injection,
  trainDense,
  variedParameters,
} from './classify.ts';
export { type ActivationChange, type DenseActivation, DenseNetwork } from './network.ts';
export { type ClassRows, denseRows } from './rows.ts';
