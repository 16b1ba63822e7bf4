import type { CurveTest, SampleCurves } from '@neuroprint/core';

/** Distance of predicted curves p(v) [rows × points] from the simulated ones: per design the rms over the sweep. */
export function curveDistances(predicted: Float64Array, { points, inputVolts, volts }: SampleCurves): CurveTest {
  const rows = volts.length / points;
  let largest = 0;
  const rms = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let i = row * points; i < (row + 1) * points; i += 1) {
      const error = predicted[i]! - volts[i]!;
      largest = Math.max(largest, Math.abs(error));
      const next = i + 1 < (row + 1) * points ? inputVolts[i + 1]! : inputVolts[i]!;
      const before = i > row * points ? inputVolts[i - 1]! : inputVolts[i]!;
      sum += 0.5 * (next - before) * error * error;
    }
    rms[row] = Math.sqrt(sum / (inputVolts[(row + 1) * points - 1]! - inputVolts[row * points]!));
  }
  rms.sort();
  const quantile = (share: number) => rms[Math.min(rows - 1, Math.floor(share * rows))]!;
  return { median: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), largest };
}
