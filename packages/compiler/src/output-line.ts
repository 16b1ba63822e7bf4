import {
  BatchSolver,
  componentValues,
  drawSeries,
  hasMeasuredTransistors,
  hasSeries,
  outputResistance,
  variedValues,
} from '@neuroprint/circuit';
import { type Circuit, Draws, type Manifest, meanAndStd, regressionOf } from '@neuroprint/core';
import { LineMoments } from '@neuroprint/numeric';
import type { PassContext } from './context.ts';
import { flatLayered, outputNodes } from './devices.ts';
import type { Layered } from './layered.ts';

/** Printed copies that a line is fitted over. */
const COPIES = 12;

/**
 * The same circuit with the line that reads its output best: least squares on the training rows of printed copies, each solved exactly. The two
 * constants are the instrument's, one pair for every print. As it is where the outputs are classes, and without rows. Rows without an
 * operating point are left out.
 */
export function withLine(layered: Layered, { network, technology, rows, seed, solver: kind }: PassContext): Layered {
  const task = regressionOf(network);
  if (task === undefined || rows === undefined) return layered;
  const { variation } = network;
  const { volts, labels } = rows.train;
  const flat = flatLayered(layered, technology, {
    series: hasSeries(variation),
    spread: hasMeasuredTransistors(variation),
  });
  const solver = new BatchSolver(flat, kind);
  const output = flat.unknowns.indexOf(outputNodes(layered)[0]!);
  const nominal = componentValues(flat);
  const values = nominal.slice();
  const draws = new Draws(seed, 'output line');
  const { mean, std } = meanAndStd(labels);
  const read = new LineMoments();
  const state = solver.newState(labels.length);
  for (let copy = 0; copy < COPIES; copy += 1) {
    variedValues(flat, nominal, draws, copy, variation, values);
    solver.setValues(values);
    solver.setSeries(drawSeries(flat, draws, copy, variation));
    const failed = new Set(solver.solve(volts, labels.length, state));
    labels.forEach((target, row) => {
      if (!failed.has(row)) read.add(state[row * solver.size + output]!, (target - mean) / std);
    });
  }
  const [intercept, slope] = read.line();
  return { ...layered, line: { ...task, interceptUnits: mean + std * intercept, unitsPerVolt: std * slope } };
}

/** What the manifest says of how the output of a finished circuit is read. */
export function readingOf(circuit: Circuit, { technology, rows, cases }: PassContext): Manifest['reading'] {
  const found = outputResistance(circuit, technology, cases.inputVolts);
  return {
    fittedRows: rows?.train.labels.length ?? 0,
    fittedCopies: rows === undefined ? 0 : COPIES,
    ...(found && { outputOhms: { minimum: found.minimumOhms, maximum: found.maximumOhms } }),
  };
}
