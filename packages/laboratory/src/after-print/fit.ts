import { CellSolver, findCell, type Technology } from '@neuroprint/circuit';
import { type StageDevice, UsageError } from '@neuroprint/core';
import { levenbergMarquardt } from '@neuroprint/numeric';
import type { MeasuredCurve } from './stage-curves.ts';

/** What a printed stage turned out to be. */
export interface FittedStage {
  readonly stage: string;
  /** Component values by name, in ohms and metres. */
  readonly values: Readonly<Record<string, number>>;
  /** Root mean square difference of the measured curve from the designed stage's, and from the fitted one's. */
  readonly designedVolts: number;
  readonly residualVolts: number;
}

/** Standard deviation of a measured voltage, as a share of the bias, against which the spread of component values is weighed. */
const METER = 1e-3;
const STEP = 1e-5;

/**
 * Component values that explain a measured curve: the most likely ones, where values lie log-normally about the designed
 * ones with a standard deviation of `spread` and volts are measured to σ, a thousandth of the bias,
 *
 *   min over ω of Σ ((v(v_in,i; ω) − v_out,i)/σ)² + Σ (ln(ω_k/designed_k)/spread)²,
 *
 * by Levenberg–Marquardt on the exact curve of the cell. The second sum decides what an unloaded curve does not show, such
 * as the level of all resistances and widths together.
 */
export function fitStage(
  device: StageDevice,
  technology: Technology,
  curve: MeasuredCurve,
  spread: number,
): FittedStage {
  const cell = findCell(technology, device.cell);
  const solver = new CellSolver(technology, cell);
  const designed = Float64Array.from(cell.parameters, ({ name }) => device.values[name]!);
  const size = designed.length;
  const meterVolts = METER * technology.bias.volts;
  const { inputVolts, outputVolts } = curve;
  const points = inputVolts.length;
  const curveAt = (logs: Float64Array): Float64Array =>
    solver.curve(
      designed.map((v, k) => v * Math.exp(logs[k]!)),
      inputVolts,
    );
  const rms = (logs: Float64Array): number =>
    Math.sqrt(curveAt(logs).reduce((sum, v, i) => sum + (v - outputVolts[i]!) ** 2, 0) / points);
  const { x } = levenbergMarquardt(
    {
      residuals: points + size,
      parameters: size,
      evaluate(logs, residuals, jacobian) {
        const volts = curveAt(logs);
        for (let i = 0; i < points; i += 1) residuals[i] = (volts[i]! - outputVolts[i]!) / meterVolts;
        for (let k = 0; k < size; k += 1) residuals[points + k] = logs[k]! / spread;
        if (jacobian === undefined) return;
        jacobian.fill(0);
        for (let k = 0; k < size; k += 1) {
          const moved = logs.slice();
          moved[k]! += STEP;
          const there = curveAt(moved);
          for (let i = 0; i < points; i += 1) jacobian[i * size + k] = (there[i]! - volts[i]!) / STEP / meterVolts;
          jacobian[(points + k) * size + k] = 1 / spread;
        }
      },
    },
    new Float64Array(size),
    { iterations: 50, tolerance: 1e-6 },
  );
  const values = Object.fromEntries(cell.parameters.map(({ name }, k) => [name, designed[k]! * Math.exp(x[k]!)]));
  const residualVolts = rms(x);
  if (!Number.isFinite(residualVolts))
    throw new UsageError(
      `The curve of ${device.name} cannot be explained by its cell ${cell.name}.`,
      'Check that it was measured unloaded, and that its volts are volts.',
    );
  return { stage: device.name, values, designedVolts: rms(new Float64Array(size)), residualVolts };
}
