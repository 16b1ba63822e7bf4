/**
 * The loop over examples in WebAssembly SIMD: the layers of one print on one block of rows; the same equations as
 * src/printed/kernel/float64.ts, which is its oracle. AssemblyScript, built by `asc` at `npm run build`, once with relaxed SIMD and
 * once for engines that have none.
 *
 * Columns of volts are float32, [features × rows] with rows a multiple of 16 (padding rows have label −1 and weight 0,
 * so they count for nothing). Tensors and their gradients are float64; sums over a block's rows are float32 in four
 * lanes of one accumulator or two, and blocks are added in float64, always in the same order.
 * Arguments are byte addresses. This module has no state and allocates nothing.
 */
import { backwardLayer } from './backward';
import { forwardLayer } from './forward';

/** The words of a layer at `layers`, in the order of LAYER_WORDS in src/printed/kernel/simd.ts. */
const LAYER_BYTES: usize = 76;

function word(layer: usize, place: usize): usize {
  return load<u32>(layer + (place << 2));
}

/** Layers `first` to before `last` of a print, from the inputs `volts`, or from the output of the layer before. */
export function forward(
  layers: usize,
  first: usize,
  last: usize,
  draw: usize,
  rows: usize,
  volts: usize,
  plan: usize,
): void {
  for (let l = first; l < last; l += 1) {
    const layer = layers + l * LAYER_BYTES;
    const inputs = word(layer, 0);
    const neurons = word(layer, 1);
    forwardLayer(
      inputs,
      neurons,
      rows,
      l === 0 ? volts : word(layer - LAYER_BYTES, 11),
      word(layer, 3) + ((draw * inputs * neurons) << 3),
      word(layer, 4) + ((draw * neurons) << 3),
      word(layer, 5) + ((draw * inputs) << 5),
      word(layer, 2) === 1 ? 0 : word(layer, 6) + ((draw * neurons) << 5),
      word(layer, 7),
      word(layer, 8),
      word(layer, 9),
      word(layer, 10),
      word(layer, 11),
      word(layer, 17),
      plan,
    );
  }
}

/** All `count` layers of a print backwards, from the gradient of the last one's output. */
export function backward(layers: usize, count: usize, draw: usize, rows: usize, volts: usize, plan: usize): void {
  for (let l = count; l > 0; l -= 1) {
    const layer = layers + (l - 1) * LAYER_BYTES;
    const below = layer - LAYER_BYTES;
    const inputs = word(layer, 0);
    const neurons = word(layer, 1);
    const entry = (draw * inputs * neurons) << 3;
    const column = (draw * neurons) << 3;
    const fallingAt = (draw * inputs) << 5;
    const activationAt = (draw * neurons) << 5;
    backwardLayer(
      inputs,
      neurons,
      rows,
      l === 1 ? volts : word(below, 11),
      word(layer, 3) + entry,
      word(layer, 5) + fallingAt,
      word(layer, 2) === 1 ? 0 : word(layer, 6) + activationAt,
      word(layer, 7),
      word(layer, 8),
      word(layer, 9),
      word(layer, 10),
      word(layer, 12),
      word(layer, 13) + entry,
      word(layer, 14) + column,
      word(layer, 15) + fallingAt,
      word(layer, 16) + activationAt,
      l === 1 ? 0 : word(below, 12),
      word(layer, 17),
      word(layer, 18),
      plan,
    );
  }
}
