/** Four float32 lanes, and sums of columns. AssemblyScript; see network.ts. */

/** Bytes of 16 rows of a column: what the loops take in one go. */
export const GROUP: usize = 64;

export function splat(value: f64): v128 {
  return f32x4.splat(<f32>value);
}

/** a·b + c: rounded once where the kernel is built with relaxed SIMD, twice where it is not. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c − a·b, as madd. */
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** η at `at`, entry `i` of 4. */
export function eta(at: usize, i: usize): f64 {
  return load<f64>(at + (i << 3));
}

/** Adds to a float64 in memory. */
export function addTo(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
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

/** Σ a·b_j over the rows for four columns b_j: one float32 each. */
export function dot4(a: usize, b0: usize, b1: usize, b2: usize, b3: usize, bytes: usize): v128 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let t0 = s0;
  let t1 = s0;
  let t2 = s0;
  let t3 = s0;
  for (let r: usize = 0; r < bytes; r += 32) {
    const u = v128.load(a + r);
    s0 = madd(u, v128.load(b0 + r), s0);
    s1 = madd(u, v128.load(b1 + r), s1);
    s2 = madd(u, v128.load(b2 + r), s2);
    s3 = madd(u, v128.load(b3 + r), s3);
    const v = v128.load(a + r, 16);
    t0 = madd(v, v128.load(b0 + r, 16), t0);
    t1 = madd(v, v128.load(b1 + r, 16), t1);
    t2 = madd(v, v128.load(b2 + r, 16), t2);
    t3 = madd(v, v128.load(b3 + r, 16), t3);
  }
  const low = addHalves(f32x4.add(s0, t0), f32x4.add(s1, t1));
  const high = addHalves(f32x4.add(s2, t2), f32x4.add(s3, t3));
  return f32x4.add(
    i8x16.shuffle(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
    i8x16.shuffle(low, high, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
  );
}

/** a₀ + a₂, b₀ + b₂, a₁ + a₃, b₁ + b₃. */
function addHalves(a: v128, b: v128): v128 {
  return f32x4.add(
    i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23),
    i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31),
  );
}
