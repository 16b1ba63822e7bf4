export { accuracy, argmax, crossEntropy, decisions, margins, softmax } from './classify.ts';
export { chiSquareQuantile, normalDensity, normalDistribution, normalQuantile } from './distributions.ts';
export { type Line, LineMoments } from './line-moments.ts';
export { dominantMode } from './linear/arnoldi.ts';
export { choleskyFactor, choleskySolve } from './linear/cholesky.ts';
export { type Eigenvalues, eigenvalues } from './linear/eigenvalues.ts';
export { eigenvectorMagnitudes } from './linear/eigenvector.ts';
export { luSolve } from './linear/lu.ts';
export { addTransposedProduct, dot, multiplyByTransposed } from './linear/matrix.ts';
export { type ActivationChange, Mlp, type MlpActivation, mlpParameterCount } from './mlp.ts';
export { Adam } from './optimisers/adam.ts';
export { minimiseBfgs } from './optimisers/bfgs.ts';
export { minimiseLbfgs } from './optimisers/lbfgs.ts';
export {
  type LeastSquaresProblem,
  LevenbergMarquardtWorkspace,
  levenbergMarquardt,
} from './optimisers/levenberg-marquardt.ts';
export { fallingRate, LOSS_WEIGHT } from './schedule.ts';
export { KernelModule, LinkedModule } from './wasm.ts';
