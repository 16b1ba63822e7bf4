/** η of many stage instances from a grid over one or two features; the four η are the lanes. AssemblyScript; see kernel.ts. */

/** Lagrange's cubic through points at −1, 0, 1, 2: weights at t in 0..1, to `at`; derivatives by t follow. Lanes alike. */
function weigh(t: f64, perStep: f64, at: usize): void {
  v128.store(at, f32x4.splat(<f32>((-t * (t - 1) * (t - 2)) / 6)));
  v128.store(at, f32x4.splat(<f32>(((t + 1) * (t - 1) * (t - 2)) / 2)), 16);
  v128.store(at, f32x4.splat(<f32>((-(t + 1) * t * (t - 2)) / 2)), 32);
  v128.store(at, f32x4.splat(<f32>(((t + 1) * t * (t - 1)) / 6)), 48);
  const square = 3 * t * t;
  v128.store(at, f32x4.splat(<f32>((-(square - 6 * t + 2) / 6) * perStep)), 64);
  v128.store(at, f32x4.splat(<f32>(((square - 4 * t - 1) / 2) * perStep)), 80);
  v128.store(at, f32x4.splat(<f32>((-(square - 2 * t - 2) / 2) * perStep)), 96);
  v128.store(at, f32x4.splat(<f32>(((square - 1) / 6) * perStep)), 112);
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

function weighted(at: usize, points: usize, stride: usize): v128 {
  return f32x4.add(
    f32x4.add(f32x4.mul(v128.load(at), v128.load(points)), f32x4.mul(v128.load(at, 16), v128.load(points + stride))),
    f32x4.add(
      f32x4.mul(v128.load(at, 32), v128.load(points + 2 * stride)),
      f32x4.mul(v128.load(at, 48), v128.load(points + 3 * stride)),
    ),
  );
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
 * `counts` are the grid's points; `countY` 0: one feature only. `scratch` is room for 256 bytes.
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
  slopes: usize,
  scratch: usize,
): void {
  const baseX = load<f64>(bases);
  const baseY = load<f64>(bases, 8);
  const rowBytes = (<usize>countY) << 4;
  for (let r: usize = 0; r < rows; r += 1) {
    const logs = factors + ((r * width) << 3);
    const placeX = baseX + perStep * feature(logs, exponents, width);
    const firstX = firstPoint(placeX, countX);
    weigh(placeX - <f64>firstX - 1, perStep, scratch);
    if (countY === 0) {
      const points = grid + ((<usize>firstX) << 4);
      storeEta(eta + (r << 5), weighted(scratch, points, 16));
      v128.store(slopes + (r << 4), weighted(scratch + 64, points, 16));
      continue;
    }
    const placeY = baseY + perStep * feature(logs, exponents + (width << 3), width);
    const firstY = firstPoint(placeY, countY);
    const weightsY = scratch + 128;
    weigh(placeY - <f64>firstY - 1, perStep, weightsY);
    const points = grid + <usize>firstX * rowBytes + ((<usize>firstY) << 4);
    let value = f32x4.splat(0);
    let alongX = f32x4.splat(0);
    let alongY = f32x4.splat(0);
    for (let i: usize = 0; i < 4; i += 1) {
      const line = points + i * rowBytes;
      const row = weighted(weightsY, line, 16);
      const weight = v128.load(scratch + (i << 4));
      value = f32x4.add(value, f32x4.mul(weight, row));
      alongX = f32x4.add(alongX, f32x4.mul(v128.load(scratch + (i << 4), 64), row));
      alongY = f32x4.add(alongY, f32x4.mul(weight, weighted(weightsY + 64, line, 16)));
    }
    storeEta(eta + (r << 5), value);
    v128.store(slopes + (r << 5), alongX);
    v128.store(slopes + (r << 5), alongY, 16);
  }
}

/** Σ over rows of ∂f/∂η·∂η/∂feature, one float64 per feature at `out`. */
export function pullBack(features: usize, rows: usize, etaGradient: usize, slopes: usize, out: usize): void {
  for (let f: usize = 0; f < features; f += 1) {
    let sum: f64 = 0;
    for (let r: usize = 0; r < rows; r += 1) {
      const g = etaGradient + (r << 5);
      const s = slopes + ((r * features + f) << 4);
      sum +=
        load<f64>(g) * <f64>load<f32>(s) +
        load<f64>(g, 8) * <f64>load<f32>(s, 4) +
        load<f64>(g, 16) * <f64>load<f32>(s, 8) +
        load<f64>(g, 24) * <f64>load<f32>(s, 12);
    }
    store<f64>(out + (f << 3), sum);
  }
}
