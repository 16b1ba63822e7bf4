import { eliminate } from './elimination';
import { stamp } from './linked';
import { boundOpamps, limitOpamps, stampOpamps } from './opamp';
// biome-ignore lint/style/useImportType: AssemblyScript has no imports of types only
import { Plan } from './plan';
import { stampSources } from './source';

const WARM_ITERATIONS: i32 = 25;
const COLD_ITERATIONS: i32 = 100;

/** Where each lane's bounds and largest step are kept while Newton runs. */
const LOW: usize = 928;
const HIGH: usize = 944;
const LARGEST: usize = 960;
// offsets into the bounds, as layout.ts writes it
const LOWEST: usize = 0;
const HIGHEST: usize = 8;
const TABLE_LOW: usize = 16;
const TABLE_HIGH: usize = 24;
const REACH: usize = 32;
/** Newton is done when no voltage moves by more than this; voltages stay so far within what is beyond the rails. */
const CONVERGED: usize = 48;
const BEYOND_RAILS: usize = 56;

/** The matrix of the resistors and the currents that they carry, row by row. */
function stampResistors(plan: Plan): void {
  const matrix = <usize>plan.matrix;
  memory.fill(matrix, 0, (<usize>plan.slots + 1) << 4);
  let conductance = <usize>plan.conductances;
  let at = <usize>plan.linear;
  let right = <usize>plan.right;
  for (let row = 0; row < plan.size; row += 1) {
    let sum = f64x2.splat(0);
    const end = at + 4 + ((<usize>load<i32>(at)) << 3);
    for (at += 4; at < end; at += 8) {
      const g = v128.load64_splat(conductance);
      conductance += 8;
      sum = f64x2.add(sum, f64x2.mul(g, v128.load(<usize>load<i32>(at))));
      v128.store(<usize>load<i32>(at, 4), g);
    }
    v128.store(right, sum);
    right += 16;
  }
}

/** One step of Newton's method for both lanes; the largest voltage step of each goes to LARGEST. */
function iterate(plan: Plan): void {
  stampResistors(plan);
  stamp(<usize>plan.laws);
  if (plan.opampCount > 0) stampOpamps(plan);
  if (plan.sourceCount > 0) stampSources(plan);
  eliminate(plan);
  if (plan.opampCount > 0) boundOpamps(plan);
  const low = v128.load(LOW);
  const high = v128.load(HIGH);
  let largest = f64x2.splat(0);
  let limits = <usize>plan.stepLimits;
  let step = <usize>plan.step;
  let volts = <usize>plan.volts;
  for (const end = volts + ((<usize>plan.size) << 4); volts < end; volts += 16) {
    const move = v128.load(step);
    largest = f64x2.max(largest, f64x2.abs(move));
    const most = v128.load64_splat(limits);
    const limited = f64x2.pmin(most, f64x2.pmax(f64x2.neg(most), move));
    const moved = f64x2.sub(v128.load(volts), limited);
    v128.store(volts, f64x2.pmin(high, f64x2.pmax(low, moved)));
    step += 16;
    limits += 8;
  }
  if (plan.opampCount > 0) limitOpamps(plan);
  v128.store(LARGEST, largest);
}

/** Puts a row of the batch into a lane; returns how many steps it may take. */
function begin(plan: Plan, lane: usize, row: usize): i32 {
  const bounds = <usize>plan.bounds;
  const size = <usize>plan.size;
  const volts = <usize>plan.volts + (lane << 3);
  const supplies = <usize>plan.supplies;
  let low: f64 = 0;
  let high: f64 = 0;
  for (let i: usize = 0; i < supplies; i += 1) {
    const value = load<f64>(<usize>plan.supplyVolts + (i << 3));
    low = min(low, value);
    high = max(high, value);
    store<f64>(volts + ((size + i) << 4), value);
  }
  const inputs = <usize>plan.inputs;
  for (let i: usize = 0; i < inputs; i += 1) {
    const value = load<f64>(<usize>plan.rowInputs + ((row * inputs + i) << 3));
    low = min(low, value);
    high = max(high, value);
    store<f64>(volts + ((size + supplies + i) << 4), value);
  }
  const reach = load<f64>(bounds, REACH);
  low -= reach;
  high += reach;
  const sources = <usize>plan.sourceCount;
  for (let i: usize = 0; i < sources; i += 1)
    store<f64>(
      <usize>plan.sourceVolts + (i << 4) + (lane << 3),
      load<f64>(<usize>plan.rowVolts + ((row * sources + i) << 3)),
    );
  const state = <usize>plan.rowState + ((row * size) << 3);
  const cold = Number.isNaN(load<f64>(state));
  const order = <usize>plan.order;
  for (let i: usize = 0; i < size; i += 1) {
    const start = cold ? 0.5 * (low + high) : load<f64>(state + (i << 3));
    store<f64>(volts + ((<usize>load<i32>(order + (i << 2))) << 4), start);
  }
  store<f64>(LOW + (lane << 3), min(low, load<f64>(bounds, LOWEST)) - load<f64>(bounds, BEYOND_RAILS));
  store<f64>(HIGH + (lane << 3), max(high, load<f64>(bounds, HIGHEST)) + load<f64>(bounds, BEYOND_RAILS));
  return cold ? COLD_ITERATIONS : WARM_ITERATIONS;
}

