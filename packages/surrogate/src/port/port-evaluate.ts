import { type SampleTable, UsageError, type VoltRange } from '@neuroprint/core';
import { curveDistances } from './curve-distance.ts';
import type { PortContent, PortModel } from './port.ts';

export type UnloadedTest = NonNullable<PortContent['unloadedTest']>;

/**
 * A port model without a load against simulated curves and their power. Per design: the rms distance of the curves over the
 * sweep; the error of the power averaged over inputs of the volts `shown`, relatively; and the largest error of the power at one input,
 * against that average. Throws UsageError for samples without curves or of another cell.
 */
export function evaluatePort(
  model: PortModel,
  table: Pick<SampleTable, 'technology' | 'cell' | 'values' | 'curves'>,
  sign: 1 | -1,
  shown: VoltRange,
): UnloadedTest {
  const { technology, cell } = model.port;
  if (technology !== table.technology || cell !== table.cell) {
    throw new UsageError(
      `The port model is of ${technology}/${cell}, and the samples are of ${table.technology}/${table.cell}.`,
      'Name the port model and the samples of one cell.',
    );
  }
  if (table.curves === undefined)
    throw new UsageError('These samples have no curves.', 'Give a folder that sample wrote.');
  model.trustRegion.assertInside(table.values);
  const { points, inputVolts, volts, watts } = table.curves;
  const width = model.parameterNames.length;
  const rows = volts.length / points;
  const predicted = new Float64Array(volts.length);
  const average: number[] = [];
  const pointwise: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    const one = table.values.subarray(row * width, (row + 1) * width).map(Math.log);
    const logs = Float64Array.from({ length: points * width }, (_, i) => one[i % width]!);
    const inputs = inputVolts.subarray(row * points, (row + 1) * points);
    const free = model.unloaded(logs, inputs);
    predicted.set(
      free.volts.value.map((v) => sign * v),
      row * points,
    );
    if (watts === undefined) continue;
    const truth = watts.subarray(row * points, (row + 1) * points);
    const [mean, error] = [0, 0].map(() => ({ sum: 0, weight: 0 }));
    let largest = 0;
    for (let i = 1; i < points; i += 1) {
      if (inputs[i]! < shown.minimum || inputs[i]! > shown.maximum) continue;
      const step = inputs[i]! - inputs[i - 1]!;
      mean!.sum += step * truth[i]!;
      error!.sum += step * (free.watts.value[i]! - truth[i]!);
      mean!.weight += step;
      largest = Math.max(largest, Math.abs(free.watts.value[i]! - truth[i]!));
    }
    average.push(Math.abs(error!.sum / mean!.sum));
    pointwise.push(largest / (mean!.sum / mean!.weight));
  }
  const curve = curveDistances(predicted, table.curves);
  const spread = (values: number[]) => {
    const sorted = values.sort((a, b) => a - b);
    const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    return { median: quantile(0.5), p99: quantile(0.99), largest: quantile(1) };
  };
  return { rows, curve, ...(average.length > 0 && { averageWatts: spread(average), watts: spread(pointwise) }) };
}
