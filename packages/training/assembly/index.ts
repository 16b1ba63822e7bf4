export { interpolate, pullBack } from './curves';
export { backward, crossEntropy, forward } from './kernel';
export { fillUniform } from './random';
export { add, addCurve } from './series';
