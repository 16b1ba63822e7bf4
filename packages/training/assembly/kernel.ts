/**
 * The loop over examples in WebAssembly SIMD: one layer of one print on one block of rows, and the loss; the same
 * equations as src/kernel/float64.ts, which is its oracle. AssemblyScript, built by `asc` at `npm run build`.
 *
 * Columns of volts are float32, [features × rows] with rows a multiple of 16 (padding rows have label −1 and weight 0,
 * so they count for nothing). Tensors and their gradients are float64; sums over a block's rows are float32 in four
 * lanes of four accumulators or fewer, and blocks are added in float64, always in the same order.
 * Arguments are byte addresses. This module has no state and allocates nothing.
 */
import { addTo, exp4, log4, sumColumn, sumLanes, tanh4 } from './mathematics';

const GROUP: usize = 64; // bytes of 16 rows

function splat(value: f64): v128 {
  return f32x4.splat(<f32>value);
}

/** η at `at`, entry `i` of 4. */
function eta(at: usize, i: usize): f64 {
  return load<f64>(at + (i << 3));
}

function isInverted(inverted: usize, neurons: usize): bool {
  for (let k: usize = 0; k < neurons; k += 1) if (load<u8>(inverted + k) !== 0) return true;
  return false;
}

/** `column` ← tanh((v − η₃)·η₄) */
function tanhColumn(v: usize, etaAt: usize, bytes: usize, column: usize): void {
  const slope = splat(eta(etaAt, 3));
  const shift = splat(eta(etaAt, 2) * eta(etaAt, 3));
  for (let r: usize = 0; r < bytes; r += 32) {
    const a = tanh4(f32x4.sub(f32x4.mul(v128.load(v + r), slope), shift));
    const b = tanh4(f32x4.sub(f32x4.mul(v128.load(v + r, 16), slope), shift));
    v128.store(column + r, a);
    v128.store(column + r, b, 16);
  }
}

/**
 * Fills fallingTanh, node, activationTanh and output; with no `activation` (0) the output is the node. `added` are the volts in series with the falling stages, 0 where there are none.
 * `plan` is room for 16 bytes an input.
 */
export function forward(
  inputs: usize,
  neurons: usize,
  rows: usize,
  x: usize,
  weights: usize,
  offsets: usize,
  falling: usize,
  activation: usize,
  inverted: usize,
  fallingTanh: usize,
  node: usize,
  activationTanh: usize,
  output: usize,
  added: usize,
  plan: usize,
): void {
  const bytes = rows << 2;
  for (let i: usize = 0; i < inputs; i += 1) {
    if (!isInverted(inverted + i * neurons, neurons)) continue;
    tanhColumn(x + i * bytes, falling + (i << 5), bytes, fallingTanh + i * bytes);
  }
  for (let k: usize = 0; k < neurons; k += 1) {
    // z = constant + Σ factor_i·column_i, the factors and the addresses of the columns in `plan`
    let constant = load<f64>(offsets + (k << 3));
    let at = plan;
    for (let i: usize = 0; i < inputs; i += 1) {
      const w = load<f64>(weights + ((i * neurons + k) << 3));
      if (load<u8>(inverted + i * neurons + k) !== 0) {
        constant -= w * eta(falling + (i << 5), 0);
        store<f32>(at, <f32>(-w * eta(falling + (i << 5), 1)));
        store<u32>(at, <u32>(fallingTanh + i * bytes), 4);
        if (added !== 0) {
          at += 8;
          store<f32>(at, <f32>w);
          store<u32>(at, <u32>(added + i * bytes), 4);
        }
      } else {
        store<f32>(at, <f32>w);
        store<u32>(at, <u32>(x + i * bytes), 4);
      }
      at += 8;
    }
    const start = splat(constant);
    const end = at;
    if (activation === 0) {
      for (let r: usize = 0; r < bytes; r += 16) {
        let z = start;
        for (let at = plan; at < end; at += 8)
          z = f32x4.add(z, f32x4.mul(v128.load32_splat(at), v128.load(<usize>load<u32>(at, 4) + r)));
        v128.store(node + k * bytes + r, z);
        v128.store(output + k * bytes + r, z);
      }
      continue;
    }
    const etaAt = activation + (k << 5);
    const base = splat(eta(etaAt, 0));
    const swing = splat(eta(etaAt, 1));
    const slope = splat(eta(etaAt, 3));
    const shift = splat(eta(etaAt, 2) * eta(etaAt, 3));
    for (let r: usize = 0; r < bytes; r += GROUP) {
      let a = start;
      let b = start;
      let c = start;
      let d = start;
      for (let at = plan; at < end; at += 8) {
        const factor = v128.load32_splat(at);
        const column = <usize>load<u32>(at, 4) + r;
        a = f32x4.add(a, f32x4.mul(factor, v128.load(column)));
        b = f32x4.add(b, f32x4.mul(factor, v128.load(column, 16)));
        c = f32x4.add(c, f32x4.mul(factor, v128.load(column, 32)));
        d = f32x4.add(d, f32x4.mul(factor, v128.load(column, 48)));
      }
      const at = k * bytes + r;
      v128.store(node + at, a);
      v128.store(node + at, b, 16);
      v128.store(node + at, c, 32);
      v128.store(node + at, d, 48);
      a = tanh4(f32x4.sub(f32x4.mul(a, slope), shift));
      b = tanh4(f32x4.sub(f32x4.mul(b, slope), shift));
      c = tanh4(f32x4.sub(f32x4.mul(c, slope), shift));
      d = tanh4(f32x4.sub(f32x4.mul(d, slope), shift));
      v128.store(activationTanh + at, a);
      v128.store(activationTanh + at, b, 16);
      v128.store(activationTanh + at, c, 32);
      v128.store(activationTanh + at, d, 48);
      v128.store(output + at, f32x4.add(base, f32x4.mul(swing, a)));
      v128.store(output + at, f32x4.add(base, f32x4.mul(swing, b)), 16);
      v128.store(output + at, f32x4.add(base, f32x4.mul(swing, c)), 32);
      v128.store(output + at, f32x4.add(base, f32x4.mul(swing, d)), 48);
    }
  }
}

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
      moment = f32x4.add(moment, f32x4.mul(e, difference));
      own = v128.bitselect(difference, own, i32x4.eq(label, i32x4.splat(<i32>k)));
      v128.store(outputGradient + k * bytes + r, e);
    }
    const nats = f32x4.sub(log4(total), f32x4.mul(tau, own));
    let lost = nats;
    let counted = weight;
    if (exponent > 0) {
      const trust = exp4(f32x4.mul(splat(-exponent), nats));
      lost = f32x4.mul(splat(1 / exponent), f32x4.sub(f32x4.splat(1), trust));
      counted = f32x4.mul(weight, trust);
    }
    loss = f32x4.add(loss, f32x4.mul(weight, lost));
    moments = f32x4.add(moments, f32x4.mul(counted, f32x4.sub(f32x4.div(moment, total), own)));
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

