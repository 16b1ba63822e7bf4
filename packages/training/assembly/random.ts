/** Philox4x32-10, bit for bit the one of core/src/random.ts, and what the prints make of it. AssemblyScript; see network.ts. */

const MULTIPLIER_0: u32 = 0xd2511f53;
const MULTIPLIER_1: u32 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;

/** The even words of two vectors. */
function evens(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

/** The odd words of two vectors. */
function odds(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

/** The two numbers in [0, 1) of the low lanes, 53 random bits each. */
function toUnit(high: v128, low: v128): v128 {
  const whole = f64x2.add(
    f64x2.mul(f64x2.convert_low_i32x4_u(i32x4.shr_u(high, 5)), f64x2.splat(67108864)),
    f64x2.convert_low_i32x4_u(i32x4.shr_u(low, 6)),
  );
  return f64x2.mul(whole, f64x2.splat(1 / 9007199254740992));
}

/**
 * Fills `count` float64 at `out` with uniform numbers in [0, 1): those of `Draws.fillUniform` from `first` on (even). Four blocks of
 * the generator are the lanes, so that there must be room for a multiple of 8 numbers.
 */
export function fillUniform(
  key0: u32,
  key1: u32,
  seedHigh: u32,
  major: u32,
  first: u32,
  out: usize,
  count: usize,
): void {
  const m0 = i32x4.splat(MULTIPLIER_0);
  const m1 = i32x4.splat(MULTIPLIER_1);
  const from = i32x4.add(i32x4.splat(first >> 1), i32x4(0, 1, 2, 3));
  for (let i: usize = 0; i < count; i += 8) {
    let c0 = i32x4.add(from, i32x4.splat(<u32>(i >> 1)));
    let c1 = i32x4.splat(major);
    let c2 = i32x4.splat(seedHigh);
    let c3 = i32x4.splat(0);
    let k0 = key0;
    let k1 = key1;
    for (let round = 0; round < 10; round += 1) {
      const p = i64x2.extmul_low_i32x4_u(c0, m0);
      const q = i64x2.extmul_high_i32x4_u(c0, m0);
      const r = i64x2.extmul_low_i32x4_u(c2, m1);
      const s = i64x2.extmul_high_i32x4_u(c2, m1);
      c0 = v128.xor(v128.xor(odds(r, s), c1), i32x4.splat(k0));
      c1 = evens(r, s);
      c2 = v128.xor(v128.xor(odds(p, q), c3), i32x4.splat(k1));
      c3 = evens(p, q);
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    // of every block the first two words make a number, and the last two the next one
    const even = toUnit(c0, c1);
    const odd = toUnit(c2, c3);
    const later = toUnit(upper(c0), upper(c1));
    const last = toUnit(upper(c2), upper(c3));
    const at = out + (i << 3);
    v128.store(at, i8x16.shuffle(even, odd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
    v128.store(at, i8x16.shuffle(even, odd, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31), 16);
    v128.store(at, i8x16.shuffle(later, last, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23), 32);
    v128.store(at, i8x16.shuffle(later, last, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31), 48);
  }
}

function upper(v: v128): v128 {
  return i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

/** ln x for normal x > 0: mantissa in √½..√2, 2·artanh((m − 1)/(m + 1)) as a series; at most 1e-11 off. */
function ln(x: v128): v128 {
  // the exponent of x·√2, so that the mantissa lies around 1
  const place = i64x2.shr_u(f64x2.mul(x, f64x2.splat(Math.SQRT2)), 52);
  const exponent = i64x2.sub(place, i64x2.splat(1023));
  const m = i64x2.sub(x, i64x2.shl(exponent, 52));
  const z = f64x2.div(f64x2.sub(m, f64x2.splat(1)), f64x2.add(m, f64x2.splat(1)));
  const s = f64x2.mul(z, z);
  let p = f64x2.splat(2.0 / 13);
  p = f64x2.add(f64x2.mul(p, s), f64x2.splat(2.0 / 11));
  p = f64x2.add(f64x2.mul(p, s), f64x2.splat(2.0 / 9));
  p = f64x2.add(f64x2.mul(p, s), f64x2.splat(2.0 / 7));
  p = f64x2.add(f64x2.mul(p, s), f64x2.splat(2.0 / 5));
  p = f64x2.add(f64x2.mul(p, s), f64x2.splat(2.0 / 3));
  p = f64x2.add(f64x2.mul(p, s), f64x2.splat(2));
  const whole = f64x2.convert_low_i32x4_s(evens(exponent, exponent));
  return f64x2.add(f64x2.mul(whole, f64x2.splat(Math.LN2)), f64x2.mul(p, z));
}

/**
 * Uniform numbers u at `values` → factors 1 + s·(2u − 1), at least `least`, or their logarithms: prints of `entries` each, whose s
 * stand at `spreads`. A number beyond the last one may be read, of either.
 */
export function spread(
  values: usize,
  prints: usize,
  entries: usize,
  spreads: usize,
  least: f64,
  logarithms: bool,
): void {
  const one = f64x2.splat(1);
  for (let d: usize = 0; d < prints; d += 1) {
    for (let i: usize = 0; i < entries; i += 2) {
      const at = values + ((d * entries + i) << 3);
      const u = v128.load(at);
      const signed = f64x2.sub(f64x2.add(u, u), one);
      const factor = f64x2.add(one, f64x2.mul(v128.load(spreads + (i << 3)), signed));
      let written = f64x2.pmax(factor, f64x2.splat(least));
      if (logarithms) written = ln(written);
      if (i + 1 === entries) store<f64>(at, f64x2.extract_lane(written, 0));
      else v128.store(at, written);
    }
  }
}
