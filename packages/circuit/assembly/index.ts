export { adjoint, clearGradient } from './adjoint';
export { solveRows } from './newton';
