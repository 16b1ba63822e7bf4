/** Index of the largest of `count` values that lie `stride` apart from `at` on, counted from 0; the first one of equals. */
export function argmax(values: ArrayLike<number>, at = 0, count = values.length - at, stride = 1): number {
  let best = 0;
  for (let c = 1; c < count; c += 1) if (values[at + c * stride]! > values[at + best * stride]!) best = c;
  return best;
}

/** The class of each row: the largest of its outputs; −1 where they are NaN. `outputs` is row-major [rows × classes]. */
export function decisions(outputs: Float64Array, classes: number): Int32Array {
  return Int32Array.from({ length: outputs.length / classes }, (_, row) =>
    Number.isNaN(outputs[row * classes]!) ? -1 : argmax(outputs, row * classes, classes),
  );
}

/** By how much the largest output of each row is above the second, in the units of `outputs`, row-major [rows × classes]. */
export function margins(outputs: Float64Array, classes: number): Float64Array {
  return Float64Array.from({ length: outputs.length / classes }, (_, row) => {
    const sorted = outputs.slice(row * classes, (row + 1) * classes).sort();
    return sorted[classes - 1]! - sorted[classes - 2]!;
  });
}

/** Share of rows that are decided as labelled. */
export function accuracy(decided: ArrayLike<number>, labels: ArrayLike<number>): number {
  let right = 0;
  for (let row = 0; row < decided.length; row += 1) if (decided[row] === labels[row]) right += 1;
  return right / labels.length;
}

/** Writes softmax(T·v)_c = e^(T·v_c) / Σ e^(T·v) into `shares`, which may be `values`, and returns ln Σ e^(T·(v − max v)). */
export function softmax(values: Float64Array, temperature = 1, shares = values): number {
  const top = values[argmax(values)]!;
  let sum = 0;
  for (let c = 0; c < values.length; c += 1) {
    const e = Math.exp(temperature * (values[c]! - top));
    shares[c] = e;
    sum += e;
  }
  for (let c = 0; c < values.length; c += 1) shares[c]! /= sum;
  return Math.log(sum);
}

/**
 * L = −Σ_c t_c·ln softmax(T·v)_c of one row, in nats; t is 1 for the class `target`, or they are its numbers, which sum to 1. Writes
 * weight·∂L/∂v into `gradient`, not the same array as `values`; ∂L/∂ln T = Σ_c v_c·∂L/∂v_c.
 */
export function crossEntropy(
  values: Float64Array,
  target: number | ArrayLike<number>,
  temperature: number,
  gradient: Float64Array,
  weight = 1,
): number {
  const top = values[argmax(values)]!;
  let loss = softmax(values, temperature, gradient);
  for (let c = 0; c < values.length; c += 1) {
    const t = typeof target === 'number' ? Number(c === target) : target[c]!;
    loss -= t * temperature * (values[c]! - top);
    gradient[c] = weight * (gradient[c]! - t) * temperature;
  }
  return loss;
}
