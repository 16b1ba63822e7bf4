// biome-ignore lint/style/useImportType: AssemblyScript has no imports of types only
import { Plan } from './plan';

/** As in nonIdeality/series.ts. */
const WAVES: usize = 8;
// offset into the bounds, as layout.ts writes it
const PERIOD: usize = 40;
const CURVE_BYTES: usize = (1 + 2 * WAVES) << 3;

/** Σ c_k·x^2k by Horner, c_k = (−1)^k·first/((2k + shift)!), eleven terms: sin(x)/x with shift 1, cos(x) with 0, for |x| ≤ π/2. */
function taylor(square: v128, shift: f64): v128 {
  const one = f64x2.splat(1);
  let sum = one;
  for (let k: f64 = 11; k > 0; k -= 1) {
    const factor = f64x2.mul(square, f64x2.splat(1 / ((2 * k + shift) * (2 * k + shift - 1))));
    sum = f64x2.sub(one, f64x2.mul(factor, sum));
  }
  return sum;
}

/** Row of every series source's output: v_out − v_open − e(v_in) = 0, e a sum of waves and what the row adds. */
export function stampSources(plan: Plan): void {
  const two = f64x2.splat(2);
  const period = load<f64>(<usize>plan.bounds, PERIOD);
  let at = <usize>plan.sources;
  let curve = <usize>plan.sourceCurves;
  let added = <usize>plan.sourceVolts;
  for (let i = 0; i < plan.sourceCount; i += 1) {
    const turns = f64x2.mul(v128.load(<usize>load<i32>(at)), f64x2.splat(1 / period));
    // half of the angle, −π/2..π/2
    const half = f64x2.mul(f64x2.sub(turns, f64x2.nearest(turns)), f64x2.splat(Math.PI));
    const square = f64x2.mul(half, half);
    const sinHalf = f64x2.mul(half, taylor(square, 1));
    const cosHalf = taylor(square, 0);
    const sin1 = f64x2.mul(two, f64x2.mul(sinHalf, cosHalf));
    const cos1 = f64x2.sub(f64x2.splat(1), f64x2.mul(two, f64x2.mul(sinHalf, sinHalf)));
    let cos = f64x2.splat(1);
    let sin = f64x2.splat(0);
    let value = f64x2.add(v128.load64_splat(curve), v128.load(added));
    let slope = f64x2.splat(0);
    for (let m: usize = 1; m <= WAVES; m += 1) {
      const next = f64x2.sub(f64x2.mul(cos, cos1), f64x2.mul(sin, sin1));
      sin = f64x2.add(f64x2.mul(sin, cos1), f64x2.mul(cos, sin1));
      cos = next;
      const a = v128.load64_splat(curve + (m << 4) - 8);
      const b = v128.load64_splat(curve + (m << 4));
      value = f64x2.add(value, f64x2.add(f64x2.mul(a, cos), f64x2.mul(b, sin)));
      const turn = f64x2.splat((2 * Math.PI * <f64>m) / period);
      slope = f64x2.add(slope, f64x2.mul(turn, f64x2.sub(f64x2.mul(b, cos), f64x2.mul(a, sin))));
    }
    const open = v128.load(<usize>load<i32>(at, 4));
    const output = v128.load(<usize>load<i32>(at, 8));
    v128.store(<usize>load<i32>(at, 12), f64x2.sub(f64x2.sub(output, open), value));
    v128.store(<usize>load<i32>(at, 16), f64x2.neg(slope));
    v128.store(<usize>load<i32>(at, 20), f64x2.splat(-1));
    v128.store(<usize>load<i32>(at, 24), f64x2.splat(1));
    at += 28;
    curve += CURVE_BYTES;
    added += 16;
  }
}
