/** One layer of one print backwards, on one block of rows. AssemblyScript; see network.ts. */
import { isInverted } from './forward';
import { addTo, dot4, eta, GROUP, madd, nmadd, splat, sumColumn, sumLanes } from './lanes';

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
  const swing = eta(etaAt, 1);
  const slope = eta(etaAt, 3);
  const factor = splat(swing * slope);
  let d1 = f32x4.splat(0);
  let d2 = d1;
  let d4 = d1;
  let inners = d1;
  let past = d1;
  for (let r: usize = 0; r < bytes; r += 16) {
    const g = v128.load(dy + r);
    const t = v128.load(tanhs + r);
    const gt = f32x4.mul(g, t);
    // g·(1 − t²)
    const inner = nmadd(gt, t, g);
    d1 = f32x4.add(d1, g);
    d2 = f32x4.add(d2, gt);
    d4 = madd(inner, v128.load(node + r), d4);
    inners = f32x4.add(inners, inner);
    let direct = f32x4.mul(inner, factor);
    if (slopes !== 0) {
      const around = f32x4.mul(g, v128.load(slopes + r));
      past = f32x4.add(past, around);
      direct = f32x4.add(direct, around);
    }
    v128.store(dy + r, direct);
  }
  const total = swing * sumLanes(inners);
  addTo(gradient, sumLanes(d1));
  addTo(gradient + 8, sumLanes(d2));
  addTo(gradient + 16, -slope * total);
  addTo(gradient + 24, swing * sumLanes(d4) - eta(etaAt, 2) * total);
  return slope * total + sumLanes(past);
}

/** Of an input with a falling stage: adds Σ factor·column·(1 − t²) to the gradient of η₃ and η₄; writes ∂f/∂x through it unless `inputGradient` is 0. */
function stageBackward(
  plan: usize,
  end: usize,
  etaAt: usize,
  bytes: usize,
  x: usize,
  tanhs: usize,
  slopes: usize,
  gradient: usize,
  inputGradient: usize,
): void {
  const swing = eta(etaAt, 1);
  const slope = eta(etaAt, 3);
  const factor = splat(swing * slope);
  let d3 = f32x4.splat(0);
  let d4 = d3;
  for (let r: usize = 0; r < bytes; r += 32) {
    let a = f32x4.splat(0);
    let b = a;
    for (let at = plan; at < end; at += 8) {
      const weight = v128.load32_splat(at);
      const column = <usize>load<u32>(at, 4) + r;
      a = madd(weight, v128.load(column), a);
      b = madd(weight, v128.load(column, 16), b);
    }
    const s = v128.load(tanhs + r);
    const t = v128.load(tanhs + r, 16);
    const innerA = nmadd(f32x4.mul(a, s), s, a);
    const innerB = nmadd(f32x4.mul(b, t), t, b);
    d3 = f32x4.add(d3, f32x4.add(innerA, innerB));
    d4 = madd(innerB, v128.load(x + r, 16), madd(innerA, v128.load(x + r), d4));
    if (inputGradient === 0) continue;
    let backA = f32x4.mul(innerA, factor);
    let backB = f32x4.mul(innerB, factor);
    if (slopes !== 0) {
      backA = nmadd(a, v128.load(slopes + r), backA);
      backB = nmadd(b, v128.load(slopes + r, 16), backB);
    }
    v128.store(inputGradient + r, backA);
    v128.store(inputGradient + r, backB, 16);
  }
  const total = swing * sumLanes(d3);
  addTo(gradient + 16, -slope * total);
  addTo(gradient + 24, swing * sumLanes(d4) - eta(etaAt, 2) * total);
}

/** `out` ← Σ factor·column, added to what is there where it `continues`. */
function combine(plan: usize, end: usize, bytes: usize, continues: bool, out: usize): void {
  for (let r: usize = 0; r < bytes; r += GROUP) {
    let a = continues ? v128.load(out + r) : f32x4.splat(0);
    let b = continues ? v128.load(out + r, 16) : f32x4.splat(0);
    let c = continues ? v128.load(out + r, 32) : f32x4.splat(0);
    let d = continues ? v128.load(out + r, 48) : f32x4.splat(0);
    for (let at = plan; at < end; at += 8) {
      const factor = v128.load32_splat(at);
      const column = <usize>load<u32>(at, 4) + r;
      a = madd(factor, v128.load(column), a);
      b = madd(factor, v128.load(column, 16), b);
      c = madd(factor, v128.load(column, 32), c);
      d = madd(factor, v128.load(column, 48), d);
    }
    v128.store(out + r, a);
    v128.store(out + r, b, 16);
    v128.store(out + r, c, 32);
    v128.store(out + r, d, 48);
  }
}

