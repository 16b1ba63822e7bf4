/** Smooth curves in series with the stages, on columns of float32. AssemblyScript; see kernel.ts. */

/** As in circuit's nonIdeality/series.ts. */
const WAVES: usize = 8;

function splat(value: f64): v128 {
  return f32x4.splat(<f32>value);
}

/** 1 − x²/(a·(a−1))·(1 − x²/…): sin(x)/x with shift 1, cos(x) with 0, for |x| ≤ π/2. */
function taylor(square: v128, shift: f64): v128 {
  const one = f32x4.splat(1);
  let sum = one;
  for (let k: f64 = 6; k > 0; k -= 1) {
    const factor = f32x4.mul(square, splat(1 / ((2 * k + shift) * (2 * k + shift - 1))));
    sum = f32x4.sub(one, f32x4.mul(factor, sum));
  }
  return sum;
}

/**
 * `volts` += e(v), `slopes` = de/dv, e the curve of float64 numbers at `curve`: mean, then factors of cos and sin of each wave.
 * It repeats after `period` volts.
 */
export function addCurve(curve: usize, period: f64, rows: usize, v: usize, volts: usize, slopes: usize): void {
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  for (let at: usize = 0; at < rows << 2; at += 16) {
    const turns = f32x4.mul(v128.load(v + at), splat(1 / period));
    // half of the angle, −π/2..π/2
    const half = f32x4.mul(f32x4.sub(turns, f32x4.nearest(turns)), splat(Math.PI));
    const square = f32x4.mul(half, half);
    const sinHalf = f32x4.mul(half, taylor(square, 1));
    const cosHalf = taylor(square, 0);
    const sin1 = f32x4.mul(two, f32x4.mul(sinHalf, cosHalf));
    const cos1 = f32x4.sub(one, f32x4.mul(two, f32x4.mul(sinHalf, sinHalf)));
    let cos = one;
    let sin = f32x4.splat(0);
    let value = f32x4.add(v128.load(volts + at), splat(load<f64>(curve)));
    let slope = f32x4.splat(0);
    for (let m: usize = 1; m <= WAVES; m += 1) {
      const next = f32x4.sub(f32x4.mul(cos, cos1), f32x4.mul(sin, sin1));
      sin = f32x4.add(f32x4.mul(sin, cos1), f32x4.mul(cos, sin1));
      cos = next;
      const a = splat(load<f64>(curve + (m << 4) - 8));
      const b = splat(load<f64>(curve + (m << 4)));
      value = f32x4.add(value, f32x4.add(f32x4.mul(a, cos), f32x4.mul(b, sin)));
      const turn = splat((2 * Math.PI * <f64>m) / period);
      slope = f32x4.add(slope, f32x4.mul(turn, f32x4.sub(f32x4.mul(b, cos), f32x4.mul(a, sin))));
    }
    v128.store(volts + at, value);
    v128.store(slopes + at, slope);
  }
}

/** `to` += `what`, so many float32. */
export function add(to: usize, what: usize, count: usize): void {
  for (let at: usize = 0; at < count << 2; at += 16)
    v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(what + at)));
}