/** Σ a·b over a column. */
function dot(a: usize, b: usize, bytes: usize): f64 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  for (let r: usize = 0; r < bytes; r += GROUP) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a + r), v128.load(b + r)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a + r, 16), v128.load(b + r, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a + r, 32), v128.load(b + r, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(a + r, 48), v128.load(b + r, 48)));
  }
  return sumLanes(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/**
 * ∂f/∂y → ∂f/∂z in place for neuron k; adds to the gradient of its η; returns Σ ∂f/∂z. `slopes` are those of the volts in series
 * with it, 0 where there are none.
 */
function activationBackward(
  etaAt: usize,
  bytes: usize,
  node: usize,
  tanhs: usize,
  slopes: usize,
  dy: usize,
  gradient: usize,
): f64 {
  const swing = splat(eta(etaAt, 1));
  const middle = splat(eta(etaAt, 2));
  const slope = splat(eta(etaAt, 3));
  const one = f32x4.splat(1);
  let d1 = f32x4.splat(0);
  let d2 = f32x4.splat(0);
  let d4 = f32x4.splat(0);
  let dz = f32x4.splat(0);
  let past = f32x4.splat(0);
  for (let r: usize = 0; r < bytes; r += 16) {
    const g = v128.load(dy + r);
    const t = v128.load(tanhs + r);
    const inner = f32x4.mul(f32x4.mul(g, swing), f32x4.sub(one, f32x4.mul(t, t)));
    d1 = f32x4.add(d1, g);
    d2 = f32x4.add(d2, f32x4.mul(g, t));
    d4 = f32x4.add(d4, f32x4.mul(inner, f32x4.sub(v128.load(node + r), middle)));
    dz = f32x4.add(dz, inner);
    let direct = f32x4.mul(inner, slope);
    if (slopes !== 0) {
      const around = f32x4.mul(g, v128.load(slopes + r));
      past = f32x4.add(past, around);
      direct = f32x4.add(direct, around);
    }
    v128.store(dy + r, direct);
  }
  const total = sumLanes(dz) * eta(etaAt, 3);
  addTo(gradient, sumLanes(d1));
  addTo(gradient + 8, sumLanes(d2));
  addTo(gradient + 16, -total);
  addTo(gradient + 24, sumLanes(d4));
  return total + sumLanes(past);
}

/**
 * ∂f/∂ the input column i: the direct entries, and through the falling stage the inverted ones, whose η gradient is
 * added at `gradient`. `factors` are the weights in float32. `inputGradient` 0: the inputs are data, and only η is wanted.
 */
function inputBackward(
  neurons: usize,
  bytes: usize,
  x: usize,
  factors: usize,
  etaAt: usize,
  inverted: usize,
  tanhs: usize,
  slopes: usize,
  dz: usize,
  gradient: usize,
  inputGradient: usize,
): void {
  const swing = splat(eta(etaAt, 1));
  const middle = splat(eta(etaAt, 2));
  const slope = splat(eta(etaAt, 3));
  const one = f32x4.splat(1);
  const hasStage = isInverted(inverted, neurons);
  if (!hasStage && inputGradient === 0) return;
  let d1 = f32x4.splat(0);
  let d2 = f32x4.splat(0);
  let d3 = f32x4.splat(0);
  let d4 = f32x4.splat(0);
  for (let r: usize = 0; r < bytes; r += 16) {
    let direct = f32x4.splat(0);
    let through = f32x4.splat(0);
    for (let k: usize = 0; k < neurons; k += 1) {
      const part = f32x4.mul(v128.load32_splat(factors + (k << 2)), v128.load(dz + k * bytes + r));
      if (load<u8>(inverted + k) !== 0) through = f32x4.sub(through, part);
      else direct = f32x4.add(direct, part);
    }
    if (hasStage) {
      const t = v128.load(tanhs + r);
      const inner = f32x4.mul(f32x4.mul(through, swing), f32x4.sub(one, f32x4.mul(t, t)));
      d1 = f32x4.add(d1, through);
      d2 = f32x4.add(d2, f32x4.mul(through, t));
      d3 = f32x4.add(d3, inner);
      d4 = f32x4.add(d4, f32x4.mul(inner, f32x4.sub(v128.load(x + r), middle)));
      direct = f32x4.add(direct, f32x4.mul(inner, slope));
      if (slopes !== 0) direct = f32x4.sub(direct, f32x4.mul(through, v128.load(slopes + r)));
    }
    if (inputGradient !== 0) v128.store(inputGradient + r, direct);
  }
  if (!hasStage) return;
  addTo(gradient, sumLanes(d1));
  addTo(gradient + 8, sumLanes(d2));
  addTo(gradient + 16, -sumLanes(d3) * eta(etaAt, 3));
  addTo(gradient + 24, sumLanes(d4));
}

/**
 * From ∂f/∂y in `outputGradient` (overwritten by ∂f/∂z) adds to the gradients of weights, offsets and both kinds of η;
 * writes ∂f/∂x into `inputGradient` unless it is 0; `activation` is 0 where there are no stages. `added` and `slopes` are the volts in series with the stages, falling ones first,
 * and their slopes; 0 where there are none. `plan` is room for 12 bytes a neuron.
 */
export function backward(
  inputs: usize,
  neurons: usize,
  rows: usize,
  x: usize,
  weights: usize,
  falling: usize,
  activation: usize,
  inverted: usize,
  fallingTanh: usize,
  node: usize,
  activationTanh: usize,
  outputGradient: usize,
  weightGradient: usize,
  offsetGradient: usize,
  fallingGradient: usize,
  activationGradient: usize,
  inputGradient: usize,
  added: usize,
  slopes: usize,
  plan: usize,
): void {
  const bytes = rows << 2;
  const factors = plan + (neurons << 3);
  for (let k: usize = 0; k < neurons; k += 1) {
    const at = k * bytes;
    const total =
      activation === 0
        ? sumColumn(outputGradient + at, bytes)
        : activationBackward(
            activation + (k << 5),
            bytes,
            node + at,
            activationTanh + at,
            slopes === 0 ? 0 : slopes + inputs * bytes + at,
            outputGradient + at,
            activationGradient + (k << 5),
          );
    store<f64>(plan + (k << 3), total);
    addTo(offsetGradient + (k << 3), total);
  }
  for (let i: usize = 0; i < inputs; i += 1) {
    const etaAt = falling + (i << 5);
    const signs = inverted + i * neurons;
    for (let k: usize = 0; k < neurons; k += 1) {
      const at = weightGradient + ((i * neurons + k) << 3);
      store<f32>(factors + (k << 2), <f32>load<f64>(weights + ((i * neurons + k) << 3)));
      const dz = outputGradient + k * bytes;
      if (load<u8>(signs + k) !== 0) {
        const product = dot(dz, fallingTanh + i * bytes, bytes);
        if (added !== 0) addTo(at, dot(dz, added + i * bytes, bytes));
        addTo(at, -(eta(etaAt, 0) * load<f64>(plan + (k << 3)) + eta(etaAt, 1) * product));
      } else addTo(at, dot(dz, x + i * bytes, bytes));
    }
    inputBackward(
      neurons,
      bytes,
      x + i * bytes,
      factors,
      etaAt,
      signs,
      fallingTanh + i * bytes,
      slopes === 0 ? 0 : slopes + i * bytes,
      outputGradient,
      fallingGradient + (i << 5),
      inputGradient === 0 ? 0 : inputGradient + i * bytes,
    );
  }
}
