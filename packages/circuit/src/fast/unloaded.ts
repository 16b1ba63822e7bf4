import { biasVoltsOf, isLinear, type Stage, type TrainedNetwork } from '@neuroprint/core';
import { CellSolver } from '../technology/cell.ts';
import { findCell, type Technology } from '../technology/technology.ts';
import { stageAt } from './ideal.ts';
import { columnVolts } from './node-rule.ts';

/**
 * Output volts of a network with ideal crossbars and stages that load nothing, but with the exact curve of every stage's
 * component values instead of the four-parameter one: what is different from `idealVoltages` is the surrogate's doing alone.
 * Row-major [rows × classes]; `volts` [rows × inputs].
 */
export function unloadedVoltages(
  network: Pick<TrainedNetwork, 'layers' | 'biasVolts'>,
  technology: Technology,
  volts: Float64Array,
  rows: number,
): Float64Array {
  let inputs = volts;
  for (const layer of network.layers) {
    const width = layer.conductancesSiemens[0]!.length;
    const count = layer.conductancesSiemens.length - 2;
    const signed = layer.nodeRule === 'kirchhoff';
    const inverted = signed ? inputs : byPlace(layer.fallingStages, inputs, count, rows, technology);
    const sums = columnVolts(layer, inputs, inverted, rows, biasVoltsOf(network));
    inputs = isLinear(layer) ? sums : byPlace(layer.activationStages, sums, width, rows, technology);
  }
  return inputs;
}

/** Every place's volts through its own stage. */
function byPlace(
  stages: readonly Stage[],
  volts: Float64Array,
  width: number,
  rows: number,
  technology: Technology,
): Float64Array {
  const out = new Float64Array(volts.length);
  for (let place = 0; place < width; place += 1) {
    const stage = stageAt(stages, place);
    const cell = findCell(technology, stage.cell);
    const values = Float64Array.from(cell.parameters, ({ name }) => stage.values[name]!);
    const column = Float64Array.from({ length: rows }, (_, row) => volts[row * width + place]!);
    new CellSolver(technology, cell).curve(values, column).forEach((v, row) => {
      out[row * width + place] = v;
    });
  }
  return out;
}
