import type { LayerTensors } from '../kernel/tensors.ts';

/** Printable conductances in units of `unitSiemens`: magnitudes below half of `min` become no resistor at all. */
export interface ConductanceRange {
  readonly unitSiemens: number;
  readonly min: number;
  readonly max: number;
}

/** The range of a crossbar. The unit is a fifth of the largest conductance, so that columns start near 1. */
export function conductanceRange(crossbar: { readonly minOhms: number; readonly maxOhms: number }): ConductanceRange {
  const unitSiemens = 1 / crossbar.minOhms / 5;
  return { unitSiemens, min: 1 / crossbar.maxOhms / unitSiemens, max: 5 };
}

/** The magnitude that is printed for θ: 0 below min/2, else within min..max. Its gradient passes straight through. */
export function printedMagnitude(theta: number, range: ConductanceRange): number {
  const magnitude = Math.abs(theta);
  if (magnitude < range.min / 2) return 0;
  return Math.min(range.max, Math.max(range.min, magnitude));
}

/**
 * θ, its printed magnitudes and the variation factors of every draw → weights, offsets and `inverted` of the layer, and
 * Σg [draws × neurons]. `theta` is [(inputs + 2) × neurons], its last rows bias (`biasVolts`) and pull-down (0 V).
 */
export function normalise(
  theta: Float64Array,
  printed: Float64Array,
  factors: Float64Array,
  layer: LayerTensors,
  totals: Float64Array,
  biasVolts: number,
): void {
  const { draws, inputs, neurons, weights, offsets, inverted } = layer;
  const entries = (inputs + 2) * neurons;
  for (let at = 0; at < inputs * neurons; at += 1) inverted[at] = theta[at]! < 0 ? 1 : 0;
  for (let d = 0; d < draws; d += 1) {
    for (let k = 0; k < neurons; k += 1) {
      let total = 0;
      for (let at = k; at < entries; at += neurons) total += printed[at]! * factors[d * entries + at]!;
      totals[d * neurons + k] = total;
      const scale = 1 / total;
      const first = d * inputs * neurons;
      for (let at = k; at < inputs * neurons; at += neurons) {
        weights[first + at] = printed[at]! * factors[d * entries + at]! * scale;
      }
      const bias = inputs * neurons + k;
      offsets[d * neurons + k] = printed[bias]! * factors[d * entries + bias]! * scale * biasVolts;
    }
  }
}

/** Adds ∂f/∂θ, summed over the draws, to `thetaGradient`; `gradient` holds ∂f/∂weights and ∂f/∂offsets. */
export function normaliseBackward(
  theta: Float64Array,
  factors: Float64Array,
  layer: LayerTensors,
  totals: Float64Array,
  gradient: LayerTensors,
  thetaGradient: Float64Array,
  biasVolts: number,
): void {
  const { draws, inputs, neurons } = layer;
  const entries = (inputs + 2) * neurons;
  for (let d = 0; d < draws; d += 1) {
    const first = d * inputs * neurons;
    for (let k = 0; k < neurons; k += 1) {
      const offsetGradient = gradient.offsets[d * neurons + k]!;
      let mean = offsetGradient * layer.offsets[d * neurons + k]!;
      for (let at = k; at < inputs * neurons; at += neurons) {
        mean += gradient.weights[first + at]! * layer.weights[first + at]!;
      }
      const scale = 1 / totals[d * neurons + k]!;
      for (let at = k; at < entries; at += neurons) {
        const row = (at - k) / neurons;
        const direct = row < inputs ? gradient.weights[first + at]! : row === inputs ? offsetGradient * biasVolts : 0;
        const sign = row < inputs && theta[at]! < 0 ? -1 : 1;
        thetaGradient[at]! += sign * factors[d * entries + at]! * (direct - mean) * scale;
      }
    }
  }
}

/**
 * Brings θ back into what can be printed, in place: |θ| ≤ max, bias and pull-down not negative, no column without any
 * resistor.
 */
export function project(theta: Float64Array, inputs: number, neurons: number, range: ConductanceRange): void {
  const entries = (inputs + 2) * neurons;
  for (let at = 0; at < entries; at += 1) {
    const low = at < inputs * neurons ? -range.max : 0;
    theta[at] = Math.min(range.max, Math.max(low, theta[at]!));
  }
  for (let k = 0; k < neurons; k += 1) {
    let total = 0;
    for (let at = k; at < entries; at += neurons) total += printedMagnitude(theta[at]!, range);
    if (total === 0) theta[(inputs + 1) * neurons + k] = range.min;
  }
}
