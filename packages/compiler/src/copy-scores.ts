import {
  BatchSolver,
  componentValues,
  drawSeries,
  flatten,
  hasMeasuredTransistors,
  hasSeries,
  scoreOutputs,
  variedValues,
  withFaultSites,
} from '@neuroprint/circuit';
import { Draws, selectVolts } from '@neuroprint/core';
import { CONVERGED_SHARE, type CopiesRound, type Subject } from './rounds.ts';

/**
 * Accuracy, or in regression error, of printed copies of a circuit: every component varied, every case solved. One list for each
 * part, which are ranges of copies.
 */
export function copyScores(
  { circuit, parts }: CopiesRound,
  { network, technology, cases, seed }: Subject,
): Float64Array[] {
  const { variation } = network;
  const { inputVolts, labels } = cases;
  const rows = labels!.length;
  const printed = { series: hasSeries(variation), spread: hasMeasuredTransistors(variation) };
  const flat = withFaultSites(flatten(circuit, technology, printed), variation);
  const solver = new BatchSolver(flat);
  const nominal = componentValues(flat);
  const values = nominal.slice();
  const draws = new Draws(seed, 'accuracy under variation');
  solver.setValues(nominal);
  const start = solver.newState(rows);
  solver.solve(inputVolts, rows, start);
  // what is off then is some millionths of the bias, which no share of rows shows
  solver.setTolerance(CONVERGED_SHARE * technology.bias.volts);
  const state = start.slice();
  const scoreOf = (copy: number): number => {
    variedValues(flat, nominal, draws, copy, variation, values);
    solver.setValues(values);
    solver.setSeries(drawSeries(flat, draws, copy, variation));
    // a row without an operating point is NaN volts: it is decided wrongly, and nothing can be read from it
    state.set(start);
    const [failed] = solver.solve(inputVolts, rows, state);
    const outputs = selectVolts({ nodes: flat.unknowns, volts: state }, circuit.outputs);
    const { accuracy: right, regression } = scoreOutputs(circuit, outputs, labels);
    if (regression !== undefined && failed !== undefined)
      throw new Error(`the exact solver found no operating point for row ${failed} of copy ${copy} of ${circuit.name}`);
    return regression?.rmse ?? right!;
  };
  return parts.map(([from, to]) => Float64Array.from({ length: to - from }, (_, k) => scoreOf(from + k)));
}
