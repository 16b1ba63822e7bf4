import { componentValues, ExactSolver, type FlatCircuit, type Technology } from '@neuroprint/circuit';
import { devicesOf, flatLayered } from '../../devices.ts';
import type { Layered } from '../../layered.ts';
import { negativesWith, smallestDriveOhms } from '../../op-amps.ts';

/** The share of the distance between its supplies that an op-amp's output keeps from each of them. */
const SUPPLY_MARGIN = 0.05;
/** Rows on which voltages are looked at. */
const ROWS = 64;

/** Volts between which the outputs of the op-amps have to stay. */
export function allowedVolts({ opamp }: Technology): readonly [low: number, high: number] {
  const { lowVolts, highVolts } = opamp!;
  const margin = SUPPLY_MARGIN * (highVolts - lowVolts);
  return [lowVolts + margin, highVolts - margin];
}

/**
 * Makes the resistors of an op-amp smaller, both by the same factor, where its output would leave the supplies: the node does not see
 * it, and v_x comes nearer to the node. `inputVolts` is row-major [rows × inputs].
 */
export function fitSupplies(layered: Layered, technology: Technology, inputVolts: Float64Array): Layered {
  const { layers } = layered;
  if (layers.every(({ negatives }) => negatives === undefined)) return layered;
  const [low, high] = allowedVolts(technology);
  const ideal: Layered = {
    layers: layers.map((layer) =>
      layer.negatives === undefined ? layer : { ...layer, negatives: { ...layer.negatives, model: 'ideal' } },
    ),
  };
  const factors = layers.map(({ columns }) => new Float64Array(columns).fill(1));
  const devices = devicesOf(ideal, technology);
  eachRow(flatLayered(ideal, technology), inputVolts, (volts) => {
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
    layers: layers.map((layer, l) => {
      if (layer.negatives === undefined) return layer;
      const { form, driveOhms } = layer.negatives;
      const fitting = driveOhms.map((ohms, c) => Math.max(Math.min(smallest, ohms), ohms * factors[l]![c]!));
      return { ...layer, negatives: negativesWith(form, fitting) };
    }),
  };
}

/** Visits up to ROWS rows, evenly spread, with a reader of node volts; rows without an operating point are left out. */
export function eachRow(
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
