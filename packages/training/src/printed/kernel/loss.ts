import { argmax, type Line, LineMoments } from '@neuroprint/numeric';
import type { Block } from '../rows.ts';

/** Sums over rows and prints. */
export interface LossSums {
  /** Σ weight·loss */
  loss: number;
  /** Right decisions; NaN where rows have targets and nothing is decided. */
  correct: number;
  /** Σ weight·∂loss/∂τ */
  temperatureGradient: number;
  /** Outputs (volts) and their targets, by the rows' weights, where rows have targets. */
  readonly read: LineMoments;
}

export function newSums(): LossSums {
  return { loss: 0, correct: 0, temperatureGradient: 0, read: new LineMoments() };
}

/**
 * Adds the loss of softmax(τ·y) to `sums`, and writes `scale`·weight·∂loss/∂y into `outputGradient`; the weight is the
 * row's. `output` is [classes × rows] in volts, τ in 1/volts. With p the probability of the label and q the `exponent` the
 * loss is (1 − p^q)/q: cross-entropy −ln p at q = 0, one minus the probability to be right at q = 1, which does not mind how
 * wrong a row is that is lost anyway (Zhang and Sabuncu, "Generalized cross entropy loss", NeurIPS 2018).
 */
export function crossEntropy(
  output: Float64Array,
  examples: Pick<Block, 'labels' | 'weights'>,
  classes: number,
  temperature: number,
  scale: number,
  exponent: number,
  sums: LossSums,
  outputGradient: Float64Array,
): void {
  const { labels, weights } = examples;
  const rows = labels.length;
  for (let r = 0; r < rows; r += 1) {
    const best = argmax(output, r, classes, rows);
    const label = labels[r]!;
    const weight = weights[r]!;
    if (best === label) sums.correct += 1;
    const top = output[best * rows + r]!;
    let total = 0;
    let moment = 0;
    for (let k = 0; k < classes; k += 1) {
      const difference = output[k * rows + r]! - top;
      const e = Math.exp(temperature * difference);
      total += e;
      moment += e * difference;
      outputGradient[k * rows + r] = e;
    }
    const own = output[label * rows + r]! - top;
    const nats = Math.log(total) - temperature * own;
    const trust = exponent > 0 ? Math.exp(-exponent * nats) : 1;
    sums.loss += weight * (exponent > 0 ? (1 - trust) / exponent : nats);
    sums.temperatureGradient += weight * trust * (moment / total - own);
    const factor = scale * weight * trust * temperature;
    for (let k = 0; k < classes; k += 1) outputGradient[k * rows + r]! *= factor / total;
    outputGradient[label * rows + r]! -= factor;
  }
}

/**
 * Adds Σ weight·(a + b·v − t)² and the moments of v and t to `sums`, and writes `scale`·weight·∂(a + b·v − t)²/∂v into
 * `outputGradient`: the loss where the one output v has a target t, read by the `line` a, b. `output`, targets (labels) in volts [rows]; a row
 * of weight 0 has no gradient.
 */
export function squaredError(
  output: Float64Array | Float32Array,
  { labels, weights }: { readonly labels: ArrayLike<number>; readonly weights: ArrayLike<number> },
  [intercept, slope]: Line,
  scale: number,
  sums: LossSums,
  outputGradient: Float64Array | Float32Array,
): void {
  sums.correct = Number.NaN;
  for (let r = 0; r < labels.length; r += 1) {
    const [volts, target, weight] = [output[r]!, labels[r]!, weights[r]!];
    const error = intercept + slope * volts - target;
    sums.loss += weight * error * error;
    sums.read.add(volts, target, weight);
    outputGradient[r] = 2 * scale * weight * slope * error;
  }
}
