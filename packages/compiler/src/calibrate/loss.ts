/**
 * Cross-entropy of one row with the output volts read at a temperature: L = −Σ target_c·ln softmax(T·v)_c, with the targets of
 * the row, which sum to 1, from `at` on. Writes ∂L/∂v into `gradient`, L and ∂L/∂ln T into `out`.
 */
export function crossEntropy(
  volts: Float64Array,
  targets: Float64Array,
  at: number,
  temperature: number,
  gradient: Float64Array,
  out: { loss: number; byLogTemperature: number },
): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const v of volts) largest = Math.max(largest, v);
  let sum = 0;
  for (let c = 0; c < volts.length; c += 1) {
    const e = Math.exp(temperature * (volts[c]! - largest));
    gradient[c] = e;
    sum += e;
  }
  out.loss = Math.log(sum);
  out.byLogTemperature = 0;
  for (let c = 0; c < volts.length; c += 1) {
    const target = targets[at + c]!;
    out.loss -= target * temperature * (volts[c]! - largest);
    const byLogit = gradient[c]! / sum - target;
    out.byLogTemperature += byLogit * temperature * volts[c]!;
    gradient[c] = byLogit * temperature;
  }
}
