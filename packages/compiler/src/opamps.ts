import {
  componentValues,
  ExactSolver,
  type FlatCircuit,
  flatten,
  stabilityOf,
  type Technology,
  variedValues,
  worstNode,
} from '@neuroprint/circuit';
import { type Circuit, Draws, NeuroprintError, type Variation } from '@neuroprint/core';
import { type Draft, devicesOf, negativesWith, nodes } from './draft.ts';
import { smallestDriveOhms } from './scale.ts';

/** A column whose node runs away from its operating point, as the eigenvalues of the linearised circuit say. */
export class UnstableColumnError extends NeuroprintError {
  override readonly exitCode = 2;
}

/** A column whose op-amp would have to give more than its supplies. */
export class SuppliesExceededError extends NeuroprintError {
  override readonly exitCode = 2;
}

/** The share of the distance between its supplies that an op-amp's output keeps from each of them. */
const SUPPLY_MARGIN = 0.05;
/** Rows on which voltages are looked at, and of them those whose poles are computed. */
const ROWS = 64;
const POLE_ROWS = 2;
/** Printed copies whose poles are computed. */
const COPIES = 8;

/** Volts between which the outputs of the op-amps have to stay. */
function allowed(technology: Technology): readonly [low: number, high: number] {
  const { lowVolts, highVolts } = technology.opamp!;
  const margin = SUPPLY_MARGIN * (highVolts - lowVolts);
  return [lowVolts + margin, highVolts - margin];
}

/**
 * Makes the resistors of an op-amp smaller, both by the same factor, where its output would leave the supplies: the node does not see
 * it, and v_x comes nearer to the node. `inputVolts` is row-major [rows × inputs].
 */
export function fitSupplies(draft: Draft, technology: Technology, inputVolts: Float64Array): Draft {
  if (draft.layers.every(({ negatives }) => negatives === undefined)) return draft;
  const [low, high] = allowed(technology);
  const ideal: Draft = {
    layers: draft.layers.map((layer) =>
      layer.negatives === undefined ? layer : { ...layer, negatives: { ...layer.negatives, model: 'ideal' } },
    ),
  };
  const inputs = Array.from({ length: draft.layers[0]!.inputs }, (_, i) => nodes.input(0, i));
  const flat = flatten({ inputs, devices: devicesOf(ideal, technology) }, technology);
  const factors = draft.layers.map(({ columns }) => new Float64Array(columns).fill(1));
  const devices = devicesOf(ideal, technology);
  eachRow(flat, inputVolts, (volts) => {
    for (const device of devices) {
      if (device.kind !== 'opamp') continue;
      const { layer, column } = device.origin;
      const [z, x] = [volts(device.plus), volts(device.output)];
      const room = x > z ? (high - z) / (x - z) : (z - low) / (z - x);
      // a node beyond the supplies is refused by the check
      if (room > 0) factors[layer]![column!] = Math.min(factors[layer]![column!]!, room);
    }
  });
  const smallest = smallestDriveOhms(technology.crossbar);
  return {
    layers: draft.layers.map((layer, l) => {
      if (layer.negatives === undefined) return layer;
      const { form, driveOhms } = layer.negatives;
      const fitting = driveOhms.map((ohms, c) => Math.max(Math.min(smallest, ohms), ohms * factors[l]![c]!));
      return { ...layer, negatives: negativesWith(form, fitting) };
    }),
  };
}

/**
 * Throws UnstableColumnError or SuppliesExceededError, with layer and column, where a column of the circuit does not settle, or asks its
 * op-amp for more than its supplies less a margin; stability also of printed copies.
 */
export function checkOpamps(
  circuit: Pick<Circuit, 'inputs' | 'devices'>,
  technology: Technology,
  inputVolts: Float64Array,
  variation: number | Variation,
): void {
  const opamps = circuit.devices.filter((device) => device.kind === 'opamp');
  if (opamps.length === 0) return;
  const flat = flatten(circuit, technology);
  checkPoles(circuit, flat, inputVolts, variation);
  const [low, high] = allowed(technology);
  eachRow(flat, inputVolts, (volts, row) => {
    for (const { output, origin } of opamps) {
      const x = volts(output);
      if (x >= low && x <= high) continue;
      const { lowVolts, highVolts } = technology.opamp!;
      throw new SuppliesExceededError(
        `Layer ${origin.layer}, column ${origin.column}: its op-amp would have to give ${x.toFixed(2)} V at row ${row}, and its supplies are ${lowVolts} and ${highVolts} V (${low.toFixed(2)} to ${high.toFixed(2)} V with the margin).`,
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
    const state = solver.newState(POLE_ROWS);
    for (let row = 0; row < POLE_ROWS && row * flat.inputs.length < inputVolts.length; row += 1) {
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

function unstable(
  origin: { layer: number; column?: number | undefined } | undefined,
  what: string,
  copy: number,
): Error {
  const where = origin === undefined ? 'The circuit' : `Layer ${origin.layer}, column ${origin.column}`;
  const when = copy < 0 ? '' : ` when it is printed with the variation it was trained for (copy ${copy})`;
  return new UnstableColumnError(
    `${where} is unstable${when}: ${what}.`,
    'Σg of its column has to stay above zero with a margin: train with a larger share of positive conductance (--least-share).',
  );
}

/** Visits up to ROWS rows, evenly spread, with a reader of node volts; rows without an operating point are left out. */
function eachRow(
  flat: FlatCircuit,
  inputVolts: Float64Array,
  visit: (volts: (node: string) => number, row: number) => void,
): void {
  const solver = new ExactSolver(flat);
  solver.setValues(componentValues(flat));
  const rows = inputVolts.length / flat.inputs.length;
  const state = solver.newState(rows);
  const at = new Map(flat.unknowns.map((node, k) => [node, k]));
  const count = Math.min(rows, ROWS);
  for (let k = 0; k < count; k += 1) {
    const row = Math.floor((k * rows) / count);
    if (solver.solveRow(inputVolts, row, state)) visit((node) => state[row * solver.size + at.get(node)!]!, row);
  }
}
