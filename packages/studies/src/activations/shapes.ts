import { Draws } from '@neuroprint/core';
import type { ActivationChange } from '@neuroprint/numeric';

/** A hidden neuron's input is −3..3 V in units of tanh; beyond it a smooth shape keeps its end value. */
const RANGE = 3;
const POINTS = 241;
/** Width (standard deviation) of the smoothing, as a share of the input range. */
const WIDTH = 0.1;

/**
 * Additive activation noise: y + A·(r − 0.5), r uniform in 0..1, new for every neuron, row and `draw`. `amplitude` A in
 * the units of y (tanh is −1..1).
 */
export function randomNoise(amplitude: number, seed: number, draw: number): ActivationChange {
  const draws = new Draws(seed, 'activation noise');
  let buffer = new Float64Array(0);
  return (layer, _z, y) => {
    if (buffer.length !== y.length) buffer = new Float64Array(y.length);
    draws.fillUniform(draw * 64 + layer, buffer);
    for (let i = 0; i < y.length; i += 1) y[i]! += amplitude * (buffer[i]! - 0.5);
  };
}

/** One neuron's shape: Rands(z), values at equal steps of the input range. */
function shapeOf(draws: Draws, layer: number, neuron: number): Float64Array {
  const raw = new Float64Array(POINTS);
  draws.fillUniform(layer * 65_536 + neuron, raw);
  const sigma = WIDTH * (POINTS - 1);
  const smooth = raw.map((_, i) => {
    let [sum, total] = [0, 0];
    for (let k = 0; k < POINTS; k += 1) {
      const weight = Math.exp(-0.5 * ((i - k) / sigma) ** 2);
      sum += weight * raw[k]!;
      total += weight;
    }
    return sum / total;
  });
  const [low, high] = [Math.min(...smooth), Math.max(...smooth)];
  return smooth.map((v) => (v - low) / (high - low));
}

/**
 * Smooth perturbation of every neuron's curve: y + A·(Rands(z) − 0.5), where Rands is uniform noise over the input range,
 * smoothed by a Gaussian a tenth of the range wide and stretched to 0..1; each neuron has its own, fixed by the seed.
 */
export function smoothShapes(amplitude: number, seed: number): ActivationChange {
  const draws = new Draws(seed, 'activation shapes');
  const shapes = new Map<number, Float64Array>();
  const step = (2 * RANGE) / (POINTS - 1);
  return (layer, z, y, slopes, neurons) => {
    for (let neuron = 0; neuron < neurons; neuron += 1) {
      const key = layer * 65_536 + neuron;
      const shape = shapes.get(key) ?? shapeOf(draws, layer, neuron);
      shapes.set(key, shape);
      for (let i = neuron; i < z.length; i += neurons) {
        const at = (z[i]! + RANGE) / step;
        const k = Math.min(POINTS - 2, Math.max(0, Math.floor(at)));
        const share = Math.min(1, Math.max(0, at - k));
        y[i]! += amplitude * (shape[k]! + share * (shape[k + 1]! - shape[k]!) - 0.5);
        if (at > 0 && at < POINTS - 1) slopes[i]! += (amplitude * (shape[k + 1]! - shape[k]!)) / step;
      }
    }
  };
}
