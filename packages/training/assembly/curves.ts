/** η of many stage instances from a grid over one or two features; the four η are the lanes. AssemblyScript; see network.ts. */
import { madd } from './lanes';

/** Lagrange's cubic through points at −1, 0, 1, 2, its weights in the lanes: at t in 0..1. */
function weights(t: v128): v128 {
  let w = f32x4(<f32>(-1 / 6), 0.5, -0.5, <f32>(1 / 6));
  w = madd(w, t, f32x4(0.5, -1, 0.5, 0));
  w = madd(w, t, f32x4(<f32>(-1 / 3), -0.5, 1, <f32>(-1 / 6)));
  return madd(w, t, f32x4(0, 1, 0, 0));
}

/** Their derivatives by t. */
function slopes(t: v128): v128 {
  const w = madd(f32x4(-0.5, 1.5, -1.5, 0.5), t, f32x4(1, -2, 1, 0));
  return madd(w, t, f32x4(<f32>(-1 / 3), -0.5, 1, <f32>(-1 / 6)));
}

/** Σ of four vectors, each times a lane of `by`. */
function weighted(by: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  const low = madd(lane1(by), b, f32x4.mul(lane0(by), a));
  return madd(lane3(by), d, madd(lane2(by), c, low));
}

function lane0(v: v128): v128 {
  return i8x16.shuffle(v, v, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
}

function lane1(v: v128): v128 {
  return i8x16.shuffle(v, v, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
}

function lane2(v: v128): v128 {
  return i8x16.shuffle(v, v, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11);
}

function lane3(v: v128): v128 {
  return i8x16.shuffle(v, v, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15);
}

/** Index of the first of the four points around `place`, kept on the grid. */
function firstPoint(place: f64, count: i32): i32 {
  return min(count - 4, max(0, <i32>floor(place) - 1));
}

/** Σ exponents·ln ω of one instance. */
function feature(logs: usize, exponents: usize, width: usize): f64 {
  let sum: f64 = 0;
  for (let p: usize = 0; p < width; p += 1) sum += load<f64>(exponents + (p << 3)) * load<f64>(logs + (p << 3));
  return sum;
}

function storeEta(eta: usize, value: v128): void {
  v128.store(eta, f64x2.promote_low_f32x4(value));
  v128.store(
    eta,
    f64x2.promote_low_f32x4(i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)),
    16,
  );
}

/**
 * η [rows × 4] float64 and ∂η/∂feature [rows × features × 4] float32 of instances whose ln ω is a shared value plus
 * `factors` [rows × width]. `bases` holds per feature its shared value, in steps of the grid from its first point.
 * `counts` are the grid's points; `countY` 0: one feature only.
 */
export function interpolate(
  grid: usize,
  countX: i32,
  countY: i32,
  perStep: f64,
  bases: usize,
  exponents: usize,
  width: usize,
  factors: usize,
  rows: usize,
  eta: usize,
  slopesAt: usize,
): void {
  const baseX = load<f64>(bases);
  const baseY = load<f64>(bases, 8);
  const perFeature = f32x4.splat(<f32>perStep);
  const line = (<usize>countY) << 4;
  for (let r: usize = 0; r < rows; r += 1) {
    const logs = factors + ((r * width) << 3);
    const placeX = baseX + perStep * feature(logs, exponents, width);
    const firstX = firstPoint(placeX, countX);
    const t = f32x4.splat(<f32>(placeX - <f64>firstX - 1));
    const alongX = f32x4.mul(slopes(t), perFeature);
    if (countY === 0) {
      const points = grid + ((<usize>firstX) << 4);
      const a = v128.load(points);
      const b = v128.load(points, 16);
      const c = v128.load(points, 32);
      const d = v128.load(points, 48);
      storeEta(eta + (r << 5), weighted(weights(t), a, b, c, d));
      v128.store(slopesAt + (r << 4), weighted(alongX, a, b, c, d));
      continue;
    }
    const placeY = baseY + perStep * feature(logs, exponents + (width << 3), width);
    const firstY = firstPoint(placeY, countY);
    const u = f32x4.splat(<f32>(placeY - <f64>firstY - 1));
    const points = grid + <usize>firstX * line + ((<usize>firstY) << 4);
    // along the second feature first: a value and a slope for each of four lines
    const across = weights(u);
    const alongY = f32x4.mul(slopes(u), perFeature);
    const weight = weights(t);
    let a = v128.load(points);
    let b = v128.load(points, 16);
    let c = v128.load(points, 32);
    let d = v128.load(points, 48);
    let at = weighted(across, a, b, c, d);
    let value = f32x4.mul(lane0(weight), at);
    let slopeX = f32x4.mul(lane0(alongX), at);
    let slopeY = f32x4.mul(lane0(weight), weighted(alongY, a, b, c, d));
    a = v128.load(points + line);
    b = v128.load(points + line, 16);
    c = v128.load(points + line, 32);
    d = v128.load(points + line, 48);
    at = weighted(across, a, b, c, d);
    value = madd(lane1(weight), at, value);
    slopeX = madd(lane1(alongX), at, slopeX);
    slopeY = madd(lane1(weight), weighted(alongY, a, b, c, d), slopeY);
    a = v128.load(points + 2 * line);
    b = v128.load(points + 2 * line, 16);
    c = v128.load(points + 2 * line, 32);
    d = v128.load(points + 2 * line, 48);
    at = weighted(across, a, b, c, d);
    value = madd(lane2(weight), at, value);
    slopeX = madd(lane2(alongX), at, slopeX);
    slopeY = madd(lane2(weight), weighted(alongY, a, b, c, d), slopeY);
    a = v128.load(points + 3 * line);
    b = v128.load(points + 3 * line, 16);
    c = v128.load(points + 3 * line, 32);
    d = v128.load(points + 3 * line, 48);
    at = weighted(across, a, b, c, d);
    value = madd(lane3(weight), at, value);
    slopeX = madd(lane3(alongX), at, slopeX);
    slopeY = madd(lane3(weight), weighted(alongY, a, b, c, d), slopeY);
    storeEta(eta + (r << 5), value);
    v128.store(slopesAt + (r << 5), slopeX);
    v128.store(slopesAt + (r << 5), slopeY, 16);
  }
}

/** Σ over rows of ∂f/∂η·∂η/∂feature, one float64 per feature at `out`. */
export function pullBack(features: usize, rows: usize, etaGradient: usize, slopes: usize, out: usize): void {
  for (let f: usize = 0; f < features; f += 1) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let r: usize = 0; r < rows; r += 1) {
      const g = etaGradient + (r << 5);
      const s = v128.load(slopes + ((r * features + f) << 4));
      const rest = i8x16.shuffle(s, s, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
      low = f64x2.add(low, f64x2.mul(v128.load(g), f64x2.promote_low_f32x4(s)));
      high = f64x2.add(high, f64x2.mul(v128.load(g, 16), f64x2.promote_low_f32x4(rest)));
    }
    const sum = f64x2.add(low, high);
    store<f64>(out + (f << 3), f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
  }
}
