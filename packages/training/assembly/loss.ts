/** What a block of outputs loses against its labels. AssemblyScript; see network.ts. */
import { madd, nmadd, splat, sumLanes } from './lanes';
import { exp4, log4 } from './mathematics';

/**
 * Cross-entropy of softmax(τ·y): adds Σ weight·loss, Σ weight·∂loss/∂τ and the number of right decisions to the three
 * float64 at `sums`, and writes scale·weight·∂loss/∂y into `outputGradient`.
 */
export function crossEntropy(
  classes: usize,
  rows: usize,
  output: usize,
  labels: usize,
  rowWeights: usize,
  temperature: f64,
  scale: f64,
  exponent: f64,
  sums: usize,
  outputGradient: usize,
): void {
  const bytes = rows << 2;
  const tau = splat(temperature);
  const factor = splat(scale * temperature);
  let loss = f32x4.splat(0);
  let moments = f32x4.splat(0);
  let correct = i32x4.splat(0);
  for (let r: usize = 0; r < bytes; r += 16) {
    const label = v128.load(labels + r);
    const weight = v128.load(rowWeights + r);
    let top = v128.load(output + r);
    let best = i32x4.splat(0);
    for (let k: usize = 1; k < classes; k += 1) {
      const y = v128.load(output + k * bytes + r);
      const higher = f32x4.gt(y, top);
      top = v128.bitselect(y, top, higher);
      best = v128.bitselect(i32x4.splat(<i32>k), best, higher);
    }
    correct = i32x4.sub(correct, i32x4.eq(best, label));
    let total = f32x4.splat(0);
    let moment = f32x4.splat(0);
    let own = f32x4.splat(0);
    for (let k: usize = 0; k < classes; k += 1) {
      const difference = f32x4.sub(v128.load(output + k * bytes + r), top);
      const e = exp4(f32x4.mul(tau, difference));
      total = f32x4.add(total, e);
      moment = madd(e, difference, moment);
      own = v128.bitselect(difference, own, i32x4.eq(label, i32x4.splat(<i32>k)));
      v128.store(outputGradient + k * bytes + r, e);
    }
    const nats = nmadd(tau, own, log4(total));
    let lost = nats;
    let counted = weight;
    if (exponent > 0) {
      const trust = exp4(f32x4.mul(splat(-exponent), nats));
      lost = f32x4.mul(splat(1 / exponent), f32x4.sub(f32x4.splat(1), trust));
      counted = f32x4.mul(weight, trust);
    }
    loss = madd(weight, lost, loss);
    moments = madd(counted, f32x4.sub(f32x4.div(moment, total), own), moments);
    const share = f32x4.mul(factor, counted);
    const reciprocal = f32x4.div(share, total);
    for (let k: usize = 0; k < classes; k += 1) {
      const at = outputGradient + k * bytes + r;
      const mine = v128.and(i32x4.eq(label, i32x4.splat(<i32>k)), share);
      v128.store(at, f32x4.sub(f32x4.mul(v128.load(at), reciprocal), mine));
    }
  }
  store<f64>(sums, load<f64>(sums) + sumLanes(loss));
  store<f64>(sums, load<f64>(sums, 8) + sumLanes(moments), 8);
  const count =
    i32x4.extract_lane(correct, 0) +
    i32x4.extract_lane(correct, 1) +
    i32x4.extract_lane(correct, 2) +
    i32x4.extract_lane(correct, 3);
  store<f64>(sums, load<f64>(sums, 16) + <f64>count, 16);
}
