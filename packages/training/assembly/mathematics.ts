/** Elementary functions on four float32 lanes. AssemblyScript; see kernel.ts. */

/**
 * tanh by the odd rational function of degrees 13 and 6 that Eigen uses (`ptanh`): at most 4e-7 off, exact signs, and
 * level beyond ±7.9, where float32 has reached ±1.
 */
export function tanh4(x: v128): v128 {
  const u = f32x4.max(f32x4.min(x, f32x4.splat(7.905311)), f32x4.splat(-7.905311));
  const s = f32x4.mul(u, u);
  let p = f32x4.splat(-2.76076847742355e-16);
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(2.00018790482477e-13));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(-8.60467152213735e-11));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(5.12229709037114e-8));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(1.48572235717979e-5));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(6.37261928875436e-4));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(4.89352455891786e-3));
  let q = f32x4.splat(1.19825839466702e-6);
  q = f32x4.add(f32x4.mul(q, s), f32x4.splat(1.18534705686654e-4));
  q = f32x4.add(f32x4.mul(q, s), f32x4.splat(2.268434632439e-3));
  q = f32x4.add(f32x4.mul(q, s), f32x4.splat(4.89352518554385e-3));
  return f32x4.div(f32x4.mul(u, p), q);
}

/** e^x for x ≤ 0: x = n·ln 2 + r, a polynomial of degree 7 in r (Cephes `expf`), n added to the exponent's bits. */
export function exp4(x: v128): v128 {
  const clamped = f32x4.max(x, f32x4.splat(-87));
  // adding 1.5·2²³ rounds to a whole number, which then stands in the low bits
  const shifted = f32x4.add(f32x4.mul(clamped, f32x4.splat(<f32>Math.LOG2E)), f32x4.splat(12582912));
  const n = f32x4.sub(shifted, f32x4.splat(12582912));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
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
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.167699874e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, m), s);
  p = f32x4.add(p, f32x4.mul(exponent, f32x4.splat(-2.1219444e-4)));
  p = f32x4.sub(p, f32x4.mul(s, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(m, p), f32x4.mul(exponent, f32x4.splat(0.693359375)));
}

/** The four lanes added in float64, in the order of the lanes. */
export function sumLanes(v: v128): f64 {
  return (
    <f64>f32x4.extract_lane(v, 0) +
    <f64>f32x4.extract_lane(v, 1) +
    <f64>f32x4.extract_lane(v, 2) +
    <f64>f32x4.extract_lane(v, 3)
  );
}

/** The sum of a column of float32. */
export function sumColumn(a: usize, bytes: usize): f64 {
  let sum = f32x4.splat(0);
  for (let r: usize = 0; r < bytes; r += 16) sum = f32x4.add(sum, v128.load(a + r));
  return sumLanes(sum);
}

/** Adds to a float64 in memory. */
export function addTo(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
}
