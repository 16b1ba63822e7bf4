// biome-ignore lint/style/useImportType: AssemblyScript has no imports of types only
import { Plan } from './plan';

// offsets into the card, as layout.ts writes it
const SCALE: usize = 0;
const OFFSET: usize = 8;
const LAST: usize = 16;
const MODULATION: usize = 24;
const SMOOTHING: usize = 32;

/** Adding 2⁵² rounds a number ≥ 0 to a whole one, which then stands in the low bits. */
const WHOLE: f64 = 4503599627370496;

/** Where `differenceOfCurves` leaves the slopes. */
const FORWARD_SLOPE: usize = 992;
const BACKWARD_SLOPE: usize = 1008;

function even(a: v128, b: v128): v128 {
  return v128.shuffle<f64>(a, b, 0, 2);
}

function odd(a: v128, b: v128): v128 {
  return v128.shuffle<f64>(a, b, 1, 3);
}

/** p·t + c */
function next(p: v128, t: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(p, t), c);
}

/**
 * F(u) − F(w) from the table, u and w counted in its intervals; ∂F/∂u and ∂F/∂w go to the slopes. An interval has a polynomial of
 * degree 7 in the distance from its middle, −½..½; beyond its ends the table is level. One function for both, and the steps of
 * both side by side, because each by itself is a long chain.
 */
function differenceOfCurves(u: v128, w: v128, table: usize, last: v128): v128 {
  const zero = f64x2.splat(0);
  const whole = f64x2.splat(WHOLE);
  const uIn = f64x2.pmin(last, f64x2.pmax(zero, u));
  const wIn = f64x2.pmin(last, f64x2.pmax(zero, w));
  const uWhole = f64x2.add(uIn, whole);
  const wWhole = f64x2.add(wIn, whole);
  const s = f64x2.sub(uIn, f64x2.sub(uWhole, whole));
  const t = f64x2.sub(wIn, f64x2.sub(wWhole, whole));
  const a = table + ((<usize>i32x4.extract_lane(uWhole, 0)) << 6);
  const b = table + ((<usize>i32x4.extract_lane(uWhole, 2)) << 6);
  const c = table + ((<usize>i32x4.extract_lane(wWhole, 0)) << 6);
  const d = table + ((<usize>i32x4.extract_lane(wWhole, 2)) << 6);

  let left = v128.load(a, 48);
  let right = v128.load(b, 48);
  let p = odd(left, right);
  let pSlope = p;
  p = next(p, s, even(left, right));
  left = v128.load(c, 48);
  right = v128.load(d, 48);
  let q = odd(left, right);
  let qSlope = q;
  q = next(q, t, even(left, right));

  left = v128.load(a, 32);
  right = v128.load(b, 32);
  pSlope = next(pSlope, s, p);
  p = next(p, s, odd(left, right));
  pSlope = next(pSlope, s, p);
  p = next(p, s, even(left, right));
  left = v128.load(c, 32);
  right = v128.load(d, 32);
  qSlope = next(qSlope, t, q);
  q = next(q, t, odd(left, right));
  qSlope = next(qSlope, t, q);
  q = next(q, t, even(left, right));

  left = v128.load(a, 16);
  right = v128.load(b, 16);
  pSlope = next(pSlope, s, p);
  p = next(p, s, odd(left, right));
  pSlope = next(pSlope, s, p);
  p = next(p, s, even(left, right));
  left = v128.load(c, 16);
  right = v128.load(d, 16);
  qSlope = next(qSlope, t, q);
  q = next(q, t, odd(left, right));
  qSlope = next(qSlope, t, q);
  q = next(q, t, even(left, right));

  left = v128.load(a);
  right = v128.load(b);
  pSlope = next(pSlope, s, p);
  p = next(p, s, odd(left, right));
  pSlope = next(pSlope, s, p);
  p = next(p, s, even(left, right));
  v128.store(FORWARD_SLOPE, pSlope);
  left = v128.load(c);
  right = v128.load(d);
  qSlope = next(qSlope, t, q);
  q = next(q, t, odd(left, right));
  qSlope = next(qSlope, t, q);
  q = next(q, t, even(left, right));
  v128.store(BACKWARD_SLOPE, qSlope);
  return f64x2.sub(p, q);
}

function accumulate(at: usize, value: v128): void {
  v128.store(at, f64x2.add(v128.load(at), value));
}

/**
 * Adds every transistor's current and its derivatives: I = I0·(W/L)·(F(u) − F(w))·(1 + λ·√(Vds² + ε)), as device.ts has it,
 * with F from the table.
 */
export function stampTransistors(plan: Plan): void {
  const card = <usize>plan.card;
  const scale = v128.load64_splat(card, SCALE);
  const offset = v128.load64_splat(card, OFFSET);
  const last = v128.load64_splat(card, LAST);
  const modulationPerVolt = v128.load64_splat(card, MODULATION);
  const smoothing = v128.load64_splat(card, SMOOTHING);
  const table = <usize>plan.table;
  const one = f64x2.splat(1);
  let ratio = <usize>plan.ratios;
  let current = <usize>plan.currents;
  let at = <usize>plan.transistors;
  const groundedCount = plan.groundedCount;
  const count = groundedCount + plan.floatingCount;
  for (let i = 0; i < count; i += 1) {
    const drain = v128.load(<usize>load<i32>(at));
    const gate = v128.load(<usize>load<i32>(at, 4));
    const source = v128.load(<usize>load<i32>(at, 8));
    const u = f64x2.add(f64x2.mul(f64x2.sub(gate, source), scale), offset);
    const w = f64x2.add(f64x2.mul(f64x2.sub(gate, drain), scale), offset);
    const difference = differenceOfCurves(u, w, table, last);
    const forwardSlope = v128.load(FORWARD_SLOPE);
    const backwardSlope = v128.load(BACKWARD_SLOPE);
    const drainSource = f64x2.sub(drain, source);
    const root = f64x2.sqrt(f64x2.add(f64x2.mul(drainSource, drainSource), smoothing));
    const modulation = f64x2.add(one, f64x2.mul(modulationPerVolt, root));
    const perUnit = f64x2.mul(difference, modulation);
    v128.store(current, perUnit);
    const strength = v128.load64_splat(ratio);
    const amperes = f64x2.mul(strength, perUnit);
    const slopes = f64x2.mul(f64x2.mul(strength, modulation), scale);
    const byGate = f64x2.mul(slopes, f64x2.sub(forwardSlope, backwardSlope));
    const byDrain = f64x2.add(
      f64x2.mul(slopes, backwardSlope),
      f64x2.div(f64x2.mul(f64x2.mul(strength, modulationPerVolt), f64x2.mul(difference, drainSource)), root),
    );
    accumulate(<usize>load<i32>(at, 12), amperes);
    accumulate(<usize>load<i32>(at, 16), byDrain);
    accumulate(<usize>load<i32>(at, 20), byGate);
    if (i < groundedCount) {
      at += 24;
    } else {
      const bySource = f64x2.add(byDrain, byGate);
      const sourceRow = <usize>load<i32>(at, 28);
      v128.store(sourceRow, f64x2.sub(v128.load(sourceRow), amperes));
      accumulate(<usize>load<i32>(at, 24), f64x2.neg(bySource));
      accumulate(<usize>load<i32>(at, 32), f64x2.neg(byDrain));
      accumulate(<usize>load<i32>(at, 36), f64x2.neg(byGate));
      accumulate(<usize>load<i32>(at, 40), bySource);
      at += 44;
    }
    ratio += 8;
    current += 16;
  }
}
