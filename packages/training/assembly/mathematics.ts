/** Elementary functions on four float32 lanes. AssemblyScript; see network.ts. */
import { madd, nmadd } from './lanes';

/**
 * tanh by the odd rational function u·P(u²)/Q(u²), both of degree 4, of least relative error on 0..7.9: 6e-9, which the
 * rounding of float32 hides; level beyond ±7.9, where float32 has reached ±1.
 */
export function tanh4(x: v128): v128 {
  const u = f32x4.pmax(f32x4.pmin(x, f32x4.splat(7.9)), f32x4.splat(-7.9));
  const s = f32x4.mul(u, u);
  let p = f32x4.splat(1.54279917e-8);
  p = madd(p, s, f32x4.splat(2.20232582e-5));
  p = madd(p, s, f32x4.splat(3.5789928e-3));
  p = madd(p, s, f32x4.splat(0.134506212));
  p = madd(p, s, f32x4.splat(1));
  let q = f32x4.splat(8.59878764e-7);
  q = madd(q, s, f32x4.splat(3.42365183e-4));
  q = madd(q, s, f32x4.splat(2.61922409e-2));
  q = madd(q, s, f32x4.splat(0.467839492));
  q = madd(q, s, f32x4.splat(1));
  return f32x4.div(f32x4.mul(u, p), q);
}

/** e^x for x ≤ 0: x = n·ln 2 + r, a polynomial of degree 5 in r of least relative error (8e-8), n added to the exponent's bits. */
export function exp4(x: v128): v128 {
  const clamped = f32x4.pmax(x, f32x4.splat(-87));
  // adding 1.5·2²³ rounds to a whole number, which then stands in the low bits
  const shifted = madd(clamped, f32x4.splat(<f32>Math.LOG2E), f32x4.splat(12582912));
  const n = f32x4.sub(shifted, f32x4.splat(12582912));
  const r = nmadd(n, f32x4.splat(<f32>Math.LN2), clamped);
  let p = f32x4.splat(8.29751191e-3);
  p = madd(p, r, f32x4.splat(4.19163717e-2));
  p = madd(p, r, f32x4.splat(0.16667582));
  p = madd(p, r, f32x4.splat(0.499988861));
  p = madd(p, r, f32x4.splat(0.999999688));
  p = madd(p, r, f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** ln x for normal x > 0: mantissa in √½..√2, polynomial of Cephes' `logf`. */
export function log4(x: v128): v128 {
  let mantissa = v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f800000));
  let exponent = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(127)));
  const high = f32x4.gt(mantissa, f32x4.splat(<f32>Math.SQRT2));
  mantissa = v128.bitselect(f32x4.mul(mantissa, f32x4.splat(0.5)), mantissa, high);
  exponent = f32x4.add(exponent, v128.and(high, f32x4.splat(1)));
  const m = f32x4.sub(mantissa, f32x4.splat(1));
  const s = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = madd(p, m, f32x4.splat(-1.151461031e-1));
  p = madd(p, m, f32x4.splat(1.167699874e-1));
  p = madd(p, m, f32x4.splat(-1.2420140846e-1));
  p = madd(p, m, f32x4.splat(1.4249322787e-1));
  p = madd(p, m, f32x4.splat(-1.6668057665e-1));
  p = madd(p, m, f32x4.splat(2.0000714765e-1));
  p = madd(p, m, f32x4.splat(-2.4999993993e-1));
  p = madd(p, m, f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, m), s);
  p = madd(exponent, f32x4.splat(-2.1219444e-4), p);
  p = nmadd(s, f32x4.splat(0.5), p);
  return madd(exponent, f32x4.splat(0.693359375), f32x4.add(m, p));
}
