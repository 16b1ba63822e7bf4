import { eliminate } from './elimination';
import { stamp } from './linked';
import { boundOpamps, limitOpamps, stampOpamps } from './opamp';
// biome-ignore lint/style/useImportType: AssemblyScript has no imports of types only
import { BLOCK_BYTES, Block, Plan } from './plan';
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
function stampResistors(plan: Plan, block: Block): void {
  memory.fill(<usize>plan.matrix + ((<usize>block.firstSlot) << 4), 0, (<usize>block.slotCount) << 4);
  let conductance = <usize>block.conductances;
  let at = <usize>block.linear;
  let right = <usize>plan.right + ((<usize>block.first) << 4);
  for (let row = 0; row < block.count; row += 1) {
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

/** One step of Newton's method for both lanes on a block; the largest voltage step of each goes to LARGEST. */
function iterate(plan: Plan, block: Block): void {
  stampResistors(plan, block);
  stamp(<usize>block.laws);
  if (plan.opampCount > 0) stampOpamps(plan);
  if (plan.sourceCount > 0) stampSources(plan);
  eliminate(plan, block);
  if (plan.opampCount > 0) boundOpamps(plan);
  const low = v128.load(LOW);
  const high = v128.load(HIGH);
  let largest = f64x2.splat(0);
  const first = <usize>block.first;
  let limits = <usize>plan.stepLimits + (first << 3);
  let step = <usize>plan.step + (first << 4);
  let volts = <usize>plan.volts + (first << 4);
  for (const end = volts + ((<usize>block.count) << 4); volts < end; volts += 16) {
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

/** Puts a row of the batch into a lane, as far as the block needs it; returns how many steps it may take. */
function begin(plan: Plan, block: Block, lane: usize, row: usize): i32 {
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
  let read = <usize>block.read;
  const cold = Number.isNaN(load<f64>(state + <usize>load<i32>(read)));
  const middle = 0.5 * (low + high);
  for (let i = 0; i < block.readCount; i += 1) {
    const start = cold && i < block.count ? middle : load<f64>(state + <usize>load<i32>(read));
    store<f64>(<usize>load<i32>(read, 4) + (lane << 3), start);
    read += 8;
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

/** Whether `count` voltages of a lane lie where the table of the drain current holds. */
function inTable(plan: Plan, volts: usize, count: usize): bool {
  const low = load<f64>(<usize>plan.bounds, TABLE_LOW);
  const high = load<f64>(<usize>plan.bounds, TABLE_HIGH);
  for (const end = volts + (count << 4); volts < end; volts += 16)
    if (load<f64>(volts) < low || load<f64>(volts) > high) return false;
  return true;
}

/** Writes a lane's solution of a block to its row, and, where it is asked for, what its gradient needs; false where the tables do not hold it. */
function finish(plan: Plan, block: Block, lane: usize, row: usize, keep: bool): bool {
  const volts = <usize>plan.volts + (lane << 3);
  const first = <usize>block.first;
  const count = <usize>block.count;
  const driven = (<usize>plan.size) << 4;
  const drivenCount = <usize>plan.voltsCount - <usize>plan.size;
  if (!inTable(plan, volts + (first << 4), count) || !inTable(plan, volts + driven, drivenCount)) return false;
  const state = <usize>plan.rowState + ((row * <usize>plan.size) << 3);
  let read = <usize>block.read;
  for (let i: usize = 0; i < count; i += 1) {
    store<f64>(state + <usize>load<i32>(read), load<f64>(<usize>load<i32>(read, 4) + (lane << 3)));
    read += 8;
  }
  if (!keep) return true;
  const to = <usize>plan.kept + (row >> 1) * <usize>plan.keptBytes + ((row & 1) << 3);
  const slot = (<usize>block.firstSlot) << 4;
  copyLane(<usize>plan.matrix + (lane << 3) + slot, to + slot, block.slotCount);
  const toVolts = to + ((<usize>plan.slots) << 4);
  copyLane(volts + (first << 4), toVolts + (first << 4), count);
  if (first === 0) copyLane(volts + driven, toVolts + driven, drivenCount);
  const output = (<usize>block.firstOutput) << 4;
  const toOutputs = toVolts + ((<usize>plan.voltsCount) << 4);
  copyLane(<usize>plan.outputs + (lane << 3) + output, toOutputs + output, block.outputCount);
  return true;
}

/** The next row from `row` on that every block before was solved for; `count` where there is none. */
function nextRow(plan: Plan, row: i32, count: i32): i32 {
  while (row < count && load<i32>(<usize>plan.rowStatus + ((<usize>row) << 2)) === 0) row += 1;
  return row;
}

/** Whether a row has come to its end: solved, or, with status 0, at its last step or where nothing is a number. */
function isDone(plan: Plan, block: Block, lane: usize, row: usize, left: i32, keep: bool): bool {
  const largest = load<f64>(LARGEST + (lane << 3));
  const solved = largest < load<f64>(<usize>plan.bounds, CONVERGED);
  if (!solved && left > 0 && largest < Infinity) return false;
  if (!solved || !finish(plan, block, lane, row, keep)) store<i32>(<usize>plan.rowStatus + (row << 2), 0);
  return true;
}

/**
 * Solves rows 0 to count − 1 of the batch, block by block. Whenever one of the two lanes has its solution, or no more steps to take, the next row
 * takes its place; a row without an operating point has status 0.
 */
export function solveRows(at: usize, count: i32, keep: bool): void {
  const plan = changetype<Plan>(at);
  for (let row = 0; row < count; row += 1) store<i32>(<usize>plan.rowStatus + ((<usize>row) << 2), 1);
  let iterations = 0;
  for (let b = 0; b < plan.blockCount; b += 1) {
    const block = changetype<Block>(<usize>plan.blocks + <usize>b * BLOCK_BYTES);
    let next = 0;
    let rowA = -1;
    let rowB = -1;
    let leftA = 0;
    let leftB = 0;
    while (true) {
      if (rowA < 0) {
        next = nextRow(plan, next, count);
        if (next < count) {
          rowA = next;
          next += 1;
          leftA = begin(plan, block, 0, rowA);
        }
      }
      if (rowB < 0) {
        next = nextRow(plan, next, count);
        if (next < count) {
          rowB = next;
          next += 1;
          leftB = begin(plan, block, 1, rowB);
        }
      }
      if (rowA < 0 && rowB < 0) break;
      iterate(plan, block);
      if (rowA >= 0) {
        iterations += 1;
        leftA -= 1;
        if (isDone(plan, block, 0, rowA, leftA, keep)) rowA = -1;
      }
      if (rowB >= 0) {
        iterations += 1;
        leftB -= 1;
        if (isDone(plan, block, 1, rowB, leftB, keep)) rowB = -1;
      }
    }
  }
  store<i32>(<usize>plan.iterations, load<i32>(<usize>plan.iterations) + iterations);
}
