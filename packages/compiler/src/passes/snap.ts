import type { Technology } from '@neuroprint/circuit';
import type { BudgetGauge } from '../budget/gauge.ts';
import { PassCheckError } from '../errors.ts';
import type { Layered } from '../layered.ts';
import { withLine } from '../output-line.ts';
import type { PlainPass } from '../pass.ts';
import { differing } from '../vector.ts';
import type { PrintGrid } from './snap/grid.ts';
import { divergence, metricRows, outputsOf, sensitivitiesOf } from './snap/metric.ts';
import { PrintedValues } from './snap/printed-values.ts';
import { Rounding } from './snap/round.ts';

export const snapPass: PlainPass<'scaled', 'scaled'> = {
  name: 'snap',
  from: 'scaled',
  to: 'scaled',
  run: (layered, context) => {
    const { technology, grid, rows, cases, gauge } = context;
    const inputVolts = rows?.train.volts ?? cases.inputVolts;
    const { layered: snapped, rmsVolts, nearestRmsVolts } = snap(layered, technology, grid, inputVolts, gauge);
    const [moved, nearest] = [rmsVolts, nearestRmsVolts].map((volts) => `${(1000 * volts).toPrecision(3)} mV rms`);
    const note = `outputs move by ${moved}; each value to its nearest: ${nearest}`;
    return { output: withLine(snapped, context), changed: differing(layered, snapped), note };
  },
  check: (layered, { technology, grid }) => checkGrid(layered, technology, grid),
  rungs: (layered, { ladder }) => [ladder.circuitRung('snapped circuit', layered, true)],
};

/**
 * Moves every value to one that can be printed, all together so that the circuit keeps deciding as it does: by the sensitivities of the
 * exact circuit, errors compensated within it. Each value by itself to its nearest one is tried too; what changes the decisions less stays.
 * `inputVolts`, row-major [rows × inputs], are those on which the circuit's function is kept; the outputs move on them by `rmsVolts`, and by
 * `nearestRmsVolts` had each value gone to its nearest.
 */
export function snap(
  layered: Layered,
  technology: Technology,
  grid: PrintGrid,
  inputVolts: Float64Array,
  gauge?: BudgetGauge,
) {
  const printed = new PrintedValues(layered, technology);
  const volts = metricRows(inputVolts, layered.layers[0]!.inputs);
  const { outputs, metric } = sensitivitiesOf(printed, technology, volts);
  const rounding = new Rounding(printed, grid);
  const [nearest, together] = [rounding.each(), rounding.together(metric)].map((values) => {
    const snapped = printed.with(values);
    const after = outputsOf(snapped, technology, volts);
    return {
      layered: snapped,
      divergence: divergence(outputs, after, layered.layers.at(-1)!.columns, technology.bias.volts),
      rmsVolts: Math.sqrt(after.reduce((sum, v, i) => sum + (v - outputs[i]!) ** 2, 0) / after.length),
    };
  });
  // of a circuit with a budget the way that keeps it, or is nearer to it
  const over = (way: Layered): number => (gauge === undefined ? 0 : Math.max(0, gauge.excess(way)));
  const [excess, excessNearest] = [over(together!.layered), over(nearest!.layered)];
  const isBetter = excess === excessNearest ? together!.divergence < nearest!.divergence : excess < excessNearest;
  const best = isBetter ? together! : nearest!;
  return { layered: best.layered, rmsVolts: best.rmsVolts, nearestRmsVolts: nearest!.rmsVolts };
}

/** Every value that is printed is a printable one. */
function checkGrid(layered: Layered, technology: Technology, grid: PrintGrid): void {
  const printed = new PrintedValues(layered, technology);
  const values = printed.values();
  printed.list.forEach((range, v) => {
    const printable = grid.values(range)[grid.nearest(range, values[v]!)]!;
    if (Math.abs(values[v]! / printable - 1) <= 1e-9) return;
    const { where, parameter } = range.slot;
    throw new PassCheckError(
      printed.vector.placeOf(range.slot),
      `value ${parameter} of ${where}: ${values[v]} ${range.unit} is not printable`,
    );
  });
}
