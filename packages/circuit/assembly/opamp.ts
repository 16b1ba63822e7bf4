// biome-ignore lint/style/useImportType: AssemblyScript has no imports of types only
import { Plan } from './plan';

/** As in solver.ts: how near to its rail an op-amp's output may come in one step, and at all. */
const NEARER_TO_RAIL: f64 = 0.1;
const NEAREST_TO_RAIL: f64 = 1e-15;

/**
 * The equation of every op-amp in place of its output's currents: (v₊ − v₋) − s(v_out) = 0 with s the inverse of
 * v_out = mid + half·z/√(1 + z²), z = gain·(v₊ − v₋)/half, or v_out/gain without rails.
 */
export function stampOpamps(plan: Plan): void {
  let at = <usize>plan.opamps;
  let law = <usize>plan.opampLaws;
  const one = f64x2.splat(1);
  for (let i = 0; i < plan.opampCount; i += 1) {
    const output = v128.load(<usize>load<i32>(at, 8));
    const gain = load<f64>(law);
    const half = load<f64>(law, 16);
    let input = f64x2.div(output, f64x2.splat(gain));
    let slope = f64x2.splat(1 / gain);
    if (half > 0) {
      const y = f64x2.div(f64x2.sub(output, f64x2.splat(load<f64>(law, 8))), f64x2.splat(half));
      const rest = f64x2.mul(f64x2.sub(one, y), f64x2.add(one, y));
      const root = f64x2.sqrt(rest);
      input = f64x2.div(f64x2.mul(f64x2.splat(half), y), f64x2.mul(f64x2.splat(gain), root));
      slope = f64x2.div(one, f64x2.mul(f64x2.splat(gain), f64x2.mul(rest, root)));
    }
    const difference = f64x2.sub(v128.load(<usize>load<i32>(at)), v128.load(<usize>load<i32>(at, 4)));
    v128.store(<usize>load<i32>(at, 12), f64x2.sub(difference, input));
    const byPlus = <usize>load<i32>(at, 16);
    v128.store(byPlus, f64x2.add(v128.load(byPlus), one));
    const byMinus = <usize>load<i32>(at, 20);
    v128.store(byMinus, f64x2.sub(v128.load(byMinus), one));
    const byOutput = <usize>load<i32>(at, 24);
    v128.store(byOutput, f64x2.sub(v128.load(byOutput), slope));
    at += 28;
    law += 24;
  }
}

/** Before a step: how far every output with rails may go. */
export function boundOpamps(plan: Plan): void {
  let at = <usize>plan.opamps;
  let law = <usize>plan.opampLaws;
  let limits = <usize>plan.limits;
  for (let i = 0; i < plan.opampCount; i += 1) {
    const middle = load<f64>(law, 8);
    const half = load<f64>(law, 16);
    if (half > 0) {
      const before = v128.load(<usize>load<i32>(at, 8));
      const nearest = f64x2.splat(NEAREST_TO_RAIL * 2 * half);
      const share = f64x2.splat(NEARER_TO_RAIL);
      const high = f64x2.splat(middle + half);
      const low = f64x2.splat(middle - half);
      v128.store(limits, f64x2.add(low, f64x2.max(nearest, f64x2.mul(share, f64x2.sub(before, low)))));
      v128.store(limits, f64x2.sub(high, f64x2.max(nearest, f64x2.mul(share, f64x2.sub(high, before)))), 16);
    }
    at += 28;
    law += 24;
    limits += 32;
  }
}

/** After a step: keeps every output between its limits. */
export function limitOpamps(plan: Plan): void {
  let at = <usize>plan.opamps;
  let law = <usize>plan.opampLaws;
  let limits = <usize>plan.limits;
  for (let i = 0; i < plan.opampCount; i += 1) {
    if (load<f64>(law, 16) > 0) {
      const output = <usize>load<i32>(at, 8);
      v128.store(output, f64x2.min(v128.load(limits, 16), f64x2.max(v128.load(limits), v128.load(output))));
    }
    at += 28;
    law += 24;
    limits += 32;
  }
}
