import { componentValues, ExactSolver } from '@neuroprint/circuit';
import type { VoltRange } from '@neuroprint/core';
import { withFault } from '../faults/apply.ts';
import { appliedVolts } from './candidates.ts';
import type { Responses } from './responses.ts';
import type { Patterns, SheetSampler } from './sheets.ts';

/** From how many of its best candidates a fault is followed, and for how many steps. */
const STARTS = 2;
const STEPS = 8;
/** First step as a share of the input range; one that does not help is halved. */
const FIRST_STEP = 0.1;
const SMALLEST_STEP = 0.004;
/** Good copies that the spread of a reading at a new input is taken from. */
const SPREAD_COPIES = 24;

/** An input on its way up, and what it is worth. */
interface Climber {
  readonly fault: number;
  input: Float64Array;
  /** Σ over observed nodes of (move/spread)² at `input`, and its gradient by the inputs in units of the range. */
  worth: number;
  slope: Float64Array;
  step: number;
}

/**
 * New candidates: for every fault of the list, inputs at which it moves the readings by more of their spread than at the best of the
 * candidates. Projected gradient ascent with the gradient of the moves by the adjoint of the good and of the faulty circuit; the spread
 * counts as constant within a step, and a step is taken where the true worth grows.
 */
export function climb(
  sampler: SheetSampler,
  responses: Responses,
  hard: readonly number[],
  range: VoltRange,
): Patterns {
  const width = sampler.width;
  const inputs = sampler.task.flat.inputs.length;
  const { patterns, moves, deviations, copies } = responses;
  const readings = patterns.rows * width;
  const variance = new Float64Array(readings).fill(sampler.task.meterVolts ** 2 / 3);
  for (let n = 0; n < copies; n += 1)
    for (let q = 0; q < readings; q += 1) variance[q]! += deviations[n * readings + q]! ** 2;
  const climbers = hard.flatMap((fault): Climber[] => {
    const move = moves[fault];
    if (move === undefined) return [];
    const worth = Float64Array.from({ length: patterns.rows }, (_, p) => {
      let sum = 0;
      for (let q = p * width; q < (p + 1) * width; q += 1) sum += move[q]! ** 2 / variance[q]!;
      return sum;
    });
    const best = [...worth.keys()].sort((a, b) => worth[b]! - worth[a]! || a - b).slice(0, STARTS);
    return best.map((p) => ({
      fault,
      input: patterns.inputVolts.slice(p * inputs, (p + 1) * inputs),
      worth: -1,
      slope: new Float64Array(inputs),
      step: FIRST_STEP,
    }));
  });
  const judge = new Judge(sampler);
  for (const climber of climbers) Object.assign(climber, judge.at(climber.fault, climber.input));
  for (let step = 0; step < STEPS; step += 1)
    for (const climber of climbers) {
      const size = Math.hypot(...climber.slope);
      if (climber.step < SMALLEST_STEP || !(size > 0)) continue;
      const scale = (climber.step * (range.maximum - range.minimum)) / size;
      const next = climber.input.map((v, i) => appliedVolts(v + scale * climber.slope[i]!, range));
      const found = judge.at(climber.fault, next);
      if (found.worth > climber.worth) Object.assign(climber, found, { input: next, step: 1.5 * climber.step });
      else climber.step *= 0.4;
    }
  const inputVolts = new Float64Array(climbers.length * inputs);
  for (const [k, { input }] of climbers.entries()) inputVolts.set(input, k * inputs);
  return { inputVolts, rows: climbers.length };
}

/** Says what an input is worth for a fault, and which way it is worth more. */
class Judge {
  readonly #sampler: SheetSampler;
  readonly #good: ExactSolver;
  readonly #faulty = new Map<number, ExactSolver>();
  readonly #observed: readonly number[];

  constructor(sampler: SheetSampler) {
    this.#sampler = sampler;
    const { flat, observed } = sampler.task;
    this.#good = new ExactSolver(flat);
    this.#good.setValues(componentValues(flat));
    this.#observed = observed.map((node) => flat.unknowns.indexOf(node));
  }

  at(fault: number, input: Float64Array): Pick<Climber, 'worth' | 'slope'> {
    const slope = new Float64Array(input.length);
    const good = this.#good;
    const faulty = this.#solverOf(fault);
    const [state, broken] = [good.newState(1), faulty.newState(1)];
    if (!good.solveRow(input, 0, state) || !faulty.solveRow(input, 0, broken)) return { worth: -1, slope };
    const variance = this.#variance(input, state);
    let worth = 0;
    const byGood = new Float64Array(good.size);
    const byFaulty = new Float64Array(faulty.size);
    for (const [o, node] of this.#observed.entries()) {
      const move = broken[node]! - state[node]!;
      worth += move ** 2 / variance[o]!;
      byFaulty[node] = (2 * move) / variance[o]!;
      byGood[node] = -byFaulty[node]!;
    }
    good.addInputGradient(byGood, slope);
    faulty.addInputGradient(byFaulty, slope);
    return { worth, slope };
  }

  #solverOf(fault: number): ExactSolver {
    let solver = this.#faulty.get(fault);
    if (solver === undefined) {
      const { flat, faults } = this.#sampler.task;
      const circuit = withFault(flat, faults[fault]!);
      solver = new ExactSolver(circuit);
      solver.setValues(componentValues(circuit));
      this.#faulty.set(fault, solver);
    }
    return solver;
  }

  /** Variance of every reading over some good copies, and the meter's. */
  #variance(input: Float64Array, state: Float64Array): Float64Array {
    const { meterVolts } = this.#sampler.task;
    const width = this.#observed.length;
    const sum = new Float64Array(width);
    const squares = new Float64Array(width);
    for (let copy = 0; copy < SPREAD_COPIES; copy += 1) {
      const volts = this.#sampler.print('choosing patterns', copy, { inputVolts: input, rows: 1 }, state);
      for (let o = 0; o < width; o += 1) {
        sum[o]! += volts[o]!;
        squares[o]! += volts[o]! ** 2;
      }
    }
    return sum.map(
      (s, o) => Math.max(0, squares[o]! - s ** 2 / SPREAD_COPIES) / (SPREAD_COPIES - 1) + meterVolts ** 2 / 3,
    );
  }
}
