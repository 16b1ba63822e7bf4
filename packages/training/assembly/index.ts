export { interpolate, pullBack } from './curves';
export { crossEntropy } from './loss';
export { backward, forward } from './network';
export { fillUniform, spread } from './random';
export { add, addCurve } from './series';
