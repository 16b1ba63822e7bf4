import {
  componentValues,
  ExactSolver,
  type FlatCircuit,
  flatten,
  hasMeasuredTransistors,
  stabilityOf,
  type Technology,
  variedValues,
  worstNode,
} from '@neuroprint/circuit';
import { type Circuit, Draws, type Variation } from '@neuroprint/core';
import { SuppliesExceededError, UnstableColumnError } from '../../errors.ts';
import { allowedVolts, eachRow } from './supplies.ts';

/** Rows whose poles are computed, and printed copies. */
const ROWS = 2;
const COPIES = 8;

/**
 * Throws UnstableColumnError or SuppliesExceededError, with layer and column, where a column with an op-amp does not settle, or asks it
 * for more than its supplies less a margin; stability also of printed copies.
 */
export function checkSettling(
  circuit: Pick<Circuit, 'inputs' | 'devices'>,
  technology: Technology,
  inputVolts: Float64Array,
  variation: number | Variation,
): void {
  const opamps = circuit.devices.filter((device) => device.kind === 'opamp');
  if (opamps.length === 0) return;
  const flat = flatten(circuit, technology, { spread: hasMeasuredTransistors(variation) });
  checkPoles(circuit, flat, inputVolts, variation);
  const [low, high] = allowedVolts(technology);
  eachRow(flat, inputVolts, (volts, row) => {
    for (const { output, origin } of opamps) {
      const x = volts(output);
      if (x >= low && x <= high) continue;
      const { lowVolts, highVolts } = technology.opamp!;
      const { layer, column } = origin;
      throw new SuppliesExceededError(
        { layer, column },
        `its op-amp would have to give ${x.toFixed(2)} V at row ${row}, and its supplies are ${lowVolts} and ${highVolts} V (${low.toFixed(2)} to ${high.toFixed(2)} V with the margin).`,
        'Train with a larger share of positive conductance (--least-share), or give the technology higher supplies.',
      );
    }
  });
}

function checkPoles(
  circuit: Pick<Circuit, 'inputs' | 'devices'>,
  flat: FlatCircuit,
  inputVolts: Float64Array,
  variation: number | Variation,
): void {
  const solver = new ExactSolver(flat);
  const nominal = componentValues(flat);
  const values = nominal.slice();
  const draws = new Draws(0, 'poles of printed copies');
  for (let copy = -1; copy < COPIES; copy += 1) {
    if (copy >= 0) variedValues(flat, nominal, draws, copy, variation, values);
    solver.setValues(values);
    const state = solver.newState(ROWS);
    for (let row = 0; row < ROWS && row * flat.inputs.length < inputVolts.length; row += 1) {
      if (!solver.solveRow(inputVolts, row, state)) throw unstable(undefined, 'it has no operating point', copy);
      const { stable, largestRealPart } = stabilityOf(solver);
      if (stable) continue;
      const at = worstNode(solver);
      const origin = circuit.devices.find(
        (device) => device.kind === 'opamp' && [device.plus, device.minus, device.output].includes(at),
      )?.origin;
      throw unstable(origin, `a disturbance grows by e every ${(1e6 / largestRealPart).toPrecision(2)} µs`, copy);
    }
  }
}

function unstable(origin: Circuit['devices'][number]['origin'] | undefined, what: string, copy: number): Error {
  const when = copy < 0 ? '' : ` when it is printed with the variation it was trained for (copy ${copy})`;
  return new UnstableColumnError(
    origin && { layer: origin.layer, column: origin.column },
    `it is unstable${when}: ${what}.`,
    'Σg of its column has to stay above zero with a margin: train with a larger share of positive conductance (--least-share).',
  );
}