/** Copies one lane of `count` pairs. */
function copyLane(from: usize, to: usize, count: usize): void {
  for (const end = from + (count << 4); from < end; from += 16) {
    store<f64>(to, load<f64>(from));
    to += 16;
  }
}

/** Whether all voltages lie where the table of the drain current holds. */
function inTable(plan: Plan, volts: usize): bool {
  const low = load<f64>(<usize>plan.bounds, TABLE_LOW);
  const high = load<f64>(<usize>plan.bounds, TABLE_HIGH);
  for (const end = volts + ((<usize>plan.voltsCount) << 4); volts < end; volts += 16)
    if (load<f64>(volts) < low || load<f64>(volts) > high) return false;
  return true;
}

/** Writes a lane's solution to its row, and, where it is asked for, what its gradient needs. */
function finish(plan: Plan, lane: usize, row: usize, keep: bool): void {
  const size = <usize>plan.size;
  const volts = <usize>plan.volts + (lane << 3);
  if (!inTable(plan, volts)) return;
  const state = <usize>plan.rowState + ((row * size) << 3);
  const order = <usize>plan.order;
  for (let i: usize = 0; i < size; i += 1)
    store<f64>(state + (i << 3), load<f64>(volts + ((<usize>load<i32>(order + (i << 2))) << 4)));
  store<i32>(<usize>plan.rowStatus + (row << 2), 1);
  if (!keep) return;
  let to = <usize>plan.kept + (row >> 1) * <usize>plan.keptBytes + ((row & 1) << 3);
  copyLane(<usize>plan.matrix + (lane << 3), to, plan.slots);
  to += (<usize>plan.slots) << 4;
  copyLane(volts, to, plan.voltsCount);
  to += (<usize>plan.voltsCount) << 4;
  copyLane(<usize>plan.outputs + (lane << 3), to, plan.outputCount);
}

/**
 * Solves rows 0 to count − 1 of the batch. Whenever one of the two lanes has its solution, or no more steps to take, the next row
 * takes its place; a row without an operating point has status 0 and keeps the state it started from.
 */
export function solveRows(at: usize, count: i32, keep: bool): void {
  const plan = changetype<Plan>(at);
  const converged = load<f64>(<usize>plan.bounds, CONVERGED);
  let iterations = 0;
  let next = 0;
  let rowA = -1;
  let rowB = -1;
  let leftA = 0;
  let leftB = 0;
  while (true) {
    if (rowA < 0 && next < count) {
      rowA = next;
      next += 1;
      leftA = begin(plan, 0, rowA);
    }
    if (rowB < 0 && next < count) {
      rowB = next;
      next += 1;
      leftB = begin(plan, 1, rowB);
    }
    if (rowA < 0 && rowB < 0) break;
    iterate(plan);
    if (rowA >= 0) {
      iterations += 1;
      leftA -= 1;
      const largest = load<f64>(LARGEST);
      if (largest < converged) {
        finish(plan, 0, rowA, keep);
        rowA = -1;
      } else if (leftA === 0 || !(largest < Infinity)) rowA = -1;
    }
    if (rowB >= 0) {
      iterations += 1;
      leftB -= 1;
      const largest = load<f64>(LARGEST, 8);
      if (largest < converged) {
        finish(plan, 1, rowB, keep);
        rowB = -1;
      } else if (leftB === 0 || !(largest < Infinity)) rowB = -1;
    }
  }
  store<i32>(<usize>plan.iterations, load<i32>(<usize>plan.iterations) + iterations);
}
