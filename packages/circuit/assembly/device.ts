import type { Plan } from './plan';

// offsets into the card, as layout.ts writes it
const SCALE: usize = 0;
const OFFSET: usize = 8;
const LAST: usize = 16;
const MODULATION: usize = 24;
const SMOOTHING: usize = 32;

/** Adding 2⁵² rounds a number ≥ 0 to a whole one, which then stands in the low bits. */
const WHOLE: f64 = 4503599627370496;

/** Where `curve` leaves the slope. */
const SLOPE: usize = 1008;

// @ts-expect-error: decorator
@inline
function coefficient(a: v128, b: v128, high: bool): v128 {
  return high ? v128.shuffle<f64>(a, b, 1, 3) : v128.shuffle<f64>(a, b, 0, 2);
}

/**
 * F at two places of the table, counted in intervals; ∂F/∂place goes to SLOPE. Each interval has a polynomial of degree 7 in
 * the distance from its middle, −½..½. Beyond its ends the table is continued by its last interval's edge.
 */
// @ts-expect-error: decorator
@inline
function curve(place: v128, table: usize, last: v128): v128 {
  const inside = f64x2.pmin(last, f64x2.pmax(f64x2.splat(0), place));
  const whole = f64x2.add(inside, f64x2.splat(WHOLE));
  const t = f64x2.sub(inside, f64x2.sub(whole, f64x2.splat(WHOLE)));
  const a = table + ((<usize>i32x4.extract_lane(whole, 0)) << 6);
  const b = table + ((<usize>i32x4.extract_lane(whole, 2)) << 6);
  const a0 = v128.load(a);
  const b0 = v128.load(b);
  const a1 = v128.load(a, 16);
  const b1 = v128.load(b, 16);
  const a2 = v128.load(a, 32);
  const b2 = v128.load(b, 32);
  const a3 = v128.load(a, 48);
  const b3 = v128.load(b, 48);
  let p = coefficient(a3, b3, true);
  let d = p;
  let c = coefficient(a3, b3, false);
  p = f64x2.add(f64x2.mul(p, t), c);
  d = f64x2.add(f64x2.mul(d, t), p);
  c = coefficient(a2, b2, true);
  p = f64x2.add(f64x2.mul(p, t), c);
  d = f64x2.add(f64x2.mul(d, t), p);
  c = coefficient(a2, b2, false);
  p = f64x2.add(f64x2.mul(p, t), c);
  d = f64x2.add(f64x2.mul(d, t), p);
  c = coefficient(a1, b1, true);
  p = f64x2.add(f64x2.mul(p, t), c);
  d = f64x2.add(f64x2.mul(d, t), p);
  c = coefficient(a1, b1, false);
  p = f64x2.add(f64x2.mul(p, t), c);
  d = f64x2.add(f64x2.mul(d, t), p);
  c = coefficient(a0, b0, true);
  p = f64x2.add(f64x2.mul(p, t), c);
  d = f64x2.add(f64x2.mul(d, t), p);
  v128.store(SLOPE, d);
  return f64x2.add(f64x2.mul(p, t), coefficient(a0, b0, false));
}

// @ts-expect-error: decorator
@inline
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
  let at = <usize>plan.grounded;
  const groundedCount = plan.groundedCount;
  const count = groundedCount + plan.floatingCount;
  for (let i = 0; i < count; i += 1) {
    const drain = v128.load(<usize>load<i32>(at));
    const gate = v128.load(<usize>load<i32>(at, 4));
    const source = v128.load(<usize>load<i32>(at, 8));
    const u = f64x2.add(f64x2.mul(f64x2.sub(gate, source), scale), offset);
    const w = f64x2.add(f64x2.mul(f64x2.sub(gate, drain), scale), offset);
    const forward = curve(u, table, last);
    const forwardSlope = v128.load(SLOPE);
    const difference = f64x2.sub(forward, curve(w, table, last));
    const backwardSlope = v128.load(SLOPE);
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
