/** One layer of one print forwards, on one block of rows. AssemblyScript; see network.ts. */
import { eta, GROUP, madd, splat } from './lanes';
import { tanh4 } from './mathematics';

export function isInverted(inverted: usize, neurons: usize): bool {
  for (let k: usize = 0; k < neurons; k += 1) if (load<u8>(inverted + k) !== 0) return true;
  return false;
}

/** `column` ← tanh((v − η₃)·η₄) */
function tanhColumn(v: usize, etaAt: usize, bytes: usize, column: usize): void {
  const slope = splat(eta(etaAt, 3));
  const shift = splat(-eta(etaAt, 2) * eta(etaAt, 3));
  for (let r: usize = 0; r < bytes; r += 32) {
    const a = tanh4(madd(v128.load(v + r), slope, shift));
    const b = tanh4(madd(v128.load(v + r, 16), slope, shift));
    v128.store(column + r, a);
    v128.store(column + r, b, 16);
  }
}

/**
 * Fills fallingTanh, node, activationTanh and output; with no `activation` (0) the output is the node. `added` are the volts in series
 * with the falling stages, 0 where there are none. `plan` is room for 16 bytes an input.
 */
export function forwardLayer(
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
    const end = at;
    const start = splat(constant);
    const etaAt = activation + (k << 5);
    const base = splat(activation === 0 ? 0 : eta(etaAt, 0));
    const swing = splat(activation === 0 ? 0 : eta(etaAt, 1));
    const slope = splat(activation === 0 ? 0 : eta(etaAt, 3));
    const shift = splat(activation === 0 ? 0 : -eta(etaAt, 2) * eta(etaAt, 3));
    for (let r: usize = 0; r < bytes; r += GROUP) {
      let a = start;
      let b = start;
      let c = start;
      let d = start;
      for (let at = plan; at < end; at += 8) {
        const factor = v128.load32_splat(at);
        const column = <usize>load<u32>(at, 4) + r;
        a = madd(factor, v128.load(column), a);
        b = madd(factor, v128.load(column, 16), b);
        c = madd(factor, v128.load(column, 32), c);
        d = madd(factor, v128.load(column, 48), d);
      }
      const at = k * bytes + r;
      store4(node + at, a, b, c, d);
      if (activation !== 0) {
        a = tanh4(madd(a, slope, shift));
        b = tanh4(madd(b, slope, shift));
        c = tanh4(madd(c, slope, shift));
        d = tanh4(madd(d, slope, shift));
        store4(activationTanh + at, a, b, c, d);
        a = madd(swing, a, base);
        b = madd(swing, b, base);
        c = madd(swing, c, base);
        d = madd(swing, d, base);
      }
      store4(output + at, a, b, c, d);
    }
  }
}

function store4(at: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(at, a);
  v128.store(at, b, 16);
  v128.store(at, c, 32);
  v128.store(at, d, 48);
}
