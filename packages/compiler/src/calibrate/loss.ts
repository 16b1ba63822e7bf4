/**
 * Cross-entropy of one row with the output volts read at a temperature: L = −ln softmax(T·v)_label. Writes ∂L/∂v into
 * `gradient` and returns [L, ∂L/∂ln T] in `out`.
 */
export function crossEntropy(
  volts: Float64Array,
  label: number,
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
  out.loss = Math.log(sum) - temperature * (volts[label]! - largest);
  out.byLogTemperature = 0;
  for (let c = 0; c < volts.length; c += 1) {
    const byLogit = gradient[c]! / sum - (c === label ? 1 : 0);
    out.byLogTemperature += byLogit * temperature * volts[c]!;
    gradient[c] = byLogit * temperature;
  }
}
