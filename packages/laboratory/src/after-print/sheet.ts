import { CellSolver, findCell, type Technology, uniformFactor } from '@neuroprint/circuit';
import { type Device, Draws, type StageDevice } from '@neuroprint/core';
import type { MeasuredCurve } from './stage-curves.ts';

/** Points of a measurement, over the volts of an input, and the meter's error as a share of the bias. */
const POINTS = 51;
const METER = 0.5e-3;

/** A sheet that a computer printed: its stages as they became, which nobody in a laboratory would know, and what is measured of them. */
export interface Sheet {
  readonly devices: readonly Device[];
  readonly curves: readonly MeasuredCurve[];
}

/**
 * Prints the stages of a circuit with every component times 1 + s·u, u uniform in [−1, 1], and measures their unloaded
 * curves at 51 points with a normal error of 0.5 mV for each volt of the bias.
 */
export function simulateSheet(devices: readonly Device[], technology: Technology, spread: number, seed: number): Sheet {
  const draws = new Draws(seed, 'sheet');
  const { minimum, maximum } = technology.inputVolts;
  const inputVolts = Float64Array.from(
    { length: POINTS },
    (_, i) => minimum + (maximum - minimum) * (i / (POINTS - 1)),
  );
  let index = 0;
  const printed = devices.map((device): Device => {
    if (device.kind !== 'stage') return device;
    index += 1;
    const values = Object.fromEntries(
      Object.entries(device.values).map(([name, value], k) => [
        name,
        value * uniformFactor(spread, draws.uniform(index, k)),
      ]),
    );
    return { ...device, values };
  });
  const curves = printed
    .filter((device): device is StageDevice => device.kind === 'stage')
    .map((device, k) => {
      const cell = findCell(technology, device.cell);
      const values = Float64Array.from(cell.parameters, ({ name }) => device.values[name]!);
      const exact = new CellSolver(technology, cell).curve(values, inputVolts);
      return {
        stage: device.name,
        inputVolts,
        outputVolts: exact.map((v, i) => v + METER * technology.bias.volts * draws.normal(1_000_000 + k, i)),
      };
    });
  return { devices: printed, curves };
}
