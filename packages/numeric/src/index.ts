export * from './adam.ts';
export { type BfgsOptions, type BfgsResult, minimiseBfgs } from './bfgs.ts';
export * from './cholesky.ts';
export { type Eigenvalues, eigenvalues } from './eigenvalues.ts';
export { eigenvectorMagnitudes } from './eigenvector.ts';
export { type LbfgsOptions, type LbfgsResult, minimiseLbfgs, type Objective } from './lbfgs.ts';
export * from './levenberg-marquardt.ts';
export { addTransposedProduct, dot, multiplyByTransposed } from './matrix.ts';
export * from './mlp.ts';