/** Writes the entries of an input that are inverted, or those that are not, with the sign of their way; returns the end. */
function planOf(
  wanted: bool,
  neurons: usize,
  bytes: usize,
  weights: usize,
  inverted: usize,
  dz: usize,
  plan: usize,
): usize {
  let at = plan;
  for (let k: usize = 0; k < neurons; k += 1) {
    if ((load<u8>(inverted + k) !== 0) !== wanted) continue;
    const w = load<f64>(weights + (k << 3));
    store<f32>(at, <f32>(wanted ? -w : w));
    store<u32>(at, <u32>(dz + k * bytes), 4);
    at += 8;
  }
  return at;
}

/**
 * From ∂f/∂y in `outputGradient` (overwritten by ∂f/∂z) adds to the gradients of weights, offsets and both kinds of η;
 * writes ∂f/∂x into `inputGradient` unless it is 0; `activation` is 0 where there are no stages. `added` and `slopes` are the volts in
 * series with the stages, falling ones first, and their slopes; 0 where there are none. `plan` is room for 16 bytes a neuron.
 */
export function backwardLayer(
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
  for (let k: usize = 0; k < neurons; k += 1) {
    const at = k * bytes;
    const dz = outputGradient + at;
    const total =
      activation === 0
        ? sumColumn(dz, bytes)
        : activationBackward(
            activation + (k << 5),
            bytes,
            node + at,
            activationTanh + at,
            slopes === 0 ? 0 : slopes + inputs * bytes + at,
            dz,
            activationGradient + (k << 5),
          );
    addTo(offsetGradient + (k << 3), total);
    for (let i: usize = 0; i < inputs; i += 4) {
      // the products of a column with the source of each of four inputs; those beyond the last repeat it
      const last = inputs - 1;
      const sources = dot4(
        dz,
        sourceOf(i, k, neurons, bytes, x, inverted, fallingTanh),
        sourceOf(min(last, i + 1), k, neurons, bytes, x, inverted, fallingTanh),
        sourceOf(min(last, i + 2), k, neurons, bytes, x, inverted, fallingTanh),
        sourceOf(min(last, i + 3), k, neurons, bytes, x, inverted, fallingTanh),
        bytes,
      );
      v128.store(plan, sources);
      for (let j = i; j < min(inputs, i + 4); j += 1) {
        const entry = j * neurons + k;
        const product = <f64>load<f32>(plan + ((j - i) << 2));
        const gradient = weightGradient + (entry << 3);
        if (load<u8>(inverted + entry) === 0) {
          addTo(gradient, product);
          continue;
        }
        const etaAt = falling + (j << 5);
        const w = load<f64>(weights + (entry << 3));
        addTo(gradient, -(eta(etaAt, 0) * total + eta(etaAt, 1) * product));
        addTo(fallingGradient + (j << 5), -w * total);
        addTo(fallingGradient + (j << 5) + 8, -w * product);
        if (added !== 0) {
          const volts = added + j * bytes;
          addTo(gradient, <f64>f32x4.extract_lane(dot4(dz, volts, volts, volts, volts, bytes), 0));
        }
      }
    }
  }
  for (let i: usize = 0; i < inputs; i += 1) {
    const signs = inverted + i * neurons;
    const hasStage = isInverted(signs, neurons);
    const own = weights + ((i * neurons) << 3);
    const to: usize = inputGradient === 0 ? 0 : inputGradient + i * bytes;
    if (hasStage) {
      stageBackward(
        plan,
        planOf(true, neurons, bytes, own, signs, outputGradient, plan),
        falling + (i << 5),
        bytes,
        x + i * bytes,
        fallingTanh + i * bytes,
        slopes === 0 ? 0 : slopes + i * bytes,
        fallingGradient + (i << 5),
        to,
      );
    }
    if (to !== 0) combine(plan, planOf(false, neurons, bytes, own, signs, outputGradient, plan), bytes, hasStage, to);
  }
}

/** The column that an entry weighs: the input's own, or the tanh of its falling stage. */
function sourceOf(
  i: usize,
  k: usize,
  neurons: usize,
  bytes: usize,
  x: usize,
  inverted: usize,
  fallingTanh: usize,
): usize {
  return (load<u8>(inverted + i * neurons + k) === 0 ? x : fallingTanh) + i * bytes;
}
