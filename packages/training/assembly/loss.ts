/** What a block of outputs loses against its labels. AssemblyScript; see network.ts. */
import { madd, nmadd, splat, sumLanes } from './lanes';
import { exp4, log4 } from './mathematics';

/**
 * Cross-entropy of softmax(τ·y): adds Σ weight·loss, Σ weight·∂loss/∂τ and the number of right decisions to the three
 * float64 at `sums`, and writes scale·weight·∂loss/∂y into `outputGradient`; with a scale of 0 neither derivative is made.
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
  const next = i32x4.splat(1);
  let loss = f32x4.splat(0);
  let moments = loss;
  let correct = i32x4.splat(0);
  for (let r: usize = 0; r < bytes; r += 16) {
    const label = v128.load(labels + r);
    const weight = v128.load(rowWeights + r);
    let top = v128.load(output + r);
    for (let k: usize = 1; k < classes; k += 1) top = f32x4.pmax(top, v128.load(output + k * bytes + r));
    let total = f32x4.splat(0);
    let moment = total;
    let own = total;
    // which of the outputs so far are the highest, and whether the first of these is the label's
    let seen = total;
    let right = total;
    let place = i32x4.splat(0);
    for (let k: usize = 0; k < classes; k += 1) {
      const at = k * bytes + r;
      const difference = f32x4.sub(v128.load(output + at), top);
      const mine = i32x4.eq(label, place);
      const e = exp4(f32x4.mul(tau, difference));
      total = f32x4.add(total, e);
      moment = madd(e, difference, moment);
      own = v128.or(own, v128.and(difference, mine));
      const highest = f32x4.eq(difference, f32x4.splat(0));
      right = v128.or(right, v128.and(v128.andnot(highest, seen), mine));
      seen = v128.or(seen, highest);
      v128.store(outputGradient + at, e);
      place = i32x4.add(place, next);
    }
    correct = i32x4.sub(correct, right);
    const nats = nmadd(tau, own, log4(total));
    let lost = nats;
    let counted = weight;
    if (exponent > 0) {
      const trust = exp4(f32x4.mul(splat(-exponent), nats));
      lost = f32x4.mul(splat(1 / exponent), f32x4.sub(f32x4.splat(1), trust));
      counted = f32x4.mul(weight, trust);
    }
    loss = madd(weight, lost, loss);
    if (scale === 0) continue;
    const reciprocal = f32x4.div(f32x4.splat(1), total);
    moments = madd(counted, f32x4.sub(f32x4.mul(moment, reciprocal), own), moments);
    const share = f32x4.mul(factor, counted);
    const each = f32x4.mul(share, reciprocal);
    place = i32x4.splat(0);
    for (let k: usize = 0; k < classes; k += 1) {
      const at = outputGradient + k * bytes + r;
      v128.store(at, f32x4.sub(f32x4.mul(v128.load(at), each), v128.and(i32x4.eq(label, place), share)));
      place = i32x4.add(place, next);
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
