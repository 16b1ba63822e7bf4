import type { NetworkLayer } from '@neuroprint/core';

/**
 * Volts of unloaded columns, row-major [rows × columns], of inputs and of what falling stages make of them, both [rows × inputs]. The
 * node rule is `inverter`: Σ |g|·v / Σ |g|, negative entries reading the inverted input, or `kirchhoff`: Σ g·v / Σ g; pull-down at 0 V.
 */
export function columnVolts(
  layer: NetworkLayer,
  inputs: Float64Array,
  inverted: Float64Array,
  rows: number,
  biasVolts: number,
): Float64Array {
  const g = layer.conductancesSiemens;
  const count = g.length - 2;
  const width = g[0]!.length;
  const out = new Float64Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    for (let c = 0; c < width; c += 1) {
      let weighted = g[count]![c]! * biasVolts;
      let total = g[count]![c]! + g[count + 1]![c]!;
      for (let i = 0; i < count; i += 1) {
        const siemens = g[i]![c]!;
        const counted = layer.nodeRule === 'kirchhoff' ? siemens : Math.abs(siemens);
        weighted += counted * (siemens < 0 ? inverted : inputs)[row * count + i]!;
        total += counted;
      }
      out[row * width + c] = total === 0 ? 0 : weighted / total;
    }
  }
  return out;
}
