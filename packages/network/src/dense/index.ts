export * from './classify.ts';
export { type ActivationChange, type DenseActivation, DenseNetwork } from './network.ts';
